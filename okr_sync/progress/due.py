"""When milestones are due: on the days their project names, and evenly spread between these."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from okr_sync.progress.goal import Goal
from okr_sync.project.cycle import Cycle


def due_days(goal: Goal, cycle: Cycle) -> tuple[date, ...]:
    """The day of each milestone at whose end it is expected; none is later than the cycle's last day.

    Milestones without a day of their own are spread evenly between the days around them, in their order: after the
    cycle's start or the last day before, and before the next day after; the last milestone is due as the cycle ends.
    A day counts in full, so that a fraction of one is rounded up.
    """
    fixed = [(0, 0)]
    for number, part in enumerate(goal.parts, 1):
        if part.due is not None:
            fixed.append((number, _day_number(part.due, cycle)))
    if fixed[-1][0] < len(goal.parts):
        fixed.append((len(goal.parts), cycle.day_count))
    numbers: list[int] = []
    for (start, first), (end, last) in pairwise(fixed):
        numbers += [first - (first - last) * n // (end - start) for n in range(1, end - start + 1)]
    return tuple(cycle.start + timedelta(days=number - 1) for number in numbers)


def _day_number(day: date, cycle: Cycle) -> int:
    """Counted from 1; 0 for any day before the cycle, and its last one for any day after it."""
    return min(cycle.day_count, max(0, (day - cycle.start).days + 1))
