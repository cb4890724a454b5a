"""Where a key result stands that must meet several goals together.

Goals to keep are judged together by day: a day holds when all of them hold, and a day on which one has no value counts
for none. They and each of the other goals then stand somewhere, and the key result stands where the one furthest behind
does: the worst status, and of several with that one the least progress.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from okr_sync.progress import reasons
from okr_sync.progress.assess import assess, finite
from okr_sync.progress.goal import Goal, GoalPart
from okr_sync.progress.numbers import reaches
from okr_sync.progress.plan import Plan, status_of
from okr_sync.progress.standing import Assessment, Status
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.settings import StatusRules
from okr_sync.project.units import amount

Days = Mapping[date, float | None]


def assess_all_of(
    goal: Goal, values: Sequence[Days], cycle: Cycle, day: date, rules: StatusRules, *, is_day_over: bool = True
) -> Assessment:
    """Where `goal` stands, given the values by day of each of its parts, as `assess` takes them."""
    pairs = [_Measured(part, days) for part, days in zip(goal.parts, values, strict=True)]
    kept = [one for one in pairs if one.part.goal.kind is GoalKind.KEEP]
    found: list[tuple[str, Assessment]] = []
    if len(kept) > 1:
        joint = Goal(GoalKind.KEEP, ambition=goal.ambition)
        found.append(("", _together(kept, Plan.on(joint, cycle, day, is_day_over), joint, rules)))
    for one in pairs:
        if len(kept) == 1 or one not in kept:
            standing = assess(one.part.goal, one.days, cycle, day, rules, is_day_over=is_day_over)
            found.append((f"{one.part.label}: ", standing))
    missing = [label + one.reason for label, one in found if one.status is Status.NO_DATA]
    if missing:
        return Assessment(None, Plan.on(goal, cycle, day, is_day_over).expected, Status.NO_DATA, "; ".join(missing))
    label, worst = min(found, key=lambda one: _distance(one[1]))
    if len(found) == 1:
        return worst
    plan = Plan.on(goal, cycle, day, is_day_over)
    reason = f"{label}{worst.reason}; {_met(pairs, plan)}"
    return Assessment(worst.progress, worst.expected_progress, worst.status, reason)


def met_count(goal: Goal, values: Sequence[float | None]) -> float | None:
    """How many parts are met at present: the value of a key result of several goals, or of milestones.

    None where a part has no value, since nobody knows then.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if len(known) < len(values):
        return None
    return float(sum(is_met(part.goal, value) for part, value in zip(goal.parts, known, strict=True)))


def is_met(goal: Goal, value: float) -> bool:
    """Whether one goal is met at present: within its bounds, or as far along as it needs."""
    return goal.is_held(value) if goal.kind is GoalKind.KEEP else reaches(goal.progress(value), goal.needed)


@dataclass(frozen=True, slots=True)
class _Measured:
    part: GoalPart
    days: Days

    @property
    def present(self) -> float | None:
        return finite(self.days).get(max(self.days)) if self.days else None

    def shown(self) -> str:
        """`csat 91 %, allowed at least 95 %`"""
        value, goal = self.present, self.part.goal
        if value is None:
            return f"{self.part.label} has no value"
        wanted = f"allowed {goal.in_words}" if goal.kind is GoalKind.KEEP else f"on the way {goal.in_words}"
        return f"{self.part.label} {amount(value, goal.unit)}, {wanted}"


def _together(kept: Sequence[_Measured], plan: Plan, joint: Goal, rules: StatusRules) -> Assessment:
    known = [finite(one.days) for one in kept]
    every = {day for one in kept for day in one.days}
    days = sorted(set.intersection(*(set(one) for one in known)))
    if not days:
        return Assessment(None, plan.expected, Status.NO_DATA, _never(kept, plan))
    held_count = sum(
        all(one.part.goal.is_held(values[day]) for one, values in zip(kept, known, strict=True)) for day in days
    )
    progress = held_count / len(days)
    status = status_of(joint, progress, plan, rules)
    left_out = f" ({len(every) - len(days)} more without data)" if len(days) < len(every) else ""
    reason = f"together {reasons.of_days(joint, held_count, len(days), status)}{left_out}; {_met(kept, plan)}"
    return Assessment(progress, plan.expected, status, reason)


def _never(kept: Sequence[_Measured], plan: Plan) -> str:
    empty = [one for one in kept if not finite(one.days)]
    if not empty:
        return f"there is no day on which {' and '.join(one.part.label for one in kept)} have values together"
    return "; ".join(f"{one.part.label}: {reasons.of_no_data(one.days, plan)}" for one in empty)


def _met(pairs: Sequence[_Measured], plan: Plan) -> str:
    """`on 15 Feb 1 of 2 are met: csat 91 %, allowed at least 95 %`: those that are not, each with its value."""
    values = [(one, one.present) for one in pairs]
    others = [one.shown() for one, value in values if value is None or not is_met(one.part.goal, value)]
    count = f"on {reasons.short(plan.day)} {len(pairs) - len(others)} of {len(pairs)} are met"
    return f"{count}: {'; '.join(others)}" if others else count


def _distance(standing: Assessment) -> tuple[int, float]:
    return list(Status).index(standing.status), standing.progress or 0.0
