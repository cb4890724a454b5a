"""Rules about key results and their goals."""

from __future__ import annotations

from collections.abc import Iterator

from okr_sync.project.lint.activity import activity_in, direction_of
from okr_sync.project.lint.rule import Case, Finding
from okr_sync.project.model import GoalKind, KeyResult, Objective
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
    for objective, one in case.key_results():
        if one.target is not None and one.baseline is None and _is_level(case, one):
            yield _finding(objective, one, "target", metric=one.metric, target=one.target)


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
    for objective, one in case.key_results():
        unit = None if one.metric is None else case.unit(one.metric)
        if one.at_least is not None and one.at_least.number <= 0 and _is_never_negative(unit):
            yield _finding(objective, one, "at_least", goal=f"at_least: {one.at_least}")
        if one.at_most is not None and unit == PERCENT and _number(one.at_most, unit) == 1:
            yield _finding(objective, one, "at_most", goal=f"at_most: {one.at_most}")


def no_change(case: Case) -> Iterator[Finding]:
    for objective, one in case.key_results():
        span = _span(case, one)
        if span is None or span[0] == 0:
            continue
        baseline, target = span
        scale = min(abs(baseline), abs(1 - baseline)) if case.is_percent(one) and baseline < 1 else abs(baseline)
        if abs(target - baseline) < _SMALLEST_CHANGE * scale:
            yield _finding(objective, one, "target", target=one.target, baseline=one.baseline)


def bare_percent(case: Case) -> Iterator[Finding]:
    """A bare 25 for a metric in percent is a hundred times what is meant."""
    for objective, one in case.key_results():
        if not case.is_percent(one):
            continue
        for name, quantity in _quantities(one):
            if quantity.unit is None and abs(quantity.number) > 1:
                percent = f"{quantity.number * 100:g}%"
                yield _finding(objective, one, name, number=quantity, percent=percent, metric=one.metric)


def _finding(objective: Objective, one: KeyResult, field: str, **values: object) -> Finding:
    path = f"key_results.{one.id}.{field}"
    return Finding(one.place(field), path, (one, objective), {"key_result": one.id, **values})


def _is_level(case: Case, one: KeyResult) -> bool:
    """Whether a value has a height before the cycle begins.

    A rate or a mean has; a total that does not begin with the cycle, if it is known to have had one. Where no formula
    was read, the unit tells.
    """
    if one.metric is None or one.metric in case.facts.accumulating:
        return False
    if one.metric in case.facts.totals:
        past = case.past(one)
        return past is not None and bool(past.value)
    unit = case.unit(one.metric)
    return one.metric in case.facts.units or (unit is not None and (unit == PERCENT or is_duration(unit)))


def _is_never_negative(unit: str | None) -> bool:
    return unit in _NEVER_NEGATIVE or (unit is not None and is_duration(unit))


def _span(case: Case, one: KeyResult) -> tuple[float, float] | None:
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


def _quantities(one: KeyResult) -> Iterator[tuple[str, Quantity]]:
    """The numbers of a goal, by the fields they are written in."""
    low, high = one.between or (None, None)
    written = {"baseline": one.baseline, "target": one.target, "at_least": one.at_least, "at_most": one.at_most}
    fields = [*written.items(), ("between", low), ("between", high)]
    return ((name, quantity) for name, quantity in fields if isinstance(quantity, Quantity))
