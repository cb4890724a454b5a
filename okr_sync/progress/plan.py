"""What is expected of a goal on a day, and the status that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from okr_sync.progress.goal import Goal
from okr_sync.progress.numbers import reaches
from okr_sync.progress.standing import Status
from okr_sync.project.model import GoalKind, StatusRules


@dataclass(frozen=True, slots=True)
class Plan:
    """What is expected of a goal at the end of a day of its cycle."""

    expected: float
    day: date
    end: date
    is_over: bool


def status_of(goal: Goal, progress: float, plan: Plan, rules: StatusRules) -> Status:
    """A keep goal is achieved only when its cycle is over: until then every day can still break it."""
    if reaches(progress, goal.needed) and (goal.kind is not GoalKind.KEEP or plan.is_over):
        return Status.ACHIEVED
    if plan.is_over:
        return Status.MISSED
    if plan.expected == 0:  # no ratio exists: whoever lost nothing is on track
        return Status.ON_TRACK if reaches(progress, 0) else Status.AT_RISK
    if reaches(progress, rules.on_track * plan.expected):
        return Status.ON_TRACK
    return Status.BEHIND if reaches(progress, rules.behind * plan.expected) else Status.AT_RISK
