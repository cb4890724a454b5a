"""How the database is opened.

A sync holds its source by an advisory lock of its session, and lands over the same session: whoever has lost the
connection has lost the lock, and lands nothing more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import IsolationLevel, RawCursor

from okr_sync.connector import Stream
from okr_sync.warehouse.place import LOOK_SECONDS, PATIENCE_SECONDS, Warehouse, WarehouseError, synced_elsewhere
from okr_sync.warehouse.postgres.address import Address
from okr_sync.warehouse.postgres.errors import explained
from okr_sync.warehouse.postgres.history import PostgresHistory
from okr_sync.warehouse.postgres.names import check_source
from okr_sync.warehouse.postgres.transaction import Connection, PostgresTransaction

OLDEST_VERSION = 17
"""Formulas need it: docs/dialects.md."""

_CONNECTING: dict[str, Any] = {
    "application_name": "okr-sync",
    "connect_timeout": "10",
    # A connection waits in silence while its source is read. Where the other end is gone, both ends give up in minutes.
    "keepalives_idle": "60",
    "keepalives_interval": "10",
    "keepalives_count": "6",
    "tcp_user_timeout": "120000",
}
_SESSION = f"""
    SET TimeZone = 'UTC';
    SET client_encoding = 'UTF8';
    SET lock_timeout = '{PATIENCE_SECONDS}s';
    SET idle_session_timeout = 0;
    SET idle_in_transaction_session_timeout = 0;
    SET tcp_keepalives_idle = 60;
    SET tcp_keepalives_interval = 10;
    SET tcp_keepalives_count = 6
"""


class PostgresWarehouse(Warehouse):
    """The schemas of a project's sources in one database."""

    dialect = PostgresHistory.dialect

    def __init__(self, url: str, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self.address = Address.parse(url)
        self._held: dict[str, Connection] = {}
        """By source whose lock is held, the session that holds it."""

    @contextmanager
    def lock(self, source: str, patience: timedelta = timedelta()) -> Iterator[None]:
        until = monotonic() + patience.total_seconds()
        with self._session() as connection:
            while not self._try_lock(connection, source):
                if monotonic() >= until:
                    raise synced_elsewhere(source)
                sleep(LOOK_SECONDS)
            self._held[source] = connection
            try:
                yield
            finally:
                del self._held[source]

    def _try_lock(self, connection: Connection, source: str) -> bool:
        with explained(self.address):
            return connection.execute("SELECT pg_try_advisory_lock($1)", [_key(source)]).fetchone() == (True,)

    @contextmanager
    def write(self, source: str) -> Iterator[PostgresTransaction]:
        check_source(source)
        with self._writer(source) as connection, explained(self.address), connection.transaction():
            yield PostgresTransaction(connection, source)

    @contextmanager
    def look(self, source: str) -> Iterator[PostgresTransaction]:
        check_source(source)
        with self._snapshot() as connection:
            yield PostgresTransaction(connection, source)

    def look_at_each(self, sources: Iterable[str]) -> Iterator[PostgresTransaction]:
        with self._snapshot() as connection:
            for source in sources:
                check_source(source)
                yield PostgresTransaction(connection, source)

    @contextmanager
    def history(
        self,
        streams: Mapping[str, Stream],
        fields: Mapping[str, Collection[str]],
        known_at: datetime | None = None,
    ) -> Iterator[PostgresHistory]:
        with self._session() as connection, explained(self.address):
            connection.execute("SELECT set_config('TimeZone', $1, false)", [self.zone.key])
            yield PostgresHistory.opened(connection, streams, fields, known_at)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A session in a transaction that sees what was committed before its first query, and nothing later."""
        with self._session() as connection, explained(self.address):
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                yield connection

    @contextmanager
    def _writer(self, source: str) -> Iterator[Connection]:
        """The session that holds the source's lock; where none of this process does, one that has waited for it."""
        if source in self._held:
            yield self._held[source]
            return
        with self._session() as connection:
            with explained(self.address):
                connection.execute("SELECT pg_advisory_lock($1)", [_key(source)])
            yield connection

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        """A new connection, which begins no transaction by itself."""
        with explained(self.address):
            connection: Connection = psycopg.connect(
                **{**_CONNECTING, **self.address.parameters},
                autocommit=True,
                prepare_threshold=None,
                cursor_factory=RawCursor,
            )
        with connection:
            _refuse_old(connection, self.address)
            with explained(self.address):
                connection.execute(_SESSION)
            yield connection


def _refuse_old(connection: Connection, address: Address) -> None:
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        raise WarehouseError(
            f"warehouse {address} is PostgreSQL {version // 10_000}; formulas need {OLDEST_VERSION} or later"
        )


def _key(source: str) -> int:
    """The number of a source's lock in its database, of 64 bits with a sign."""
    digest = hashlib.blake2b(f"okr-sync source {source}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
