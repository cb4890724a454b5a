"""Key results of one day, computed and stored as `okr-sync run --as-of` does it; of a closed cycle, as signed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import dagster as dg

from okr_sync import night, outcome, pipeline, runs, settling
from okr_sync.measure import AsOf
from okr_sync.orchestration.describe import key_result_key
from okr_sync.progress import Status
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Objective
from okr_sync.store import ClosedCycleError, Observation, Store
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Judged:
    """What is stored of a key result for a day."""

    objective: Objective
    key_result: KeyResult
    observation: Observation
    is_trusted: bool
    """Neither withheld nor missing because a source failed. What was signed is not judged again."""
    closed: str | None = None
    """Since when and by whom its cycle is closed, so that nothing was computed."""

    @property
    def in_words(self) -> str:
        return self.observation.reason if self.closed is None else f"{self.observation.reason}; {self.closed}"


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A key result of a closed cycle, on a day for which nothing was signed."""

    objective: Objective
    key_result: KeyResult
    closed: str


@dataclass(frozen=True, slots=True)
class Computing:
    """What the days of one step share."""

    workspace: Workspace
    store: Store
    keys: Collection[dg.AssetKey]
    run: str
    """Dagster's id of the run."""
    incomplete: Collection[str]
    """The streams whose latest sync is not complete."""


def compute_day(step: Computing, day: date) -> Iterator[Judged | LeftAlone]:
    """Those key results of the step that are in a cycle of the day."""
    workspace, days = pipeline.in_time(step.workspace, day)
    run_id = runs.begin(workspace, step.store, f"dagster {step.run}", days[0].day)
    _settle(step, run_id, day)
    for in_cycle in days:
        wanted = {
            one.id: (objective, one)
            for objective in workspace.project.objectives_in(in_cycle.cycle)
            for one in objective.key_results
            if key_result_key(objective, one) in step.keys
        }
        if wanted:
            yield from _in_cycle(replace(step, workspace=workspace), run_id, in_cycle, wanted)
    runs.finish(workspace, step.store, run_id, "done")


def _settle(step: Computing, run_id: int, day: date) -> None:
    """The latest night computes again what is provisional before it; a backfill of older days does not."""
    workspace = step.workspace
    if day < workspace.today - timedelta(days=1):
        return
    names = {
        one.id
        for objective in workspace.project.objectives
        for one in objective.key_results
        if key_result_key(objective, one) in step.keys
    }
    settling.settle(workspace, step.store, run_id, day, names)


def _in_cycle(
    step: Computing, run_id: int, day: AsOf, wanted: Mapping[str, tuple[Objective, KeyResult]]
) -> Iterator[Judged | LeftAlone]:
    workspace, store = step.workspace, step.store
    try:
        closing = store.closing(day.cycle.name)
        if closing is not None:
            raise ClosedCycleError.of(closing)
        found = outcome.compute(workspace, store, day, wanted.keys())
        night.record_key_results(workspace, store, run_id, day, found)
    except ClosedCycleError as error:  # perhaps while it was computed
        yield from _signed(store, day, wanted, str(error))
        return
    for one in found:
        is_complete = set(workspace.streams_read(one.key_result)).isdisjoint(step.incomplete)
        is_trusted = is_complete and one.observation.status != Status.WITHHELD
        yield Judged(one.objective, one.key_result, one.observation, is_trusted)


def _signed(
    store: Store, day: AsOf, wanted: Mapping[str, tuple[Objective, KeyResult]], closed: str
) -> Iterator[Judged | LeftAlone]:
    stored = store.observations_at(day.cycle.name, day.day)
    for name, (objective, key_result) in wanted.items():
        last = stored.get(name)
        if last is not None and (last.as_of == day.day or day.day > day.cycle.end):
            yield Judged(objective, key_result, last, is_trusted=True, closed=closed)
        else:
            yield LeftAlone(objective, key_result, closed)
