"""Where a key result stands: its goal, its values by day and the day make a status with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from okr_sync.progress import reasons as words
from okr_sync.progress.goal import Goal
from okr_sync.progress.plan import Plan, status_of
from okr_sync.progress.standing import Assessment, Status
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.settings import StatusRules


def assess(
    goal: Goal,
    values: Mapping[date, float | None],
    cycle: Cycle,
    day: date,
    rules: StatusRules,
    *,
    is_day_over: bool = True,
) -> Assessment:
    """Where a key result stands at the end of `day`; after the end of `cycle`, on its last day.

    Args:
        goal: what was promised.
        values: the value by day, in the goal's unit; None where a day has none. The last day's is the present value.
            A keep goal is judged by all the days given, the other goals by the last one alone.
        cycle: the cycle the goal is for.
        day: a day of it.
        rules: from which ratio of progress to expected progress a key result is on track, or behind.
        is_day_over: False while the day goes on; nothing is missed before the cycle's last day is over.
    """
    plan = Plan.on(goal, cycle, day, is_day_over)
    known = finite(values)
    if goal.kind is GoalKind.KEEP and known:
        held_count = sum(goal.is_held(value) for value in known.values())
        status = status_of(goal, held_count / len(known), plan, rules)
        rule = words.of_rule(held_count / len(known), plan, status, rules)
        days = words.of_days(goal, held_count, len(known), status)
        left_out = words.of_left_out(known, values)
        reason = days + left_out + rule + words.of_present(goal, known, values, plan)
        return Assessment(held_count / len(known), plan.expected, status, reason)
    present = known.get(max(values)) if values else None
    if present is None:
        return Assessment(None, plan.expected, Status.NO_DATA, words.of_no_data(values, plan))
    progress = goal.progress(present, cycle.elapsed(day))
    status = status_of(goal, progress, plan, rules)
    if status is Status.ACHIEVED and not plan.is_over and not goal.is_settled(present):
        status = Status.ON_TRACK
    if goal.is_condition:
        return Assessment(progress, plan.expected, status, words.of_condition(plan, status))
    reason = words.of_progress(goal, progress, plan, status) + words.of_rule(progress, plan, status, rules)
    return Assessment(progress, plan.expected, status, reason)


def finite(values: Mapping[date, float | None]) -> dict[date, float]:
    """The days that have a value: a formula that divides by zero may give inf or nan, and neither is one."""
    return {day: value for day, value in values.items() if value is not None and math.isfinite(value)}


def withheld(expected: float, reasons: Sequence[str], kept_progress: float | None, kept_on: date | None) -> Assessment:
    """The standing of a key result whose new value failed its gates: the progress of the last trusted day stays.

    `kept_progress` and `kept_on` are None where no value was ever trusted.
    """
    stays = "no earlier value to keep" if kept_on is None else f"the value of {words.short(kept_on)} stays"
    return Assessment(kept_progress, expected, Status.WITHHELD, f"{'; '.join(reasons)}; {stays}")
