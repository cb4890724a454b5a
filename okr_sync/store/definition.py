"""What a key result's number rests on, as one text and its hash: another definition, another hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from okr_sync.project.changes import Change
from okr_sync.project.event import Event
from okr_sync.project.goals import GoalFields, Reference
from okr_sync.project.key_result import KeyResult
from okr_sync.project.metric import Metric, View
from okr_sync.project.model import Kpi
from okr_sync.project.units import Quantity
from okr_sync.project.window import Window


@dataclass(frozen=True, slots=True)
class Definition:
    """`text` is JSON with sorted keys; `hash` is its SHA-256 in hex."""

    text: str
    hash: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What a number is made from, as the project has it, each by its name: all that it rests on, and no others."""

    metrics: Mapping[str, Metric]
    events: Mapping[str, Event] = field(default_factory=dict)
    """Those that bound the windows."""
    field_units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By metric or view, the units of the fields that it reads: they decide how its formulas convert."""
    views: Mapping[str, View] = field(default_factory=dict)
    beside: Mapping[str, JsonValue] = field(default_factory=dict)
    """What formulas look up beside their records: what calendars hold."""

    def content(self) -> dict[str, JsonValue]:
        """Parts that came later are left out where there are none: a number that was known before keeps its hash."""
        units = self.field_units
        found: dict[str, JsonValue] = {
            "metrics": {name: _metric(metric, units.get(name)) for name, metric in self.metrics.items()}
        }
        if self.events:
            found["events"] = {name: _event(event) for name, event in self.events.items()}
        if self.views:
            found["views"] = {name: _view(view, units.get(name)) for name, view in self.views.items()}
        if self.beside:
            found["beside"] = dict(self.beside)
        return found


def definition_of(key_result: KeyResult, ground: Ground, carry_over: str | None = None) -> Definition:
    """The definition of `key_result` over its `ground`, which may go on from the cycle `carry_over`.

    The goal, each metric's formula, condition, time, window, stream and units, the events that bound the windows, the
    text, key and units of each view, and the cycle that the objective goes on from are part of it. Names and owners of
    key results, weights, trust gates, tests and descriptions are not: they do not change the number or its status.
    Metrics and views are known by their names, because formulas are written in them.
    """
    content: dict[str, JsonValue] = {"goal": _goal(key_result), "metric": key_result.metric, **ground.content()}
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


def kpi_definition(kpi: Kpi, ground: Ground) -> Definition:
    """The definition of a KPI: its healthy range, and what its number rests on."""
    between = kpi.between or (None, None)
    content: dict[str, JsonValue] = {
        "range": {
            "at_least": _value(kpi.at_least),
            "at_most": _value(kpi.at_most),
            "between": [_value(bound) for bound in between],
            "strict": kpi.strict,
        },
        "metric": kpi.metric,
        **ground.content(),
    }
    return _written(content)


def initiative_definition(stream: str, where: str | None, done: str) -> Definition:
    """The definition of an initiative's completion: its records, and when one of them is done."""
    return _written({"stream": stream, "where": where and where.strip(), "done": done.strip()})


def _written(content: JsonValue) -> Definition:
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
    if metric.only is not None:
        known["only"] = {metric.only.field: list(metric.only.values)}
    return known | {
        "value": metric.value.strip(),
        "stream": metric.stream,
        "where": metric.where and metric.where.strip(),
        "time": metric.time,
        "window": None if metric.time is None else str(metric.window or Window()),
        "unit": metric.unit,
    }


def _view(view: View, field_units: Mapping[str, str] | None) -> list[JsonValue]:
    known: list[JsonValue] = [dict(field_units)] if field_units else []
    return [view.select.strip(), *view.key_fields, *known]


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
