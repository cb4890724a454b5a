"""From the goal as it is written to its numbers in the unit of the metric."""

from __future__ import annotations

from okr_sync.progress.goal import Goal, GoalError
from okr_sync.progress.numbers import is_equal
from okr_sync.project.model import GoalKind, KeyResult, Kpi
from okr_sync.project.units import PERCENT, Quantity, amount


def goal_of(key_result: KeyResult, unit: str | None) -> Goal:
    """The goal of `key_result`, whose metric is in `unit`.

    Raises:
        UnitError: a quantity does not fit the unit.
        GoalError: the numbers make no goal: target equal to baseline, or a range that holds nothing.
    """

    def number(quantity: Quantity | None) -> float | None:
        return None if quantity is None else quantity.to(unit)

    low, high = key_result.between or (key_result.at_least, key_result.at_most)
    goal = Goal(
        kind=key_result.goal_kind,
        baseline=0.0 if key_result.baseline is None else key_result.baseline.to(unit),
        target=number(key_result.target),
        low=number(low),
        high=number(high),
        strict=key_result.strict,
        ambition=key_result.ambition,
        pace=tuple((day, point.to(PERCENT)) for day, point in sorted((key_result.pace or {}).items())),
        unit=unit,
    )
    _check(goal)
    return goal


def goal_of_roll_up(template: KeyResult) -> Goal:
    """The goal of a template that is judged by its members: its value is the progress they make together."""
    return Goal(GoalKind.REACH, target=1.0, ambition=template.ambition, unit=PERCENT)


def healthy_range(kpi: Kpi, unit: str | None) -> Goal:
    """The range in which `kpi`, whose metric is in `unit`, is healthy.

    Raises:
        UnitError: a bound does not fit the unit.
        GoalError: the range holds nothing.
    """
    low, high = kpi.between or (kpi.at_least, kpi.at_most)
    bounds = [None if bound is None else bound.to(unit) for bound in (low, high)]
    made = Goal(GoalKind.KEEP, low=bounds[0], high=bounds[1], strict=kpi.strict, unit=unit)
    _check(made)
    return made


def _check(goal: Goal) -> None:
    if goal.target is not None and is_equal(goal.target, goal.baseline):
        target, baseline = amount(goal.target, goal.unit), amount(goal.baseline, goal.unit)
        raise GoalError(
            f"target {target} equals the baseline {baseline}: there is nothing to move; write another target"
        )
    if goal.low is not None and goal.high is not None and not goal.is_held((goal.low + goal.high) / 2):
        raise GoalError(f"no value is {goal.in_words}; write the lower bound first, and two bounds that differ")
