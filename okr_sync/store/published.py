"""What was published, as the store takes and gives it. It is added to, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a destination knows since `sent_at`, and the message that told it."""

    destination: str
    """Its name in the project; its address is a secret and not kept."""
    kind: str
    """`alert` or `report`."""
    subject: str
    """What it was about: the day of an alert, the week of a report (`2026-W48`)."""
    as_of: date
    message: str | None
    """Title and text as they were sent; `None` where there was nothing to say, and only `content` is new."""
    content: Mapping[str, JsonValue]
    """Of alerts, what is known to the destination: problems that go on, and each key result's status."""
    sent_at: datetime
    run_id: int | None = None
    """The latest run when it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputingRun:
    """The latest run that computes, and when one last came to its end."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    ended_at: datetime | None
    """Of this run or, while it goes on or was killed, of the latest one before that ended."""
