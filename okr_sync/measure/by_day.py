"""Sums on every day of a span, from one scan of the records instead of one a day.

A version of a record counts from the day on which both it and its time in the window have come, to the day on which it
is replaced or leaves the window. So each version is an amount that comes on one day and goes on another, and the sum
on a day is what came less what went up to it. Exact for values that add up and formulas without `as_of()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula import CompiledMetric, Moment, is_timeless, write_sql
from okr_sync.measure.day_number import borders_of, day_number
from okr_sync.measure.instant import instant
from okr_sync.measure.shapes import Member, split
from okr_sync.project.cycle import start_of
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are over, `first` to `last`, in a zone, and the first day of the cycle among them."""

    first: date
    last: date
    cycle_start: date
    zone: ZoneInfo

    @property
    def day_count(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Followed:
    """A metric at the end of each day of a span."""

    sums: Sequence[float]
    record_counts: Sequence[float]
    assumed_counts: Sequence[float]
    """Of these records, those that hold only by assumption: no version of theirs was known on that day yet."""


def can_follow(metric: CompiledMetric) -> bool:
    """Whether `follow` can tell the value of every day, given that it adds up: over records of a source."""
    is_stream = (metric.stream or "").count(".") == 1  # neither a view nor a stream of versions
    return is_stream and is_timeless(metric) and metric.window.kind in ("cycle", "trailing", "all")


def follow(metrics: Iterable[CompiledMetric], history: History, span: Span) -> dict[str, Followed]:
    """By metric: its value at the end of each day of the span.

    Those over the cycle hold the records of the present cycle from its first day on, and of any time before that on
    earlier days. Those over a trailing window hold the records of all time: what came in a window is the difference.
    """
    found: dict[str, Followed] = {}
    for shape in _shapes(metrics, history.dialect):
        found |= _followed(shape, history, span)
    return found


@dataclass
class _Shape:
    """Metrics that one query answers, as in `okr_sync.measure.shapes`."""

    dialect: str
    stream: str
    fields: tuple[str, ...]
    condition: str
    time: str | None
    is_of_cycle: bool
    has_dates: bool
    """Whether `time` gives dates, not instants."""
    values: list[str] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, constants: tuple[object, ...], value: str) -> None:
        if value not in self.values:
            self.values.append(value)
        self.members.append(Member(name, constants, self.values.index(value)))


def _shapes(metrics: Iterable[CompiledMetric], dialect: str) -> list[_Shape]:
    found: dict[tuple[object, ...], _Shape] = {}
    open_ended = Moment(exp.null())
    for metric in metrics:
        constants, rest = split(metric.condition(open_ended))
        condition, time = write_sql(rest, dialect), metric.time(open_ended)
        is_of_cycle = time is not None and metric.window.kind == "cycle"
        placed = None if time is None else write_sql(time, dialect)
        identity = (metric.stream, tuple(constants), condition, placed, is_of_cycle)
        has_dates = time is not None and bool(time.is_type(DType.DATE))
        new = _Shape(dialect, metric.stream or "", tuple(constants), condition, placed, is_of_cycle, has_dates)
        value = write_sql(_none_is_0(metric.value(open_ended)), dialect)
        found.setdefault(identity, new).add(metric.name, tuple(constants.values()), value)
    return list(found.values())


def _none_is_0(value: exp.Expr) -> exp.Expr:
    """A sum of nothing changes nothing, whatever else is added to it."""

    def completed(node: exp.Expr) -> exp.Expr:
        return exp.Coalesce(this=node, expressions=[exp.Literal.number(0)]) if isinstance(node, exp.Sum) else node

    return value.transform(completed)


def _followed(shape: _Shape, history: History, span: Span) -> dict[str, Followed]:
    """What came before the span is part of its first day."""
    only = shape.members[0].constants if len({one.constants for one in shape.members}) == 1 else None
    width = len(shape.fields) if only is None else 0
    changes: dict[tuple[object, ...], list[list[float]]] = {}
    for comes, goes, known, *row in history.query(_sql(shape, span, only)).rows:
        constants, values = tuple(row[:width]), row[width:]
        columns = changes.setdefault(constants, [[0.0] * (span.day_count + 1) for _ in range(len(values) + 1)])
        for column, value in zip(columns, values, strict=False):
            column[comes] += value or 0.0
            column[goes] -= value or 0.0
        if known > comes:
            columns[-1][comes] += row[-1]
            columns[-1][min(goes, known)] -= row[-1]
    nothing = [[0.0] * (span.day_count + 1)] * (len(shape.values) + 2)
    found = {}
    for member in shape.members:
        columns = changes.get(() if only is not None else member.constants, nothing)
        sums, counts, assumed = (list(accumulate(columns[n]))[: span.day_count] for n in (member.value, -2, -1))
        found[member.name] = Followed(sums, counts, assumed)
    return found


def _sql(shape: _Shape, span: Span, only: Sequence[object] | None) -> str:
    """What comes on one day and goes on another, days counted from the first of the span; `day_count` is after it.

    One query answers all members of the shape by group, or those with `only` these constants. The day on which a
    version became known matters where no time of its own places a record.
    """
    borders = borders_of(span.first, span.day_count, span.zone)
    comes, goes = (day_number(time, borders, shape.dialect) for time in ("_begin", "_end"))
    begin, end, known, conditions = "_valid_from", "_valid_to", "0", [f"({shape.condition})"]
    if shape.time is None:
        known = day_number("_known_from", borders, shape.dialect)
    else:
        conditions.append(f"{shape.time} IS NOT NULL")
        time = f"CAST({shape.time} AS TIMESTAMPTZ)" if shape.has_dates else shape.time  # the beginning of a date
        begin = f"greatest({begin}, {time})"
        if shape.is_of_cycle:
            start = _instant(span.cycle_start, shape, span)
            end = f"CASE WHEN {time} < {start} THEN least({end}, {start}) ELSE {end} END"
    fields = [quoted(name) for name in shape.fields] if only is None else []
    conditions += [_equality(name, constant, shape) for name, constant in zip(shape.fields, only or (), strict=False)]
    groups = ["_comes", "_goes", "_known", *fields]
    return (
        f"SELECT {', '.join([*groups, *shape.values])}, count(*)"
        f" FROM (SELECT *, {comes} AS _comes, {goes} AS _goes, {known} AS _known"
        f" FROM (SELECT *, {begin} AS _begin, {end} AS _end FROM {quoted(shape.stream)}"
        f" WHERE {' AND '.join(conditions)}) AS placed"
        f" WHERE _begin < _end AND _begin < {_instant(span.last + timedelta(days=1), shape, span)}) AS counted"
        f" WHERE _comes < _goes GROUP BY {', '.join(groups)}"
    )


def _equality(name: str, constant: object, shape: _Shape) -> str:
    return write_sql(exp.EQ(this=exp.column(name, quoted=True), expression=exp.convert(constant)), shape.dialect)


def _instant(day: date, shape: _Shape, span: Span) -> str:
    """The moment at which a day begins."""
    return write_sql(instant(start_of(day, span.zone)), shape.dialect)
