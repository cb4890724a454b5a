"""What people say of key results, as the store takes and gives it. It is added to, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """That a person let a value of a day through gates that it failed."""

    cycle: str
    key_result: str
    as_of: date
    value: float | None
    """What was computed."""
    gates: Mapping[str, str]
    """The gates by name, each with the reason why it failed: `okr_sync.trust.Gate`."""
    reason: str
    accepted_by: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """A person's dated note, and how sure that person is from 0 to 1 that the target will be reached."""

    cycle: str
    key_result: str
    as_of: date
    confidence: float | None
    note: str | None
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A value that a person holds against the computed one, in the same unit, up to a day and with it.

    One without a `value` withdraws the one before it.
    """

    cycle: str
    key_result: str
    starts_on: date
    until: date
    value: float | None
    unit: str | None
    reason: str
    said_by: str
    said_at: datetime
