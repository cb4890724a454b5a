"""A goal with its numbers, and what a value means for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from okr_sync.errors import OkrSyncError
from okr_sync.progress.numbers import is_equal, reaches
from okr_sync.project.goals import Ambition, GoalKind
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
    - milestones, all of: `parts`; its value is how many of them are met, its target how many there are
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
    planned: tuple[tuple[date, float], ...] = ()
    """Values expected at the end of given days, in their order."""
    is_total: bool = False
    """Whether the value adds up from 0 in every cycle, and the baseline is that of a whole cycle."""
    unit: str | None = None
    parts: tuple[GoalPart, ...] = ()
    """The milestones in their order, or the goals that must all be met."""

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
        if self.kind is GoalKind.MILESTONES:
            return f"milestones: {', '.join(part.in_words for part in self.parts)}"
        if self.parts:
            return ", and ".join(part.in_words for part in self.parts)
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
        if self.kind is GoalKind.MILESTONES:
            return f"{len(self.parts)} milestone{'' if len(self.parts) == 1 else 's'}"
        if self.parts:
            return " and ".join(part.goal.in_short for part in self.parts)
        if self.target is not None:
            return f"{without_unit(self.baseline, self.unit)} → {amount(self.target, self.unit)}"
        if self.low is not None and self.high is not None:
            low, high = without_unit(self.low, self.unit), amount(self.high, self.unit)
            return f"> {low}, < {high}" if self.strict else f"{low} to {high}"
        if self.high is not None:
            return f"{'<' if self.strict else '≤'} {amount(self.high, self.unit)}"
        return "done" if self.low is None else f"{'>' if self.strict else '≥'} {amount(self.low, self.unit)}"

    def progress(self, value: float, elapsed: float = 1.0) -> float:
        """How far along `value` is: 0 at the baseline, 1 at the target, unclamped. A keep goal counts days instead,
        milestones their weights, and several goals stand where the one furthest behind does.

        A total is compared with as much of its baseline as its cycle has `elapsed`, from 0 to 1: what it is ahead by.
        """
        if self.target is None:
            return value
        start = self.baseline * elapsed if self.is_total else self.baseline
        return (value - start) / (self.target - self.baseline)

    def is_settled(self, value: float) -> bool:
        """Whether `value` stays as good as it is while the cycle goes on: of a total that is to fall, it does not, and
        one that is to rise must have come as far as it needs."""
        if not self.is_total or self.target is None:
            return True
        return self.target > self.baseline and reaches(self.progress(value), self.needed)

    def is_held(self, value: float) -> bool:
        """Whether `value` lies within the bounds of a keep goal. A value at a bound holds unless the goal is strict."""
        return self._is_inside(value, self.low, 1) and self._is_inside(value, self.high, -1)

    def _is_inside(self, value: float, bound: float | None, direction: int) -> bool:
        if bound is None:
            return True
        if is_equal(value, bound):
            return not self.strict
        return (value - bound) * direction > 0


@dataclass(frozen=True, slots=True)
class GoalPart:
    """One of the goals, or of the milestones, that a key result is made of."""

    label: str
    """What people read: the milestone's name, or the part's own or its metric's."""
    goal: Goal
    weight: float = 1.0
    due: date | None = None
    """The day at whose end a milestone is expected, where its project names one."""

    @property
    def in_words(self) -> str:
        if not self.goal.is_condition:
            return f"{self.label} {self.goal.in_words}"
        return self.label if self.due is None else f"{self.label} by {self.due.day} {self.due:%b}"


def without_unit(value: float, unit: str | None) -> str:
    """The unit is said once, by the number that follows; a percentage alone would be a hundred times too large."""
    return amount(value, unit if unit == PERCENT else None)
