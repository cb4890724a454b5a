"""What a key result's number rests on, as one text and its hash: another definition, another hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from okr_sync.project.event import Event
from okr_sync.project.model import KeyResult, Metric, View
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
    views: Mapping[str, View] | None = None,
    beside: Mapping[str, JsonValue] | None = None,
) -> Definition:
    """The definition of `key_result` over `metrics` and `views`: all those it rests on, by name, and no others.

    The goal, each metric's formula, condition, time, window, stream and unit, the events that bound the windows, the
    text and key of each view, and the cycle that the objective goes on from are part of it. Names and owners of
    key results, weights, trust gates, tests and descriptions are not: they do not change the number or its status.
    Metrics and views are known by their names, because formulas are written in them. `beside` is what formulas look up
    beside their records: what calendars hold.
    """
    content: dict[str, JsonValue] = {
        "goal": _goal(key_result),
        "metric": key_result.metric,
        "metrics": {name: _metric(metric) for name, metric in metrics.items()},
    }
    if events:
        content["events"] = {name: _event(event) for name, event in events.items()}
    if carry_over is not None:
        content["carry_over"] = carry_over
    if views:
        content["views"] = {name: [view.select.strip(), *view.key_fields] for name, view in views.items()}
    if beside:
        content["beside"] = dict(beside)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Definition(text, hashlib.sha256(text.encode()).hexdigest())


def _goal(key_result: KeyResult) -> dict[str, JsonValue]:
    between = key_result.between or (None, None)
    return {
        "baseline": _quantity(key_result.baseline),
        "target": _quantity(key_result.target),
        "at_least": _quantity(key_result.at_least),
        "at_most": _quantity(key_result.at_most),
        "between": [_quantity(bound) for bound in between],
        "strict": key_result.strict,
        "done": key_result.done and key_result.done.strip(),
        "ambition": key_result.ambition.value,
        "pace": {day.isoformat(): _quantity(share) for day, share in (key_result.pace or {}).items()},
    }


def _metric(metric: Metric) -> dict[str, JsonValue]:
    return {
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


def _quantity(quantity: Quantity | None) -> JsonValue:
    return None if quantity is None else [quantity.number, quantity.unit]
