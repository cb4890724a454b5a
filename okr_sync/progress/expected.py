"""Expected progress: where the plan says a goal is on a day."""

from __future__ import annotations

from datetime import date

from okr_sync.progress.due import due_days
from okr_sync.progress.goal import Goal
from okr_sync.progress.numbers import along
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind


def expected_progress(goal: Goal, cycle: Cycle, day: date) -> float:
    """Where the plan says the goal is at the end of the day, as a fraction.

    - move and reach: linear over the cycle's days from what is expected at its start, or through the points of `pace`
      or the values of `planned`, and on to 1 at the cycle's end. Days outside the cycle do not count.
    - a condition: 0 until the cycle's last day, then 1; a line would call it late from the first day on
    - keep: 1, since its progress is already a share of the days so far
    - milestones: the weight of those that are due by then, and no less than is expected at the cycle's start
    - all of: what is expected of the part of which the least is
    """
    if goal.kind is GoalKind.KEEP:
        return 1.0
    if goal.kind is GoalKind.MILESTONES:
        due = due_days(goal, cycle)
        weights = [part.weight for part in goal.parts]
        share = sum(weight for weight, last in zip(weights, due, strict=True) if last <= day) / sum(weights)
        return max(goal.expected_at_start, share)
    if goal.kind is GoalKind.ALL_OF:
        return min(expected_progress(part.goal, cycle, day) for part in goal.parts)
    if goal.is_condition:
        return 1.0 if day >= cycle.end else 0.0
    points = [(cycle.elapsed(at), share) for at, share in goal.pace if cycle.start <= at <= cycle.end]
    planned = [(cycle.elapsed(at), value) for at, value in goal.planned if cycle.start <= at <= cycle.end]
    points += [(elapsed, goal.progress(value, elapsed)) for elapsed, value in planned]
    end = [] if points and points[-1][0] == 1.0 else [(1.0, 1.0)]
    return along([(0.0, goal.expected_at_start), *points, *end], cycle.elapsed(day))
