"""What a key result's number rests on, as one text and its hash: another definition, another hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from okr_sync.project.event import Event
from okr_sync.project.model import KeyResult, Kpi, Metric
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
) -> Definition:
    """The definition of `key_result` over `metrics`: all those it rests on, by name, and no others.

    The goal, each metric's formula, condition, time, window, stream and unit, the events that bound the windows, and
    the cycle that the objective goes on from are part of it. Names and owners of
    key results, weights, trust gates, tests and descriptions are not: they do not change the number or its status.
    Metrics are known by their names, because formulas are written in them.
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
    return _written(content)


def roll_up_definition(key_result: KeyResult, members: Mapping[str, tuple[float, Definition]]) -> Definition:
    """The definition of a template that is judged by its members: how, and each one's weight and definition by id."""
    content: JsonValue = {
        "roll_up": None if key_result.roll_up is None else key_result.roll_up.value,
        "ambition": key_result.ambition.value,
        "members": {name: [weight, definition.hash] for name, (weight, definition) in members.items()},
    }
    return _written(content)


def kpi_definition(kpi: Kpi, metrics: Mapping[str, Metric], events: Mapping[str, Event] | None = None) -> Definition:
    """The definition of a KPI over `metrics` and `events`: its healthy range, and what its number rests on."""
    between = kpi.between or (None, None)
    content: dict[str, JsonValue] = {
        "range": {
            "at_least": _quantity(kpi.at_least),
            "at_most": _quantity(kpi.at_most),
            "between": [_quantity(bound) for bound in between],
            "strict": kpi.strict,
        },
        "metric": kpi.metric,
        "metrics": {name: _metric(metric) for name, metric in metrics.items()},
    }
    if events:
        content["events"] = {name: _event(event) for name, event in events.items()}
    return _written(content)


def initiative_definition(stream: str, where: str | None, done: str) -> Definition:
    """The definition of an initiative's completion: its records, and when one of them is done."""
    return _written({"stream": stream, "where": where and where.strip(), "done": done.strip()})


def _written(content: JsonValue) -> Definition:
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
    only = metric.only
    restriction: dict[str, JsonValue] = {} if only is None else {"only": {only.field: list(only.values)}}
    return restriction | {
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
