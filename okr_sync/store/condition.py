"""The condition of a store, found without changing it: nothing is made, upgraded or written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlmodel import Session, col, select

from okr_sync.store.engine import connect, parse_url, writer
from okr_sync.store.errors import explained
from okr_sync.store.migrate import HEAD, revision
from okr_sync.store.tables import RunTable


@dataclass(frozen=True, slots=True)
class LastRun:
    """The run that began last; it never ended, or goes on, where `outcome` is None."""

    kind: str
    started_at: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    """The address as messages show it."""
    engine: str
    """Of the database, with its version."""
    revision: str | None
    """Of its schema; None where nothing was ever stored."""
    damage: str | None = None
    """What the database says is wrong with its own file."""
    free_bytes: int | None = None
    """Left on the disk of its file."""
    last_run: LastRun | None = None

    @property
    def is_current(self) -> bool:
        return self.revision == HEAD


def condition(url: str, folder: Path) -> Condition:
    """Look at a store.

    Raises:
        StoreError: the address is wrong, or its database cannot be reached, read or written.
    """
    address, name = parse_url(url, folder)
    if _is_missing(address):
        return Condition(name, "SQLite", None, free_bytes=_free_bytes(address))
    engine = connect(address, name)
    try:
        with explained(name):
            return _of(engine, name)
    finally:
        engine.dispose()


def _of(engine: Engine, name: str) -> Condition:
    with engine.connect() as connection:
        present = revision(connection)
        last_run = _last_run(connection) if present == HEAD else None
        damage = _damage(connection)
        version = ".".join(map(str, engine.dialect.server_version_info or ()))
    with writer(engine).connect() as connection:  # whoever may take the write lock may write
        connection.rollback()
    kind = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
    return Condition(name, f"{kind} {version}", present, damage, _free_bytes(engine.url), last_run)


def _last_run(connection: Connection) -> LastRun | None:
    with Session(connection) as session:
        row = session.exec(select(RunTable).order_by(col(RunTable.id).desc()).limit(1)).first()
        return None if row is None else LastRun(row.kind, row.started_at, row.outcome)


def _damage(connection: Connection) -> str | None:
    if connection.dialect.name != "sqlite":
        return None
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    return None if found == "ok" else str(found)


def _is_missing(address: URL) -> bool:
    return address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists()


def _free_bytes(address: URL) -> int | None:
    if address.get_backend_name() != "sqlite":
        return None
    folder = next(one for one in Path(str(address.database)).absolute().parents if one.exists())
    return shutil.disk_usage(folder).free
