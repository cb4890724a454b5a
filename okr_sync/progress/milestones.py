"""Where a key result of milestones stands: what is done, what is next and what is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from okr_sync.progress import reasons
from okr_sync.progress.due import due_days
from okr_sync.progress.goal import Goal
from okr_sync.progress.plan import Plan, status_of
from okr_sync.progress.standing import Assessment, Status
from okr_sync.project.cycle import Cycle
from okr_sync.project.settings import StatusRules


def assess_milestones(
    goal: Goal, held: Sequence[float | None], cycle: Cycle, plan: Plan, rules: StatusRules
) -> Assessment:
    """Progress is the weight of the milestones whose condition holds, of the weight of all.

    Each is judged by itself and as things are on the day: one that comes true before those above it counts, and one
    that no longer holds does not. `held` has 1.0, 0.0 or None for each of them, in order.
    """
    unknown = [part.label for part, value in zip(goal.parts, held, strict=True) if value is None]
    if unknown:
        return Assessment(None, plan.expected, Status.NO_DATA, _unknown(unknown, plan))
    done_weight = sum(part.weight for part, value in zip(goal.parts, held, strict=True) if value)
    progress = done_weight / sum(part.weight for part in goal.parts)
    status = status_of(goal, progress, plan, rules)
    steps = [
        _Step(part.label, bool(value), due)
        for part, value, due in zip(goal.parts, held, due_days(goal, cycle), strict=True)
    ]
    reason = reasons.of_progress(goal, progress, plan, status) + _told(steps, plan)
    return Assessment(progress, plan.expected, status, reason)


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    is_done: bool
    due: date


def _told(steps: Sequence[_Step], plan: Plan) -> str:
    """`; done: A, B; late: C, due by 31 Oct; next: D by 15 Dec`."""
    done = [one.label for one in steps if one.is_done]
    late = [one for one in steps if not one.is_done and plan.is_past(one.due)]
    ahead = [one for one in steps if not one.is_done and not plan.is_past(one.due)]
    text = f"; done: {', '.join(done) or 'none'}"
    if late:
        text += f"; late: {', '.join(f'{one.label}, due by {reasons.short(one.due)}' for one in late)}"
    return text + (f"; next: {ahead[0].label} by {reasons.short(ahead[0].due)}" if ahead else "")


def _unknown(labels: Sequence[str], plan: Plan) -> str:
    named = ", ".join(labels)
    return f"no data for {named} on {reasons.short(plan.day)}: a metric in its condition has no value"
