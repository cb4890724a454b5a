"""KPIs and their observations in a session. Used by the repository alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import ColumnElement, insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from okr_sync.store.observations import KEPT_BACK, by
from okr_sync.store.tables import KpiDefinitionTable, KpiObservationTable, KpiTable
from okr_sync.store.watched import KpiObservation, RecordedKpiObservation, StoredKpi

_Past = aliased(KpiObservationTable)


def save(session: Session, given: Sequence[StoredKpi], at: datetime) -> None:
    known_definitions = set(session.exec(select(KpiDefinitionTable.kpi, KpiDefinitionTable.hash)))
    known = {row.id: row for row in session.exec(select(KpiTable))}
    for position, one in enumerate(given):
        row = KpiTable(id=one.id, position=position, name=one.name, owner=one.owner, range=one.range)
        if one.id in known:
            known[one.id].sqlmodel_update(row)
        else:
            session.add(row)
        digest = one.definition.hash
        if (one.id, digest) not in known_definitions:
            session.add(KpiDefinitionTable(kpi=one.id, hash=digest, text=one.definition.text, first_seen_at=at))
    for gone in known.keys() - {one.id for one in given}:
        known[gone].removed_at = known[gone].removed_at or at
    session.flush()


def definition_texts(session: Session, kpi: str) -> dict[str, str]:
    rows = session.exec(select(KpiDefinitionTable).where(KpiDefinitionTable.kpi == kpi))
    return {row.hash: row.text for row in rows}


def record(session: Session, run_id: int, given: Sequence[KpiObservation], at: datetime) -> int:
    known = _last_revisions(session, given)
    rows = []
    for one in given:
        last = known.get((one.kpi, one.as_of))
        if last is None or not one.says_the_same(last):
            revision = 1 if last is None else last.revision + 1
            rows.append(asdict(one) | {"revision": revision, "run_id": run_id, "recorded_at": at})
    if rows:
        session.execute(insert(KpiObservationTable), rows)
    return len(rows)


def latest(session: Session, day: date, known_at: datetime | None = None) -> Mapping[str, RecordedKpiObservation]:
    return _newest(session, col(_Past.as_of) <= day, *by(known_at, col(_Past.recorded_at)))


def latest_trusted(session: Session, day: date) -> Mapping[str, RecordedKpiObservation]:
    return _newest(session, col(_Past.as_of) <= day, col(_Past.status).not_in(KEPT_BACK))


def _newest(session: Session, *conditions: ColumnElement[bool]) -> dict[str, RecordedKpiObservation]:
    """Looks up one index entry a KPI."""
    newest = (
        select(_Past.id)
        .where(_Past.kpi == KpiTable.id, *conditions)
        .order_by(col(_Past.as_of).desc(), col(_Past.revision).desc())
        .limit(1)
        .correlate(KpiTable)
        .scalar_subquery()
    )
    ids = select(newest).select_from(KpiTable)
    rows = session.exec(select(KpiObservationTable).where(col(KpiObservationTable.id).in_(ids)))
    return {row.kpi: _given(row) for row in rows}


def _last_revisions(
    session: Session, given: Sequence[KpiObservation]
) -> dict[tuple[str, date], RecordedKpiObservation]:
    query = (
        select(KpiObservationTable)
        .where(col(KpiObservationTable.as_of).in_({one.as_of for one in given}))
        .order_by(col(KpiObservationTable.revision))
    )
    return {(row.kpi, row.as_of): _given(row) for row in session.exec(query)}


def _given(row: KpiObservationTable) -> RecordedKpiObservation:
    return RecordedKpiObservation(**row.model_dump(exclude={"id"}))
