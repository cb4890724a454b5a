"""A project made ready to work with: its connectors, streams, compiled formulas and goals. Nothing here uses a network.

Streams are taken as they landed, where they did, and else as their connectors declare them: before the first sync,
some types, or all fields of a stream, may be unknown, and formulas over them are checked again once they are known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from okr_sync.connector import Connector, Context, Field, FieldType, Stream, utc_now
from okr_sync.errors import OkrSyncError, Problem, ProjectError, nearest
from okr_sync.formula import (
    CompiledCondition,
    CompiledEvent,
    CompiledMetric,
    CompiledView,
    compile_condition,
    compile_events,
    compile_filter,
    compile_metrics,
    compile_views,
    streams_read,
    unknown_stream,
    views_below,
    with_events,
    with_versions,
)
from okr_sync.measure import Lookups, stream_names_below, streams_below
from okr_sync.measure.beside import check_streams, helpers_of, read_lookups, streams_beside
from okr_sync.progress import Goal, goal_of
from okr_sync.project.load import load
from okr_sync.project.model import KeyResult, Objective, Project, Source
from okr_sync.project.units import UnitError
from okr_sync.store import Definition, definition_of
from okr_sync.sync import SourcePlan
from okr_sync.warehouse import SourceLog, Warehouse

ENTRY_POINTS = "okr_sync.connectors"


class MissingVariableError(OkrSyncError):
    """The environment lacks a variable that a source's settings name."""


@dataclass(frozen=True)
class Workspace:
    """A checked project. Streams and metrics are keyed as formulas name them: `jira.issues`, `late_projects`."""

    project: Project
    connectors: Mapping[str, Connector]
    warehouse: Warehouse
    streams: Mapping[str, Stream]
    landed: Mapping[str, Stream]
    metrics: Mapping[str, CompiledMetric]
    goals: Mapping[str, Goal]
    conditions: Mapping[str, CompiledCondition]
    lookups: Lookups
    clock: Callable[[], datetime]
    views: Mapping[str, CompiledView] = field(default_factory=dict)

    @cached_property
    def relations(self) -> dict[str, Stream]:
        """What `stream:` of a metric may name: streams, their versions, and views."""
        return relations(self.streams, self.views)

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """What each key result's number rests on."""
        return {
            one.id: self._definition(objective, one)
            for objective in self.project.objectives
            for one in objective.key_results
        }

    def _definition(self, objective: Objective, key_result: KeyResult) -> Definition:
        below = self.metrics_below([key_result])
        metrics = {name: metric.metric for name, metric in below.items()}
        events = {event.name: event.event for metric in below.values() for event in metric.events}
        views = {view.name: view.view for metric in below.values() for view in metric.views}
        beside = self.lookups.content(below.values())
        return definition_of(key_result, metrics, events, objective.carry_over, views, beside)

    def on(self, day: date) -> Workspace:
        """The same without the objectives of other times that have ids of those that run on `day`, and without those
        that share ids among themselves: after this an id names one thing."""
        project = self.project.on(day)
        if len(project.objectives) == len(self.project.objectives):
            return self
        goals, conditions = _goals(project.objectives, self.metrics)
        return replace(self, project=project, goals=goals, conditions=conditions)

    def inputs(self, key_result: KeyResult) -> tuple[str, ...]:
        """The metrics that the key result names itself."""
        return (key_result.metric,) if key_result.metric is not None else self.conditions[key_result.id].inputs

    def metrics_below(self, key_results: Iterable[KeyResult]) -> dict[str, CompiledMetric]:
        """Every metric that the key results rest on, inputs before what rests on them."""
        found: dict[str, CompiledMetric] = {}
        for name in (name for one in key_results for name in self.inputs(one)):
            self._add_below(name, found)
        return found

    def _add_below(self, name: str, found: dict[str, CompiledMetric]) -> None:
        if name not in found:
            for lower in self.metrics[name].inputs:
                self._add_below(lower, found)
            found[name] = self.metrics[name]

    def streams_read(self, key_result: KeyResult) -> list[str]:
        """The streams that the key result's formulas read, and those of the events that bound its windows."""
        return sorted({stream for name in self.inputs(key_result) for stream in self.streams_below(name)})

    def streams_below(self, metric: str) -> set[str]:
        """The streams that a metric rests on: of its records, its events, its calendars and its exchange rates."""
        over_streams = streams_below(metric, self.metrics)
        beside = {name for one in over_streams for name in streams_beside(one, self.project.settings)}
        return {*stream_names_below(metric, self.metrics), *beside}

    def streams_below_view(self, name: str) -> dict[str, frozenset[str]]:
        """By stream, the fields that a view and those below it read."""
        return streams_read({name: frozenset()}, views_below([name], self.views))

    def relation_of(self, metric: CompiledMetric) -> Stream:
        """What the metric runs over: its stream as it landed, the versions of that, or a view."""
        name = metric.stream or ""
        return self.landed.get(name) or self.relations[name]

    def plans(self, only: Iterable[str] = ()) -> list[SourcePlan]:
        """What to sync of each source, or of those in `only`: streams that are configured or that a formula reads;
        every usual one where the project names none.

        Raises:
            OkrSyncError: `only` names a source that the project does not have.
            MissingVariableError: the environment lacks a variable of a source.
        """
        sources = self.sources(only)
        require_variables(sources)
        return [self.plan(source) for source in sources]

    def sources(self, only: Iterable[str] = ()) -> list[Source]:
        """The sources named in `only`, or all.

        Raises:
            OkrSyncError: `only` names a source that the project does not have.
        """
        names = list(only) or list(self.project.sources)
        for name in names:
            if name not in self.project.sources:
                raise OkrSyncError(f"there is no source {name!r} in the project{nearest(name, self.project.sources)}")
        return [self.project.sources[name] for name in names]

    def plan(self, source: Source) -> SourcePlan:
        """What to sync of one source."""
        offered = [name.split(".", 1)[1] for name in self.streams if name.startswith(f"{source.name}.")]
        configured = getattr(source.settings, "streams", None)
        settings = source.settings.model_dump(mode="json")  # secrets dump as asterisks
        own = settings.pop("streams", None) or {}
        zone = self.project.zone.key  # times and days without a zone are read in it
        named = source.settings.model_dump(include={"streams"}, exclude_unset=True).get("streams") or {}
        wanted = [name for name in offered if name in named or name in self._read_streams(source.name)]
        usual = [name for name in offered if not self.streams[f"{source.name}.{name}"].is_extra]
        return SourcePlan(
            source.name,
            self.connectors[source.name],
            {name: _digest([zone, settings, own.get(name) if configured else None]) for name in wanted or usual},
        )

    def _read_streams(self, source: str) -> set[str]:
        names = {stream for metric in self.metrics for stream in self.streams_below(metric)}
        return {name.split(".", 1)[1] for name in names if name.startswith(f"{source}.")}


