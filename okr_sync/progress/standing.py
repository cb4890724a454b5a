"""How something stands: its status and the sentence that says why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a key result stands. Listed from worst to best: an objective takes the first that one of its own has."""

    MISSED = "missed"
    AT_RISK = "at risk"
    BEHIND = "behind"
    WITHHELD = "withheld"
    """Ranks below every good status: nobody knows whether it still holds."""
    ON_TRACK = "on track"
    ACHIEVED = "achieved"
    NO_DATA = "no data"
    """Outside the ranking: an objective leaves such a key result out and names it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Where a key result or an objective stands. `progress` is a fraction, or None where nothing is known."""

    progress: float | None
    expected_progress: float
    status: Status
    reason: str
