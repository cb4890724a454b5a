"""Every place of a project at which one thing rests on another, read from what was compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from okr_sync.formula import (
    DEFAULT_CALENDAR,
    SPAN,
    CompiledEvent,
    CompiledMetric,
    CompiledView,
    calendars_in,
    compared_by,
    compared_in,
    compile_filter,
    names_in,
    origins,
    targets_in,
    versions_below,
)
from okr_sync.impact.thing import Comparison, Kind, Thing, Use
from okr_sync.measure.beside import SCHEDULE
from okr_sync.measure.rates import COLUMNS
from okr_sync.project.key_result import KeyResult
from okr_sync.project.located import Located
from okr_sync.project.model import Initiative, Objective
from okr_sync.workspace import Workspace

DEFAULT_CALENDAR_NAME = "calendar"
RATES = Thing(Kind.RATES, "exchange_rates")


def uses_of(workspace: Workspace) -> list[Use]:
    """Those of a project in which an id names one thing: `Workspace.on`."""
    return [
        *(use for view in workspace.views.values() for use in _of_view(workspace, view)),
        *_of_calendars(workspace),
        *(use for event in _events(workspace) for use in _of_event(workspace, event)),
        *(use for metric in workspace.metrics.values() for use in _of_metric(workspace, metric)),
        *_of_initiatives(workspace),
        *(
            Use(Thing(Kind.KPI, name), Thing(Kind.METRIC, kpi.metric), "metric", kpi.metric, str(kpi.place("metric")))
            for name, kpi in workspace.project.kpis.items()
        ),
        *(
            use
            for objective in workspace.project.objectives
            for one in objective.key_results
            for use in _of_key_result(workspace, one)
        ),
    ]


def initiative_of(objective: Objective, one: Initiative) -> Thing:
    return Thing(Kind.INITIATIVE, f"{objective.id}: {one.name}")


def calendar_of(name: str) -> Thing:
    return Thing(Kind.CALENDAR, DEFAULT_CALENDAR_NAME if name == DEFAULT_CALENDAR else name)


def _relation(workspace: Workspace, name: str, fields: Iterable[str]) -> tuple[Thing, frozenset[str]]:
    """What `stream:` names, and its own fields: of versions, the stream below."""
    if name in workspace.views:
        return Thing(Kind.VIEW, name), frozenset(fields)
    below = versions_below(name)
    own = frozenset(fields) if below is None else frozenset(fields) - set(SPAN)
    return Thing(Kind.STREAM, below or name), own


def _compared(workspace: Workspace, relation: str, pairs: Iterable[tuple[str, str]]) -> frozenset[Comparison]:
    return frozenset((*origin, text) for field, text in pairs for origin in origins(relation, field, workspace.views))


def _over(workspace: Workspace, by: Thing, written: Located, relation: str, parts: dict[str, Any]) -> Iterator[Use]:
    """What stands over a stream or a view: by part, its text and its formula."""
    of, _ = _relation(workspace, relation, ())
    yield Use(by, of, "stream", relation, str(written.place("stream")))
    for part, (text, tree) in parts.items():
        if text is not None and tree is not None:
            fields = _relation(workspace, relation, names_in(tree))[1]
            compared = _compared(workspace, relation, compared_in(tree))
            yield Use(by, of, part, one_line(text), str(written.place(part)), fields, compared)


def _of_view(workspace: Workspace, view: CompiledView) -> Iterator[Use]:
    by, place, text = Thing(Kind.VIEW, view.name), str(view.view.place("select")), one_line(view.view.select)
    compared = compared_by(view, workspace.views)
    for name, fields in view.reads.items():
        of, own = _relation(workspace, name, fields)
        yield Use(by, of, "select", text, place, own, compared)


def _of_calendars(workspace: Workspace) -> Iterator[Use]:
    settings = workspace.project.settings
    default = {} if settings.calendar is None else {DEFAULT_CALENDAR: settings.calendar}
    for name, one in {**default, **settings.calendars}.items():
        if one.schedule is not None:
            of, fields = _relation(workspace, one.schedule, SCHEDULE)
            yield Use(calendar_of(name), of, "schedule", one.schedule, str(one.place("schedule")), fields)
    rates = settings.exchange_rates
    if rates is not None and rates.stream is not None:
        of, fields = _relation(workspace, rates.stream, COLUMNS)
        yield Use(RATES, of, "stream", rates.stream, str(rates.place("stream")), fields)


def _events(workspace: Workspace) -> list[CompiledEvent]:
    return list({event.name: event for metric in workspace.metrics.values() for event in metric.events}.values())


def _of_event(workspace: Workspace, event: CompiledEvent) -> Iterator[Use]:
    if event.stream is not None:
        parts = {
            "where": (event.event.where, event.where_tree),
            "value": (event.event.value, event.value_tree),
        }
        yield from _over(workspace, Thing(Kind.EVENT, event.name), event.event, event.stream, parts)


def _of_metric(workspace: Workspace, metric: CompiledMetric) -> Iterator[Use]:
    by, written = Thing(Kind.METRIC, metric.name), metric.metric
    if metric.stream is None:
        whole, place = one_line(written.value), str(written.place("value"))
        yield from (Use(by, Thing(Kind.METRIC, name), "value", whole, place) for name in metric.inputs)
        return
    as_written = workspace.metrics[written.base] if written.base is not None else metric
    parts = {
        "where": (written.where, as_written.where_tree),
        "time": (written.time, metric.time_tree),
        "value": (written.value, metric.value_tree),
    }
    yield from _over(workspace, by, written, metric.stream, parts)
    if written.only is not None:
        of, fields = _relation(workspace, metric.stream, [written.only.field])
        values = [_literal(one) for one in written.only.values]
        compared = _compared(workspace, metric.stream, [(written.only.field, one) for one in values])
        yield Use(by, of, "for_each", written.only.field, str(written.only.place), fields, compared)
    for event in metric.events:
        yield Use(by, Thing(Kind.EVENT, event.name), "window", f"from {event.name}", str(written.place("window")))
    for part, (formula, tree) in parts.items():
        for of in () if tree is None else _beside(tree):
            yield Use(by, of, part, one_line(formula or ""), str(written.place(part)))


def _beside(tree: Any) -> list[Thing]:
    """The calendars and the rates that a formula looks into."""
    return [*map(calendar_of, sorted(calendars_in(tree))), *([RATES] if targets_in(tree) else [])]


def _of_initiatives(workspace: Workspace) -> Iterator[Use]:
    for objective in workspace.project.objectives:
        for one in objective.initiatives:
            if one.stream is not None:
                conditions = {"where": one.where, "done": one.done}
                stream = workspace.streams[one.stream]
                trees = {
                    part: (text, compile_filter(text, one.stream, stream, one.place(part), part).tree)
                    for part, text in conditions.items()
                    if text is not None
                }
                yield from _over(workspace, initiative_of(objective, one), one, one.stream, trees)


def _of_key_result(workspace: Workspace, one: KeyResult) -> Iterator[Use]:
    by = Thing(Kind.KEY_RESULT, one.id)
    if one.is_judged_by_members:
        for member in workspace.members[one.id]:
            text = f"{one.roll_up} of {len(workspace.members[one.id])}"
            yield Use(by, Thing(Kind.KEY_RESULT, member.id), "for_each", text, str(one.place("for_each")))
        return
    for goal in one.goals:
        if goal.metric is not None:
            of = Thing(Kind.METRIC, goal.metric)
            yield Use(by, of, "metric", _as_written(workspace, goal.metric), str(goal.place("metric")))
            if goal.reference is not None:
                yield Use(by, of, "baseline", goal.reference.value, str(goal.place("baseline")))
    for (place, field, text), condition in zip(one.conditions, workspace.conditions.get(one.id, ()), strict=False):
        for name in condition.inputs:
            yield Use(by, Thing(Kind.METRIC, name), field, one_line(text), str(place))


def _as_written(workspace: Workspace, metric: str) -> str:
    return workspace.metrics[metric].metric.base or metric


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def one_line(text: str) -> str:
    return " ".join(text.split())
