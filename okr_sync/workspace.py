"""A project made ready to work with: its connectors, streams, compiled formulas and goals. Nothing here uses a network.

Streams are taken as they landed, where they did, and else as their connectors declare them: before the first sync,
some types, or all fields of a stream, may be unknown, and formulas over them are checked again once they are known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from okr_sync.completions import CompletionKey, compile_completions
from okr_sync.connector import USUAL_TIMEOUT, Connector, Context, Stream, utc_now
from okr_sync.errors import OkrSyncError, Problem, ProjectError, nearest
from okr_sync.formula import (
    CompiledCompletion,
    CompiledCondition,
    CompiledEvent,
    CompiledMetric,
    CompiledView,
    compile_events,
    compile_metrics,
    compile_views,
    streams_read,
    views_below,
    with_events,
    with_versions,
)
from okr_sync.goals import compile_goals, compile_ranges
from okr_sync.installed import installed_connectors
from okr_sync.known_streams import known_streams, landed_streams, relations
from okr_sync.measure import AsOf, Lookups, Values, measure, stream_names_below, streams_below
from okr_sync.measure.beside import check_streams, fields_beside, helpers_of, read_lookups, streams_beside
from okr_sync.measure.writable import check_dialect
from okr_sync.progress import Goal, WrittenGoal
from okr_sync.project.field_units import UNITS
from okr_sync.project.key_result import KeyResult
from okr_sync.project.load import Files, load
from okr_sync.project.model import Objective, Project, Source
from okr_sync.store import Definition, Ground, definition_of, kpi_definition, roll_up_definition
from okr_sync.sync import SourcePlan
from okr_sync.warehouse import History, Warehouse, open_warehouse


class MissingVariableError(OkrSyncError):
    """The environment lacks a variable that a source's settings name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The warehouse as it was at one moment, opened for the computation of many days."""

    history: History
    past: dict[frozenset[str], dict[AsOf, Values]] = field(default_factory=dict)
    """The values of days that are over, by the metrics that were measured together."""


