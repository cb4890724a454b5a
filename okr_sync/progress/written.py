"""From the goal as it is written to its numbers in the unit of the metric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from okr_sync.progress import measured
from okr_sync.progress.expected import expected_progress
from okr_sync.progress.goal import Goal, GoalError, GoalPart
from okr_sync.progress.numbers import is_equal, reaches
from okr_sync.project.changes import Change
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import Ambition, GoalFields, GoalKind, Reference, planned
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Kpi
from okr_sync.project.units import PERCENT, Quantity, amount


@dataclass(frozen=True, slots=True)
class WrittenGoal:
    """The goal of a key result as its project says it, checked as far as that goes before anything is measured."""

    key_result: KeyResult
    units: tuple[str | None, ...]
    """Of the metrics of `key_result.goals`, in their order."""
    totals: tuple[bool, ...]
    """Which of them add up from 0 in every cycle."""
    numeric: Goal | None
    """With its numbers; None where a baseline is still to be measured."""
    expected_at_start: float = 0.0
    """What is expected as the cycle begins: of an objective that goes on from another cycle, what was reached there."""

    @property
    def kind(self) -> GoalKind:
        return self.key_result.goal_kind

    @property
    def unit(self) -> str | None:
        """Of the key result's own value; how many parts or milestones are met has none."""
        return None if self.key_result.all_of is not None or not self.units else self.units[0]

    @property
    def is_judged_by_day(self) -> bool:
        """Whether the values of all days so far count, and not the present one alone."""
        return any(one.goal_kind is GoalKind.KEEP for one in self.key_result.goals)

    @property
    def references(self) -> tuple[Reference | None, ...]:
        """The baselines that are to be measured, for each of `key_result.goals`."""
        return tuple(one.reference for one in self.key_result.goals)

    @property
    def in_words(self) -> str:
        """As people read it; a baseline that is to be measured goes by its name."""
        if self.numeric is not None:
            return self.key_result.done or self.numeric.in_words
        texts = self._each(measured.in_words, lambda goal: goal.in_words)
        if self.key_result.all_of is None:
            return texts[0]
        return ", and ".join(f"{one.label} {text}" for one, text in zip(self.key_result.all_of, texts, strict=True))

    @property
    def in_short(self) -> str:
        """For a column of a table."""
        if self.numeric is not None:
            return self.key_result.done or self.numeric.in_short
        return " and ".join(self._each(measured.in_short, lambda goal: goal.in_short))

    def _each(self, still_open: Callable[[GoalFields, str | None], str], known: Callable[[Goal], str]) -> list[str]:
        pairs = zip(self.key_result.goals, self.units, strict=True)
        return [still_open(one, unit) if one.reference else known(goal_of(one, unit)) for one, unit in pairs]

    def with_baselines(self, baselines: Sequence[float | None]) -> Goal:
        """The goal with its numbers, given what was measured for each of `references` that is not None.

        Raises:
            GoalError: a measured baseline leaves nothing to move, or the values planned by day do not lie between it
                and the target.
        """
        goal = self.numeric
        if goal is None:
            goal = _goal(self.key_result, list(zip(self.units, baselines, self.totals, strict=True)))
        return replace(goal, expected_at_start=self.expected_at_start)

    def expected_progress(self, cycle: Cycle, day: date) -> float:
        """Where the plan is on the day, also where a baseline could not be measured."""
        goals = [self.numeric] if self.numeric is not None else map(measured.stand_in, self.key_result.goals)
        expected = [replace(goal, expected_at_start=self.expected_at_start) for goal in goals]
        return min(expected_progress(goal, cycle, day) for goal in expected)


def written_goal(
    key_result: KeyResult, units: Sequence[str | None], totals: Sequence[bool] | None = None
) -> WrittenGoal:
    """The goal of `key_result`, each of whose `goals` passed `check_goal`.

    `units` are those of their metrics; `totals` says which of these add up from 0 in every cycle: none unless given.
    """
    totals = [False] * len(units) if totals is None else totals
    is_open = any(one.reference is not None for one in key_result.goals)
    numeric = None if is_open else _goal(key_result, [(unit, None, False) for unit in units])
    return WrittenGoal(key_result, tuple(units), tuple(totals), numeric)


def check_goal(fields: GoalFields, unit: str | None) -> None:
    """What can be said of a goal on a metric in `unit` before anything is measured.

    Raises:
        UnitError: a quantity or a change does not fit the unit.
        GoalError: the numbers make no goal.
    """
    if fields.reference is None:
        goal_of(fields, unit)
    else:
        measured.check_units(fields, unit)


