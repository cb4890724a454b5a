"""DuckDB for SQLAlchemy: as much of a dialect as reading takes.

SQLAlchemy thinks of a connection and its cursors; DuckDB's cursors are connections of their own, each with its own
transaction. So there is one, and it is both.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import duckdb
from sqlalchemy import text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import IdentifierPreparer

_ROOM = Path(gettempdir()) / f"okr-sync-duckdb-{os.getpid()}"
"""For what does not fit into memory, which would go beside the file. DuckDB makes it, and takes it away.

One for all connections: DuckDB opens a file twice in one process only with the same configuration.
"""


class _Cursor:
    """The connection, looked at as a cursor that can be closed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, statement: str, parameters: Any = None) -> None:
        self._connection.execute(statement, list(parameters or ()))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def close(self) -> None:
        """The connection stays."""


class _Connection:
    """A file opened for reading only."""

    def __init__(self, path: str) -> None:
        self._connection = duckdb.connect(path, read_only=True, config={"temp_directory": str(_ROOM)})

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def commit(self) -> None:
        """Nothing to commit: reading ends with a rollback."""

    def rollback(self) -> None:
        with suppress(duckdb.TransactionException):  # where none was begun
            self._connection.rollback()

    def close(self) -> None:
        self._connection.close()


class _Preparer(IdentifierPreparer):
    def _requires_quotes(self, value: str) -> bool:
        """Always: `at` is a word of the language, and so is what the next version adds."""
        return True


class DuckDialect(DefaultDialect):
    name = "okr_sync_duckdb"
    driver = "duckdb"
    default_paramstyle = "qmark"
    supports_statement_cache = True
    preparer = _Preparer

    @classmethod
    def import_dbapi(cls) -> Any:
        return duckdb

    def create_connect_args(self, url: URL) -> Any:
        return (str(url.database),), {}

    def connect(self, path: str) -> Any:
        return _Connection(path)

    def get_table_names(self, connection: Connection, schema: str | None = None, **_: Any) -> list[str]:
        sql = text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = coalesce(:schema, current_schema())"
        )
        return [name for (name,) in connection.execute(sql, {"schema": schema})]

    def get_view_names(self, connection: Connection, schema: str | None = None, **_: Any) -> list[str]:
        """Among the tables."""
        return []