@dataclass(frozen=True)
class Workspace:
    """A checked project. Streams and metrics are keyed as formulas name them: `jira.issues`, `late_projects`."""

    project: Project
    connectors: Mapping[str, Connector]
    warehouse: Warehouse
    streams: Mapping[str, Stream]
    landed: Mapping[str, Stream]
    metrics: Mapping[str, CompiledMetric]
    goals: Mapping[str, WrittenGoal]
    conditions: Mapping[str, tuple[CompiledCondition, ...]]
    """Of the key results that are made of conditions, in the order of `KeyResult.conditions`."""
    ranges: Mapping[str, Goal]
    """By KPI, the range in which it is healthy."""
    completions: Mapping[CompletionKey, CompiledCompletion]
    """The initiatives whose records are counted."""
    lookups: Lookups
    clock: Callable[[], datetime]
    views: Mapping[str, CompiledView] = field(default_factory=dict)
    reading: Reading | None = None
    """What was opened once for many days: `reading_once`."""
    known_at: datetime | None = None
    """Nothing counts that landed or was stored after this instant: `known_by`. `None`: everything counts."""

    @property
    def today(self) -> date:
        """The day that it is in the project's zone."""
        return self.clock().astimezone(self.project.zone).date()

    @contextmanager
    def history(self, fields: Mapping[str, Collection[str]]) -> Iterator[History]:
        """The streams named in `fields`, opened for reading with these fields."""
        if self.reading is not None:
            yield self.reading.history.only(fields)
        else:
            with self.warehouse.history(self.landed, fields, self.known_at) as history:
                yield history

    def past_values(
        self, metrics: Mapping[str, CompiledMetric], history: History, days: Sequence[AsOf]
    ) -> dict[AsOf, Values]:
        """The values of days that are over; of a reading of many days, each is measured once."""
        known = {} if self.reading is None else self.reading.past.setdefault(frozenset(metrics), {})
        missing = [day for day in days if day not in known]
        known.update(zip(missing, measure(metrics, history, missing, self.lookups), strict=True))
        return {day: known[day] for day in days}

    @cached_property
    def relations(self) -> dict[str, Stream]:
        """What `stream:` of a metric may name: streams, their versions, and views."""
        return relations(self.streams, self.views)

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """What each key result's number rests on."""
        found: dict[str, Definition] = {}
        for objective in self.project.objectives:
            for one in objective.key_results:
                if not one.is_judged_by_members:
                    found[one.id] = self._definition(objective, one)
            for one in objective.key_results:
                if one.is_judged_by_members:
                    members = {each.id: (each.weight, found[each.id]) for each in objective.members(one.id)}
                    found[one.id] = roll_up_definition(one, members)
        return found

    @cached_property
    def members(self) -> dict[str, tuple[KeyResult, ...]]:
        """By template, the key results that were made from it."""
        templates = [
            (each, one) for each in self.project.objectives for one in each.counted if one.for_each is not None
        ]
        return {one.id: tuple(objective.members(one.id)) for objective, one in templates}

    def _definition(self, objective: Objective, key_result: KeyResult) -> Definition:
        return definition_of(key_result, self._ground(self.metrics_below([key_result])), objective.carry_over)

    def _ground(self, below: Mapping[str, CompiledMetric]) -> Ground:
        views = {view.name: view for metric in below.values() for view in metric.views}
        of_metrics = {name: metric.field_units for name, metric in below.items()}
        return Ground(
            metrics={name: metric.metric for name, metric in below.items()},
            events={event.name: event.event for metric in below.values() for event in metric.events},
            field_units=of_metrics | {name: view.field_units for name, view in views.items()},
            views={name: view.view for name, view in views.items()},
            beside=self.lookups.content(below.values()),
        )

    def on(self, day: date) -> Workspace:
        """The same without the objectives of other times that have ids of those that run on `day`, and without those
        that share ids among themselves: after this an id names one thing."""
        project = self.project.on(day)
        if len(project.objectives) == len(self.project.objectives):
            return self
        goals, conditions = compile_goals(project.objectives, self.metrics)
        return replace(self, project=project, goals=goals, conditions=conditions)

    def known_by(self, instant: datetime) -> Workspace:
        """The same at an earlier instant: its clock stands there, and nothing counts that came later. Definitions, and
        calendars and rates that are written in files, are the present ones."""
        metrics = self.metrics.values()
        lookups = read_lookups(self.project, self.warehouse, self.landed, metrics, instant)
        return replace(self, known_at=instant, lookups=lookups, clock=lambda: instant)

    def inputs(self, key_result: KeyResult) -> tuple[str, ...]:
        """The metrics that the key result names itself; of a template that is judged by its members, theirs."""
        if key_result.is_judged_by_members:
            return tuple(name for one in self.members[key_result.id] for name in self.inputs(one))
        conditions = self.conditions.get(key_result.id, ())
        return tuple(dict.fromkeys([*key_result.metric_names, *(name for one in conditions for name in one.inputs)]))

    def goal_in_short(self, key_result: KeyResult) -> str:
        """For a column of a table: the condition as written, `mean of 3`, or the goal's numbers."""
        return self._as_roll_up(key_result) or self.goals[key_result.id].in_short

    def goal_in_words(self, key_result: KeyResult) -> str:
        """As people read it in a sentence."""
        return self._as_roll_up(key_result) or self.goals[key_result.id].in_words

    def _as_roll_up(self, key_result: KeyResult) -> str | None:
        if not key_result.is_judged_by_members:
            return None
        return f"{key_result.roll_up} of {len(self.members[key_result.id])}"

    def metrics_below(self, key_results: Iterable[KeyResult]) -> dict[str, CompiledMetric]:
        """Every metric that the key results rest on, inputs before what rests on them."""
        return self.metrics_of(name for one in key_results for name in self.inputs(one))

    def metrics_of(self, names: Iterable[str]) -> dict[str, CompiledMetric]:
        """These metrics and every one below, inputs before what rests on them."""
        found: dict[str, CompiledMetric] = {}
        for name in names:
            self._add_below(name, found)
        return found

    def kpi_metrics(self, name: str) -> dict[str, CompiledMetric]:
        """Every metric that a KPI rests on, inputs before what rests on them."""
        found: dict[str, CompiledMetric] = {}
        self._add_below(self.project.kpis[name].metric, found)
        return found

    @cached_property
    def kpi_definitions(self) -> dict[str, Definition]:
        """What each KPI's number rests on."""
        return {
            name: kpi_definition(kpi, self._ground(self.kpi_metrics(name))) for name, kpi in self.project.kpis.items()
        }

    def _add_below(self, name: str, found: dict[str, CompiledMetric]) -> None:
        if name not in found:
            for lower in self.metrics[name].inputs:
                self._add_below(lower, found)
            found[name] = self.metrics[name]

    def settle(self, key_result: KeyResult) -> timedelta:
        """How long after its end a day of the key result is provisional: as long as that of any metric below."""
        return self.longest_settle(self.metrics_below([key_result]).values())

    def longest_settle(self, metrics: Iterable[CompiledMetric]) -> timedelta:
        """The longest settle time of some metrics; none where nothing says so."""
        each = [one.metric.trust.or_else(self.project.settings.trust).settle for one in metrics]
        return max((one.duration() for one in each if one is not None), default=timedelta())

    def is_provisional(self, key_result: KeyResult, day: AsOf) -> bool:
        """Whether the day has yet to settle; never where nothing says how long that takes."""
        settle = self.settle(key_result)
        return bool(settle) and self.clock() < day.held_until + settle

    def streams_read(self, key_result: KeyResult) -> list[str]:
        """The streams that the key result's formulas read, and those of the events that bound its windows."""
        return sorted({stream for name in self.inputs(key_result) for stream in self.streams_below(name)})

    def streams_below(self, metric: str, metrics: Mapping[str, CompiledMetric] | None = None) -> set[str]:
        """The streams that one of `metrics`, or of the project's, rests on: of its records, its events, its calendars
        and its exchange rates."""
        metrics = self.metrics if metrics is None else metrics
        over_streams = streams_below(metric, metrics)
        beside = {name for one in over_streams for name in streams_beside(one, self.project.settings)}
        return {*stream_names_below(metric, metrics), *beside}

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
        for one in own.values():
            one.pop(UNITS, None)  # they change what a number means, not what is read
        zone = self.project.zone.key  # times and days without a zone are read in it
        named = source.settings.model_dump(include={"streams"}, exclude_unset=True).get("streams") or {}
        wanted = [name for name in offered if name in named or name in self._read_streams(source.name)]
        usual = [name for name in offered if not self.streams[f"{source.name}.{name}"].is_extra]
        return SourcePlan(
            source.name,
            self.connectors[source.name],
            {name: _digest([zone, settings, own.get(name) if configured else None]) for name in wanted or usual},
            {name.partition(".")[2]: fields for name, fields in self.fields_read.items() if _is_of(name, source.name)},
            source.settings.timeout or USUAL_TIMEOUT,
        )

    @cached_property
    def fields_read(self) -> dict[str, dict[str, list[str]]]:
        """By stream, the fields that formulas read, each with who reads it: `metric revenue`."""
        found: dict[str, dict[str, list[str]]] = {}
        for reader, stream, fields in self._reads():
            for name in fields:
                readers = found.setdefault(stream, {}).setdefault(name, [])
                if reader not in readers:
                    readers.append(reader)
        return found

    def _reads(self) -> Iterator[tuple[str, str, Iterable[str]]]:
        for name, metric in self.metrics.items():
            for stream, fields in metric.reads.items():
                yield f"metric {metric.metric.base or name}", stream, fields
            for event in metric.events:
                if event.stream is not None:
                    yield f"event {event.name}", event.stream, event.fields
        for name in self.views:
            for stream, fields in self.streams_below_view(name).items():
                yield f"view {name}", stream, fields
        yield from fields_beside(self.project.settings)
        for (_, _, name), one in self.completions.items():
            yield f"initiative {name!r}", one.stream, [*one.records.fields, *one.done.fields]

    def _read_streams(self, source: str) -> set[str]:
        names = {stream for metric in self.metrics for stream in self.streams_below(metric)}
        names |= {one.stream for one in self.completions.values()}
        return {name.split(".", 1)[1] for name in names if name.startswith(f"{source}.")}


