"""Rules between objects of a project that need its cycles and its zone: what may have one id, what may go on from what,
and what comes before what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from okr_sync.errors import Problem
from okr_sync.project.event import instant_of
from okr_sync.project.located import Located
from okr_sync.project.model import Objective, Project


def broken_time_rules(project: Project) -> Iterator[Problem]:
    yield from _met_twins(project)
    yield from _wrong_carry_overs(project)
    yield from _reversed_windows(project)


def _met_twins(project: Project) -> Iterator[Problem]:
    """An id may come again in another cycle, where the two never run at the same time."""
    objectives = [_Named(one.id, "id", one, one) for one in project.objectives]
    key_results = [
        _Named(one.id, f"key_results.{one.id}.id", one, objective)
        for objective in project.objectives
        for one in objective.key_results
    ]
    for kind, named in (("objective", objectives), ("key result", key_results)):
        seen: dict[str, list[_Named]] = {}
        for one in named:
            others = seen.setdefault(one.id, [])
            twin = next((other for other in others if _can_meet(project, one.objective, other.objective)), None)
            if twin is not None:
                cycles = f"cycles {twin.objective.cycle} and {one.objective.cycle} run at the same time"
                message = f"the {kind} {one.id!r} exists already, at {twin.place}, and {cycles}; choose another id"
                yield Problem(one.place, one.field, message)
            others.append(one)


@dataclass(frozen=True, slots=True)
class _Named:
    """Something with an id, the field the id is written in, and the objective that it belongs to."""

    id: str
    field: str
    item: Located
    objective: Objective

    @property
    def place(self) -> str:
        return str(self.item.place("id"))


def _can_meet(project: Project, one: Objective, other: Objective) -> bool:
    """Whether there is a day on which both are computed. A cycle that never comes meets no other."""
    if one.cycle is None or other.cycle is None or one.cycle == other.cycle:
        return False  # `okr_sync.project.rules` says so
    first, second = project.cycle_named(one.cycle), project.cycle_named(other.cycle)
    return first is not None and second is not None and first.start <= second.end and second.start <= first.end


def _wrong_carry_overs(project: Project) -> Iterator[Problem]:
    for one in project.objectives:
        message = None if one.carry_over is None else _no_carry_over(project, one, one.carry_over)
        if message is not None:
            yield Problem(str(one.place("carry_over")), "carry_over", message)


def _no_carry_over(project: Project, objective: Objective, name: str) -> str | None:
    """Why the objective cannot go on from the cycle of this name."""
    if objective.cycle is None:
        return "only an objective of one cycle goes on from another; write its cycle, such as cycle: 2026-Q4"
    ended, cycle = project.cycle_named(name), project.cycle_named(objective.cycle)
    if ended is None:
        return f"there is no cycle {name!r}{_examples(project, objective)}"
    if cycle is not None and ended.end >= cycle.start:
        return (
            f"cycle {name} ends on {ended.end}, {objective.cycle} begins on {cycle.start};"
            " an objective goes on from a cycle that is over"
        )
    return None


def _examples(project: Project, objective: Objective) -> str:
    cycle = None if objective.cycle is None else project.cycle_named(objective.cycle)
    return "" if cycle is None else f"; the one before {cycle.name} is {project.previous_cycle(cycle).name}"


def _reversed_windows(project: Project) -> Iterator[Problem]:
    """Of two events whose times are written down, the first one bounds the beginning."""
    for name, metric in project.metrics.items():
        events = [] if metric.window is None else [project.events[one] for one in metric.window.events]
        moments = [one.at for one in events if one.at is not None]
        if metric.window is None or len(moments) < 2:
            continue
        start, end = (instant_of(one, project.zone) for one in moments)
        if end < start:
            message = (
                f"event {metric.window.end} ({events[1]}) comes before {metric.window.start} ({events[0]}),"
                f" so the window holds nothing; write from {metric.window.end} to {metric.window.start}"
            )
            yield Problem(str(metric.place("window")), f"metrics.{name}.window", message)
