"""The formulas of events -> compiled events, and the metrics whose windows they bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from okr_sync.connector import Stream
from okr_sync.errors import Problem, ProjectError
from okr_sync.formula.compiled import CompiledEvent, CompiledMetric
from okr_sync.formula.pipeline import EVENT, WHERE, Passage, read
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import names_in, scope_of_aggregates, scope_of_records
from okr_sync.formula.view.unknown import unknown_stream
from okr_sync.project.event import Event


def compile_events(events: Mapping[str, Event], streams: Mapping[str, Stream]) -> dict[str, CompiledEvent]:
    """Every event. `streams` is keyed `source.stream`.

    Raises:
        ProjectError: all the problems of all the formulas, in the order of `events`.
    """
    problems: list[Problem] = []
    compiled = {}
    for name, event in events.items():
        try:
            compiled[name] = _compile(name, event, streams)
        except ProjectError as error:
            problems.extend(error.problems)
    if problems:
        raise ProjectError(problems)
    return compiled


def with_events(
    metrics: Mapping[str, CompiledMetric], events: Mapping[str, CompiledEvent]
) -> dict[str, CompiledMetric]:
    """The metrics, each with the events that bound its window; `okr_sync.project.rules` has seen to it that all are."""
    return {
        name: replace(metric, events=tuple(events[event] for event in metric.window.events))
        for name, metric in metrics.items()
    }


def _compile(name: str, event: Event, streams: Mapping[str, Stream]) -> CompiledEvent:
    if event.stream is None or event.value is None:
        return CompiledEvent(name, event)
    if event.stream not in streams:
        message = unknown_stream(event.stream, streams)
        raise ProjectError([Problem(str(event.place("stream")), f"events.{name}.stream", message)])
    stream, problems, trees = streams[event.stream], [], {}
    parts = {
        "value": (event.value, scope_of_aggregates(event.stream, stream), EVENT),
        "where": (event.where, scope_of_records(event.stream, stream), WHERE),
    }
    for part, (text, scope, result) in parts.items():
        try:
            trees[part] = None if text is None else read(text, scope, result)
        except Refused as refused:
            problems.append(Passage(text or "", str(event.place(part)), f"events.{name}.{part}").problem(refused))
    value = trees.get("value")
    if problems or value is None:
        raise ProjectError(problems)
    where = trees["where"]
    return CompiledEvent(name, event, frozenset(names_in(value, where)), value, where)
