"""Relations of a few records in DuckDB, as the warehouse would offer them, for the tests of formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
from sqlglot import exp

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import KEY_COLUMN, CompiledMetric, Moment, compile_metrics
from okr_sync.project.model import Metric

COLUMN_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMPTZ",
    FieldType.LIST: "VARCHAR[]",
}
NOISE: Mapping[FieldType, Sequence[object]] = {
    FieldType.TEXT: ["zzz", "AAA"],
    FieldType.INTEGER: [1000, -999],
    FieldType.NUMBER: [1000.5, -999.5],
    FieldType.BOOLEAN: [True, False],
    FieldType.DATE: ["2099-01-01", "1999-01-01"],
    FieldType.TIMESTAMP: ["2099-01-01 00:00+00", "1999-01-01 00:00+00"],
    FieldType.LIST: [["seo"], ["zzz"]],
}
"""Values of records that do not count: each would change every result if it did."""

Fields = Mapping[str, FieldType]


def stream_of(fields: Fields) -> Stream:
    return Stream("issues", tuple(Field(name, type_) for name, type_ in fields.items()), key=())


def compile_metric(fields: Fields, value: str, **parts: str) -> CompiledMetric:
    metric = Metric(value=value, stream="jira.issues", **parts)
    return compile_metrics({"it": metric}, {"jira.issues": stream_of(fields)})["it"]


def instant(text: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), exp.DType.TIMESTAMPTZ)


def create_relation(database: duckdb.DuckDBPyConnection, fields: Fields, records: Sequence[Sequence[object]]) -> None:
    """The relation `records`, where `_counts` is true, and `mixed` with more records, where it is false or unknown."""
    columns = {KEY_COLUMN: FieldType.TEXT, **fields}
    typed = ", ".join(f'"{name}" {COLUMN_TYPES[type_]}' for name, type_ in columns.items())
    database.execute(f"CREATE OR REPLACE TABLE mixed ({typed}, _counts BOOLEAN)")
    marks = ", ".join("?" for _ in columns)
    for number, record in enumerate(records):
        key = [] if KEY_COLUMN in fields else [f"{number:02}"]
        database.execute(f"INSERT INTO mixed VALUES ({marks}, TRUE)", [*key, *record])
    for number, counts in enumerate((False, None)):
        noise = [NOISE[type_][number] for type_ in columns.values()]
        database.execute(f"INSERT INTO mixed VALUES ({marks}, ?)", [*noise, counts])
    database.execute("CREATE OR REPLACE VIEW records AS FROM mixed WHERE _counts")


def value_of_all(database: duckdb.DuckDBPyConnection, metric: CompiledMetric, moment: Moment) -> object:
    return _only(database, f"SELECT {metric.value(moment).sql('duckdb')} FROM records")


def value_of_some(database: duckdb.DuckDBPyConnection, metric: CompiledMetric, moment: Moment) -> object:
    """The value of the same records, picked by a condition out of more."""
    value = metric.value(moment, exp.column("_counts"))
    return _only(database, f"SELECT {value.sql('duckdb')} FROM mixed")


def count_in(database: duckdb.DuckDBPyConnection, condition: exp.Expr) -> object:
    return _only(database, f"SELECT count(*) FROM records WHERE {condition.sql('duckdb')}")


def _only(database: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = database.execute(sql).fetchone()
    assert row is not None
    return row[0]
