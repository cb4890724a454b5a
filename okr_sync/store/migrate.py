"""Bring a store's schema to the revision this okr-sync knows. The revisions are in `migrations/versions`."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection, Engine

from okr_sync.store.engine import WAIT_SECONDS, writer
from okr_sync.store.errors import StoreError

VERSION_TABLE = "okr_sync_schema"
"""Not Alembic's own name, so that a database may be shared with others that use Alembic, such as Dagster."""


def migrate(engine: Engine, name: str) -> None:
    """Upgrade the schema in one transaction, or do nothing where it is current. Safe in several processes at once.

    Raises:
        StoreError: the store was written by a newer okr-sync.
    """
    config, scripts = migrations()
    with engine.connect() as connection:
        present = revision(connection)
    if present == scripts.get_current_head():
        return
    known = [script.revision for script in scripts.walk_revisions()]
    if present is not None and present not in known:
        raise StoreError(
            f"the store {name} was written by a newer okr-sync: its schema is {present}, this one knows {known[0]};"
            " upgrade okr-sync, or point store: at another database"
        )
    with _file_lock(engine):
        _use_write_ahead_log(engine)
        with writer(engine).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def migrations() -> tuple[Config, ScriptDirectory]:
    """The revisions shipped in the package, and the settings Alembic runs them with."""
    config = Config()
    config.set_main_option("script_location", "okr_sync.store:migrations")
    return config, ScriptDirectory.from_config(config)


def revision(connection: Connection) -> str | None:
    """The revision of the schema, or None for a database that holds no store yet."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


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
