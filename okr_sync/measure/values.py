"""Runs the queries: a value and a count of records for each metric and day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlglot import exp

from okr_sync.formula import CompiledMetric, Moment, write_sql
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.events import with_events
from okr_sync.measure.instant import Given, instant
from okr_sync.measure.lookups import NO_LOOKUPS, Lookups, tables_in
from okr_sync.measure.relation import Relations, Rows, hash_text
from okr_sync.measure.shapes import Member, Shape, shapes
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric's value in its own unit (`None`: no data) and the records it rests on.

    A metric over metrics counts the records of its inputs. `assumed_count` of the records hold only by assumption:
    on that day no version of theirs was known yet. For `missing_count` of them a lookup found nothing, such as an
    exchange rate: then there is no value, because one without them would be wrong.
    """

    value: float | None
    record_count: int
    assumed_count: int = 0
    missing: str = ""
    """Why there is no value, where more is known than that no record counts."""
    fault: str | None = None
    """Why there is no value although there are records: they are not what the project says of them."""
    missing_count: int = 0
    input_hash: str | None = field(default=None, compare=False)
    """Of the versions that counted, in any order: the same number from other records has another one. Of a view, of all
    versions that the streams below had by that day. A metric over metrics has none of its own."""
    sql: str = field(default="", compare=False)
    """What was asked, with the instants of the day as parameters."""


Values = dict[str, Measured]


def measure(
    metrics: Mapping[str, CompiledMetric], history: History, days: Sequence[AsOf], lookups: Lookups = NO_LOOKUPS
) -> list[Values]:
    """The values of `metrics` (inputs before what rests on them) for each day, in the order of `days`.

    A metric whose stream or fields `history` does not hold has no data.
    """
    over_streams = [metric for metric in metrics.values() if metric.stream is not None]
    over_metrics = [metric for metric in metrics.values() if metric.stream is None]
    days = [with_events(day, over_streams, history) for day in days]
    values: list[Values] = [{metric.name: Measured(None, 0) for metric in over_streams} for _ in days]
    relations = Relations.of(history, over_streams)
    found_shapes = shapes(filter(relations.holds, over_streams), history.dialect, lookups)
    for shape in found_shapes:
        provide(history, shape.joins, lookups)
    for day, found in zip(days, values, strict=True):
        for shape in found_shapes:
            found.update(_answer(shape, relations, day))
    for metric in over_metrics:
        for day, found in zip(days, values, strict=True):
            found[metric.name] = _over_metrics(metric, history, day, found)
    return values


def evaluate(expression: exp.Expr, inputs: Iterable[str], values: Values, history: History) -> float | bool | None:
    """A compiled expression over metric values, such as the condition of a yes-or-no key result."""
    given = {name: write_sql(_constant(values[name].value), history.dialect) for name in inputs}
    columns = ", ".join(f"{constant} AS {quoted(name)}" for name, constant in given.items()) or "1 AS one"
    sql = f"SELECT {write_sql(expression, history.dialect)} FROM (SELECT {columns}) AS given"
    result: float | bool | None = history.query(sql).rows[0][0]
    return result


def _constant(value: float | None) -> exp.Expr:
    """From a text, which every engine reads as the same double."""
    return exp.cast(exp.null() if value is None else exp.Literal.string(repr(value)), exp.DataType.Type.DOUBLE)


def provide(history: History, joins: Mapping[str, exp.Join], lookups: Lookups) -> None:
    """Put what `joins` read beside the streams."""
    for name in sorted(tables_in(joins.values())):
        history.add(name, partial(lookups.table, name))


def _over_metrics(metric: CompiledMetric, history: History, day: AsOf, values: Values) -> Measured:
    inputs = [values[name] for name in metric.inputs]
    fault = next((measured.fault for measured in inputs if measured.fault is not None), None)
    missing_count = sum(measured.missing_count for measured in inputs)
    moment = Moment(instant(day.as_of), None, None)
    is_known = fault is None and not missing_count
    value = evaluate(metric.value(moment), metric.inputs, values, history) if is_known else None
    return Measured(
        None if value is None or missing_count else float(value),
        sum(measured.record_count for measured in inputs),
        sum(measured.assumed_count for measured in inputs),
        why_missing(inputs) if value is None else "",
        fault,
        missing_count,
    )


def why_missing(inputs: Iterable[Measured]) -> str:
    """What is known of why a value over these has no data."""
    return "; ".join(dict.fromkeys(one.missing for one in inputs if one.missing))


