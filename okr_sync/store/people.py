"""Acceptances, check-ins and overrides in a session: added, never changed. Used by the repository alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlmodel import Session, col, select

from okr_sync.store.closings import refuse_closed
from okr_sync.store.observations import by
from okr_sync.store.said import Acceptance, CheckIn, Override
from okr_sync.store.tables import AcceptanceTable, CheckInTable, OverrideTable


def accept(session: Session, given: Sequence[Acceptance]) -> None:
    refuse_closed(session, [one.cycle for one in given])
    session.add_all(AcceptanceTable(**asdict(one)) for one in given)


def check_in(session: Session, given: CheckIn) -> None:
    refuse_closed(session, [given.cycle])
    session.add(CheckInTable(**asdict(given)))


def override(session: Session, given: Override) -> None:
    refuse_closed(session, [given.cycle])
    session.add(OverrideTable(**asdict(given)))


def acceptances(session: Session, cycle: str, day: date, known_at: datetime | None = None) -> Mapping[str, Acceptance]:
    query = select(AcceptanceTable).where(AcceptanceTable.cycle == cycle, AcceptanceTable.as_of == day)
    rows = session.exec(query.where(*by(known_at, col(AcceptanceTable.accepted_at))).order_by(col(AcceptanceTable.id)))
    return {row.key_result: Acceptance(**row.model_dump(exclude={"id"})) for row in rows}


def check_ins(
    session: Session, cycle: str, day: date, known_at: datetime | None = None
) -> Mapping[str, Sequence[CheckIn]]:
    query = select(CheckInTable).where(CheckInTable.cycle == cycle, CheckInTable.as_of <= day)
    query = query.where(*by(known_at, col(CheckInTable.said_at)))
    found: dict[str, list[CheckIn]] = {}
    for row in session.exec(query.order_by(col(CheckInTable.as_of).desc(), col(CheckInTable.id).desc())):
        found.setdefault(row.key_result, []).append(CheckIn(**row.model_dump(exclude={"id"})))
    return found


def overrides(session: Session, cycle: str, day: date, known_at: datetime | None = None) -> Mapping[str, Override]:
    query = select(OverrideTable).where(OverrideTable.cycle == cycle, OverrideTable.starts_on <= day)
    rows = session.exec(query.where(*by(known_at, col(OverrideTable.said_at))).order_by(col(OverrideTable.id)))
    latest = {row.key_result: Override(**row.model_dump(exclude={"id"})) for row in rows}
    return {name: one for name, one in latest.items() if one.value is not None and one.until >= day}
