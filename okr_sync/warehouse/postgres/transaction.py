"""One transaction on a source's schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from okr_sync.connector import FieldType, Stream
from okr_sync.warehouse.columns import OF_INCOMING
from okr_sync.warehouse.place import Transaction, WarehouseError, quoted
from okr_sync.warehouse.postgres.copy import copy_rows
from okr_sync.warehouse.postgres.names import check_stream, cut

Connection = psycopg.Connection[tuple[Any, ...]]

SQL_TYPES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "timestamp with time zone",
    FieldType.LIST: "text[]",
}


class PostgresTransaction(Transaction):
    types = SQL_TYPES

    def __init__(self, connection: Connection, source: str) -> None:
        super().__init__(source)
        self._connection = connection

    @property
    def whole(self) -> str:
        return f"the schema {self.source} of the warehouse"

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(sql.encode(), parameters)
        return cursor.fetchall() if cursor.description is not None else []

    def note(self, name: str, select: str) -> None:
        self.rows(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}")
        self.rows(f"ANALYZE {name}")  # nothing else tells the planner how many rows there are

    def columns(self, table: str) -> dict[str, str]:
        sql = (
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        return dict(self.rows(sql, self.table(table)))

    def column(self, field: str) -> str:
        return cut(field)

    def create_bookkeeping(self) -> None:
        if self.columns("_stream"):
            return
        self._create_schema()
        counted = "rowid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        self.rows(
            f"CREATE TABLE {self.table('_checkpoint')} ({counted}, stream text NOT NULL, checkpoint text NOT NULL,"
            " settings_hash text NOT NULL, committed_at timestamptz NOT NULL)"
        )
        self.rows(
            f"CREATE TABLE {self.table('_stream')} ({counted}, name text NOT NULL, declaration text NOT NULL,"
            " described_at timestamptz NOT NULL)"
        )

    def _create_schema(self) -> None:
        """An empty schema may be there already, made by whoever grants nobody to make one.

        Raises:
            WarehouseError: the schema is somebody else's.
        """
        held = "EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = pg_namespace.oid)"
        found = self.rows(f"SELECT {held} FROM pg_namespace WHERE nspname = $1", self.source)
        if found == [(True,)]:
            raise WarehouseError(
                f"the schema {self.source} of the warehouse's database holds something else: give okr-sync a database"
                " of its own, or the source another name"
            )
        if not found:
            self.rows(f"CREATE SCHEMA {quoted(self.source)}")

    def create_log(self, stream: Stream, columns: Mapping[str, str]) -> None:
        """Keys are compared by their bytes; what lands is looked up by them, and numbered on from the last number."""
        check_stream(stream)
        if self.columns(stream.name):
            return
        table = self.table(stream.name)
        listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        self.rows(f"CREATE TABLE {table} ({listed})")
        self.rows(f'ALTER TABLE {table} ALTER COLUMN _key TYPE text COLLATE "C"')
        self.rows(f"CREATE INDEX ON {table} USING hash (_key)")  # which has no limit to the length of a key
        self.rows(f"CREATE INDEX ON {table} (_sequence)")

    def bring(self, stream: Stream, rows: pa.Table) -> None:
        self._bring(stream, rows.schema, rows.to_batches())

    def bring_file(self, stream: Stream, file: Path) -> None:
        with pq.ParquetFile(file) as parquet:
            self._bring(stream, parquet.schema_arrow, parquet.iter_batches(batch_size=5_000))

    def _bring(self, stream: Stream, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        kinds = OF_INCOMING | {field.name: field.type for field in stream.fields}
        listed = ", ".join(f"{quoted(name)} {SQL_TYPES[kinds[name]]}" for name in schema.names)
        listed = listed.replace('"_key" text', '"_key" text COLLATE "C"', 1)
        self.rows(f"CREATE TEMP TABLE incoming ({listed}) ON COMMIT DROP")
        copy_rows(self._connection, stream, batches)
        self.rows("ANALYZE incoming")
