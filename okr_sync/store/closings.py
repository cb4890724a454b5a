"""Cycles that were closed, in a session. Used by the repository alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlmodel import Session, col, func, select

from okr_sync.project.cycle import Cycle
from okr_sync.store.errors import ClosedCycleError
from okr_sync.store.tables import ClosedCycleTable, CompletionTable, CycleTable, ObservationTable
from okr_sync.store.watched import Closing

Mark = tuple[int, int]
"""How much was stored at a moment: the newest observation and the newest completion."""


def of_cycle(session: Session, cycle: str) -> Closing | None:
    row = session.get(ClosedCycleTable, cycle)
    return None if row is None else Closing(**row.model_dump())


def add(session: Session, closing: Closing, seen: Mark) -> bool:
    """Raises ClosedCycleError where the cycle is closed already: the first closing stays."""
    refuse_closed(session, [closing.cycle])
    if mark(session) != seen:
        return False
    session.add(ClosedCycleTable(**asdict(closing)))
    return True


def mark(session: Session) -> Mark:
    found = [session.exec(select(func.max(table.id))).one() for table in (ObservationTable, CompletionTable)]
    return found[0] or 0, found[1] or 0


def refuse_closed(session: Session, cycles: Iterable[str]) -> None:
    """Raises ClosedCycleError where one of the cycles is closed: nothing of it is written any more."""
    query = select(ClosedCycleTable).where(col(ClosedCycleTable.cycle).in_(sorted(set(cycles))))
    row = session.exec(query.order_by(col(ClosedCycleTable.cycle))).first()
    if row is not None:
        raise ClosedCycleError(row.cycle, row.closed_at, row.closed_by)


def cycles(session: Session) -> list[Cycle]:
    rows = session.exec(select(CycleTable).order_by(col(CycleTable.starts_on), col(CycleTable.name)))
    return [Cycle(row.name, row.starts_on, row.ends_on) for row in rows]
