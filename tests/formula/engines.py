"""The engines that formulas are executed on in the tests, each with one relation, `records`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import duckdb
from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula import KEY_COLUMN, write_sql
from tests.formula.relations import Fields, create_relation

ZONE = "Asia/Ho_Chi_Minh"
"""The zone of the project, to which every session is set."""

_POSTGRES_TYPES = {
    FieldType.TEXT: "TEXT",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE PRECISION",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMPTZ",
    FieldType.LIST: "TEXT[]",
}


class Engine(Protocol):
    dialect: str

    def create(self, fields: Fields, records: Sequence[Sequence[object]], name: str = "records") -> None:
        """Put `records` into the relation; those without a key of their own get one, by their place."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def rows(self, *expressions: exp.Expr) -> list[tuple[Any, ...]]:
        """What the expressions give, selected from the relation."""

    def count(self, condition: exp.Expr) -> int:
        """How many records fulfil the condition."""


class DuckDB:
    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def create(self, fields: Fields, records: Sequence[Sequence[object]], name: str = "records") -> None:
        create_relation(self._connection, fields, records, name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def rows(self, *expressions: exp.Expr) -> list[tuple[Any, ...]]:
        return self._connection.execute(_select(self.dialect, expressions)).fetchall()

    def count(self, condition: exp.Expr) -> int:
        return len(self._connection.execute(_where(self.dialect, condition)).fetchall())


class PostgreSQL:
    dialect = "postgres"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def create(self, fields: Fields, records: Sequence[Sequence[object]], name: str = "records") -> None:
        columns = {KEY_COLUMN: FieldType.TEXT, **fields}
        typed = ", ".join(f'"{name}" {_POSTGRES_TYPES[type_]}' for name, type_ in columns.items())
        self._connection.execute(f'DROP TABLE IF EXISTS "{name}"; CREATE TEMP TABLE "{name}" ({typed})')
        marks = ", ".join("%s" for _ in columns)
        keyed = [record if KEY_COLUMN in fields else [f"{number:02}", *record] for number, record in enumerate(records)]
        with self._connection.cursor() as cursor:
            cursor.executemany(f'INSERT INTO "{name}" VALUES ({marks})', keyed)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        return rows

    def rows(self, *expressions: exp.Expr) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(_select(self.dialect, expressions)).fetchall()
        return rows

    def count(self, condition: exp.Expr) -> int:
        return len(self._connection.execute(_where(self.dialect, condition)).fetchall())


@contextmanager
def postgresql(url: str, zone: str = ZONE) -> Iterator[PostgreSQL]:
    """A session in `zone` on the server at `url`, in a database whose own locale knows ASCII letters alone."""
    import psycopg  # noqa: PLC0415 - only where the server is

    with psycopg.connect(url, autocommit=True) as owner:
        if owner.execute("SELECT 1 FROM pg_database WHERE datname = 'formulas'").fetchone() is None:
            owner.execute("CREATE DATABASE formulas TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    with psycopg.connect(url, dbname="formulas", autocommit=True, options=f"-c TimeZone={zone}") as connection:
        yield PostgreSQL(connection)


def _select(dialect: str, expressions: Sequence[exp.Expr]) -> str:
    return f"SELECT {', '.join(write_sql(each, dialect) for each in expressions)} FROM records"


def _where(dialect: str, condition: exp.Expr) -> str:
    return f"SELECT 1 FROM records WHERE {write_sql(condition, dialect)}"
