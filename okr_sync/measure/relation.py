"""What FROM means for the name of a stream: its records as they held on a day, its versions, or the rows of a view.

A view is computed once a day that is asked for, into a temporary table, whatever number of metrics runs over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlglot import exp

from okr_sync.connector import Stream
from okr_sync.formula import (
    KEY_COLUMN,
    KNOWN_COLUMN,
    SPAN,
    CompiledMetric,
    CompiledView,
    streams_read,
    versions_below,
    views_below,
    write_sql,
)
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.instant import instant
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted
from okr_sync.warehouse.spans import CONTENT_COLUMN, held_at


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of a relation are, as SQL: what stands after FROM, and what picks those of the day."""

    relation: str
    condition: str
    content: str = "NULL"
    """The aggregate that tells the rows from other rows, whatever their order: a sum of their contents' hashes."""


@dataclass
class Relations:
    """The relations that metrics run over, on one day after another."""

    history: History
    views: Mapping[str, CompiledView]
    _day: AsOf | None = None
    _made_on: dict[str, date] = field(default_factory=dict)
    _faults: dict[str, str] = field(default_factory=dict)
    _contents: dict[tuple[str, date], int] = field(default_factory=dict)

    @classmethod
    def of(cls, history: History, metrics: Iterable[CompiledMetric]) -> Relations:
        return cls(history, {view.name: view for metric in metrics for view in metric.views})

    def holds(self, metric: CompiledMetric) -> bool:
        """Whether every field that the metric's number rests on was opened."""
        return all(self.history.holds(stream, fields) for stream, fields in metric.reads.items())

    def rows(self, name: str, day: AsOf, held_until: exp.Expr) -> Rows:
        """The rows of a stream, its versions or a view on `day`; `held_until` stands for the day's end."""
        for view in views_below([name], self.views):
            self._make(view, day)
        return rows_of(name, self.history, held_until, self.views)

    def fault(self, name: str) -> str | None:
        """Why the rows of a view, or of one below, are not to be trusted on the day that was asked for last."""
        below = views_below([name], self.views)
        return next((self._faults[view.name] for view in below if view.name in self._faults), None)

    def content_below(self, name: str, day: AsOf) -> int | None:
        """Of a view: a sum over all versions that the streams below it had by the day's end; `None` of a stream."""
        if name not in self.views:
            return None
        streams = streams_read({name: frozenset()}, views_below([name], self.views))
        return sum(self._content(stream, day) for stream in streams)

    def _content(self, stream: str, day: AsOf) -> int:
        if (stream, day.day) not in self._contents:
            until = write_sql(instant(day.held_until), self.history.dialect)
            found = self.history.query(f"SELECT {_CONTENT} FROM {quoted(stream)} WHERE _valid_from < {until}")
            self._contents[stream, day.day] = int(found.rows[0][0] or 0)
        return self._contents[stream, day.day]

    def _make(self, view: CompiledView, day: AsOf) -> None:
        if self._made_on.get(view.name) == day.day:
            return
        select = view_select(view, self.history, day, self.views)
        self.history.keep(view.name, write_sql(select, self.history.dialect))
        self._made_on[view.name] = day.day
        self._faults.pop(view.name, None)
        fault = _repeated_key(view, self.history) if view.unproven_key else None
        if fault is not None:
            self._faults[view.name] = fault


_CONTENT = f"sum({CONTENT_COLUMN})"


def hash_text(content: Any) -> str:
    """A sum of contents, which engines give as numbers of several kinds, as 16 hexadecimal digits."""
    return f"{int(content or 0) % 2**64:016x}"


def rows_of(name: str, history: History, held_until: exp.Expr, views: Mapping[str, CompiledView]) -> Rows:
    """The rows of a relation; a view is a relation by its own name."""
    stream = versions_below(name)
    if name in views:
        return Rows(quoted(name), "TRUE")
    if stream is None:
        return Rows(quoted(name), held_at(write_sql(held_until, history.dialect)), _CONTENT)
    versions = _versions(stream, frozenset(history.fields(stream)) | set(SPAN), held_until)
    versions.append("expressions", _column(CONTENT_COLUMN))
    return Rows(f"({write_sql(versions, history.dialect)}) AS {quoted(name)}", "TRUE", _CONTENT)


