"""One call for a key result of any kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from okr_sync.progress.all_of import assess_all_of
from okr_sync.progress.assess import assess
from okr_sync.progress.goal import Goal
from okr_sync.progress.milestones import assess_milestones
from okr_sync.progress.plan import Plan
from okr_sync.progress.standing import Assessment
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.settings import StatusRules


def judge(
    goal: Goal,
    values: Sequence[Mapping[date, float | None]],
    cycle: Cycle,
    day: date,
    rules: StatusRules,
    *,
    is_day_over: bool = True,
) -> Assessment:
    """Where a key result stands, as `assess` says it, given the values by day of each of its parts.

    A goal without parts has one entry in `values`: its own.
    """
    if goal.kind is GoalKind.MILESTONES:
        held = [days.get(max(days)) if days else None for days in values]
        return assess_milestones(goal, held, cycle, Plan.on(goal, cycle, day, is_day_over), rules)
    if goal.kind is GoalKind.ALL_OF:
        return assess_all_of(goal, values, cycle, day, rules, is_day_over=is_day_over)
    return assess(goal, values[0], cycle, day, rules, is_day_over=is_day_over)
