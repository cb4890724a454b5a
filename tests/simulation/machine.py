"""Plays a schedule against the real engine and a stand-in over HTTP, and asks the oracle after every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import stamina

from okr_sync import sync
from okr_sync.formula import compile_metrics
from okr_sync.measure import AsOf, measure
from okr_sync.project.cycle import Cycle, end_of
from okr_sync.project.metric import Metric
from okr_sync.sandbox import Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sync import StreamSync, Syncing, sync_source
from okr_sync.warehouse import open_warehouse
from okr_sync.warehouse.merge import SMALLEST_WHOLE
from tests.formula.relations import HELPERS
from tests.simulation import oracle
from tests.simulation.child import Errand, make_plan, run_errand
from tests.simulation.disturber import Disturber
from tests.simulation.memory import MemoryWarehouse
from tests.simulation.oracle import SOURCE, Beginning, Landed, require
from tests.simulation.project import CYCLE, ZONE, WholeProject, day_of
from tests.simulation.steps import (
    Act,
    DiskFull,
    Killed,
    Night,
    Reread,
    Revoked,
    Schedule,
    Skew,
    Step,
    Sync,
    Trouble,
    Twice,
)
from tests.simulation.truth import States
from tests.simulation.worlds import World, make_world
from tests.warehouses import emptied

BEFORE = Cycle("2026-Q3", date(2026, 7, 1), date(2026, 10, 4))
FOR_EVER = datetime(2100, 1, 1, tzinfo=ZONE)
WAREHOUSE = "duckdb:///warehouse"


@dataclass
class Tally:
    """What was done in one schedule, or in many."""

    schedules: int = 0
    steps: int = 0
    syncs: int = 0
    incomplete: int = 0
    kills: int = 0
    withheld: int = 0
    evenings: int = 0
    values: int = 0
    """Of key results, compared with Python's."""
    faults: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Self) -> Self:
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in vars(self)})


def play(schedule: Schedule, warehouse_url: str = WAREHOUSE) -> Tally:
    """Play all steps, then a night in peace.

    Raises:
        ViolationError: okr-sync showed, or would show, something that is not so.
    """
    if warehouse_url.startswith("postgresql"):
        emptied(warehouse_url)
    with TemporaryDirectory(prefix="okr-sync-simulation-", dir=_fast_disk()) as folder, _no_waits(schedule):
        machine = Machine(schedule, Path(folder), warehouse_url)
        with machine.sandbox:
            for step in schedule.steps:
                machine.step(step)
            machine.finish()
        machine.close()
        return machine.tally


def _fast_disk() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - only to be fast


@contextmanager
def _no_waits(schedule: Schedule) -> Iterator[None]:
    before = sync.BATCH_RECORDS
    with stamina.set_testing(True, attempts=3):
        sync.BATCH_RECORDS = (1, 4, before)[schedule.flavour % 3]
        try:
            yield
        finally:
            sync.BATCH_RECORDS = before


