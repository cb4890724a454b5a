"""Objectives, key results and definitions in a session. Used by the repository alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from okr_sync.project.cycle import Cycle
from okr_sync.store import completions
from okr_sync.store.definition import Definition
from okr_sync.store.model import StoredKeyResult, StoredObjective
from okr_sync.store.tables import CycleTable, DefinitionTable, KeyResultTable, ObjectiveTable

_Row = TypeVar("_Row", ObjectiveTable, KeyResultTable)


def save(session: Session, cycle: Cycle, given: Sequence[StoredObjective], at: datetime) -> None:
    """Flushed table by table, since a key result refers to its objective and its definition."""
    session.merge(CycleTable(name=cycle.name, starts_on=cycle.start, ends_on=cycle.end))
    session.flush()
    _save_definitions(session, [one for objective in given for one in objective.key_results], at)
    present = session.exec(select(ObjectiveTable).where(ObjectiveTable.cycle == cycle.name))
    _merge(session, {row.id: row for row in present}, _objective_rows(cycle.name, given))
    known = {row.id: row for row in session.exec(select(KeyResultTable).where(KeyResultTable.cycle == cycle.name))}
    rows = list(_key_result_rows(cycle.name, given))
    _merge(session, known, rows)
    for gone in known.keys() - {row.id for row in rows}:
        known[gone].removed_at = known[gone].removed_at or at
    completions.save(session, cycle.name, given, at)


def of_cycle(session: Session, cycle: str) -> tuple[StoredObjective, ...]:
    query = (
        select(KeyResultTable, DefinitionTable)
        .where(KeyResultTable.cycle == cycle)
        .where(DefinitionTable.key_result == KeyResultTable.id, DefinitionTable.hash == KeyResultTable.definition)
        .order_by(col(KeyResultTable.position))
    )
    parts: dict[str, list[StoredKeyResult]] = {}
    for row, definition in session.exec(query):
        values = row.model_dump(exclude={"cycle", "objective", "position", "definition"})
        one = StoredKeyResult(**values, definition=Definition(definition.text, definition.hash))
        parts.setdefault(row.objective, []).append(one)
    rows = session.exec(
        select(ObjectiveTable).where(ObjectiveTable.cycle == cycle).order_by(col(ObjectiveTable.position))
    )
    return tuple(
        StoredObjective(
            id=row.id,
            name=row.name,
            owner=row.owner,
            key_results=tuple(parts.get(row.id, ())),
            parent=row.parent,
            weight=row.weight,
        )
        for row in rows
    )


def _save_definitions(session: Session, given: Iterable[StoredKeyResult], at: datetime) -> None:
    known = set(session.exec(select(DefinitionTable.key_result, DefinitionTable.hash)))
    for one in given:
        text, digest = one.definition.text, one.definition.hash
        if (one.id, digest) not in known:
            session.add(DefinitionTable(key_result=one.id, hash=digest, text=text, first_seen_at=at))
    session.flush()


def _objective_rows(cycle: str, given: Sequence[StoredObjective]) -> Iterable[ObjectiveTable]:
    for position, one in enumerate(given):
        values = {name: getattr(one, name) for name in ("id", "name", "owner", "parent", "weight")}
        yield ObjectiveTable(cycle=cycle, position=position, **values)


def _key_result_rows(cycle: str, given: Sequence[StoredObjective]) -> Iterable[KeyResultTable]:
    for objective in given:
        for position, one in enumerate(objective.key_results):
            values = asdict(one) | {"definition": one.definition.hash}
            yield KeyResultTable(cycle=cycle, objective=objective.id, position=position, **values)


def _merge(session: Session, known: Mapping[str, _Row], rows: Iterable[_Row]) -> None:
    """Write the rows that are new, and of the known ones what changed."""
    for row in rows:
        if row.id in known:
            known[row.id].sqlmodel_update(row)
        else:
            session.add(row)
    session.flush()
