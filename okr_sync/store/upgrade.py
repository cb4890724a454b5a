"""Runs Alembic on a store. Imported only where a schema is not current."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from okr_sync.store.errors import StoreError


def migrations() -> tuple[Config, ScriptDirectory]:
    """The revisions shipped in the package, and the settings Alembic runs them with."""
    config = Config()
    config.set_main_option("script_location", "okr_sync.store:migrations")
    return config, ScriptDirectory.from_config(config)


def refuse_newer(present: str | None, name: str) -> None:
    """Raises StoreError where the revision is none that this okr-sync knows."""
    known = [script.revision for script in migrations()[1].walk_revisions()]
    if present is not None and present not in known:
        raise StoreError(
            f"the store {name} was written by a newer okr-sync: its schema is {present}, this one knows {known[0]};"
            " upgrade okr-sync, or point store: at another database"
        )


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision, inside the connection's transaction."""
    config, _ = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
