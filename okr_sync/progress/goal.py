"""A goal with its numbers, and what a value means for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from okr_sync.errors import OkrSyncError
from okr_sync.progress.numbers import is_equal
from okr_sync.project.model import Ambition, GoalKind
from okr_sync.project.units import PERCENT, amount

GOOD_FROM = {Ambition.COMMITTED: 1.0, Ambition.ASPIRATIONAL: 0.7}
"""The progress from which a goal is achieved."""


class GoalError(OkrSyncError, ValueError):
    """A goal that no value could ever reach, or that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with its numbers in the metric's unit.

    - move: from `baseline` to `target`
    - reach: `target` counted from a baseline of 0, or `target` None: a condition whose value is 0.0 or 1.0
    - keep: from `low` to `high`, None where that side is open
    """

    kind: GoalKind
    baseline: float = 0.0
    target: float | None = None
    low: float | None = None
    high: float | None = None
    strict: bool = False
    ambition: Ambition = Ambition.COMMITTED
    pace: tuple[tuple[date, float], ...] = ()
    """Expected progress as fractions at the end of given days, in their order."""
    expected_at_start: float = 0.0
    """What is expected as the cycle begins: of an objective that goes on from another cycle, what was reached there."""
    unit: str | None = None

    @property
    def needed(self) -> float:
        """The progress from which the goal is achieved."""
        return GOOD_FROM[self.ambition]

    @property
    def is_condition(self) -> bool:
        return self.kind is GoalKind.REACH and self.target is None

    @property
    def in_words(self) -> str:
        """As people read it: `from 30 to 45`, `at most 2 hours`, `between 1 and 2, both excluded`, `done`."""
        if self.target is not None:
            return f"from {amount(self.baseline, self.unit)} to {amount(self.target, self.unit)}"
        low = None if self.low is None else amount(self.low, self.unit)
        high = None if self.high is None else amount(self.high, self.unit)
        if low is not None and high is not None:
            return f"between {low} and {high}{', both excluded' if self.strict else ''}"
        if high is not None:
            return f"{'less than' if self.strict else 'at most'} {high}"
        return "done" if low is None else f"{'more than' if self.strict else 'at least'} {low}"

    @property
    def in_short(self) -> str:
        """For a column of a table: `25 % → 10 %`, `30 → 45 points`, `≤ 2 hours`, `1 to 2 hours`, `done`."""
        if self.target is not None:
            return f"{_without_unit(self.baseline, self.unit)} → {amount(self.target, self.unit)}"
        if self.low is not None and self.high is not None:
            low, high = _without_unit(self.low, self.unit), amount(self.high, self.unit)
            return f"> {low}, < {high}" if self.strict else f"{low} to {high}"
        if self.high is not None:
            return f"{'<' if self.strict else '≤'} {amount(self.high, self.unit)}"
        return "done" if self.low is None else f"{'>' if self.strict else '≥'} {amount(self.low, self.unit)}"

    def progress(self, value: float) -> float:
        """How far along `value` is: 0 at the baseline, 1 at the target, unclamped. A keep goal counts days instead."""
        if self.target is None:
            return value
        return (value - self.baseline) / (self.target - self.baseline)

    def is_held(self, value: float) -> bool:
        """Whether `value` lies within the bounds of a keep goal. A value at a bound holds unless the goal is strict."""
        return self._is_inside(value, self.low, 1) and self._is_inside(value, self.high, -1)

    def _is_inside(self, value: float, bound: float | None, direction: int) -> bool:
        if bound is None:
            return True
        if is_equal(value, bound):
            return not self.strict
        return (value - bound) * direction > 0


def _without_unit(value: float, unit: str | None) -> str:
    """The unit is said once, by the number that follows; a percentage alone would be a hundred times too large."""
    return amount(value, unit if unit == PERCENT else None)