def open_workspace(folder: Path, clock: Callable[[], datetime] = utc_now) -> Workspace:
    """Load and check everything that can be checked without a source.

    Raises:
        ProjectError: the project's files are wrong; all problems at once.
        MissingVariableError: the address of store or warehouse names a variable that is not set.
    """
    installed = installed_connectors()
    project = load(folder, installed)
    _require(f"okr-sync.yaml: the environment variable {name} is not set" for name in project.missing_variables)
    connectors = {
        name: installed[source.connector](source.settings, Context(name, project.folder, project.zone, clock))
        for name, source in project.sources.items()
    }
    warehouse = Warehouse(project.settings.warehouse, project.folder, project.zone)
    landed = _landed(project, warehouse)
    streams = {
        f"{source}.{stream.name}": _as_known(stream, landed.get(f"{source}.{stream.name}"))
        for source, connector in connectors.items()
        for stream in connector.declared_streams()
    }
    views = compile_views(project.views, with_versions(streams))
    metrics = _metrics(project, streams, views)
    _check_initiatives(project.objectives, streams)
    goals, conditions = _goals(project.objectives, metrics)
    check_streams(project.settings, streams)
    lookups = read_lookups(project, warehouse, landed, metrics.values())
    return Workspace(project, connectors, warehouse, streams, landed, metrics, goals, conditions, lookups, clock, views)


def _metrics(
    project: Project, streams: Mapping[str, Stream], views: Mapping[str, CompiledView]
) -> dict[str, CompiledMetric]:
    """The metrics with their events, or the problems of both."""
    problems: list[Problem] = []
    metrics: dict[str, CompiledMetric] = {}
    events: dict[str, CompiledEvent] = {}
    try:
        metrics = compile_metrics(
            project.metrics, relations(streams, views), views, helpers=helpers_of(project.settings)
        )
    except ProjectError as error:
        problems.extend(error.problems)
    try:
        events = compile_events(project.events, streams)
    except ProjectError as error:
        problems.extend(error.problems)
    if problems:
        raise ProjectError(problems)
    return with_events(metrics, events)


