"""Metrics over some records only: what a template counts for one of its values.

The condition is built from data and stands beside the metric's own `where`, so that metrics which differ only in the
value share a query (`okr_sync.measure.shapes`). Of a metric over metrics, every metric below is restricted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import Problem, nearest
from okr_sync.formula.annotate import annotate
from okr_sync.formula.compiled import CompiledMetric
from okr_sync.formula.kinds import WORDS, Kind, note_kind
from okr_sync.formula.scope import name_of
from okr_sync.project.each import Only, Scalar
from okr_sync.project.for_each import restricted_name
from okr_sync.project.metric import Metric
from okr_sync.project.wording import shown

_FITTING: Mapping[FieldType, tuple[type, ...]] = {
    FieldType.TEXT: (str,),
    FieldType.INTEGER: (int,),
    FieldType.NUMBER: (int, float),
    FieldType.BOOLEAN: (bool,),
    FieldType.UNKNOWN: (str, int, float, bool),
}
"""What a value to go over may be, by the type of its field; there are no others to go over."""


@dataclass(slots=True)
class Restriction:
    """Adds the metrics that templates made to those that were compiled, and gathers what is wrong with them."""

    compiled: dict[str, CompiledMetric]
    streams: Mapping[str, Stream]
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str, metric: Metric) -> None:
        """Compile `metric`, which was made from a metric that is among `compiled`, and all that it rests on."""
        if metric.only is not None and metric.base in self.compiled:
            self._add(name, self.compiled[metric.base], metric.only)

    def _add(self, name: str, base: CompiledMetric, only: Only) -> None:
        if name in self.compiled:
            return
        if base.stream is None:
            self._add_over_metrics(name, base, only)
            return
        stream = self.streams.get(base.stream)
        kind = FieldType.UNKNOWN if stream is None else self._kind(base, stream, only)
        if kind is None:
            return
        self.compiled[name] = replace(
            base,
            name=name,
            metric=base.metric.restricted(base.name, only),
            fields=base.fields | {only.field},
            where_tree=_both(base.where_tree, _one_of(only, kind)),
        )

    def _add_over_metrics(self, name: str, base: CompiledMetric, only: Only) -> None:
        if not base.inputs:
            self._tell(only, f"metric {base.name} reads no records, so there is nothing to go over")
            return
        names = {one: restricted_name(one, only.key_result) for one in base.inputs}
        for one, made in names.items():
            self._add(made, self.compiled[one], only)
        self.compiled[name] = replace(
            base,
            name=name,
            metric=base.metric.restricted(base.name, only),
            inputs=tuple(names.values()),
            value_tree=_renamed(base.value_tree, names),
        )

    def _kind(self, base: CompiledMetric, stream: Stream, only: Only) -> FieldType | None:
        """The type of the field; `None` where the field cannot be gone over, which is told."""
        found = stream.field(only.field)
        reads = f"{base.stream}, which metric {base.name} reads,"
        if found is None and stream.is_open:
            return FieldType.UNKNOWN
        if found is None:
            hint = nearest(only.field, (one.name for one in stream.fields))
            return self._tell(only, f"stream {reads} has no field {only.field!r}{hint}")
        fitting = _FITTING.get(found.type)
        if fitting is None:
            what = f"field {only.field} of {reads} is {WORDS[found.type]}"
            return self._tell(only, f"{what}; a template goes over text, numbers, true or false")
        wrong = next((value for value in only.values if not _fits(value, fitting)), None)
        if wrong is not None:
            hint = (
                "; put it in quotes" if found.type is FieldType.TEXT else "; write the values as a list, without quotes"
            )
            return self._tell(
                only, f"field {only.field} of {reads} is {WORDS[found.type]}, {shown(wrong)} is not{hint}"
            )
        return found.type

    def _tell(self, only: Only, message: str) -> FieldType | None:
        """Give what `_kind` gives where there is no kind."""
        problem = Problem(str(only.place), f"{only.path}.{only.field}", message)
        if problem not in self.problems:  # all values of a template have it in common
            self.problems.append(problem)
        return None


def _fits(value: Scalar, fitting: Sequence[type]) -> bool:
    return isinstance(value, tuple(fitting)) and (not isinstance(value, bool) or bool in fitting)


def _one_of(only: Only, kind: FieldType) -> exp.Expr:
    """The field equals the value, or is one of several."""
    column = exp.column(only.field, quoted=True)
    note_kind(column, Kind(kind))
    literals = list(_literals(only.values))
    if len(literals) == 1:
        return annotate(exp.EQ(this=column, expression=literals[0]))
    return annotate(exp.In(this=column, expressions=literals))


def _literals(values: Sequence[Scalar]) -> Iterator[exp.Expr]:
    for value in values:
        if isinstance(value, bool):
            yield exp.Boolean(this=value)
        elif isinstance(value, str):
            yield exp.Literal.string(value)
        else:
            yield exp.Literal.number(value)


def _both(where: exp.Expr | None, own: exp.Expr) -> exp.Expr:
    if where is None:
        return own
    condition = Kind(FieldType.BOOLEAN)
    left = where.copy()
    if isinstance(left, exp.Or):
        left = exp.Paren(this=left)
        note_kind(left, condition)
    both = exp.And(this=left, expression=own)
    note_kind(both, condition)
    return both


def _renamed(tree: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    """The same formula over other metrics."""
    made = tree.copy()
    for column in list(made.find_all(exp.Column)):
        identifier = exp.to_identifier(names[name_of(column)], quoted=True)
        note_kind(identifier, Kind(FieldType.UNKNOWN))
        column.set("this", identifier)
    return made
