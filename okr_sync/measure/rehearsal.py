"""The unit tests of metrics: a few rows in a project's YAML, and the value the formula must give for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import duckdb

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import Problem, nearest
from okr_sync.formula import KEY_COLUMN, CompiledMetric, Moment, write_sql
from okr_sync.measure.as_of import right_before
from okr_sync.measure.instant import DIALECT, instant
from okr_sync.measure.lookups import NO_LOOKUPS, Lookups, missing_in, tables_in
from okr_sync.project.cycle import end_of
from okr_sync.project.model import MetricTest
from okr_sync.warehouse.columns import SQL_TYPES
from okr_sync.warehouse.history import add_relation
from okr_sync.warehouse.place import quoted

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Rehearsal:
    """Runs tests without any source, on an empty DuckDB in the project's zone.

    A row leaves out what it has no value for. `where` counts; the window does not: the rows are those inside it.
    `as_of()` is the end of the test's `as_of`, or of `today`.
    """

    streams: Mapping[str, Stream]
    zone: ZoneInfo
    today: date
    lookups: Lookups = NO_LOOKUPS

    def failures(self, metrics: Mapping[str, CompiledMetric]) -> list[Problem]:
        """Every test that does not give what it expects."""
        found = []
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = $zone", {"zone": self.zone.key})
            for metric in metrics.values():
                for number, test in enumerate(metric.metric.tests, 1):
                    message = self._failure(connection, metric, test)
                    if message is not None:
                        place, path = str(test.place()), f"metrics.{metric.name}.tests"
                        found.append(Problem(place, path, f"test {number}: {message}"))
        return found

    def _failure(self, connection: duckdb.DuckDBPyConnection, metric: CompiledMetric, test: MetricTest) -> str | None:
        types = self._types(metric)
        unknown = next((name for row in test.rows for name in row if name not in types), None)
        if unknown is not None:
            return f"the formula does not read {unknown!r}{nearest(unknown, types)}"
        moment = Moment(instant(right_before(end_of(test.as_of or self.today, self.zone))))
        records, parameters = _relation(types, test)
        sql = self._sql(connection, metric, moment, records)
        try:
            value, missing_count = connection.execute(sql, parameters).fetchall()[0]
        except duckdb.ConversionException as error:
            return f"a row holds a value of another type: {str(error).splitlines()[0]}"
        if missing_count:
            value = None
            if test.expect is not None:
                return f"gives no value, expected {_shown(test.expect)}: {self.lookups.why_missing(metric)}"
        return None if _is_same(value, test.expect) else f"gives {_shown(value)}, expected {_shown(test.expect)}"

    def _sql(self, connection: duckdb.DuckDBPyConnection, metric: CompiledMetric, moment: Moment, records: str) -> str:
        """The value, and how many records lack something that is looked up."""
        condition, value = self.lookups.join(metric.condition(moment)), self.lookups.join(metric.value(moment))
        joins = {**condition.joins, **value.joins}
        for name in tables_in(joins.values()):
            add_relation(connection, name, self.lookups.table(name))
        joined = "".join(f" {write_sql(join, DIALECT)}" for join in joins.values())
        gap = missing_in(condition, value)
        missing_count = "0" if gap is None else f"count_if({write_sql(gap, DIALECT)})"
        return (
            f"SELECT {write_sql(value.expression, DIALECT)}, {missing_count} FROM ({records}){joined}"
            f" WHERE {write_sql(condition.unless_missing(), DIALECT)}"
        )

    def _types(self, metric: CompiledMetric) -> dict[str, str | None]:
        """The SQL type of every name the formula reads; `None` where it is not known yet."""
        if metric.stream is None:
            return dict.fromkeys(metric.inputs, SQL_TYPES[FieldType.NUMBER])
        fields = (self.streams[metric.stream].field(name) for name in metric.fields)
        known = {field.name: SQL_TYPES.get(field.type) for field in fields if field is not None}
        return {name: known.get(name) for name in metric.fields}


def _relation(types: Mapping[str, str | None], test: MetricTest) -> tuple[str, dict[str, object]]:
    """The test's rows as a subquery, one SELECT a row, and the values it names; no row counts where there is none."""
    parameters: dict[str, object] = {}
    selects = []
    for number, row in enumerate(test.rows or [{}]):
        columns = [f"'{number:06d}' AS {quoted(KEY_COLUMN)}"]
        for name, kind in sorted(types.items()):
            parameter = f"p{len(parameters)}"
            parameters[parameter] = row.get(name)
            value = f"${parameter}" if kind is None else f"CAST(${parameter} AS {kind})"
            columns.append(f"{value} AS {quoted(name)}")
        selects.append(f"SELECT {', '.join(columns)}" + ("" if test.rows else " WHERE FALSE"))
    return " UNION ALL ".join(selects), parameters


def _is_same(value: float | None, expected: float | None) -> bool:
    if value is None or expected is None:
        return value is expected
    return math.isclose(value, expected, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _shown(value: float | None) -> str:
    return "no data" if value is None else f"{value:.12g}"
