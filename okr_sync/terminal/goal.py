"""A goal in few characters, for a column of a table."""

from __future__ import annotations

from okr_sync.progress import amount
from okr_sync.project.units import PERCENT
from okr_sync.report import KeyResultReport

_SIGNS = {"at least": "≥", "more than": ">", "at most": "≤", "less than": "<"}


def short_goal(one: KeyResultReport) -> str:
    """`25 % → 10 %`, `30 → 45 points`, `≤ 2 hours`, `1 to 2 hours`; a condition as it was written."""
    if one.target is None:
        return one.goal
    if isinstance(one.target, tuple):
        low, high = one.target
        return f"{_without_unit(low, one.unit)} to {amount(high, one.unit)}"
    sign = next((sign for words, sign in _SIGNS.items() if one.goal.startswith(words)), None)
    if sign is not None:
        return f"{sign} {amount(one.target, one.unit)}"
    baseline = 0.0 if one.baseline is None else one.baseline
    return f"{_without_unit(baseline, one.unit)} → {amount(one.target, one.unit)}"


def _without_unit(value: float, unit: str | None) -> str:
    """The unit is said once, by the number that follows; a percentage alone would be a hundred times too large."""
    return amount(value, unit if unit == PERCENT else None)