def goal_of(fields: GoalFields, unit: str | None, baseline: float | None = None, *, is_total: bool = False) -> Goal:
    """The goal of `fields`, whose metric is in `unit`; where its baseline is a reference, `baseline` was measured.

    A metric that is a total of the cycle is compared with that of the cycle before only as far as the cycle has come.

    Raises:
        UnitError: a quantity or a change does not fit the unit.
        GoalError: the numbers make no goal: target equal to baseline, a range that holds nothing, or planned values
            that do not lead from the baseline to the target.
    """
    if isinstance(fields.baseline, Quantity):
        baseline = fields.baseline.to(unit)
    start = 0.0 if baseline is None else baseline
    low, high = fields.between or (fields.at_least, fields.at_most)
    goal = Goal(
        kind=fields.goal_kind,
        baseline=start,
        target=None if fields.target is None else _number(fields.as_meant(fields.target), start, unit),
        low=None if low is None else low.to(unit),
        high=None if high is None else high.to(unit),
        strict=fields.strict,
        ambition=fields.ambition if isinstance(fields, KeyResult) else Ambition.COMMITTED,
        pace=tuple((day, point.to(PERCENT)) for day, point in sorted((fields.pace or {}).items())),
        unit=unit,
        is_total=is_total and fields.reference is Reference.PREVIOUS_CYCLE,
    )
    _check(goal)
    return replace(goal, planned=_planned(goal, fields)) if fields.by else goal


def _goal(key_result: KeyResult, measures: Sequence[tuple[str | None, float | None, bool]]) -> Goal:
    """`measures` has the unit, the measured baseline and whether it is a total, for the metric of each goal."""
    ambition = key_result.ambition
    if key_result.milestones is not None:
        condition = Goal(GoalKind.REACH)
        parts = tuple(GoalPart(one.name, condition, one.weight, one.by) for one in key_result.milestones)
        return Goal(GoalKind.MILESTONES, target=float(len(parts)), ambition=ambition, parts=parts)
    if key_result.all_of is not None:
        goals = [
            replace(goal_of(fields, unit, baseline, is_total=is_total), ambition=ambition)
            for fields, (unit, baseline, is_total) in zip(key_result.all_of, measures, strict=True)
        ]
        parts = tuple(GoalPart(one.label, goal) for one, goal in zip(key_result.all_of, goals, strict=True))
        return Goal(GoalKind.ALL_OF, target=float(len(parts)), ambition=ambition, parts=parts)
    if key_result.done is not None:
        return Goal(GoalKind.REACH, ambition=ambition)
    unit, baseline, is_total = measures[0]
    return goal_of(key_result, unit, baseline, is_total=is_total)


def _number(meant: Quantity | Change, baseline: float, unit: str | None) -> float:
    return meant.to(unit) if isinstance(meant, Quantity) else meant.from_(baseline, unit)


def _planned(goal: Goal, fields: GoalFields) -> tuple[tuple[date, float], ...]:
    """The values planned by day, in the order of days.

    Raises:
        GoalError: a value lies off the way from the baseline, or of a total from 0, to the target, or behind an
            earlier one.
    """
    values = {day: _number(value, goal.baseline, goal.unit) for day, value in planned(fields).items()}
    way = replace(goal, baseline=0.0, is_total=False) if goal.is_total else goal
    for day, value in values.items():
        if not reaches(way.progress(value), 0) or not reaches(1, way.progress(value)):
            raise GoalError(
                f"{amount(value, goal.unit)} by {day} is not on the way {way.in_words}; write values between the two"
            )
    for (before, earlier), (after, later) in pairwise(values.items()):
        if not reaches(way.progress(later), way.progress(earlier)):
            raise GoalError(
                f"{amount(later, goal.unit)} by {after} goes back from {amount(earlier, goal.unit)} by {before},"
                f" on the way {way.in_words}; write values that lead to the target"
            )
    return tuple(values.items())


def written_goal_of_roll_up(template: KeyResult) -> WrittenGoal:
    """The goal of a template that is judged by its members: its value is the progress they make together."""
    goal = Goal(GoalKind.REACH, target=1.0, ambition=template.ambition, unit=PERCENT)
    return WrittenGoal(template, (PERCENT,), (False,), goal)


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
