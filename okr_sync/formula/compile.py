"""The formulas of a project -> compiled metrics and conditions, or every problem they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import Problem, ProjectError
from okr_sync.formula.compiled import CompiledCondition, CompiledFilter, CompiledMetric
from okr_sync.formula.kinds import Kind, kind_of
from okr_sync.formula.lookup import NO_HELPERS, Helpers
from okr_sync.formula.order import sort_by_inputs
from okr_sync.formula.parse import parse
from okr_sync.formula.pipeline import DONE, TIME, VALUE, WHERE, Passage, Result, read
from okr_sync.formula.refusal import Refused
from okr_sync.formula.restrict import Restriction
from okr_sync.formula.scope import Scope, names_in, scope_of_aggregates, scope_of_metrics, scope_of_records
from okr_sync.formula.units import as_declared
from okr_sync.formula.view.compile import CompiledView, views_below
from okr_sync.formula.view.fan_out import grain_of, refuse_fan_out
from okr_sync.formula.view.relation import Relation
from okr_sync.formula.view.unknown import unknown_stream
from okr_sync.project.located import Location
from okr_sync.project.metric import Metric


def compile_metrics(
    metrics: Mapping[str, Metric],
    streams: Mapping[str, Stream],
    views: Mapping[str, CompiledView] | None = None,
    helpers: Helpers = NO_HELPERS,
) -> dict[str, CompiledMetric]:
    """Every metric, those that others are made of first. `streams` is keyed as `stream:` names them.

    Args:
        streams: what a metric may run over: streams, their versions, and what the views give.
        views: the views among them.
        helpers: what formulas may look into beside the records.

    Raises:
        ProjectError: all the problems of all the formulas, in the order of `metrics`.
    """
    made = {name: metric for name, metric in metrics.items() if metric.only is not None}
    metrics = {name: metric for name, metric in metrics.items() if name not in made}
    order, loops = sort_by_inputs({name: _inputs(metric) for name, metric in metrics.items()})
    problems: dict[str, Sequence[Problem]] = {loop[0]: [_loop_problem(loop, metrics)] for loop in loops}
    compiled: dict[str, CompiledMetric] = {}
    kinds = dict.fromkeys(metrics, Kind(FieldType.UNKNOWN))
    for name in order:
        reader = _Reader(name, metrics[name], helpers)
        metric = reader.compile(streams, kinds, views or {})
        if metric is None:
            problems[name] = reader.problems
        else:
            compiled[name] = metric
            kinds[name] = _kind_as_input(metric)
    restriction = Restriction(compiled, streams)
    for name, restricted in made.items():
        restriction.add(name, restricted)
    if problems or restriction.problems:
        raise ProjectError([*(each for name in metrics for each in problems.get(name, ())), *restriction.problems])
    return compiled


def compile_condition(
    text: str, metrics: Mapping[str, CompiledMetric], place: Location, field: str
) -> CompiledCondition:
    """A condition over the values of metrics, such as `KeyResult.done`.

    Raises:
        ProjectError: the first problem it has, at `place` and `field`.
    """
    scope = scope_of_metrics({name: _kind_as_input(metric) for name, metric in metrics.items()})
    try:
        tree = read(text, scope, DONE)
        for call in tree.find_all(exp.Anonymous):
            if call.name.lower() == "as_of":
                raise Refused.at(call, "as_of() does not go here: done looks at values, not at the calendar")
    except Refused as refused:
        raise ProjectError([Passage(text, str(place), field).problem(refused)]) from refused
    return CompiledCondition(names_in(tree), tree)


def compile_filter(text: str, stream_name: str, stream: Stream, place: Location, field: str) -> CompiledFilter:
    """A condition on single records of a stream, such as `Initiative.where`.

    Raises:
        ProjectError: the first problem it has, at `place` and `field`.
    """
    try:
        tree = read(text, scope_of_records(stream_name, stream), WHERE)
    except Refused as refused:
        raise ProjectError([Passage(text, str(place), field).problem(refused)]) from refused
    return CompiledFilter(stream_name, frozenset(names_in(tree)), tree)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the texts of one metric and gathers what is wrong with them."""

    name: str
    metric: Metric
    helpers: Helpers
    problems: list[Problem] = field(default_factory=list)

    def compile(
        self, streams: Mapping[str, Stream], kinds: Mapping[str, Kind], views: Mapping[str, CompiledView]
    ) -> CompiledMetric | None:
        """The metric, or `None` when there are problems."""
        metric, where, time = self.metric, None, None
        if metric.stream is None:
            value = self._read("value", metric.value, scope_of_metrics(kinds), VALUE)
        else:
            stream = self._stream(metric.stream, streams)
            records = scope_of_records(metric.stream, stream, self.helpers)
            value = self._read("value", metric.value, scope_of_aggregates(metric.stream, stream, self.helpers), VALUE)
            self._check_fan_out(value, stream)
            where = self._read("where", metric.where, records, WHERE)
            time = self._read("time", metric.time, records, TIME)
        value = None if value is None else self._in_declared_unit(value)
        if value is None or self.problems:
            return None
        names = names_in(value, where, time)
        fields = () if metric.stream is None else self._stream(metric.stream, streams).fields
        field_units = {one.name: one.unit for one in fields if one.name in names and one.unit is not None}
        return CompiledMetric(
            name=self.name,
            metric=metric,
            stream=metric.stream,
            inputs=names if metric.stream is None else (),
            fields=frozenset() if metric.stream is None else frozenset(names),
            type=kind_of(value).type,
            unit=kind_of(value).unit,
            field_units=field_units,
            value_tree=value,
            where_tree=where,
            time_tree=time,
            views=views_below([] if metric.stream is None else [metric.stream], views),
        )

    def _read(self, part: str, text: str | None, scope: Scope, result: Result) -> exp.Expr | None:
        if text is None:
            return None
        try:
            return read(text, scope, result)
        except Refused as refused:
            self.problems.append(self._passage(part, text).problem(refused))
            return None

    def _check_fan_out(self, value: exp.Expr | None, stream: Stream) -> None:
        """A view whose joins repeat rows must not be added up again."""
        if value is None or not isinstance(stream, Relation):
            return
        try:
            refuse_fan_out([value], grain_of(stream))
        except Refused as refused:
            self.problems.append(self._passage("value", self.metric.value).problem(refused))

    def _stream(self, name: str, streams: Mapping[str, Stream]) -> Stream:
        """The stream, or one of which nothing is known, so that the formulas over it are still read."""
        if name not in streams:
            passage = self._passage("stream", name)
            self.problems.append(Problem(passage.place, passage.field, unknown_stream(name, streams)))
        return streams.get(name, Stream(name, fields=(), key=(), is_open=True))

    def _in_declared_unit(self, value: exp.Expr) -> exp.Expr:
        """The value as it is, or converted to the unit that the metric declares."""
        found = as_declared(value, self.metric.unit)
        if found is None:
            given, declared = kind_of(value).unit, self.metric.unit
            message = f"the formula gives {given}, unit says {declared}; write unit: {given}, or leave unit out"
            self.problems.append(self._passage("unit", self.metric.value).problem(Refused.at(value, message)))
        return found or value

    def _passage(self, part: str, text: str) -> Passage:
        return Passage(text, str(self.metric.place(part)), f"metrics.{self.name}.{part}")


def _inputs(metric: Metric) -> tuple[str, ...]:
    """The metrics that a metric is made of. Of a formula that cannot be read, none: its problem comes up later."""
    if metric.stream is not None:
        return ()
    try:
        return names_in(parse(metric.value))
    except Refused:
        return ()


def _loop_problem(loop: Sequence[str], metrics: Mapping[str, Metric]) -> Problem:
    place = metrics[loop[0]].place("value")
    message = f"metrics are made of each other: {' -> '.join(loop)}; one of them needs a stream"
    return Problem(str(place), f"metrics.{loop[0]}.value", message)


def _kind_as_input(metric: CompiledMetric) -> Kind:
    return Kind(metric.type, metric.unit)
