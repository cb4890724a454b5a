"""Progress: a goal, its values by day and the day make progress, expected progress and a status with its reason.

Pure: no clock, no files, no store. Every status is computed here and carries one sentence that says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from okr_sync.errors import OkrSyncError
from okr_sync.project.cycle import Cycle
from okr_sync.project.model import Ambition, GoalKind, KeyResult, StatusRules
from okr_sync.project.units import PERCENT, Quantity, amount, percent

_NOISE = 1e-9
"""Two floats this close, relative to their size, are one number: 0.9 * 0.3 must count as 90 % of 0.3."""


class Status(StrEnum):
    """How a key result stands. Listed from worst to best: an objective takes the first that one of its own has."""

    MISSED = "missed"
    AT_RISK = "at risk"
    BEHIND = "behind"
    WITHHELD = "withheld"
    """Ranks below every good status: nobody knows whether it still holds."""
    ON_TRACK = "on track"
    ACHIEVED = "achieved"
    NO_DATA = "no data"
    """Outside the ranking: an objective leaves such a key result out and names it."""


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
    unit: str | None = None

    @property
    def needed(self) -> float:
        """The progress from which the goal is achieved."""
        return 0.7 if self.ambition is Ambition.ASPIRATIONAL else 1.0

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
        if _is_equal(value, bound):
            return not self.strict
        return (value - bound) * direction > 0


@dataclass(frozen=True, slots=True)
class Assessment:
    """Where a key result or an objective stands. `progress` is a fraction, or None where nothing is known."""

    progress: float | None
    expected_progress: float
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """One key result of an objective."""

    name: str
    weight: float
    assessment: Assessment


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


def _check(goal: Goal) -> None:
    if goal.target is not None and _is_equal(goal.target, goal.baseline):
        target, baseline = amount(goal.target, goal.unit), amount(goal.baseline, goal.unit)
        raise GoalError(
            f"target {target} equals the baseline {baseline}: there is nothing to move; write another target"
        )
    if goal.low is not None and goal.high is not None and not goal.is_held((goal.low + goal.high) / 2):
        raise GoalError(f"no value is {goal.in_words}; write the lower bound first, and two bounds that differ")


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
    is_over = is_day_over and day >= cycle.end
    plan = _Plan(expected_progress(goal, cycle, day), cycle.clamp(day), cycle.end, is_over)
    known = {day: value for day, value in values.items() if value is not None and math.isfinite(value)}
    if goal.kind is GoalKind.KEEP and known:
        held_count = sum(goal.is_held(value) for value in known.values())
        status = _status(goal, held_count / len(known), plan, rules)
        reason = _days(goal, held_count, len(known), status) + _present(goal, known, values, plan)
        return Assessment(held_count / len(known), plan.expected, status, reason)
    present = known.get(max(values)) if values else None
    if present is None:
        return Assessment(None, plan.expected, Status.NO_DATA, _no_data(values, plan))
    progress = goal.progress(present)
    status = _status(goal, progress, plan, rules)
    reason = _condition(plan, status) if goal.is_condition else _moved(goal, progress, plan, status)
    return Assessment(progress, plan.expected, status, reason)


def withheld(expected: float, reasons: Sequence[str], kept_progress: float | None, kept_on: date | None) -> Assessment:
    """The standing of a key result whose new value failed its gates: the progress of the last trusted day stays.

    `kept_progress` and `kept_on` are None where no value was ever trusted.
    """
    stays = "no earlier value to keep" if kept_on is None else f"the value of {_short(kept_on)} stays"
    return Assessment(kept_progress, expected, Status.WITHHELD, f"{'; '.join(reasons)}; {stays}")


def expected_progress(goal: Goal, cycle: Cycle, day: date) -> float:
    """Where the plan says the goal is at the end of the day, as a fraction.

    - move and reach: linear over the cycle's days, or through the points of `pace` and on to 1 at the cycle's end.
      Points outside the cycle do not count.
    - a condition: 0 until the cycle's last day, then 1; a line would call it late from the first day on
    - keep: 1, since its progress is already a share of the days so far
    """
    if goal.kind is GoalKind.KEEP:
        return 1.0
    if goal.is_condition:
        return 1.0 if day >= cycle.end else 0.0
    points = [(cycle.elapsed(point), share) for point, share in goal.pace if cycle.start <= point <= cycle.end]
    end = [] if points and points[-1][0] == 1.0 else [(1.0, 1.0)]
    return _along([(0.0, 0.0), *points, *end], cycle.elapsed(day))


def assess_objective(parts: Sequence[Part]) -> Assessment:
    """Where an objective stands: the weighted mean of its key results' progress, each clamped to 0..1, and the worst
    of their statuses with its reason.

    A key result without progress is left out of both and named in the reason. A withheld one counts with the progress
    it keeps, and its status ranks between behind and on track.
    """
    known = [part for part in parts if part.assessment.progress is not None]
    left_out = ", ".join(
        f"{part.name} ({part.assessment.status})" for part in parts if part.assessment.progress is None
    )
    expected = _mean([(part.weight, part.assessment.expected_progress) for part in known or parts])
    if not known:
        reason = f"no key result has data: {left_out}" if parts else "it has no key results"
        return Assessment(None, expected, Status.NO_DATA, reason)
    status = min((part.assessment.status for part in known), key=list(Status).index)
    worst = [part for part in known if part.assessment.status is status]
    reason = f"{len(worst)} of {len(parts)} key results {status}: {worst[0].name}: {worst[0].assessment.reason}"
    if left_out:
        reason += f"; left out: {left_out}"
    shares = [(part.weight, part.assessment.progress) for part in known if part.assessment.progress is not None]
    return Assessment(_mean(shares), expected, status, reason)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is expected of a goal at the end of a day of its cycle."""

    expected: float
    day: date
    end: date
    is_over: bool


