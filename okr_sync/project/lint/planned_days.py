"""Days in goals that lie outside the cycle of their objective and do not count there: a mistyped year, say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from okr_sync.project.cycle import Cycle, Fixed
from okr_sync.project.key_result import KeyResult
from okr_sync.project.lint.rule import Case, Finding
from okr_sync.project.located import Location
from okr_sync.project.model import Objective, Project


def outside_cycle(case: Case) -> Iterator[Finding]:
    """An objective without a cycle of its own runs in several: each keeps its days."""
    for objective, one in case.key_results():
        cycle = _cycle(case.project, objective)
        for field, place, day in _days(one):
            if cycle is not None and not cycle.start <= day <= cycle.end:
                values = {"day": day, "cycle": cycle.name, "start": cycle.start, "end": cycle.end}
                yield Finding(place, f"key_results.{one.id}.{field}", (one, objective), values)


def _days(one: KeyResult) -> Iterator[tuple[str, Location, date]]:
    for number, goal in enumerate(one.goals, 1):
        part = "" if goal is one else f"all_of.#{number}."
        for name, days in (("by", goal.by), ("pace", goal.pace)):
            yield from ((part + name, goal.place(name), day) for day in sorted(days or ()))
    for number, step in enumerate(one.milestones or (), 1):
        if step.by is not None:
            yield f"milestones.#{number}.by", step.place("by"), step.by


def _cycle(project: Project, objective: Objective) -> Cycle | None:
    """The one cycle that the objective is for, if it is for one."""
    if objective.cycle is not None:
        return project.cycle_named(objective.cycle)
    first = project.settings.kinds[0]
    return first.cycle if isinstance(first, Fixed) else None
