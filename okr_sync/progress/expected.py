"""Expected progress: where the plan says a goal is on a day."""

from __future__ import annotations

from datetime import date

from okr_sync.progress.goal import Goal
from okr_sync.progress.numbers import along
from okr_sync.project.cycle import Cycle
from okr_sync.project.model import GoalKind


def expected_progress(goal: Goal, cycle: Cycle, day: date) -> float:
    """Where the plan says the goal is at the end of the day, as a fraction.

    - move and reach: linear over the cycle's days from what is expected at its start, or through the points of `pace`,
      and on to 1 at the cycle's end. Points outside the cycle do not count.
    - a condition: 0 until the cycle's last day, then 1; a line would call it late from the first day on
    - keep: 1, since its progress is already a share of the days so far
    """
    if goal.kind is GoalKind.KEEP:
        return 1.0
    if goal.is_condition:
        return 1.0 if day >= cycle.end else 0.0
    points = [(cycle.elapsed(point), share) for point, share in goal.pace if cycle.start <= point <= cycle.end]
    end = [] if points and points[-1][0] == 1.0 else [(1.0, 1.0)]
    return along([(0.0, goal.expected_at_start), *points, *end], cycle.elapsed(day))