def _answer(shape: Shape, relations: Relations, day: AsOf) -> Values:
    """Run one shape's query for one day; a window that is none yet gives no data, and needs no query.

    Of rows that are not to be trusted nothing is told but their number.
    """
    missing = day.missing(shape.window)
    if missing is not None:
        return {member.name: Measured(None, 0, missing=missing) for member in shape.members}
    rows = relations.rows(shape.stream, day, Given.HELD_UNTIL.tree)
    found = _found(shape, rows, relations.history, day)
    own = {member.name: _own_sql(shape, rows, member) for member in shape.members}
    content = relations.content_below(shape.stream, day)
    fault = relations.fault(shape.stream)
    return {name: _told(measured, own[name], content, fault) for name, measured in found.items()}


def _told(measured: Measured, sql: str, content: int | None, fault: str | None) -> Measured:
    """With what was asked, and over a view with the hash of what lies below it."""
    input_hash = measured.input_hash if content is None else hash_text(content)
    value = measured.value if fault is None else None
    return replace(measured, value=value, fault=fault, sql=sql, input_hash=input_hash)


def _found(shape: Shape, source: Rows, history: History, day: AsOf) -> Values:
    if len({member.constants for member in shape.members}) == 1:
        only = shape.members[0].constants
        row = history.query(_sql(shape, source, only), _parameters(shape, day)).rows[0]
        return {member.name: _measured(row, member) for member in shape.members}
    rows = history.query(_sql(shape, source), _parameters(shape, day)).rows
    width = len(shape.fields)
    by_constants = {row[:width]: row[width:] for row in rows}
    found: Values = {}
    for member in shape.members:
        if member.constants not in by_constants:
            by_constants[member.constants] = _of_nothing(shape, source, history, day)
        found[member.name] = _measured(by_constants[member.constants], member)
    return found


def _of_nothing(shape: Shape, source: Rows, history: History, day: AsOf) -> tuple[Any, ...]:
    """What the values are over no records at all: 0 for a count, no data for most others."""
    return history.query(_sql(shape, source, (), "FALSE"), _parameters(shape, day)).rows[0]


def _measured(row: tuple[Any, ...], member: Member) -> Measured:
    *values, record_count, assumed_count, content = row
    missing_count = 0 if member.missing is None else int(values[member.missing])
    number = None if missing_count else values[member.value]
    return Measured(
        None if number is None else float(number),
        int(record_count or 0),
        int(assumed_count or 0),
        missing_count=missing_count,
        input_hash=hash_text(content),
    )


def _sql(shape: Shape, source: Rows, constants: Sequence[object] | None = None, only_if: str = "TRUE") -> str:
    """The shape's query: for its members with these constants, or for every member by group."""
    fields = ", ".join(quoted(name) for name in shape.fields)
    columns = [
        *shape.values,
        "count(*)",
        f"count(CASE WHEN _known_from >= {Given.HELD_UNTIL.sql} THEN 1 END)",
        source.content,
    ]
    grouped = fields and constants is None
    return (
        f"SELECT {', '.join([fields, *columns] if grouped else columns)}"
        f"{_from(shape, source, constants or (), only_if)}" + (f" GROUP BY {fields}" if grouped else "")
    )


def _own_sql(shape: Shape, source: Rows, member: Member) -> str:
    """What one member asks, by itself."""
    return f"SELECT {shape.values[member.value]}{_from(shape, source, member.constants)}"


def _from(shape: Shape, source: Rows, constants: Sequence[object], only_if: str = "TRUE") -> str:
    equalities = [
        write_sql(exp.EQ(this=exp.column(name, quoted=True), expression=exp.convert(constant)), shape.dialect)
        for name, constant in zip(shape.fields, constants, strict=False)
    ]
    conditions = [one for one in (source.condition, shape.condition, only_if, *equalities) if one != "TRUE"]
    return (
        f" FROM {source.relation}{''.join(f' {write_sql(join, shape.dialect)}' for join in shape.joins.values())}"
        f" WHERE {' AND '.join(f'({condition})' for condition in conditions or ['TRUE'])}"
    )


def _parameters(shape: Shape, day: AsOf) -> dict[int, datetime]:
    start, end = day.bounds(shape.window)
    given: dict[int, datetime] = {Given.AS_OF: day.as_of, Given.HELD_UNTIL: day.held_until, Given.WINDOW_END: end}
    if start is not None:
        given[Given.WINDOW_START] = start
    return given
