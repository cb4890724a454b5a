"""Relations of a few records in DuckDB, as the warehouse would offer them, for the tests of formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
from sqlglot import exp

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import (
    DEFAULT_CALENDAR,
    KEY_COLUMN,
    CompiledMetric,
    Helpers,
    Moment,
    compile_metrics,
    write_sql,
)
from okr_sync.project.metric import Metric

COLUMN_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMPTZ",
    FieldType.LIST: "VARCHAR[]",
}
HELPERS = Helpers(calendars=(DEFAULT_CALENDAR, "support"), has_rates=True)
Fields = Mapping[str, FieldType]


def stream_of(fields: Fields) -> Stream:
    return Stream("issues", tuple(Field(name, type_) for name, type_ in fields.items()), key=())


def compile_metric(fields: Fields, value: str, **parts: str) -> CompiledMetric:
    metric = Metric(value=value, stream="jira.issues", **parts)
    return compile_metrics({"it": metric}, {"jira.issues": stream_of(fields)}, helpers=HELPERS)["it"]


def instant(text: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), exp.DType.TIMESTAMPTZ)


def create_relation(
    database: duckdb.DuckDBPyConnection, fields: Fields, records: Sequence[Sequence[object]], name: str = "records"
) -> None:
    """The relation `name`; records without a key of their own get one, by their place."""
    columns = {KEY_COLUMN: FieldType.TEXT, **fields}
    typed = ", ".join(f'"{name}" {COLUMN_TYPES[type_]}' for name, type_ in columns.items())
    database.execute(f'CREATE OR REPLACE TABLE "{name}" ({typed})')
    marks = ", ".join("?" for _ in columns)
    for number, record in enumerate(records):
        key = [] if KEY_COLUMN in fields else [f"{number:02}"]
        database.execute(f'INSERT INTO "{name}" VALUES ({marks})', [*key, *record])


def value_of_all(database: duckdb.DuckDBPyConnection, metric: CompiledMetric, moment: Moment) -> object:
    return _only(database, f"SELECT {write_sql(metric.value(moment), 'duckdb')} FROM records")


def _only(database: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = database.execute(sql).fetchone()
    assert row is not None
    return row[0]
