"""Connections to the store's database: SQLite or PostgreSQL, one writer at a time.

A write transaction takes the store's write lock as it begins, before it reads what it is about to change. So two
processes that record the same day wait for each other and number their revisions one after the other.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from okr_sync.store.errors import StoreError, shown

WAIT_SECONDS = 30
"""How long one process waits for another's writing, which takes well under a second."""
_LOCK_KEY = 7_035_911_205
"""Any number that no other user of a shared PostgreSQL takes for its own advisory lock."""
_KINDS = "sqlite:///path/to/store.db or postgresql+psycopg://user@host/database"


def parse_url(text: str, folder: Path) -> tuple[URL, str]:
    """The address to connect to, and how messages name it. A relative SQLite path counts from `folder`.

    Raises:
        StoreError: the text is no address of a database that can be a store.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(f"store: holds no address of a database; write one such as {_KINDS}") from None
    name = shown(url)
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg"), name
    if backend != "sqlite":
        raise StoreError(f"the store {name} is of an unknown kind, {backend!r}; write {_KINDS}")
    if url.database in (None, "", ":memory:"):
        raise StoreError(f"the store {name} names no file, so nothing would be kept; write {_KINDS}")
    return url.set(drivername="sqlite", database=str(folder / url.database)), name


def connect(url: URL, name: str) -> Engine:
    """An engine whose connections and transactions keep the promises of this module.

    Raises:
        StoreError: the folder of the file cannot be made, or the driver is not installed.
    """
    if url.get_backend_name() == "sqlite":
        _make_folder(url, name)
        engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError(f"the store {name} needs a driver: pip install 'okr-sync[postgres]'") from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def writer(engine: Engine) -> Engine:
    """The same engine, whose transactions hold the write lock."""
    return engine.execution_options(okr_sync_writes=True)


def _make_folder(url: URL, name: str) -> None:
    try:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the store {name} cannot be made: {error.strerror}; check its folder and permissions"
        ) from error


def _configure_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # Python's driver would begin transactions by itself, but not before reads or schema changes; we begin them.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if _writes(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("okr_sync_writes"))
