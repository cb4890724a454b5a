"""A schedule that fails, made as short as it can be by leaving steps out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.steps import Schedule, Step, Sync


def shrunk(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """The shortest that still fails: halves of the steps are left out, then quarters, and so on down to one."""
    size = max(1, len(schedule.steps) // 2)
    while True:
        shorter = _without_some(schedule, size, fails)
        if shorter is None and size == 1:
            return _plainer(schedule, fails)
        if shorter is None:
            size //= 2
        else:
            schedule = shorter
            size = min(size, max(1, len(schedule.steps) // 2))


def _without_some(schedule: Schedule, size: int, fails: Callable[[Schedule], bool]) -> Schedule | None:
    for start in range(0, len(schedule.steps), size):
        shorter = replace(schedule, steps=schedule.steps[:start] + schedule.steps[start + size :])
        if fails(shorter):
            return shorter
    return None


def _plainer(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """Syncs without those of their troubles that make no difference."""
    for place, step in enumerate(schedule.steps):
        for plainer in _plainer_steps(step):
            steps = (*schedule.steps[:place], plainer, *schedule.steps[place + 1 :])
            if fails(replace(schedule, steps=steps)):
                return _plainer(replace(schedule, steps=steps), fails)
    return schedule


def _plainer_steps(step: Step) -> list[Step]:
    if not isinstance(step, Sync):
        return []
    fewer_troubles = [
        replace(step, troubles=step.troubles[:one] + step.troubles[one + 1 :]) for one in range(len(step.troubles))
    ]
    fewer_acts = [
        replace(step, meanwhile=step.meanwhile[:one] + step.meanwhile[one + 1 :]) for one in range(len(step.meanwhile))
    ]
    return [*fewer_troubles, *fewer_acts]
