"""Trust: the gates a computed value passes before it is published.

Pure: the caller brings what the store and the warehouse know, and decides what to do with the gates that fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from okr_sync.project.metric import Trust
from okr_sync.project.units import PERCENT, amount


class Gate(StrEnum):
    NEVER_SYNCED = "never synced"
    """No sync of the stream was ever complete: there is no data to trust or to keep, so the outcome is no data."""
    REPEATED_KEY = "repeated key"
    """A view's declared key stands in several of its rows, so that its values would be counted more than once."""
    INCOMPLETE = "incomplete"
    MAX_AGE = "max_age"
    MIN_COUNT = "min_count"
    MAX_MOVE = "max_move"
    LOOKUP = "lookup"
    """Records need what is looked up beside them, such as an exchange rate, and it is not there."""


@dataclass(frozen=True, slots=True)
class FailedGate:
    """A gate that did not hold, and one sentence with the numbers that says why."""

    gate: Gate
    reason: str

    @property
    def is_no_data(self) -> bool:
        """True where the value is not withheld but missing: there is no data behind it."""
        return self.gate is Gate.NEVER_SYNCED


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known of the syncs of one stream that a value reads."""

    stream: str
    """With its source: `jira.issues`."""
    completed_at: datetime | None
    """When its last complete sync was, if any."""
    attempted_at: datetime | None = None
    """When the latest attempt began, where that one is not complete; otherwise None."""
    failure: str | None = None
    """Why the latest attempt is not complete."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A computed value that asks to be published, and what it rests on."""

    value: float | None
    unit: str | None
    record_count: int
    as_of: datetime
    """The instant the value is computed for, in the project's zone, in which reasons are written."""
    syncs: Sequence[Freshness]
    """One for every stream that the value reads."""
    last_trusted: float | None
    """The last value that was published, if any."""


def failed_gates(trust: Trust, candidate: Candidate) -> list[FailedGate]:
    """The gates that do not hold; none means the value may be published.

    A missing value fails no gate by itself, since it is *no data*; the gates of its streams are judged all the same,
    because an empty result of half a sync is as little to be trusted as a number.

    Raises:
        UnitError: `max_move` does not fit the metric's unit.
    """
    failed = [gate for sync in candidate.syncs for gate in _stream_gates(trust, sync, candidate.as_of)]
    if candidate.value is not None and math.isfinite(candidate.value):
        failed.extend(_value_gates(trust, candidate, candidate.value))
    return failed


def _stream_gates(trust: Trust, sync: Freshness, as_of: datetime) -> Iterator[FailedGate]:
    failure = None
    if sync.attempted_at is not None:
        why = sync.failure or "it did not finish"
        failure = f"the sync of {sync.stream} of {_time(sync.attempted_at, as_of)} is not complete: {why}"
    if sync.completed_at is None:
        never = f"{sync.stream} was never synced completely"
        yield FailedGate(Gate.NEVER_SYNCED, f"{never}; {failure}" if failure else never)
        return
    if failure is not None:
        yield FailedGate(Gate.INCOMPLETE, failure)
    if trust.max_age is not None and as_of - sync.completed_at > trust.max_age.duration():
        age = f"{_hours(as_of - sync.completed_at)} old on {_time(as_of, as_of)}"
        reason = f"the last complete sync of {sync.stream} was {age}, allowed {_hours(trust.max_age.duration())}"
        yield FailedGate(Gate.MAX_AGE, reason)


def _value_gates(trust: Trust, candidate: Candidate, value: float) -> Iterator[FailedGate]:
    if trust.min_count is not None and candidate.record_count < trust.min_count:
        reason = f"the value rests on {candidate.record_count:,} records, at least {trust.min_count:,} are needed"
        yield FailedGate(Gate.MIN_COUNT, reason)
    if trust.max_move is None or candidate.last_trusted is None:
        return
    bound = _move_bound(trust, candidate.last_trusted, candidate.unit)
    move = abs(value - candidate.last_trusted)
    if bound is not None and move > bound and not math.isclose(move, bound, rel_tol=1e-9):
        unit = candidate.unit
        moved = f"from {amount(candidate.last_trusted, unit)} to {amount(value, unit)}"
        reason = f"the value moved by {amount(move, unit)} {moved}, allowed {amount(bound, unit)} ({trust.max_move})"
        yield FailedGate(Gate.MAX_MOVE, reason)


def _move_bound(trust: Trust, last: float, unit: str | None) -> float | None:
    """How far the value may move, in its unit; a percentage is of the last value's size, also for a percent metric.

    None where no bound applies: there is no percentage of 0, and refusing every move from 0 would withhold for ever
    whatever counts up from there. A project that wants a bound there writes it in the metric's unit.
    """
    if trust.max_move is None or (trust.max_move.unit == PERCENT and last == 0):
        return None
    return abs(last) * trust.max_move.to(PERCENT) if trust.max_move.unit == PERCENT else trust.max_move.to(unit)


def _time(instant: datetime, as_of: datetime) -> str:
    return f"{instant.astimezone(as_of.tzinfo):%d %b %Y %H:%M}"


def _hours(span: timedelta) -> str:
    return amount(span / timedelta(hours=1), "hours")