def _status(goal: Goal, progress: float, plan: _Plan, rules: StatusRules) -> Status:
    """A keep goal is achieved only when its cycle is over: until then every day can still break it."""
    if _reaches(progress, goal.needed) and (goal.kind is not GoalKind.KEEP or plan.is_over):
        return Status.ACHIEVED
    if plan.is_over:
        return Status.MISSED
    if plan.expected == 0:  # no ratio exists: whoever lost nothing is on track
        return Status.ON_TRACK if _reaches(progress, 0) else Status.AT_RISK
    if _reaches(progress, rules.on_track * plan.expected):
        return Status.ON_TRACK
    return Status.BEHIND if _reaches(progress, rules.behind * plan.expected) else Status.AT_RISK


def _moved(goal: Goal, progress: float, plan: _Plan, status: Status) -> str:
    moved = f"progress {percent(progress)}"
    if status is Status.ACHIEVED:
        return f"{moved}, achieved from {percent(goal.needed)}"
    if status is Status.MISSED:
        return f"{moved} at the end of the cycle on {_short(plan.day)}, {percent(goal.needed)} was needed"
    if plan.expected == 0 and status is Status.ON_TRACK:
        return f"{moved}, nothing is expected by {_short(plan.day)} yet"
    return f"{moved} where {percent(plan.expected)} is expected by {_short(plan.day)}"


def _condition(plan: _Plan, status: Status) -> str:
    if status is Status.ACHIEVED:
        return f"the condition holds on {_short(plan.day)}"
    if status is Status.MISSED:
        return f"the condition did not hold at the end of the cycle on {_short(plan.day)}"
    return f"the condition does not hold yet; it is due by {_short(plan.end)}"


def _days(goal: Goal, held_count: int, known_count: int, status: Status) -> str:
    needed = f", {percent(goal.needed)} of them were needed" if status is Status.MISSED else ""
    return f"held on {held_count} of {known_count} days{needed}"


def _present(goal: Goal, known: Mapping[date, float], values: Mapping[date, float | None], plan: _Plan) -> str:
    left_out = f" ({len(values) - len(known)} more without data)" if len(known) < len(values) else ""
    present = known.get(max(values))
    shown = "no value" if present is None else amount(present, goal.unit)
    return f"{left_out}; on {_short(plan.day)} {shown}, allowed {goal.in_words}"


def _no_data(values: Mapping[date, float | None], plan: _Plan) -> str:
    value = values[max(values)] if values else None
    if value is not None:
        return f"the formula gave {value} for {_short(plan.day)}, which is not a number"
    return f"the formula has no result for {_short(plan.day)}: no record counts, or it divides by nothing"


def _along(points: Sequence[tuple[float, float]], position: float) -> float:
    """The height of the line through `points` at `position`, which lies between the first and the last."""
    for (start, low), (end, high) in pairwise(points):
        if position <= end:
            return low + (high - low) * (position - start) / (end - start)
    return points[-1][1]


def _mean(shares: Sequence[tuple[float, float]]) -> float:
    """The mean of (weight, share), each share clamped to 0..1; 0 for none."""
    total = sum(weight for weight, _ in shares)
    return sum(weight * min(1.0, max(0.0, share)) for weight, share in shares) / total if shares else 0.0


def _is_equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_NOISE, abs_tol=_NOISE)


def _reaches(progress: float, bound: float) -> bool:
    return progress >= bound or _is_equal(progress, bound)


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _without_unit(value: float, unit: str | None) -> str:
    """The unit is said once, by the number that follows; a percentage alone would be a hundred times too large."""
    return amount(value, unit if unit == PERCENT else None)
