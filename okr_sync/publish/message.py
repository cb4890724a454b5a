"""A message as it is sent: plain text, since every chat and mailbox shows that, and names may hold any character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST_REASON = 300


class Tone(StrEnum):
    """What it is coloured by, where a chat has colours."""

    BAD = "bad"
    NEUTRAL = "neutral"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    text: str
    tone: Tone = Tone.NEUTRAL

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.text}"


def short(reason: str) -> str:
    """Its first line, cut where it is too long for a chat; how many more lines there are."""
    first, *others = reason.strip().splitlines() or [""]
    cut = first if len(first) <= LONGEST_REASON else f"{first[: LONGEST_REASON - 1]}…"
    return f"{cut} (+{len(others)})" if others else cut


def listed(names: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are: `a, b, c, +4`."""
    left = len(names) - most
    return ", ".join([*names[:most], *([f"+{left}"] if left > 0 else [])])
