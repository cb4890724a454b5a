"""Streams opened for reading: temporary tables of one session.

What a formula asks is a scan of such a table, which costs a tenth of computing the spans again. They are made in one
transaction, which sees the warehouse as of one moment. It ends before the queries begin, which may go on for long: a
transaction that stays open keeps the server from cleaning up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import pyarrow as pa
from psycopg import IsolationLevel
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import TimestamptzLoader

from okr_sync.connector import Stream
from okr_sync.warehouse.columns import ARROW_TYPES
from okr_sync.warehouse.history import Answer, History
from okr_sync.warehouse.place import WarehouseError, quoted
from okr_sync.warehouse.postgres.names import cut
from okr_sync.warehouse.postgres.transaction import Connection, PostgresTransaction
from okr_sync.warehouse.spans import spans

_OF_ARROW = {ARROW_TYPES[kind]: name for kind, name in PostgresTransaction.types.items()}
_SESSION = "SET jit = off"
"""Compiling costs more than it saves: a night is many queries, each over in tenths of a second."""

_CONTENT = "('x' || left(_hash, 15))::bit(60)::bigint"


class PostgresHistory(History):
    dialect = "postgres"

    def __init__(self, connection: Connection, fields: Mapping[str, Collection[str]]) -> None:
        super().__init__(fields)
        self._connection = connection
        self._kept: dict[str, str] = {}
        """The names of the relations, by what the server makes of them."""

    @classmethod
    def opened(
        cls,
        connection: Connection,
        streams: Mapping[str, Stream],
        fields: Mapping[str, Collection[str]],
        known_at: datetime | None,
    ) -> PostgresHistory:
        """On a connection in the project's zone, outside of any transaction."""
        for name, loader in _LOADERS.items():
            connection.adapters.register_loader(name, loader)
        connection.execute(_SESSION)
        history = cls(connection, fields)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            for name, wanted in fields.items():
                history.keep(name, spans(name, streams[name], sorted(wanted), known_at, _CONTENT))
        return history

    def keep(self, name: str, select: str) -> None:
        self._execute(f"DROP TABLE IF EXISTS pg_temp.{self._table(name)}")
        self._execute(f"CREATE TEMP TABLE {self._table(name)} AS {select}")
        self._execute(f"ANALYZE {self._table(name)}")  # nothing else tells the planner how many rows there are

    def query(self, sql: str, parameters: Mapping[int, object] | None = None) -> Answer:
        cursor = self._connection.execute(sql.encode(), [value for _, value in sorted((parameters or {}).items())])
        return Answer(tuple(column.name for column in cursor.description or ()), cursor.fetchall())

    def _put(self, name: str, rows: pa.Table) -> None:
        columns = ", ".join(f"{quoted(field.name)} {_OF_ARROW[field.type]}" for field in rows.schema)
        self._execute(f"CREATE TEMP TABLE {self._table(name)} ({columns})")
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {self._table(name)} FROM STDIN".encode()) as copy:
            for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                copy.write_row(row)
        self._execute(f"ANALYZE {self._table(name)}")

    def _execute(self, sql: str) -> None:
        self._connection.execute(sql.encode())

    def _table(self, name: str) -> str:
        """Raises: WarehouseError: the server would take the name for that of another relation."""
        other = self._kept.setdefault(cut(name), name)
        if other != name:
            raise WarehouseError(
                f"{other!r} and {name!r} begin with the same {len(cut(name).encode())} bytes, and PostgreSQL reads no"
                " further; give one of them, or its source, a shorter name"
            )
        return quoted(name)


class _Number(Loader):
    """What PostgreSQL computes in decimals, such as the sum of whole numbers, as DuckDB gives it."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


class _Instant(TimestamptzLoader):
    """The ends of time as DuckDB gives them: Python has no instants beyond."""

    def load(self, data: Buffer) -> datetime:
        return _ENDS.get(bytes(data)) or super().load(data)


_ENDS = {b"infinity": datetime.max, b"-infinity": datetime.min}  # noqa: DTZ901 - as DuckDB has them
_LOADERS: dict[str, type[Loader]] = {"numeric": _Number, "timestamptz": _Instant}
