"""One transaction on a source's file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from okr_sync.connector import FieldType, Stream
from okr_sync.warehouse.place import Transaction, quoted

SQL_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    FieldType.LIST: "VARCHAR[]",
}


class DuckTransaction(Transaction):
    types = SQL_TYPES

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str) -> None:
        super().__init__(source)
        self._connection = connection

    @property
    def whole(self) -> str:
        return f"the file {self.source}.duckdb of the warehouse"

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, list(parameters)).fetchall()

    def note(self, name: str, select: str) -> None:
        self.rows(f"CREATE TEMP TABLE {name} AS {select}")

    def columns(self, table: str) -> dict[str, str]:
        sql = (
            "SELECT column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = $1 AND schema_name = 'main' AND table_name = $2 ORDER BY column_index"
        )
        return dict(self.rows(sql, self.source, table))

    def column(self, field: str) -> str:
        return field

    def create_bookkeeping(self) -> None:
        self.rows(
            f"CREATE TABLE IF NOT EXISTS {self.table('_checkpoint')} (stream VARCHAR NOT NULL,"
            " checkpoint VARCHAR NOT NULL, settings_hash VARCHAR NOT NULL, committed_at TIMESTAMPTZ NOT NULL)"
        )
        self.rows(
            f"CREATE TABLE IF NOT EXISTS {self.table('_stream')} (name VARCHAR NOT NULL, declaration VARCHAR NOT NULL,"
            " described_at TIMESTAMPTZ NOT NULL)"
        )

    def create_log(self, stream: Stream, columns: Mapping[str, str]) -> None:
        listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        self.rows(f"CREATE TABLE IF NOT EXISTS {self.table(stream.name)} ({listed})")

    def bring(self, stream: Stream, rows: pa.Table) -> None:
        self._connection.register("incoming", rows)

    def bring_file(self, stream: Stream, file: Path) -> None:
        self.rows(f"CREATE TEMP VIEW incoming AS SELECT * FROM read_parquet({literal(file)})")


def literal(file: Path) -> str:
    """The path as a SQL text, where it cannot be a parameter."""
    return "'" + str(file).replace("'", "''") + "'"
