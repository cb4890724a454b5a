"""Checked formulas, ready to be lowered for a window of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.connector import FieldType
from okr_sync.formula.kinds import kind_of
from okr_sync.formula.lookup import calendars_in, targets_in
from okr_sync.formula.lower import lower
from okr_sync.formula.view.compile import CompiledView, streams_read
from okr_sync.formula.write import as_day
from okr_sync.project.event import Event
from okr_sync.project.metric import Metric
from okr_sync.project.window import Window


@dataclass(frozen=True, slots=True)
class Moment:
    """What a value is computed for: an instant, and the window from `start` to before `end`; `None` leaves it open.

    Each is an expression of an instant: a literal, or a column of a relation that is joined to the records.
    """

    as_of: exp.Expr
    start: exp.Expr | None = None
    end: exp.Expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CompiledMetric:
    """A metric whose formulas are allowed, resolved and typed."""

    name: str
    metric: Metric
    stream: str | None
    inputs: tuple[str, ...]
    """The metrics it is made of, where it has no stream; each is a column of the relation its value is taken from."""
    fields: frozenset[str]
    """The fields of the stream that its value, `where` and `time` read."""
    type: FieldType
    """`INTEGER` or `NUMBER`; `UNKNOWN` as long as the stream is open."""
    unit: str | None
    field_units: Mapping[str, str]
    """The units of its fields, of those that have one."""
    value_tree: exp.Expr = field(repr=False)
    where_tree: exp.Expr | None = field(repr=False, default=None)
    time_tree: exp.Expr | None = field(repr=False, default=None)
    events: tuple[CompiledEvent, ...] = ()
    """Those that its window begins and ends with."""
    views: tuple[CompiledView, ...] = field(repr=False, default=())
    """The view that it runs over, if it does, and those below: each after those that it reads."""

    @property
    def reads(self) -> dict[str, frozenset[str]]:
        """By stream, the fields that its number rests on: those of the views below, where it runs over a view."""
        return {} if self.stream is None else streams_read({self.stream: self.fields}, self.views)

    @property
    def window(self) -> Window:
        """The span it covers: the cycle to date unless its project says another."""
        return self.metric.window or Window()

    @property
    def calendars(self) -> set[str]:
        """The calendars by which its formulas count."""
        return {name for tree in (self.value_tree, self.where_tree) if tree is not None for name in calendars_in(tree)}

    @property
    def currencies(self) -> set[str]:
        """The currencies into which its formulas convert."""
        return {name for tree in (self.value_tree, self.where_tree) if tree is not None for name in targets_in(tree)}

    def condition(self, moment: Moment) -> exp.Expr:
        """Which records count: those in the window that fulfil `where`; `TRUE` when all do."""
        conditions = self.conditions(moment)
        return exp.and_(*conditions, copy=False) if conditions else exp.true()

    @property
    def where_parts(self) -> list[exp.Expr]:
        """The conditions of `where` that must all hold, as they are written."""
        if isinstance(self.where_tree, exp.And):
            return list(self.where_tree.flatten(unnest=False))
        return [] if self.where_tree is None else [self.where_tree]

    def conditions(self, moment: Moment) -> list[exp.Expr]:
        """What must all hold for a record to count: one for each of `where_parts`, then those of the window."""
        conditions: list[exp.Expr] = []
        if self.where_tree is not None:
            conditions += _conjuncts(lower(self.where_tree, moment.as_of))
        return [*conditions, *self.window_conditions(moment).values()]

    def window_conditions(self, moment: Moment) -> dict[str, exp.Expr]:
        """By the side of the window, `start` or `end`, what holds of a record that does not lie beyond it."""
        return {} if self.time_tree is None else dict(_window(self.time_tree, moment))

    def time(self, moment: Moment) -> exp.Expr | None:
        """What places a record in the window."""
        return None if self.time_tree is None else lower(self.time_tree, moment.as_of)

    def value(self, moment: Moment) -> exp.Expr:
        """The value as a DOUBLE of the records it is selected from, null for no data."""
        return exp.cast(lower(self.value_tree, moment.as_of), DType.DOUBLE, copy=False)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledEvent:
    """An event; one that has a formula, which is allowed, resolved and typed, reads `fields` of its stream."""

    name: str
    event: Event
    fields: frozenset[str] = frozenset()
    value_tree: exp.Expr = field(repr=False, default_factory=exp.null)
    where_tree: exp.Expr | None = field(repr=False, default=None)

    @property
    def stream(self) -> str | None:
        return self.event.stream

    def condition(self, moment: Moment) -> exp.Expr:
        """Which records count; `TRUE` when all do."""
        return exp.true() if self.where_tree is None else lower(self.where_tree, moment.as_of)

    def value(self, moment: Moment) -> exp.Expr:
        """When it happens: a date or a timestamp of the records it is selected from, null for not yet."""
        return lower(self.value_tree, moment.as_of)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledCondition:
    """A condition over the values of metrics; null where one of them that matters has no data."""

    inputs: tuple[str, ...]
    tree: exp.Expr = field(repr=False)

    def expression(self) -> exp.Expr:
        return lower(self.tree, exp.null())  # as_of() was refused


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFilter:
    """A condition on single records of a stream."""

    stream: str
    fields: frozenset[str]
    tree: exp.Expr = field(repr=False)

    def expression(self, moment: Moment) -> exp.Expr:
        return lower(self.tree, moment.as_of)


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """The conditions that must all hold, side by side, so that a caller can tell them apart."""
    if isinstance(condition, exp.And):
        return list(condition.flatten(unnest=False))
    return [exp.paren(condition, copy=False) if isinstance(condition, exp.Or) else condition]


def _window(time: exp.Expr, moment: Moment) -> Iterator[tuple[str, exp.Expr]]:
    """A day belongs to the window in which it begins, so that adjoining windows share no day and leave none out."""
    is_day = kind_of(time).type is FieldType.DATE
    if moment.start is not None:
        bound = _day_before(moment.start) if is_day else moment.start.copy()
        yield "start", (exp.GT if is_day else exp.GTE)(this=lower(time, moment.as_of), expression=bound)
    if moment.end is not None:
        bound = _day_before(moment.end) if is_day else moment.end.copy()
        yield "end", (exp.LTE if is_day else exp.LT)(this=lower(time, moment.as_of), expression=bound)


def _day_before(instant: exp.Expr) -> exp.Expr:
    """The last day that began before `instant`."""
    moment = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MICROSECOND"))
    return as_day(exp.Sub(this=instant.copy(), expression=moment))
