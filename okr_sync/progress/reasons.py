"""One sentence for each status: the numbers behind it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from okr_sync.progress.goal import Goal
from okr_sync.progress.plan import Plan
from okr_sync.progress.standing import Status
from okr_sync.project.settings import StatusRules
from okr_sync.project.units import amount, percent


def of_progress(goal: Goal, progress: float, plan: Plan, status: Status) -> str:
    moved = f"progress {percent(progress)}"
    if status is Status.ACHIEVED:
        return f"{moved}, achieved from {percent(goal.needed)}"
    if status is Status.MISSED:
        return f"{moved} at the end of the cycle on {short(plan.day)}, {percent(goal.needed)} was needed"
    if plan.expected == 0 and status is Status.ON_TRACK:
        return f"{moved}, nothing is expected by {short(plan.day)} yet"
    return f"{moved} where {percent(plan.expected)} is expected by {short(plan.day)}"


def of_rule(progress: float, plan: Plan, status: Status, rules: StatusRules) -> str:
    """The project's rule by which a status is less than good: ` (79 % of that, on track from 90 %)`."""
    if status not in (Status.BEHIND, Status.AT_RISK) or plan.expected == 0:
        return ""
    share = percent(progress / plan.expected)
    if status is Status.BEHIND:
        return f" ({share} of that, on track from {percent(rules.on_track)})"
    return f" ({share} of that, at risk below {percent(rules.behind)})"


def of_condition(plan: Plan, status: Status) -> str:
    if status is Status.ACHIEVED:
        return f"the condition holds on {short(plan.day)}"
    if status is Status.MISSED:
        return f"the condition did not hold at the end of the cycle on {short(plan.day)}"
    return f"the condition does not hold yet; it is due by {short(plan.end)}"


def of_days(goal: Goal, held_count: int, known_count: int, status: Status) -> str:
    needed = f", {percent(goal.needed)} of them were needed" if status is Status.MISSED else ""
    return f"held on {held_count} of {known_count} days{needed}"


def of_left_out(known: Mapping[date, float], values: Mapping[date, float | None]) -> str:
    return f" ({len(values) - len(known)} more without data)" if len(known) < len(values) else ""


def of_present(goal: Goal, known: Mapping[date, float], values: Mapping[date, float | None], plan: Plan) -> str:
    present = known.get(max(values))
    shown = "no value" if present is None else amount(present, goal.unit)
    return f"; on {short(plan.day)} {shown}, allowed {goal.in_words}"


def of_no_data(values: Mapping[date, float | None], plan: Plan) -> str:
    value = values[max(values)] if values else None
    if value is not None:
        return f"the formula gave {value} for {short(plan.day)}, which is not a number"
    return f"the formula has no result for {short(plan.day)}: no record counts, or it divides by nothing"


def short(day: date) -> str:
    return f"{day.day} {day:%b}"
