"""Objectives that go on from an earlier cycle: what was reached there is where the new cycle expects them to begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from okr_sync.measure import AsOf
from okr_sync.project.units import percent
from okr_sync.store import RecordedObservation, Store
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Where a key result stood at the end of the cycle that its objective goes on from."""

    cycle: str
    is_stored: bool
    progress: float | None

    @property
    def expected_at_start(self) -> float:
        """What was reached there, from 0 to 1; 0 where that is not known."""
        return 0.0 if self.progress is None else min(1.0, max(0.0, self.progress))

    @property
    def in_words(self) -> str:
        if self.progress is not None:
            return f"carried over from {self.cycle} at {percent(self.progress)}"
        what = "which ended without data" if self.is_stored else "of which nothing is stored"
        return f"carried over from {self.cycle}, {what}, so expected progress begins at 0 %"


def carry_overs(workspace: Workspace, store: Store, day: AsOf) -> dict[str, CarryOver]:
    """By key result: where those of the day's cycle stood before, whose objectives go on."""
    stored: dict[str, Mapping[str, RecordedObservation]] = {}
    found = {}
    for objective in workspace.project.objectives_in(day.cycle):
        ended = None if objective.carry_over is None else workspace.project.cycle_named(objective.carry_over)
        if ended is None:
            continue
        if ended.name not in stored:
            stored[ended.name] = store.observations_at(ended.name, ended.end, workspace.known_at)
        for one in objective.key_results:
            last = stored[ended.name].get(one.id)
            found[one.id] = CarryOver(ended.name, last is not None, None if last is None else last.progress)
    return found


def carried_on(workspace: Workspace, carried: Mapping[str, CarryOver]) -> Workspace:
    """The same, whose goals expect at their cycle's start what was reached before."""
    goals = dict(workspace.goals)
    for name, one in carried.items():
        goals[name] = replace(goals[name], expected_at_start=one.expected_at_start)
    return replace(workspace, goals=goals) if carried else workspace
