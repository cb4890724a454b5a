"""The records behind a value, and the SQL that counted them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from okr_sync.connector import Stream
from okr_sync.formula import CompiledMetric, Moment, write_sql
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.instant import DIALECT, instant
from okr_sync.measure.lookups import NO_LOOKUPS, Lookups
from okr_sync.measure.relation import link_fields, rows_of, with_views
from okr_sync.measure.values import provide
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one metric over a stream rests on: all of it counted, one page of it listed.

    `rows` hold the values of `columns`: the record's key, then the fields that the formula reads. `links` are the
    source's own pages of the same records, empty where the stream has none.
    """

    metric: str
    sql: str
    record_count: int
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    links: tuple[str, ...]


def explain(
    metric: CompiledMetric,
    stream: Stream,
    history: History,
    day: AsOf,
    page: tuple[int, int] | None = None,
    lookups: Lookups = NO_LOOKUPS,
) -> Evidence:
    """The records that counted for `metric` on `day`, in the order of their keys.

    `page` is how many records to list and how many to pass over; `None` lists all.
    """
    moment = _moment(metric, day)
    views = {view.name: view for view in metric.views}
    rows = rows_of(metric.stream or "", history, instant(day.held_until), views)
    below = with_views(metric, history, day)
    condition, value = lookups.join(metric.condition(moment)), lookups.join(metric.value(moment))
    joins = {**condition.joins, **value.joins}
    provide(history, joins, lookups)
    joined = "".join(f"\n{write_sql(join, DIALECT)}" for join in joins.values())
    counts = write_sql(condition.unless_missing(), DIALECT)
    where = f"FROM {rows.relation}{joined}\nWHERE {rows.condition}\n  AND {counts}"
    fields = list(dict.fromkeys([*stream.key, *link_fields(stream), *sorted(metric.fields)]))
    part = f" LIMIT {page[0]:d} OFFSET {page[1]:d}" if page is not None else ""
    answer = history.query(f"{below}SELECT {', '.join(map(quoted, fields))} {where} ORDER BY _key{part}")
    return Evidence(
        metric=metric.name,
        sql=f"{below}SELECT {write_sql(value.expression, DIALECT)}\n{where}",
        record_count=int(history.query(f"{below}SELECT count(*) {where}").rows[0][0]),
        columns=answer.columns,
        rows=answer.rows,
        links=_links(stream, answer.columns, answer.rows),
    )


def fields_read(metric: CompiledMetric, stream: Stream) -> set[str]:
    """The fields that computing and explaining `metric` reads."""
    return {*metric.fields, *stream.key, *link_fields(stream)}


def streams_below(name: str, metrics: Mapping[str, CompiledMetric]) -> list[CompiledMetric]:
    """The metrics over streams that `name` rests on: itself, or its inputs' own, each once."""
    metric = metrics[name]
    if metric.stream is not None:
        return [metric]
    below = [lower for one in metric.inputs for lower in streams_below(one, metrics)]
    return list({lower.name: lower for lower in below}.values())


def stream_names_below(name: str, metrics: Mapping[str, CompiledMetric]) -> list[str]:
    """The streams that the value of `name` hangs on: those its records come from, and those of its windows' events."""
    read: set[str | None] = set()
    for metric in streams_below(name, metrics):
        read |= {*metric.reads, *(event.stream for event in metric.events)}
    return sorted(stream for stream in read if stream is not None)


def _moment(metric: CompiledMetric, day: AsOf) -> Moment:
    start, end = day.bounds(metric.window)
    return Moment(instant(day.as_of), None if start is None else instant(start), instant(end))


def _links(stream: Stream, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> tuple[str, ...]:
    if stream.link is None:
        return ()
    return tuple(_link(stream, dict(zip(columns, row, strict=True))) for row in rows)


def _link(stream: Stream, row: Mapping[str, object]) -> str:
    """Empty where a row of a view has no such record."""
    is_there = all(row[name] is not None for name in link_fields(stream))
    return stream.link.format_map(row) if stream.link is not None and is_there else ""
