"""What is expected of a goal on a day, and the status that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from okr_sync.progress.expected import expected_progress
from okr_sync.progress.goal import Goal
from okr_sync.progress.numbers import reaches
from okr_sync.progress.standing import Status
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.settings import StatusRules


@dataclass(frozen=True, slots=True)
class Plan:
    """What is expected of a goal at the end of a day of its cycle."""

    expected: float
    day: date
    end: date
    is_over: bool
    """Whether the cycle is."""
    is_day_over: bool = True

    @classmethod
    def on(cls, goal: Goal, cycle: Cycle, day: date, is_day_over: bool) -> Self:
        """What is expected on `day`; after the cycle's end, on its last day."""
        is_over = is_day_over and day >= cycle.end
        return cls(expected_progress(goal, cycle, day), cycle.clamp(day), cycle.end, is_over, is_day_over)

    def is_past(self, due: date) -> bool:
        """Whether `due` has ended."""
        return due < self.day or (due == self.day and self.is_day_over)


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
