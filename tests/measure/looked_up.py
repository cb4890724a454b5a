"""What a formula with lookups gives for each record, on any engine: the records and helper relations are made there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from okr_sync.connector import FieldType
from okr_sync.formula import CompiledMetric, Moment, write_sql
from okr_sync.measure import Lookups
from okr_sync.measure.lookups import missing_in, tables_in
from tests.formula.engines import ZONE, DuckDB, Engine, postgresql
from tests.formula.relations import Fields, compile_metric, instant

SPANS: Fields = {"a": FieldType.TIMESTAMP, "b": FieldType.TIMESTAMP, "due_on": FieldType.DATE}
_TYPES = {"int64": "BIGINT", "double": "DOUBLE PRECISION", "string": "TEXT", "date32[day]": "DATE"}


@dataclass(frozen=True)
class Desk:
    """An engine with relations beside the records."""

    engine: Engine
    execute: Callable[[str], Any]
    fill: Callable[[str, list[tuple[Any, ...]]], None]

    def by_record(
        self, value: str, lookups: Lookups, fields: Fields, records: Sequence[Sequence[object]], **parts: str
    ) -> list[tuple[Any, ...]]:
        """For each record that `where` lets through, in their order: the value, and how many lookups found nothing."""
        self.engine.create(fields, records)
        metric = compile_metric(fields, value, **parts)
        return list(self.execute(self._sql(metric, lookups)).fetchall())

    def _sql(self, metric: CompiledMetric, lookups: Lookups) -> str:
        moment = Moment(instant("2026-10-05 09:00+07:00"))
        condition, found = lookups.join(metric.condition(moment)), lookups.join(metric.value(moment))
        joins = {**condition.joins, **found.joins}
        for name in tables_in(joins.values()):
            self._create(name, lookups)
        gap = missing_in(condition, found)
        assert gap is not None
        joined = " ".join(self._write(join) for join in joins.values())
        return (
            f"SELECT {self._write(found.expression)}, count(CASE WHEN {self._write(gap)} THEN 1 END)"
            f" FROM records {joined} WHERE {self._write(condition.unless_missing())} GROUP BY _key ORDER BY _key"
        )

    def _write(self, expression: Any) -> str:
        return write_sql(expression, self.engine.dialect)

    def _create(self, name: str, lookups: Lookups) -> None:
        table = lookups.table(name)
        columns = ", ".join(f'"{field.name}" {_TYPES[str(field.type)]}' for field in table.schema)
        self.execute(f'DROP TABLE IF EXISTS "{name}"')
        self.execute(f'CREATE TEMP TABLE "{name}" ({columns})')
        self.fill(name, list(zip(*(column.to_pylist() for column in table.columns), strict=True)))


@contextmanager
def duckdb_desk() -> Iterator[Desk]:
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = '{ZONE}'")

        def fill(name: str, rows: list[tuple[Any, ...]]) -> None:
            import pyarrow as pa  # noqa: PLC0415 - only here

            columns = [list(column) for column in zip(*rows, strict=True)]
            if rows:
                filling = pa.table(columns, names=[f"c{n}" for n in range(len(columns))])
                connection.register("filling", filling)
                connection.execute(f'INSERT INTO "{name}" SELECT * FROM filling')

        yield Desk(DuckDB(connection), connection.execute, fill)


@contextmanager
def postgresql_desk(url: str) -> Iterator[Desk]:
    with postgresql(url) as engine:
        connection = engine._connection

        def fill(name: str, rows: list[tuple[Any, ...]]) -> None:
            with connection.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)

        yield Desk(engine, connection.execute, fill)
