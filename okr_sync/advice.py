"""What the rules of the OKR method may know of a project beyond its files: units, kinds of metrics, what has landed.

Asks no source, and reads nothing of the store: what has landed is enough to say what a metric was before the cycle.
"""

from __future__ import annotations

from collections.abc import Sequence

from okr_sync.formula import accumulates, is_total
from okr_sync.measure import AsOf, Values, measure
from okr_sync.outcome import readable
from okr_sync.progress import Goal, WrittenGoal
from okr_sync.project.goals import GoalKind
from okr_sync.project.key_result import KeyResult
from okr_sync.project.lint import Facts, Key, Past, key_of
from okr_sync.project.units import amount
from okr_sync.workspace import Workspace


def facts_of(workspace: Workspace) -> Facts:
    """Everything that is known offline."""
    metrics = workspace.metrics
    totals = frozenset(name for name in metrics if is_total(name, metrics))
    now = workspace.clock()
    today = now.astimezone(workspace.project.zone).date()
    running = workspace.on(today)
    past: dict[Key, Past] = {}
    for day in AsOf.each(running.project, today, now):
        past |= _past(running, day)
    return Facts(
        units={name: metric.unit for name, metric in metrics.items()},
        totals=totals,
        accumulating=frozenset(name for name in totals if accumulates(name, metrics)),
        past=past,
    )


def _past(workspace: Workspace, day: AsOf) -> dict[Key, Past]:
    """What the metrics of the cycle's key results were at the end of the cycle before."""
    before = day.before_cycle()
    objectives = workspace.project.objectives_in(day.cycle)
    measured = [one for objective in objectives for one in objective.key_results if one.metric is not None]
    values = _values(workspace, measured, before)
    found = {}
    for one in measured:
        value = values.get(one.metric or "")
        if value is not None and value.record_count > 0:
            met_with = _met_with(workspace.goals[one.id], value.value)
            found[key_of(one)] = Past(before.cycle.name, value.value, value.record_count, met_with)
    return found


def _values(workspace: Workspace, key_results: Sequence[KeyResult], day: AsOf) -> Values:
    metrics = workspace.metrics_below(key_results)
    fields = readable(workspace, metrics)
    if not fields:
        return {}
    with workspace.warehouse.history(workspace.landed, fields) as history:
        (values,) = measure(metrics, history, [day], workspace.lookups)
    return values


def _met_with(goal: WrittenGoal, value: float | None) -> str | None:
    return amount(value, goal.unit) if value is not None and _is_met(goal.numeric, value) else None


def _is_met(goal: Goal | None, value: float) -> bool:
    """Whether a target was reached; what is to be kept may well have been kept before."""
    if goal is None or goal.target is None or goal.kind not in (GoalKind.MOVE, GoalKind.REACH):
        return False
    return goal.progress(value) >= 1
