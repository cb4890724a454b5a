"""What people say of key results beside the numbers: check-ins with confidence, and overrides with owner and expiry.

Neither changes a number. A check-in is a note; an override stands beside the computed value, and that one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from okr_sync.errors import OkrSyncError
from okr_sync.measure import AsOf
from okr_sync.project.key_result import KeyResult
from okr_sync.project.units import Quantity
from okr_sync.store import CheckIn, Override, RecordedObservation
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wishes to say in a check-in; at least one of the two is there."""

    confidence: float | None
    note: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The value that a person holds against the computed one, up to and with a day; none withdraws an earlier one."""

    value: str | None
    until: date | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class CheckInReport:
    """The latest check-in up to a day. `confidence` is from 0 to 1."""

    as_of: date
    confidence: float | None
    note: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OverrideReport:
    """An override that is in force on a day, in the metric's own unit.

    `progress` is what it would be with this value; None where the goal is one to keep, or nothing is computed yet.
    """

    value: float
    unit: str | None
    progress: float | None
    reason: str
    by: str
    starts_on: date
    until: date


def check_in(day: AsOf, key_result: KeyResult, said: Note, at: datetime) -> CheckIn:
    """The check-in to store.

    Raises:
        OkrSyncError: it says nothing, or its confidence is none.
    """
    note = None if said.note is None else said.note.strip() or None
    if said.confidence is None and note is None:
        raise OkrSyncError(f"a check-in on {key_result.id} needs a --confidence, a --note, or both")
    if said.confidence is not None and not 0 <= said.confidence <= 1:
        raise OkrSyncError(f"confidence {said.confidence:g} is not one; give a number from 0 to 1, such as 0.7")
    return CheckIn(
        cycle=day.cycle.name,
        key_result=key_result.id,
        as_of=day.day,
        confidence=said.confidence,
        note=note,
        said_by=said.by,
        said_at=at,
    )


def override(workspace: Workspace, day: AsOf, key_result: KeyResult, claim: Claim, at: datetime) -> Override:
    """The override to store, from `day` on.

    Raises:
        OkrSyncError: the key result is not measured by one metric, or the last day lies before `day`.
        UnitError: the value is no quantity, or not one in a unit that fits.
    """
    if key_result.metric is None:
        raise OkrSyncError(f"{key_result.id} is not measured by one metric, so no single value can stand beside it")
    until = day.day if claim.until is None else claim.until
    if until < day.day:
        raise OkrSyncError(f"--until {until} lies before {day.day}, the day on which the override would begin")
    unit = workspace.goals[key_result.id].unit
    return Override(
        cycle=day.cycle.name,
        key_result=key_result.id,
        starts_on=day.day,
        until=until,
        value=None if claim.value is None else Quantity.parse(claim.value).to(unit),
        unit=unit,
        reason=claim.reason,
        said_by=claim.by,
        said_at=at,
    )


def check_in_report(said: CheckIn) -> CheckInReport:
    return CheckInReport(said.as_of, said.confidence, said.note, said.said_by, said.said_at)


def override_report(said: Override, stored: RecordedObservation | None) -> OverrideReport | None:
    """The override beside what is stored; None for one that withdraws."""
    if said.value is None:
        return None
    progress = None if stored is None or stored.unit != said.unit else _progress(said.value, stored)
    return OverrideReport(said.value, said.unit, progress, said.reason, said.said_by, said.starts_on, said.until)


def _progress(value: float, stored: RecordedObservation) -> float | None:
    """On the way that was stored with the computed value; a target without a baseline begins at 0."""
    baseline = 0.0 if stored.baseline is None else stored.baseline
    if stored.target is None or stored.target == baseline:
        return None
    return (value - baseline) / (stored.target - baseline)
