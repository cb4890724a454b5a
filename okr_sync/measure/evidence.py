"""The records behind a value, and the SQL that counted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from okr_sync.connector import Stream
from okr_sync.formula import CompiledMetric, figures_of
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.counted import counted, moment_of
from okr_sync.measure.lookups import NO_LOOKUPS, Lookups
from okr_sync.measure.relation import link_fields
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
    figures: Mapping[str, Any]
    """The numbers that the value is made of, by how they are written: `okr_sync.formula.figures_of`."""
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
    moment = moment_of(metric, day)
    figures = figures_of(metric).each
    found = counted(metric, history, day, lookups, [metric.value(moment), *(one.expression(moment) for one in figures)])
    ((record_count, *numbers),) = found.query(f"SELECT count(*), {', '.join(found.columns[1:])} {found.where}")
    columns = listed_fields(metric, stream)
    rows = found.query(f"SELECT {', '.join(map(quoted, columns))} {found.where} ORDER BY _key{page_of(page)}")
    return Evidence(
        metric=metric.name,
        sql=f"{found.below}SELECT {found.columns[0]}\n{found.where}",
        record_count=int(record_count),
        figures=dict(zip((one.name for one in figures), numbers, strict=True)),
        columns=columns,
        rows=rows,
        links=links_of(stream, columns, rows),
    )


def listed_fields(metric: CompiledMetric, stream: Stream) -> tuple[str, ...]:
    """The columns in which records are listed: the key, what the page's address needs, what the formula reads."""
    return tuple(dict.fromkeys([*stream.key, *link_fields(stream), *sorted(metric.fields)]))


def name_fields(metric: CompiledMetric, stream: Stream) -> tuple[str, ...]:
    """Those of the columns by which people know a record: its key and what its page is known by, or the first few."""
    columns = listed_fields(metric, stream)
    names = dict.fromkeys([*stream.key, *link_fields(stream)])
    return tuple(names) or columns[:3]


def page_of(page: tuple[int, int] | None) -> str:
    return "" if page is None else f" LIMIT {page[0]:d} OFFSET {page[1]:d}"


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


def links_of(stream: Stream, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    if stream.link is None:
        return ()
    return tuple(_link(stream, dict(zip(columns, row, strict=True))) for row in rows)


def _link(stream: Stream, row: Mapping[str, object]) -> str:
    """Empty where a row of a view has no such record."""
    is_there = all(row[name] is not None for name in link_fields(stream))
    return stream.link.format_map(row) if stream.link is not None and is_there else ""