@contextmanager
def reading_once(workspace: Workspace, fields: Mapping[str, Collection[str]]) -> Iterator[Workspace]:
    """The same workspace with the streams named in `fields` opened for all that is computed: they must be all there is.

    What lands meanwhile is not seen.
    """
    with workspace.warehouse.history(workspace.landed, fields) as history:
        yield replace(workspace, reading=Reading(history))


def open_workspace(folder: Path, clock: Callable[[], datetime] = utc_now, files: Files | None = None) -> Workspace:
    """Load and check everything that can be checked without a source.

    Args:
        files: what to take for the content of the project's files, in the place of what is in the folder now.

    Raises:
        ProjectError: the project's files are wrong; all problems at once.
        MissingVariableError: the address of store or warehouse names a variable that is not set.
    """
    installed = installed_connectors()
    project = load(folder, installed, files)
    _require(f"okr-sync.yaml: the environment variable {name} is not set" for name in project.missing_variables)
    connectors = {
        name: installed[source.connector](source.settings, Context(name, project.folder, project.zone, clock))
        for name, source in project.sources.items()
    }
    warehouse = open_warehouse(project.settings.warehouse, project.folder, project.zone)
    landed = landed_streams(project, warehouse)
    streams = known_streams(project, connectors, landed)
    views = compile_views(project.views, with_versions(streams))
    metrics = _metrics(project, streams, views)
    check_dialect(metrics.values(), views.values(), warehouse.dialect)
    completions = compile_completions(project.objectives, streams)
    goals, conditions = compile_goals(project.objectives, metrics)
    ranges = compile_ranges(project.kpis, metrics)
    check_streams(project.settings, streams)
    lookups = read_lookups(project, warehouse, landed, metrics.values())
    return Workspace(
        project=project,
        connectors=connectors,
        warehouse=warehouse,
        streams=streams,
        landed=landed,
        metrics=metrics,
        goals=goals,
        conditions=conditions,
        ranges=ranges,
        completions=completions,
        lookups=lookups,
        clock=clock,
        views=views,
    )


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
    if landed_streams(workspace.project, workspace.warehouse) == workspace.landed:
        metrics = workspace.metrics.values()
        lookups = read_lookups(workspace.project, workspace.warehouse, workspace.landed, metrics)
        return replace(workspace, lookups=lookups)
    return open_workspace(workspace.project.folder, workspace.clock)


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


def _is_of(stream: str, source: str) -> bool:
    return stream.startswith(f"{source}.")


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
