"""Formulas and progress with the numbers in them: `100 * (45 - 12) / 80 = 41.25 points`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from okr_sync.explaining.explanation import Explanation
from okr_sync.formula import CompiledMetric, figures_of
from okr_sync.project.goals import GoalKind
from okr_sync.project.units import NUMBER, PERCENT, amount, percent

_BARE = (None, NUMBER, "count")


def formula_in_numbers(metric: CompiledMetric, explanation: Explanation) -> str | None:
    """The metric's formula with each of its figures, and what it gives; `None` where it is one figure by itself."""
    figures = figures_of(metric)
    numbers = figures_in_numbers(metric, explanation)
    if numbers is None or (len(figures.each) == 1 and figures.tree is figures.each[0].tree):
        return None
    zone = explanation.as_of.zone
    shown = {one.name: number_text(numbers[one.name], one.unit, zone) for one in figures.each}
    value = explanation.values[metric.name].value
    gives = ": no data" if value is None else f" = {amount(value, metric.unit)}"
    return figures.in_numbers(shown, number_text(explanation.as_of.as_of, None, zone)) + gives


def figures_in_numbers(metric: CompiledMetric, explanation: Explanation) -> Mapping[str, object] | None:
    """By figure, what it is; `None` where that was not measured."""
    if metric.stream is None:
        return {name: explanation.values[name].value for name in metric.inputs}
    return next((one.figures for one in explanation.evidence if one.metric == metric.name), None)


def progress_in_numbers(explanation: Explanation) -> str | None:
    """How progress follows from the stored value: `(12.5 % - 25 %) / (10 % - 25 %) = 83 %`; `None` where it does not:
    days or parts are counted, or nothing was published."""
    report, kind = explanation.report, explanation.key_result.goal_kind
    target = report.target
    if kind not in (GoalKind.MOVE, GoalKind.REACH) or report.value is None or report.progress is None:
        return None
    start = report.baseline or 0.0
    if not isinstance(target, float) or target == start:
        return None

    def text(value: float) -> str:
        return number_text(value, report.unit, explanation.as_of.zone)

    gives = f" = {percent(report.progress)}"
    if start == 0.0:
        return f"{text(report.value)} / {text(target)}{gives}"
    under = f"({text(target)} - {text(start)})"
    if math.isclose((report.value - start) / (target - start), report.progress, rel_tol=1e-9, abs_tol=1e-9):
        return f"({text(report.value)} - {text(start)}) / {under}{gives}"
    by_now = report.value - report.progress * (target - start)  # of a total, as much of its baseline as is due
    due = amount(by_now, report.unit)
    return f"({text(report.value)} - {due}) / {under}{gives}; {due} of the baseline is due by now"


def number_text(value: object, unit: str | None, zone: ZoneInfo) -> str:
    """A number with ten digits, enough to calculate with by hand, and its unit; a time in the project's zone."""
    if value is None:
        return "no data"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date) or not isinstance(value, int | float):
        return str(value)
    shown = value * 100 if unit == PERCENT else value
    whole = f"{shown:,.0f}" if float(shown).is_integer() and abs(shown) < 1e15 else f"{shown:,.10g}"
    if unit == PERCENT:
        return f"{whole} %"
    return whole if unit in _BARE else f"{whole} {unit}"


def difference_text(change: float, unit: str | None) -> str:
    """`+3 hours`, `-1.786 pp`: percentages differ by points of percent."""
    text = amount(abs(change), unit)
    sign = "+" if change > 0 else "-" if change < 0 else ""
    return sign + (f"{text.removesuffix(' %')} pp" if unit == PERCENT else text)