class Machine:
    def __init__(self, schedule: Schedule, folder: Path, warehouse_url: str) -> None:
        self.tally = Tally(schedules=1)
        self._folder = folder
        self._url = warehouse_url
        self.world: World = make_world(schedule.system, schedule.flavour)
        self._disturber = Disturber(self.world.case.pages)
        self.tally.faults = self._disturber.injected
        options = Options(of_systems={schedule.system: self.world.options})
        self.sandbox = Sandbox(self.world.agency, [self._disturber.fault], options, [schedule.system])
        self._settings = self.world.settings(self.sandbox.variables())
        self._settings_number = 0
        self._skew = timedelta()
        self._evenings: dict[datetime, bool] = {}
        """Whether a sync that was complete had seen all, by evening."""
        is_deadly = any(isinstance(one, Killed | DiskFull) for one in schedule.steps)
        is_on_disk = is_deadly or schedule.is_whole or warehouse_url != WAREHOUSE
        self._warehouse = open_warehouse(warehouse_url, folder, ZONE) if is_on_disk else MemoryWarehouse(folder, ZONE)
        self._landed = Landed(self._warehouse, self.world)
        self._project: WholeProject | None = None
        if schedule.is_whole:
            source = {"connector": schedule.system, **self._settings}
            self._project = WholeProject(folder, self.world, source, warehouse_url)

    def close(self) -> None:
        if isinstance(self._warehouse, MemoryWarehouse):
            self._warehouse.close()

    def our_time(self) -> datetime:
        return self.world.now + self._skew

    def step(self, step: Step) -> None:
        self.tally.steps += 1
        match step:
            case Act():
                self.world.act(step)
            case Skew(seconds):
                self._skew = timedelta(seconds=seconds)
            case Reread():
                self._settings_number += 1
            case _:
                self._step_of_ours(step)

    def _step_of_ours(self, step: Step) -> None:
        match step:
            case Sync(troubles, meanwhile):
                self._disturber.plan(troubles, self.world.vendor_deeds())
                for number, act in meanwhile:
                    self._disturber.at_request(number, partial(self.world.act, act))
                self._sync()
            case Night(troubles):
                self._night(troubles)
            case Killed(line):
                self._die(killed_at_line=line)
            case DiskFull(most_bytes, is_deadly):
                self._die(most_bytes=most_bytes, is_deadly=is_deadly)
            case Twice(number):
                self._disturber.at_request(number, self._second_sync)
                self._sync()
            case Revoked():
                self._revoke()

    def finish(self) -> None:
        """A night without any trouble. Nothing may be withheld, and everything must be as it is."""
        self._skew = timedelta()
        result = self._night(())
        require(result.is_complete, "a sync in peace is not complete", result.error)
        oracle.require_nothing_twice(self._landed.versions())
        evenings = [one for one, is_known in self._evenings.items() if is_known or self.world.has_history]
        for evening, states in zip(evenings, self._landed.at(evenings), strict=True):
            expected = self.world.truth.at(evening)
            unknown = set() if self._evenings[evening] else self.world.truth.hidden
            kept = {key: one for key, one in states.items() if key not in unknown}
            wanted = {key: one for key, one in expected.items() if key not in unknown}
            oracle.require_same(kept, wanted, f"on the evening of {evening}")
        watched = [one for one, is_known in self._evenings.items() if is_known]
        self._compare_evenings(watched)
        if self._project is not None:
            self._project.compare_evenings([day_of(one) for one in watched], self.our_time())

    def _night(self, troubles: tuple[Trouble, ...]) -> StreamSync:
        now = self.world.now
        half_past_eleven = datetime.combine(now.astimezone(ZONE).date(), time(23, 30), tzinfo=ZONE)
        quiet = now + self.world.lag + timedelta(minutes=2)
        if quiet > half_past_eleven:  # people worked late: the night is tomorrow's
            self._evenings[end_of(half_past_eleven.date(), ZONE)] = False
            half_past_eleven += timedelta(days=1)
        self._advance_to(half_past_eleven)
        self._disturber.plan(troubles, self.world.vendor_deeds())
        result = self._sync(is_settled=True)
        midnight = end_of(half_past_eleven.date(), ZONE)
        self._advance_to(midnight)
        self._evenings[midnight] = result.is_complete
        self.world.agency.clock.advance(timedelta(hours=8))
        return result

    def _advance_to(self, moment: datetime) -> None:
        self.world.agency.clock.advance(moment - self.world.now)

    def _sync(self, *, is_settled: bool = False) -> StreamSync:
        begun = Beginning(self.world.now, self.world.truth.count)
        result = self._sync_source()
        has_struck = self._disturber.has_struck
        self._disturber.rest()
        self.tally.syncs += 1
        self.tally.incomplete += not result.is_complete
        require(result.is_complete or has_struck, "a sync without trouble is not complete", result.error)
        present = self._look(result, begun)
        if is_settled and result.is_complete:
            oracle.require_same(present, self.world.truth.present(), "although all has settled")
        return result

    def _look(self, result: StreamSync, begun: Beginning) -> States:
        (present,) = self._landed.at([FOR_EVER])
        self.world.landed_keys = set(present)
        oracle.require_nothing_invented(present, self.world.truth)
        if result.is_complete:
            oracle.require_fresh(present, self.world, begun)
        if self._project is not None:
            watched = [day_of(one) for one, is_known in self._evenings.items() if is_known]
            is_every_day = len(watched) == len(self._evenings)
            self.tally.values += self._project.compare_run(present, self.our_time(), watched if is_every_day else None)
            self.tally.withheld = self._project.withheld_count
        return present

    def _sync_source(self) -> StreamSync:
        if self._project is not None:
            return self._project.run(self.our_time)
        plan = make_plan(self._errand())
        (result,) = sync_source(plan, Syncing(self._landed.warehouse, self.our_time))
        return result

    def _second_sync(self) -> None:
        result = self._sync_source() if self._project is None else self._project.sync(self.our_time)
        is_refused = result.error is not None and "being synced by another process" in result.error
        require(is_refused, "two syncs of one source at once", result)

    def _errand(self) -> Errand:
        return Errand(
            self._url,
            self._folder,
            ZONE,
            SOURCE,
            self.world.system,
            self._settings,
            f"settings {self._settings_number}",
            self.our_time(),
            sync.BATCH_RECORDS,
            is_whole=self._project is not None,
        )

    def _die(self, **how: int | bool) -> None:
        """A sync that may end at any point: what has landed is true, and the next one goes on from there."""
        self._disturber.rest()
        code = run_errand(replace(self._errand(), **how))
        self.tally.kills += code < 0
        self._disturber.injected["killed" if "killed_at_line" in how else "disk full"] += 1
        (present,) = self._landed.at([FOR_EVER])
        oracle.require_nothing_invented(present, self.world.truth)
        oracle.require_nothing_twice(self._landed.versions())

    def _revoke(self) -> None:
        """Where many records vanish at once, nothing ends; a few look like deletions, and are found again."""
        if not self.world.can_hide:
            return
        self._disturber.rest()
        self._sync()
        before = self._landed.at([FOR_EVER])
        if len(before[0]) < SMALLEST_WHOLE:
            return
        self.world.hide_all()
        result = self._sync_source()
        self._look(result, Beginning(self.world.now, self.world.truth.count))
        require(not result.is_complete, "a lost permission was taken for deletions")
        require(self._landed.at([FOR_EVER]) == before, "a lost permission changed what has landed")
        self._disturber.injected["lost permission"] += 1
        self.world.show_all()

    def _compare_evenings(self, evenings: list[datetime]) -> None:
        """Every metric of every evening that was watched, from one reading, against Python."""
        self.tally.evenings += len(evenings)
        stream = self._landed.stream
        assert stream is not None
        name = f"{SOURCE}.{stream.name}"
        written = {one: Metric.model_validate(parts) for one, parts in oracle.metrics(self.world).items()}
        compiled = compile_metrics(written, {name: stream}, helpers=HELPERS)
        days = [AsOf(day_of(one), one, CYCLE, BEFORE, ZONE) for one in evenings]
        fields = {*self.world.columns.reads, *stream.key}
        with self._landed.warehouse.history({name: stream}, {name: fields}) as history:
            measured = measure(compiled, history, days)
        for evening, values in zip(evenings, measured, strict=True):
            expected = oracle.values_of(self.world.truth.at(evening), day_of(evening), evening, ZONE)
            oracle.require_values({one: values[one].value for one in expected}, expected, f"on {day_of(evening)}")
            self.tally.values += len(expected)