def after_sync(workspace: Workspace) -> Workspace:
    """The same project, checked anew where a sync told more of its streams than was known.

    What formulas look up is read again in any case: a sync may have brought new exchange rates.

    Raises:
        ProjectError: a formula does not fit what the streams turned out to hold.
    """
    if _landed(workspace.project, workspace.warehouse) == workspace.landed:
        metrics = workspace.metrics.values()
        lookups = read_lookups(workspace.project, workspace.warehouse, workspace.landed, metrics)
        return replace(workspace, lookups=lookups)
    return open_workspace(workspace.project.folder, workspace.clock)


class InstalledConnectors(Mapping[str, type[Connector]]):
    """Connectors by name. One is imported when it is asked for: a project uses few of them."""

    def __init__(self, points: Mapping[str, EntryPoint]) -> None:
        self._points = points

    def __getitem__(self, name: str) -> type[Connector]:
        """Raises OkrSyncError where the connector's package is broken."""
        point = self._points[name]
        try:
            loaded: type[Connector] = point.load()
        except Exception as error:
            package = "okr-sync" if point.dist is None else point.dist.name
            raise OkrSyncError(
                f"connector {name!r} cannot be loaded from {point.value}: {type(error).__name__}: {error};"
                f" install its package {package!r} again"
            ) from error
        return loaded

    def __contains__(self, name: object) -> bool:
        return name in self._points

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


def installed_connectors() -> Mapping[str, type[Connector]]:
    """The connectors of this installation, found by their entry points."""
    return InstalledConnectors({point.name: point for point in entry_points(group=ENTRY_POINTS)})


def require_variables(sources: Iterable[Source]) -> None:
    """Refuse to go on while the environment lacks what the sources' settings name.

    Raises:
        MissingVariableError: names every missing variable and where it is used.
    """
    _require(
        f"{source.place}: source {source.name}: the environment variable {variable} is not set"
        for source in sources
        for variable in source.missing_variables
    )


def _require(missing: Iterable[str]) -> None:
    lines = list(missing)
    if lines:
        raise MissingVariableError("\n".join([*lines, "Set it in the shell that runs okr-sync, then try again."]))


def relations(streams: Mapping[str, Stream], views: Mapping[str, CompiledView]) -> dict[str, Stream]:
    """Streams, their versions and views, by the names under which formulas read them."""
    return {**with_versions(streams), **{name: view.relation for name, view in views.items()}}


def _landed(project: Project, warehouse: Warehouse) -> dict[str, Stream]:
    return {
        f"{source}.{stream.name}": stream
        for source in project.sources
        for stream in SourceLog(warehouse, source).streams()
    }


def _as_known(declared: Stream, landed: Stream | None) -> Stream:
    """What the project declares, with the types, and where it leaves them open the fields, that landed."""
    if landed is None:
        return declared
    fields = [_typed(field, landed.field(field.name)) for field in declared.fields]
    if declared.is_open:
        fields += [field for field in landed.fields if declared.field(field.name) is None]
    return replace(declared.with_fields(fields), description=landed.description)


def _typed(declared: Field, landed: Field | None) -> Field:
    if declared.type is not FieldType.UNKNOWN or landed is None:
        return declared
    return replace(declared, type=landed.type)


def _check_initiatives(objectives: Iterable[Objective], streams: Mapping[str, Stream]) -> None:
    """Initiatives are work that is named, not measured; what they name must exist all the same."""
    problems: list[Problem] = []
    for one in (one for objective in objectives for one in objective.initiatives):
        if one.stream is None:
            continue
        if one.stream not in streams:
            place = str(one.place("stream"))
            problems.append(Problem(place, "initiatives.stream", unknown_stream(one.stream, streams)))
        elif one.where is not None:
            try:
                compile_filter(one.where, one.stream, streams[one.stream], one.place("where"), "initiatives.where")
            except ProjectError as error:
                problems.extend(error.problems)
    if problems:
        raise ProjectError(problems)


def _goals(
    objectives: Iterable[Objective], metrics: Mapping[str, CompiledMetric]
) -> tuple[dict[str, Goal], dict[str, CompiledCondition]]:
    goals: dict[str, Goal] = {}
    conditions: dict[str, CompiledCondition] = {}
    problems: list[Problem] = []
    for key_result in (one for objective in objectives for one in objective.key_results):
        try:
            if key_result.done is not None:
                conditions[key_result.id] = compile_condition(
                    key_result.done, metrics, key_result.place("done"), f"key_results.{key_result.id}.done"
                )
            unit = None if key_result.metric is None else metrics[key_result.metric].unit
            goals[key_result.id] = goal_of(key_result, unit)
        except ProjectError as error:
            problems.extend(error.problems)
        except (UnitError, OkrSyncError) as error:
            problems.append(Problem(str(key_result.place()), f"key_results.{key_result.id}", str(error)))
    if problems:
        raise ProjectError(problems)
    return goals, conditions


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
