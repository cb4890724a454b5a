"""The one place that opens sessions on the store. Everything it takes and gives is data of `okr_sync.store.model`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Self, cast

from sqlalchemy import Engine, and_, func, insert, update
from sqlmodel import Session, col, select

from okr_sync.project.cycle import Cycle
from okr_sync.store import closings, completions, kpis, objectives, observations, people, publications
from okr_sync.store.definition import Definition
from okr_sync.store.engine import connect, parse_url, writer
from okr_sync.store.errors import explained
from okr_sync.store.migrate import migrate
from okr_sync.store.model import (
    LastSyncs,
    Observation,
    RecordedObservation,
    Run,
    SeenDefinition,
    StoredObjective,
    StoredValue,
    Sync,
    SyncResult,
    SyncTotals,
)
from okr_sync.store.published import ComputingRun, Publication
from okr_sync.store.said import Acceptance, CheckIn, Override
from okr_sync.store.tables import DefinitionTable, RunTable, SyncTable
from okr_sync.store.watched import (
    Closing,
    Completion,
    KpiObservation,
    RecordedCompletion,
    RecordedKpiObservation,
    StoredKpi,
)


class Store:
    """The results of okr-sync: runs, syncs, objectives and observations. Safe to use from several threads.

    Each method is one transaction: it happens as a whole or not at all.

    Raises:
        StoreError: from every method, where the database cannot be used.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    @classmethod
    def open(cls, url: str, folder: Path) -> Self:
        """Open the store at `url`, made or brought up to date where needed; a relative path counts from `folder`.

        Raises:
            StoreError: the address is wrong, its database cannot be used, or a newer okr-sync wrote it.
        """
        address, name = parse_url(url, folder)
        store = cls(connect(address, name), name)
        try:
            with explained(name):
                migrate(store._engine, name)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def copy_to(self, file: Path) -> bool:
        """Write a copy of the whole store, in one state, while others use it; False where it is not a file itself."""
        if self._engine.dialect.name != "sqlite":
            return False
        with (
            explained(self._name),
            closing(self._engine.raw_connection()) as pooled,
            closing(sqlite3.connect(file)) as to,
        ):
            cast(sqlite3.Connection, pooled.driver_connection).backup(to)
        return True

    def begin_run(self, run: Run) -> int:
        """Write down that a run began; returns its id."""
        with self._writing() as session:
            return int(session.execute(insert(RunTable).values(asdict(run)).returning(col(RunTable.id))).scalar_one())

    def finish_run(self, run_id: int, outcome: str, finished_at: datetime) -> None:
        with self._writing() as session:
            values = {"outcome": outcome, "finished_at": finished_at}
            session.execute(update(RunTable).where(col(RunTable.id) == run_id).values(values))

    def begin_sync(self, run_id: int, source: str, stream: str, started_at: datetime) -> int:
        """Write down that the sync of a stream began, so that one that is killed is known to be incomplete.

        Returns its id.
        """
        row = SyncTable(run_id=run_id, source=source, stream=stream, started_at=started_at)
        with self._writing() as session:
            values = row.model_dump(exclude={"id"})
            return int(session.execute(insert(SyncTable).values(values).returning(col(SyncTable.id))).scalar_one())

    def finish_sync(self, sync_id: int, result: SyncResult) -> None:
        with self._writing() as session:
            session.execute(update(SyncTable).where(col(SyncTable.id) == sync_id).values(asdict(result)))

    def last_syncs(self, known_at: datetime | None = None) -> Mapping[tuple[str, str], LastSyncs]:
        """By source and stream: the latest attempt and the latest complete sync. Streams never tried are absent.

        As it stood at `known_at`: a sync that ended later was still going on.
        """
        is_complete = and_(col(SyncTable.is_complete), *observations.by(known_at, col(SyncTable.finished_at)))
        complete = func.max(SyncTable.id).filter(is_complete)
        begun = observations.by(known_at, col(SyncTable.started_at))
        with self._reading() as session:
            ids = session.exec(
                select(func.max(SyncTable.id), complete).where(*begun).group_by(SyncTable.source, SyncTable.stream)
            ).all()
            wanted = [one for pair in ids for one in pair]
            rows = session.exec(select(SyncTable).where(col(SyncTable.id).in_(wanted))).all()
            syncs = {row.id: Sync(**row.model_dump()).known_by(known_at) for row in rows}
        last = [LastSyncs(syncs[attempt], syncs.get(done)) for attempt, done in ids]
        return {(one.attempt.source, one.attempt.stream): one for one in last}

    def complete_since(self) -> Mapping[tuple[str, str], datetime]:
        """By source and stream, when its first complete sync ended. Streams that have none are absent."""
        by_stream = (col(SyncTable.source), col(SyncTable.stream))
        ended = func.min(SyncTable.finished_at)
        with self._reading() as session:
            rows = session.execute(select(*by_stream, ended).where(col(SyncTable.is_complete)).group_by(*by_stream))
            return {(source, stream): at for source, stream, at in rows}

    def sync_totals(self) -> Mapping[tuple[str, str], SyncTotals]:
        """By source and stream, the sums over all of its syncs."""
        complete = func.count().filter(col(SyncTable.is_complete))
        counts = {
            "records_read": func.sum(SyncTable.read_count),
            "versions_new": func.sum(SyncTable.new_count),
            "records_deleted": func.sum(SyncTable.deleted_count),
            "records_rejected": func.sum(SyncTable.rejected_count),
            "requests": func.sum(SyncTable.request_count),
            "waited_seconds": func.sum(SyncTable.waited_seconds),
            "syncs_complete": complete,
            "syncs_failed": func.count() - complete,
        }
        by_stream = (col(SyncTable.source), col(SyncTable.stream))
        with self._reading() as session:
            rows = session.execute(select(*by_stream, *counts.values()).group_by(*by_stream).order_by(*by_stream))
            return {(row[0], row[1]): SyncTotals(**dict(zip(counts, row[2:], strict=True))) for row in rows}

    def save_objectives(self, cycle: Cycle, given: Sequence[StoredObjective], at: datetime) -> None:
        """Make the cycle's objectives and key results those given, all of them, and keep every definition ever seen.

        A key result or an initiative that is not among them any more is marked as removed; its observations stay.

        Raises:
            ClosedCycleError: the cycle is closed.
        """
        with self._writing() as session:
            closings.refuse_closed(session, [cycle.name])
            objectives.save(session, cycle, given, at)

    def objectives(self, cycle: str) -> tuple[StoredObjective, ...]:
        """The cycle's objectives and key results as last saved, in the project's order, with the removed ones."""
        with self._reading() as session:
            return objectives.of_cycle(session, cycle)

    def definitions(self, key_result: str) -> list[SeenDefinition]:
        """Every definition the key result has had, oldest first."""
        query = select(DefinitionTable).where(DefinitionTable.key_result == key_result)
        with self._reading() as session:
            rows = session.exec(query.order_by(col(DefinitionTable.first_seen_at), col(DefinitionTable.hash)))
            return [SeenDefinition(Definition(row.text, row.hash), row.first_seen_at) for row in rows]

    def definition_texts(self, key_result: str) -> dict[str, str]:
        """The text of every definition that the key result has had, by its hash."""
        return {one.definition.hash: one.definition.text for one in self.definitions(key_result)}

    def record(self, run_id: int, given: Sequence[Observation], at: datetime) -> int:
        """Record observations, all or none; returns how many were new.

        Each becomes the next revision of its key result and day, unless it says the same as the latest revision.

        Raises:
            ClosedCycleError: the cycle of one of them is closed.
        """
        with self._writing() as session:
            closings.refuse_closed(session, [one.cycle for one in given])
            return observations.record(session, run_id, given, at)

    def observations_at(
        self, cycle: str, day: date, known_at: datetime | None = None
    ) -> Mapping[str, RecordedObservation]:
        """By key result: its latest revision of the latest day up to `day`, of what was recorded by `known_at`."""
        with self._reading() as session:
            return observations.latest(session, cycle, day, known_at)

    def last_trusted(
        self, cycle: str, day: date, known_at: datetime | None = None
    ) -> Mapping[str, RecordedObservation]:
        """By key result: its latest observation up to `day` that was published, neither withheld nor without data."""
        with self._reading() as session:
            return observations.latest_trusted(session, cycle, day, known_at)

    def history(self, cycle: str, key_result: str) -> list[RecordedObservation]:
        """Every revision of every day, in their order."""
        with self._reading() as session:
            return observations.history(session, cycle, key_result)

    def provisional(self, cycle: str, since: date, before: date) -> list[tuple[date, str, str]]:
        """Day, key result and definition of what stands as provisional, of the days from `since` to right before
        `before`."""
        with self._reading() as session:
            return observations.provisional(session, cycle, since, before)

    def run_kinds(self, ids: Collection[int]) -> dict[int, str]:
        """By run, the command that it was."""
        with self._reading() as session:
            rows = session.exec(select(RunTable.id, RunTable.kind).where(col(RunTable.id).in_(ids)))
            return {int(id_ or 0): kind for id_, kind in rows}

    def values(self, cycle: str, key_results: Collection[str]) -> dict[str, list[StoredValue]]:
        """As `history`, of many key results at once and what matters of it; an empty list where there is none."""
        with self._reading() as session:
            return observations.values(session, cycle, key_results)

    def save_kpis(self, given: Sequence[StoredKpi], at: datetime) -> None:
        """Make the KPIs those given, all of them, and keep every definition ever seen."""
        with self._writing() as session:
            kpis.save(session, given, at)

    def kpi_definition_texts(self, kpi: str) -> dict[str, str]:
        """The text of every definition that the KPI has had, by its hash."""
        with self._reading() as session:
            return kpis.definition_texts(session, kpi)

    def record_kpis(self, run_id: int, given: Sequence[KpiObservation], at: datetime) -> int:
        """As `record`, for KPIs."""
        with self._writing() as session:
            return kpis.record(session, run_id, given, at)

    def kpis_at(self, day: date, known_at: datetime | None = None) -> Mapping[str, RecordedKpiObservation]:
        """By KPI: its latest revision of the latest day up to `day`, of what was recorded by `known_at`."""
        with self._reading() as session:
            return kpis.latest(session, day, known_at)

    def last_trusted_kpis(self, day: date) -> Mapping[str, RecordedKpiObservation]:
        """By KPI: its latest observation up to `day` that was published."""
        with self._reading() as session:
            return kpis.latest_trusted(session, day)

    def record_completions(self, run_id: int, given: Sequence[Completion], at: datetime) -> int:
        """As `record`, for initiatives.

        Raises:
            ClosedCycleError: the cycle of one of them is closed.
        """
        with self._writing() as session:
            closings.refuse_closed(session, [one.cycle for one in given])
            return completions.record(session, run_id, given, at)

    def completions_at(
        self, cycle: str, day: date, known_at: datetime | None = None
    ) -> Mapping[tuple[str, str], RecordedCompletion]:
        """By objective and initiative: its latest revision of the latest day up to `day`, recorded by `known_at`."""
        with self._reading() as session:
            return completions.latest(session, cycle, day, known_at)

    def last_trusted_completions(self, cycle: str, day: date) -> Mapping[tuple[str, str], RecordedCompletion]:
        """The same, of those that were counted: neither withheld nor without data."""
        with self._reading() as session:
            return completions.latest_trusted(session, cycle, day)

    def accept(self, given: Sequence[Acceptance]) -> None:
        """Write down that values are let through gates; the last word on a key result and a day counts.

        Raises:
            ClosedCycleError: the cycle of one of them is closed.
        """
        with self._writing() as session:
            people.accept(session, given)

    def acceptances(self, cycle: str, day: date, known_at: datetime | None = None) -> Mapping[str, Acceptance]:
        """By key result, the last acceptance of just this day."""
        with self._reading() as session:
            return people.acceptances(session, cycle, day, known_at)

    def check_in(self, given: CheckIn) -> None:
        """Write down what a person says.

        Raises:
            ClosedCycleError: the cycle is closed.
        """
        with self._writing() as session:
            people.check_in(session, given)

    def check_ins(self, cycle: str, day: date, known_at: datetime | None = None) -> Mapping[str, Sequence[CheckIn]]:
        """By key result, the check-ins up to `day`, the latest first."""
        with self._reading() as session:
            return people.check_ins(session, cycle, day, known_at)

    def override(self, given: Override) -> None:
        """Write down a value that a person holds against the computed one, or that it is withdrawn.

        Raises:
            ClosedCycleError: the cycle is closed.
        """
        with self._writing() as session:
            people.override(session, given)

    def overrides(self, cycle: str, day: date, known_at: datetime | None = None) -> Mapping[str, Override]:
        """By key result, the override that is in force on `day`: the last one made, unless it is over or withdrawn."""
        with self._reading() as session:
            return people.overrides(session, cycle, day, known_at)

    def cycles(self) -> list[Cycle]:
        """Every cycle that something is stored of, the earliest first."""
        with self._reading() as session:
            return closings.cycles(session)

    def closing(self, cycle: str, known_at: datetime | None = None) -> Closing | None:
        """What was signed when the cycle was closed; `None` while it is open, or was at `known_at`."""
        with self._reading() as session:
            found = closings.of_cycle(session, cycle)
        return None if found is None or (known_at is not None and found.closed_at > known_at) else found

    def mark(self) -> closings.Mark:
        """How much is stored by now: `close_cycle` takes it, to know that what was read is still all there is."""
        with self._reading() as session:
            return closings.mark(session)

    def close_cycle(self, closing: Closing, seen: closings.Mark) -> bool:
        """From now on nothing of the cycle is written any more.

        False, and nothing is closed, where another process stored something since the mark `seen`.

        Raises:
            ClosedCycleError: it is closed already; the first closing stays.
        """
        with self._writing() as session:
            return closings.add(session, closing, seen)

    def has_run(self, day: date, since: datetime) -> bool:
        """Whether a run or a backfill computed `day` as a whole, begun at `since` or later and come to its end."""
        query = select(RunTable.id).where(RunTable.as_of == day, RunTable.started_at >= since)
        query = query.where(col(RunTable.kind).in_(("run", "backfill")))
        with self._reading() as session:
            return session.exec(query.where(col(RunTable.finished_at).is_not(None)).limit(1)).first() is not None

    def last_run(self) -> ComputingRun | None:
        """The latest run that computes, ended or not."""
        with self._reading() as session:
            return publications.last_run(session)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Held while something is published: what was published before is read, what is new is sent and written down,
        and no other process does the same in between.

        Raises:
            StoreError: another process does it for too long.
        """
        with ExitStack() as stack:
            with explained(self._name):
                stack.enter_context(publications.alone(self._engine, self._name))
            yield

    def publication(self, destination: str, kind: str, subject: str | None = None) -> Publication | None:
        """The last one of a kind, or of a kind and subject."""
        with self._reading() as session:
            return publications.last(session, destination, kind, subject)

    def published(self, given: Publication) -> None:
        """Write down that something was sent."""
        with self._writing() as session:
            publications.add(session, given)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with explained(self._name), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with explained(self._name), Session(writer(self._engine)) as session, session.begin():
            yield session
