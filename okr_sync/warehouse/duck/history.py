"""Streams opened for reading: temporary tables of a connection in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from okr_sync.connector import Stream
from okr_sync.warehouse.history import Answer, History
from okr_sync.warehouse.place import quoted
from okr_sync.warehouse.spans import spans

_CONTENT = "CAST('0x' || left(_hash, 15) AS BIGINT)"


class DuckHistory(History):
    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, fields: Mapping[str, Collection[str]]) -> None:
        super().__init__(fields)
        self._connection = connection

    @classmethod
    def opened(
        cls,
        connection: duckdb.DuckDBPyConnection,
        streams: Mapping[str, Stream],
        fields: Mapping[str, Collection[str]],
        known_at: datetime | None,
    ) -> DuckHistory:
        """On a connection in the project's zone, to which the files of the sources are attached."""
        history = cls(connection, fields)
        for name, wanted in fields.items():
            history.keep(name, spans(name, streams[name], sorted(wanted), known_at, _CONTENT))
        for source in {name.split(".", 1)[0] for name in fields}:
            connection.execute(f"DETACH DATABASE IF EXISTS {quoted(source)}")
        return history

    def keep(self, name: str, select: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {select}")

    def query(self, sql: str, parameters: Mapping[int, object] | None = None) -> Answer:
        (statement,) = self._connection.extract_statements(sql)
        given = {str(number): value for number, value in (parameters or {}).items()}
        used = {name: value for name, value in given.items() if name in statement.named_parameters}
        result = self._connection.execute(statement, used)
        return Answer(tuple(column[0] for column in result.description or ()), result.fetchall())

    def _put(self, name: str, rows: pa.Table) -> None:
        add_relation(self._connection, name, rows)


def add_relation(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """A temporary relation of these rows."""
    connection.register("_rows", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT * FROM _rows")
    connection.unregister("_rows")
