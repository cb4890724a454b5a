"""Bring a store's schema to the revision this okr-sync knows. The revisions are in `migrations/versions`.

Most of the time there is nothing to do, and every command asks: Alembic, a third of a second to import, is left to the
times when there is (`okr_sync.store.upgrade`).
"""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, Engine, inspect, text

from okr_sync.store.engine import WAIT_SECONDS, writer

HEAD = "0007"
"""The newest revision. A test compares it with the revisions themselves."""
VERSION_TABLE = "okr_sync_schema"
"""Not Alembic's own name, so that a database may be shared with others that use Alembic, such as Dagster."""


def migrate(engine: Engine, name: str) -> None:
    """Upgrade the schema in one transaction, or do nothing where it is current. Safe in several processes at once.

    Raises:
        StoreError: the store was written by a newer okr-sync.
    """
    with engine.connect() as connection:
        present = revision(connection)
    if present == HEAD:
        return
    from okr_sync.store.upgrade import refuse_newer, upgrade  # noqa: PLC0415 - slow to import, see above

    refuse_newer(present, name)
    with _file_lock(engine):
        _use_write_ahead_log(engine)
        with writer(engine).begin() as connection:
            upgrade(connection)


def revision(connection: Connection) -> str | None:
    """The revision of the schema, or None for a database that holds no store yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def _file_lock(engine: Engine) -> FileLock | nullcontext[None]:
    """For SQLite, whose change to the write-ahead log fails at once, without waiting, when two processes make it."""
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return FileLock(Path(f"{engine.url.database}.lock"), timeout=WAIT_SECONDS)


def _use_write_ahead_log(engine: Engine) -> None:
    """With SQLite's write-ahead log, readers and the writer do not wait for each other. The file remembers it."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:  # the change is refused inside a transaction
            connection.cursor().execute("PRAGMA journal_mode = WAL")
