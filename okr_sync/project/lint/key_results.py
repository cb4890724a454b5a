"""Rules about key results and their goals."""

from __future__ import annotations

from collections.abc import Iterator

from okr_sync.project.changes import Change
from okr_sync.project.goals import GoalFields, GoalKind
from okr_sync.project.key_result import KeyResult
from okr_sync.project.lint.activity import activity_in, direction_of
from okr_sync.project.lint.bare import bare_numbers
from okr_sync.project.lint.rule import Case, Finding, Target
from okr_sync.project.model import Objective
from okr_sync.project.units import PERCENT, Quantity, UnitError, is_duration

_SMALLEST_CHANGE = 0.02
"""Of the baseline; of a percentage near 100 %, of what is missing to it."""
_NEVER_NEGATIVE = ("count", "points", PERCENT)


def activity(case: Case) -> Iterator[Finding]:
    for objective, one in case.key_results():
        found = activity_in(one.name)
        if found is not None:
            yield _finding(objective, one, "name", activity=found)


def no_baseline(case: Case) -> Iterator[Finding]:
    """A level or a rate moves from somewhere; only what adds up begins at 0."""
    for target in case.goals():
        goal = target.goal
        if goal.target is not None and goal.baseline is None and _is_level(case, target):
            yield _found(target, "target", metric=case.written_name(goal.metric), target=goal.target)


def wrong_direction(case: Case) -> Iterator[Finding]:
    """A name that says up beside a target that lies below: the target is met from the start."""
    for objective, one in case.key_results():
        span = _span(case, one)
        direction = direction_of(one.name)
        if span is not None and direction is not None and (span[1] - span[0]) * direction < 0:
            yield _finding(objective, one, "target", target=one.target, baseline=one.baseline)


def target_met(case: Case) -> Iterator[Finding]:
    for objective, one in case.key_results():
        past = case.past(one)
        if past is not None and past.met_with is not None:
            yield _finding(objective, one, "target", value=past.met_with, cycle=past.cycle)


def cannot_miss(case: Case) -> Iterator[Finding]:
    """Bounds that every value keeps."""
    for target in case.goals():
        one = target.goal
        unit = None if one.metric is None else case.unit(one.metric)
        if one.at_least is not None and one.at_least.number <= 0 and _is_never_negative(unit):
            yield _found(target, "at_least", goal=f"at_least: {one.at_least}")
        if one.at_most is not None and unit == PERCENT and _number(one.at_most, unit) == 1:
            yield _found(target, "at_most", goal=f"at_most: {one.at_most}")


def no_change(case: Case) -> Iterator[Finding]:
    for target in case.goals():
        span = _span(case, target.goal)
        if span is None or span[0] == 0:
            continue
        start, end = span
        is_share = case.is_percent(target.goal) and start < 1
        scale = min(abs(start), abs(1 - start)) if is_share else abs(start)
        if abs(end - start) < _SMALLEST_CHANGE * scale:
            yield _found(target, "target", target=target.goal.target, baseline=target.goal.baseline)


def negative_target(case: Case) -> Iterator[Finding]:
    """Beside a number, `-5` is the value five below zero; whoever lowers something may mean five less."""
    for target in case.goals():
        start, end = target.goal.baseline, target.goal.target
        if isinstance(start, Quantity) and isinstance(end, Quantity) and end.number < 0 < start.number:
            yield _found(target, "target", target=end, baseline=start)


def bare_percent(case: Case) -> Iterator[Finding]:
    """A bare 25 for a metric in percent is a hundred times what is meant."""
    for target in case.goals():
        for name, written in bare_numbers(target.goal) if case.is_percent(target.goal) else ():
            is_change = isinstance(written, Change)
            number = written.quantity.number if isinstance(written, Change) else written.number
            if abs(number) > 1:
                percent = f"{number * 100:+g}pp" if is_change else f"{number * 100:g}%"
                meant = f"{written}pp" if is_change else f"{written}%"
                metric = case.written_name(target.goal.metric)
                yield _found(target, name, number=written, percent=percent, meant=meant, metric=metric)


def _finding(objective: Objective, one: KeyResult, field: str, **values: object) -> Finding:
    path = f"key_results.{one.id}.{field}"
    return Finding(one.place(field), path, (one, objective), {"key_result": one.id, **values})


def _found(at: Target, field: str, /, **values: object) -> Finding:
    owners = (at.key_result, at.objective)
    return Finding(at.goal.place(field), f"{at.path}.{field}", owners, values)


def _is_level(case: Case, target: Target) -> bool:
    """Whether a value has a height before the cycle begins.

    A rate or a mean has; a total that does not begin with the cycle, if it is known to have had one. Where no formula
    was read, the unit tells.
    """
    metric = target.goal.metric
    if metric is None or metric in case.facts.accumulating:
        return False
    if metric in case.facts.totals:
        past = case.past(target.key_result)
        return past is not None and bool(past.value)
    unit = case.unit(metric)
    return metric in case.facts.units or (unit is not None and (unit == PERCENT or is_duration(unit)))


def _is_never_negative(unit: str | None) -> bool:
    return unit in _NEVER_NEGATIVE or (unit is not None and is_duration(unit))


def _span(case: Case, one: GoalFields) -> tuple[float, float] | None:
    """Baseline and target as numbers in the metric's unit, where both are written as such."""
    if one.goal_kind is not GoalKind.MOVE or not isinstance(one.baseline, Quantity):
        return None
    if not isinstance(one.target, Quantity) or one.metric is None:
        return None
    unit = case.unit(one.metric)
    baseline, target = _number(one.baseline, unit), _number(one.target, unit)
    return None if baseline is None or target is None else (baseline, target)


def _number(quantity: Quantity, unit: str | None) -> float | None:
    try:
        return quantity.to(unit)
    except UnitError:
        return None
