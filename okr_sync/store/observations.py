"""Observations in a session: written as new revisions, never changed. Used by the repository alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert
from sqlalchemy import select as columns
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col, select

from okr_sync.store.model import Observation, RecordedObservation, StoredValue
from okr_sync.store.tables import KeyResultTable, ObservationTable

KEPT_BACK = ("withheld", "no data")
"""The statuses of observations that published no value of their own: okr_sync.progress.Status."""

_Past = aliased(ObservationTable)
_SAME_KEY_RESULT = (
    col(KeyResultTable.cycle) == col(ObservationTable.cycle),
    col(KeyResultTable.id) == col(ObservationTable.key_result),
)


def record(session: Session, run_id: int, given: Sequence[Observation], at: datetime) -> int:
    known = _last_revisions(session, given)
    rows = []
    for one in given:
        last = known.get((one.cycle, one.key_result, one.as_of))
        if last is None or not one.says_the_same(last):
            revision = 1 if last is None else last.revision + 1
            rows.append(asdict(one) | {"revision": revision, "run_id": run_id, "recorded_at": at})
    if rows:
        session.execute(insert(ObservationTable), rows)
    return len(rows)


def latest(
    session: Session, cycle: str, day: date, known_at: datetime | None = None
) -> Mapping[str, RecordedObservation]:
    return _newest(session, cycle, col(_Past.as_of) <= day, *by(known_at, col(_Past.recorded_at)))


def latest_trusted(
    session: Session, cycle: str, day: date, known_at: datetime | None = None
) -> Mapping[str, RecordedObservation]:
    is_trusted = col(_Past.status).not_in(KEPT_BACK)
    return _newest(session, cycle, col(_Past.as_of) <= day, is_trusted, *by(known_at, col(_Past.recorded_at)))


def by(known_at: datetime | None, written_at: Mapped[Any]) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row was written by an instant; none where everything counts."""
    return () if known_at is None else (written_at <= known_at,)


def provisional(session: Session, cycle: str, since: date, before: date) -> list[tuple[date, str, str]]:
    later = select(_Past.id).where(
        _Past.cycle == ObservationTable.cycle,
        _Past.key_result == ObservationTable.key_result,
        _Past.as_of == ObservationTable.as_of,
        _Past.revision > ObservationTable.revision,
    )
    query = (
        columns(col(ObservationTable.as_of), col(ObservationTable.key_result), col(ObservationTable.definition))
        .join(KeyResultTable, and_(*_SAME_KEY_RESULT))
        .where(col(KeyResultTable.cycle) == cycle, col(ObservationTable.is_provisional), ~later.exists())
        .where(col(ObservationTable.as_of) >= since, col(ObservationTable.as_of) < before)
        .order_by(col(ObservationTable.as_of), col(ObservationTable.key_result))
    )
    return [(day, name, definition) for day, name, definition in session.execute(query)]


def history(session: Session, cycle: str, key_result: str) -> list[RecordedObservation]:
    query = (
        select(ObservationTable)
        .where(ObservationTable.cycle == cycle, ObservationTable.key_result == key_result)
        .order_by(col(ObservationTable.as_of), col(ObservationTable.revision))
    )
    return [_given(row) for row in session.exec(query)]


def values(session: Session, cycle: str, key_results: Collection[str]) -> dict[str, list[StoredValue]]:
    one = ObservationTable
    parts = one.key_result, one.as_of, one.value, one.record_count, one.status, one.definition
    query = (
        columns(*map(col, parts))
        .where(col(ObservationTable.cycle) == cycle, col(ObservationTable.key_result).in_(key_results))
        .order_by(col(ObservationTable.as_of), col(ObservationTable.revision))
    )
    found: dict[str, list[StoredValue]] = {name: [] for name in key_results}
    for name, *rest in session.execute(query):
        found[name].append(StoredValue(*rest))
    return found


def _newest(session: Session, cycle: str, *conditions: ColumnElement[bool]) -> dict[str, RecordedObservation]:
    """Looks up one index entry a key result: ranking a whole cycle's observations would read them all."""
    newest = (
        select(_Past.id)
        .where(_Past.cycle == KeyResultTable.cycle, _Past.key_result == KeyResultTable.id, *conditions)
        .order_by(col(_Past.as_of).desc(), col(_Past.revision).desc())
        .limit(1)
        .correlate(KeyResultTable)
        .scalar_subquery()
    )
    ids = select(newest).where(KeyResultTable.cycle == cycle)
    rows = session.exec(select(ObservationTable).where(col(ObservationTable.id).in_(ids)))
    return {row.key_result: _given(row) for row in rows}


def _given(row: ObservationTable) -> RecordedObservation:
    return RecordedObservation(**row.model_dump(exclude={"id"}))


def _last_revisions(session: Session, given: Sequence[Observation]) -> dict[tuple[str, str, date], RecordedObservation]:
    """By cycle, key result and day, for all the cycles and days in `given`."""
    query = (
        select(ObservationTable)
        .where(col(ObservationTable.cycle).in_({one.cycle for one in given}))
        .where(col(ObservationTable.as_of).in_({one.as_of for one in given}))
        .order_by(col(ObservationTable.revision))
    )
    return {(row.cycle, row.key_result, row.as_of): _given(row) for row in session.exec(query)}
