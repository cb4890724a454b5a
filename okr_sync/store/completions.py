"""Initiatives and their completion by day in a session. Used by the repository alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import ColumnElement, insert
from sqlmodel import Session, col, select

from okr_sync.store.model import StoredObjective
from okr_sync.store.observations import KEPT_BACK, by
from okr_sync.store.tables import CompletionTable, InitiativeTable
from okr_sync.store.watched import Completion, RecordedCompletion

Latest = Mapping[tuple[str, str], RecordedCompletion]
"""By objective and initiative."""


def save(session: Session, cycle: str, given: Sequence[StoredObjective], at: datetime) -> None:
    """Make the cycle's initiatives those given; one that is not among them any more is marked as removed."""
    query = select(InitiativeTable).where(InitiativeTable.cycle == cycle)
    known = {(row.objective, row.name): row for row in session.exec(query)}
    wanted = [(one.id, name, position) for one in given for position, name in enumerate(one.initiatives)]
    for objective, name, position in wanted:
        row = InitiativeTable(cycle=cycle, objective=objective, name=name, position=position)
        if (objective, name) in known:
            known[objective, name].sqlmodel_update(row)
        else:
            session.add(row)
    for gone in known.keys() - {(objective, name) for objective, name, _ in wanted}:
        known[gone].removed_at = known[gone].removed_at or at
    session.flush()


def record(session: Session, run_id: int, given: Sequence[Completion], at: datetime) -> int:
    known = _last_revisions(session, given)
    rows = []
    for one in given:
        last = known.get((one.cycle, one.objective, one.initiative, one.as_of))
        if last is None or not one.says_the_same(last):
            revision = 1 if last is None else last.revision + 1
            rows.append(asdict(one) | {"revision": revision, "run_id": run_id, "recorded_at": at})
    if rows:
        session.execute(insert(CompletionTable), rows)
    return len(rows)


def latest(session: Session, cycle: str, day: date, known_at: datetime | None = None) -> Latest:
    return _newest(session, cycle, day, *by(known_at, col(CompletionTable.recorded_at)))


def latest_trusted(session: Session, cycle: str, day: date) -> Latest:
    return _newest(session, cycle, day, col(CompletionTable.status).not_in(KEPT_BACK))


def _newest(session: Session, cycle: str, day: date, *conditions: ColumnElement[bool]) -> Latest:
    """Initiatives are few: the rows are read in their order, and the last one of each stays."""
    query = (
        select(CompletionTable)
        .where(CompletionTable.cycle == cycle, col(CompletionTable.as_of) <= day, *conditions)
        .order_by(col(CompletionTable.as_of), col(CompletionTable.revision))
    )
    return {(row.objective, row.initiative): _given(row) for row in session.exec(query)}


def _last_revisions(
    session: Session, given: Sequence[Completion]
) -> dict[tuple[str, str, str, date], RecordedCompletion]:
    query = (
        select(CompletionTable)
        .where(col(CompletionTable.cycle).in_({one.cycle for one in given}))
        .where(col(CompletionTable.as_of).in_({one.as_of for one in given}))
        .order_by(col(CompletionTable.revision))
    )
    return {(row.cycle, row.objective, row.initiative, row.as_of): _given(row) for row in session.exec(query)}


def _given(row: CompletionTable) -> RecordedCompletion:
    return RecordedCompletion(**row.model_dump(exclude={"id"}))
