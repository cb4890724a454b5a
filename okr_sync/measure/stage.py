"""The rows of one test as a relation, and the queries over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

import duckdb
from sqlglot import exp

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.formula import KEY_COLUMN, CompiledMetric, Moment, write_sql
from okr_sync.measure.as_of import right_before
from okr_sync.measure.instant import instant
from okr_sync.measure.lookups import Joined, Lookups, missing_in, tables_in
from okr_sync.project.cycle import end_of
from okr_sync.project.metric import MetricTest
from okr_sync.project.wording import shown
from okr_sync.warehouse.duck import SQL_TYPES
from okr_sync.warehouse.duck.history import add_relation
from okr_sync.warehouse.place import quoted

DIALECT = "duckdb"
"""Whatever the warehouse: a test reads none of it."""
_INPUT = SQL_TYPES[FieldType.NUMBER]
_WORDS = {
    SQL_TYPES[kind]: words
    for kind, words in {
        FieldType.TEXT: "text",
        FieldType.INTEGER: "a whole number",
        FieldType.NUMBER: "a number",
        FieldType.BOOLEAN: "true or false",
        FieldType.DATE: "a date, such as 2026-10-31",
        FieldType.TIMESTAMP: "a time, such as 2026-10-31 09:00",
        FieldType.LIST: "a list of texts",
    }.items()
}


class StageError(OkrSyncError):
    """A test that cannot be run: its rows are not such as its metric reads."""


class Setting(Protocol):
    """What the tests of a project share."""

    @property
    def streams(self) -> Mapping[str, Stream]: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def today(self) -> date: ...
    @property
    def lookups(self) -> Lookups: ...


@dataclass(frozen=True, slots=True)
class Stage:
    connection: duckdb.DuckDBPyConnection
    metric: CompiledMetric
    test: MetricTest
    lookups: Lookups
    given: Joined
    """What the formula gives."""
    condition: Joined
    relation: str
    parameters: Mapping[str, object]

    @classmethod
    def of(
        cls, connection: duckdb.DuckDBPyConnection, metric: CompiledMetric, test: MetricTest, setting: Setting
    ) -> Self:
        """Set up the rows of a test.

        Raises:
            StageError: a row holds what the formula does not read, or a value of another type.
        """
        types = _types(metric, setting.streams)
        _check_rows(metric, test, types)
        relation, parameters = _relation(types, test)
        try:
            connection.execute(f"SELECT * FROM ({relation})", parameters).fetchall()
        except duckdb.Error as error:
            raise StageError(_wrong_value(connection, test, types) or _in_a_line(error)) from None
        moment = Moment(instant(right_before(end_of(test.as_of or setting.today, setting.zone))))
        given, condition = (setting.lookups.join(one) for one in (metric.value(moment), metric.condition(moment)))
        joins = {**condition.joins, **given.joins}
        for name in tables_in(joins.values()):
            add_relation(connection, name, setting.lookups.table(name))
        joined = "".join(f" {write_sql(join, DIALECT)}" for join in joins.values())
        return cls(connection, metric, test, setting.lookups, given, condition, f"({relation}){joined}", parameters)

    def value(self, without: int | None = None) -> float | None:
        """What the formula gives for the rows, or for all but the one at this place, from 0.

        Raises:
            StageError: DuckDB cannot compute it, or a lookup finds nothing and the test expects a value.
        """
        columns = write_sql(self.given.expression, DIALECT)
        if self.metric.stream is not None:
            gap = missing_in(self.given, self.condition) or exp.false()
            columns += f", count_if({write_sql(gap, DIALECT)})"
        further = "" if without is None else f" AND {quoted(KEY_COLUMN)} <> '{_key(without)}'"
        ((found, *missing_count),) = self._ask(columns, further)
        if any(missing_count) and self.test.expect is not None:
            raise StageError(f"gives no value: {self.lookups.why_missing(self.metric)}")
        return None if found is None or any(missing_count) else float(found)

    def counted(self) -> set[int]:
        """The places of the rows that `where` lets through."""
        return {int(key) for (key,) in self._ask(quoted(KEY_COLUMN), "")}

    def _ask(self, columns: str, further: str) -> list[Any]:
        condition = write_sql(self.condition.unless_missing(), DIALECT)
        sql = f"SELECT {columns} FROM {self.relation} WHERE ({condition}){further}"
        try:
            return self.connection.execute(sql, dict(self.parameters)).fetchall()
        except duckdb.Error as error:
            raise StageError(_in_a_line(error)) from None


def _types(metric: CompiledMetric, streams: Mapping[str, Stream]) -> dict[str, str | None]:
    """The SQL type of every name the formula reads; `None` where it is not known yet."""
    if metric.stream is None:
        return dict.fromkeys(metric.inputs, _INPUT)
    fields = (streams[metric.stream].field(name) for name in metric.fields)
    known = {field.name: SQL_TYPES.get(field.type) for field in fields if field is not None}
    return {name: known.get(name) for name in metric.fields}


def _check_rows(metric: CompiledMetric, test: MetricTest, types: Mapping[str, str | None]) -> None:
    unknown = next((name for row in test.rows for name in row if name not in types), None)
    if unknown is not None:
        raise StageError(f"the formula does not read {unknown!r}{nearest(unknown, types)}")
    if metric.stream is None and len(test.rows) != 1:
        inputs = ", ".join(f"{name}: 1" for name in metric.inputs)
        raise StageError(
            f"a metric over metrics is tested with one row, the values of its inputs: [{{{inputs}}}];"
            f" this has {len(test.rows)} rows"
        )


def _wrong_value(
    connection: duckdb.DuckDBPyConnection, test: MetricTest, types: Mapping[str, str | None]
) -> str | None:
    """The first value that is not of its field's type, in words."""
    for number, row in enumerate(test.rows, 1):
        for name, value in row.items():
            kind = types[name]
            if kind is None or value is None:
                continue
            try:
                connection.execute(f"SELECT CAST($value AS {kind})", {"value": value})
            except duckdb.Error:
                return f"row {number}: {name} is {shown(value)}, not {_WORDS[kind]}"
    return None


def _in_a_line(error: duckdb.Error) -> str:
    return f"these rows cannot be computed with: {str(error).splitlines()[0]}"


def _relation(types: Mapping[str, str | None], test: MetricTest) -> tuple[str, dict[str, object]]:
    """The test's rows as a subquery, and the values it names; no row counts where there is none."""
    parameters: dict[str, object] = {}
    rows = []
    for number, row in enumerate(test.rows or [{}]):
        values = [f"'{_key(number)}'"]
        for name, kind in sorted(types.items()):
            parameter = f"p{len(parameters)}"
            parameters[parameter] = row.get(name)
            values.append(f"${parameter}" if kind is None else f"CAST(${parameter} AS {kind})")
        rows.append(f"({', '.join(values)})")
    columns = ", ".join(quoted(name) for name in (KEY_COLUMN, *sorted(types)))
    found = f"SELECT * FROM (VALUES {', '.join(rows)}) AS given({columns})"
    return (found if test.rows else f"{found} WHERE FALSE"), parameters


def _key(number: int) -> str:
    return f"{number:06d}"