def view_select(view: CompiledView, history: History, day: AsOf, views: Mapping[str, CompiledView]) -> exp.Query:
    """The rows of a view on a day, over the streams of `history` and over views by their names."""
    held_until = instant(day.held_until)

    def relation_of(name: str, fields: frozenset[str]) -> exp.Expr:
        if name in views:
            return exp.Table(this=exp.to_identifier(name, quoted=True))
        stream = versions_below(name)
        return _records(name, fields, held_until) if stream is None else _versions(stream, fields, held_until)

    return view.select(instant(day.as_of), relation_of)


def with_views(metric: CompiledMetric, history: History, day: AsOf) -> str:
    """The views that a metric runs over as a WITH clause, so that its query can be run by itself."""
    views = {view.name: view for view in metric.views}
    selects = {view.name: view_select(view, history, day, views) for view in metric.views}
    parts = [
        f"{quoted(name)} AS (\n{write_sql(select, history.dialect, pretty=True)}\n)" for name, select in selects.items()
    ]
    return f"WITH {', '.join(parts)}\n" if parts else ""


def fields_to_open(metric: CompiledMetric, streams: Mapping[str, Stream]) -> dict[str, set[str]]:
    """By stream, the fields that computing and explaining `metric` reads."""
    found = {name: set(fields) for name, fields in metric.reads.items()}
    if not metric.views:
        for name, fields in found.items():
            fields.update(streams[name].key, link_fields(streams[name]))
    return found


def link_fields(stream: Stream) -> list[str]:
    """The fields that the address of a record's page is made of."""
    if stream.link is None:
        return []
    return [one.name for one in stream.fields if f"{{{one.name}}}" in stream.link]


def _records(name: str, fields: Iterable[str], held_until: exp.Expr) -> exp.Select:
    began, ended = exp.column("_valid_from"), exp.column("_valid_to")
    return exp.Select(
        expressions=[*map(_column, [*sorted(fields), KEY_COLUMN, KNOWN_COLUMN])],
        from_=exp.From(this=exp.Table(this=exp.to_identifier(name, quoted=True))),
        where=exp.Where(
            this=exp.and_(
                exp.LT(this=began, expression=held_until.copy()), exp.GTE(this=ended, expression=held_until.copy())
            )
        ),
    )


def _versions(stream: str, fields: Iterable[str], held_until: exp.Expr) -> exp.Select:
    """The versions that had begun by the day's end, as they were seen then: an end after it is not known yet."""
    began, ended = exp.column("_valid_from"), exp.column("_valid_to")
    unknown = exp.cast(exp.Literal.string("-infinity"), exp.DType.TIMESTAMPTZ)
    has_ended = exp.If(this=exp.LT(this=ended, expression=held_until.copy()), true=ended.copy())
    span = {SPAN[0]: exp.Nullif(this=began, expression=unknown), SPAN[1]: exp.Case(ifs=[has_ended])}
    since = exp.cast(began.copy(), exp.DType.VARCHAR)
    key = exp.DPipe(this=_column(KEY_COLUMN), expression=exp.DPipe(this=exp.Literal.string(" | "), expression=since))
    return exp.Select(
        expressions=[
            *(exp.alias_(span[name], name, quoted=True) if name in span else _column(name) for name in sorted(fields)),
            exp.alias_(key, KEY_COLUMN, quoted=True),
            _column(KNOWN_COLUMN),
        ],
        from_=exp.From(this=exp.Table(this=exp.to_identifier(stream, quoted=True))),
        where=exp.Where(this=exp.LT(this=began.copy(), expression=held_until.copy())),
    )


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _repeated_key(view: CompiledView, history: History) -> str | None:
    """What to say where several rows of the view have one key."""
    key = ", ".join(map(quoted, view.unproven_key))
    groups = f"SELECT {key}, count(*) AS n FROM {quoted(view.name)} GROUP BY {key} HAVING count(*) > 1"
    rows = history.query(f"{groups} ORDER BY n DESC, {key}").rows
    if not rows:
        return None
    *values, count = rows[0]
    shown = ", ".join("nothing" if value is None else str(value) for value in values)
    several = "value of it stands" if len(rows) == 1 else "values of it stand"
    return (
        f"{', '.join(view.unproven_key)} is not a key of view {view.name}: {len(rows):,} {several} in several rows,"
        f" such as {shown} in {count:,}; group by it, or name another key"
    )
