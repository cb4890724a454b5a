"""What a key result's number rests on, as one text and its hash: another definition, another hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from okr_sync.project.changes import Change
from okr_sync.project.event import Event
from okr_sync.project.goals import GoalFields, Reference
from okr_sync.project.model import KeyResult, Metric
from okr_sync.project.units import Quantity
from okr_sync.project.window import Window


@dataclass(frozen=True, slots=True)
class Definition:
    """`text` is JSON with sorted keys; `hash` is its SHA-256 in hex."""

    text: str
    hash: str


def definition_of(
    key_result: KeyResult,
    metrics: Mapping[str, Metric],
    events: Mapping[str, Event] | None = None,
    carry_over: str | None = None,
    field_units: Mapping[str, Mapping[str, str]] | None = None,
) -> Definition:
    """The definition of `key_result` over `metrics`: all those it rests on, by name, and no others.

    `field_units` holds, by metric, the units of the fields that it reads: they decide how its formula converts.

    The goal, each metric's formula, condition, time, window, stream and units, the events that bound the windows, and
    the cycle that the objective goes on from are part of it. Names and owners of
    key results, weights, trust gates, tests and descriptions are not: they do not change the number or its status.
    Metrics are known by their names, because formulas are written in them.
    """
    content: dict[str, JsonValue] = {
        "goal": _goal(key_result),
        "metric": key_result.metric,
        "metrics": {name: _metric(metric, (field_units or {}).get(name)) for name, metric in metrics.items()},
    }
    if events:
        content["events"] = {name: _event(event) for name, event in events.items()}
    if carry_over is not None:
        content["carry_over"] = carry_over
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Definition(text, hashlib.sha256(text.encode()).hexdigest())


def _goal(key_result: KeyResult) -> dict[str, JsonValue]:
    """Fields that came later are left out where they are not written: a goal that was known before keeps its hash."""
    content = _on_one_metric(key_result)
    content["done"] = key_result.done and key_result.done.strip()
    content["ambition"] = key_result.ambition.value
    if key_result.milestones is not None:
        content["milestones"] = [
            [one.done.strip(), one.weight, None if one.by is None else one.by.isoformat()]
            for one in key_result.milestones
        ]
    if key_result.all_of is not None:
        content["all_of"] = [{"metric": one.metric, **_on_one_metric(one)} for one in key_result.all_of]
    return content


def _on_one_metric(goal: GoalFields) -> dict[str, JsonValue]:
    between = goal.between or (None, None)
    by: JsonValue = {day.isoformat(): _value(value) for day, value in (goal.by or {}).items()}
    return {
        "baseline": _value(goal.baseline),
        "target": _value(goal.target),
        "at_least": _value(goal.at_least),
        "at_most": _value(goal.at_most),
        "between": [_value(bound) for bound in between],
        "strict": goal.strict,
        "pace": {day.isoformat(): _value(share) for day, share in (goal.pace or {}).items()},
        **({"by": by} if by else {}),
    }


def _metric(metric: Metric, field_units: Mapping[str, str] | None) -> dict[str, JsonValue]:
    known: dict[str, JsonValue] = {"field_units": dict(field_units)} if field_units else {}
    return known | {
        "value": metric.value.strip(),
        "stream": metric.stream,
        "where": metric.where and metric.where.strip(),
        "time": metric.time,
        "window": None if metric.time is None else str(metric.window or Window()),
        "unit": metric.unit,
    }


def _event(event: Event) -> dict[str, JsonValue]:
    return {
        "at": None if event.at is None else event.at.isoformat(),
        "stream": event.stream,
        "where": event.where and event.where.strip(),
        "value": event.value and event.value.strip(),
    }


def _value(written: Quantity | Change | Reference | None) -> JsonValue:
    """As numbers, since numbers that differ may print alike."""
    if isinstance(written, Quantity):
        return [written.number, written.unit]
    if isinstance(written, Change):
        return [written.kind.value, written.quantity.number, written.quantity.unit]
    return None if written is None else written.value
