"""What a field held at a moment, from the changes of it that a source tells.

A field held what one change left and the next one found. Where these differ, a change is not told, and what the field
held between them is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

UNKNOWN = object()
"""What a field held is not told."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one change. What it held may be written in other ways than in the record."""

    at: datetime
    field: str
    before: Any
    after: Any


def held(changes: Sequence[Change], moment: datetime, present: Any) -> Any:
    """What a field held right after `moment`, None where that is not told; `changes` are all of it, oldest first."""
    left = next((one.after for one in reversed(changes) if one.at <= moment), UNKNOWN)
    found = next((one.before for one in changes if one.at > moment), present)
    if left is UNKNOWN or found is UNKNOWN:  # before the first change that is told, or only one side is told
        known = found if left is UNKNOWN else left
        return None if known is UNKNOWN else known
    return found if _text(left) == _text(found) else None


def _text(value: Any) -> object:
    """Changes write numbers and checks as texts, and emptiness in several ways."""
    if isinstance(value, list):
        return sorted(map(str, value))
    if isinstance(value, bool):
        return "1" if value else "0"
    text = "" if value is None else str(value)
    try:
        return f"{float(text):g}" if text.strip() else ""
    except ValueError:
        return {"true": "1", "false": "0"}.get(text, text)
