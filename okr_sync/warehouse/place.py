"""Where the warehouse is, and how its files are opened: one DuckDB file and one lock per source.

DuckDB lets one process write a file, or many read it. Writers therefore open a file for one transaction at a time,
and whoever finds a file taken waits a little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb
import stamina
from filelock import FileLock, Timeout

from okr_sync.errors import OkrSyncError

_SCHEME = "duckdb:///"
LANDING_MEMORY = "128MB"
"""What DuckDB may hold while records land. More goes to disk, so that memory stays flat as data grows."""
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_T = TypeVar("_T")


class WarehouseError(OkrSyncError):
    """The warehouse cannot be opened, or holds what this version does not understand."""


class Warehouse:
    """The folder of a project's DuckDB files. Making one opens nothing."""

    def __init__(self, url: str, project_folder: Path, zone: ZoneInfo) -> None:
        if not url.startswith(_SCHEME):
            raise WarehouseError(f"warehouse: {url!r} is not supported; write {_SCHEME}FOLDER")
        self.folder = project_folder / url.removeprefix(_SCHEME)
        self.zone = zone

    def file(self, source: str) -> Path:
        return self.folder / f"{source}.duckdb"

    @contextmanager
    def lock(self, source: str, patience: timedelta = timedelta()) -> Iterator[None]:
        """Keep other processes from syncing this source at the same time.

        Raises:
            WarehouseError: another process is syncing it now, and still is when `patience` is over.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f"{source}.lock", timeout=patience.total_seconds())
        try:
            lock.acquire(poll_interval=_LOOK_SECONDS)
        except Timeout:
            raise WarehouseError(
                f"source {source!r} is being synced by another process; wait for it to end, then try again"
            ) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def write(self, source: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction on a source's file: committed at the end, rolled back on any error."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.file(source)
        connection = _patiently(file, lambda: duckdb.connect(file))
        try:
            _prepare(connection, "UTC")
            connection.execute("SET memory_limit = $limit", {"limit": LANDING_MEMORY})
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()

    @contextmanager
    def read(self, sources: list[str]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in the project's zone on which each source that has a file is attached by its name."""
        connection = duckdb.connect()
        try:
            _prepare(connection, self.zone.key)
            for source in sources:
                if self.file(source).exists():
                    _attach(connection, source, self.file(source))
            yield connection
        finally:
            connection.close()

    def read_each(self, sources: Iterable[str]) -> Iterator[tuple[str, duckdb.DuckDBPyConnection]]:
        """Each source that has a file, and a connection to it alone: one for all, since a connection is dear."""
        with self.read([]) as connection:
            for source in sources:
                if self.file(source).exists():
                    _attach(connection, source, self.file(source))
                    connection.execute(f"USE {quoted(source)}")
                    yield source, connection
                    connection.execute("USE memory")
                    connection.execute(f"DETACH {quoted(source)}")


def quoted(name: str) -> str:
    """`name` as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def first_row(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None
) -> tuple[Any, ...] | None:
    """The first row of an answer, read to its end: DuckDB does nothing else before that."""
    rows = connection.execute(sql, parameters).fetchall()
    return rows[0] if rows else None


def _prepare(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    connection.execute("SET TimeZone = $zone", {"zone": zone})
    connection.execute("SET enable_progress_bar = false")  # it would be drawn among what a command prints


def _is_taken(error: Exception) -> bool:
    """Whether another process has the file, or another thread of this one in another way."""
    if isinstance(error, duckdb.IOException) and "lock" in str(error):
        return True
    return isinstance(error, duckdb.Error) and "Unique file handle conflict" in str(error)


def _attach(connection: duckdb.DuckDBPyConnection, source: str, file: Path) -> None:
    # A file name cannot be a parameter of ATTACH.
    statement = f"ATTACH '{str(file).replace(chr(39), chr(39) * 2)}' AS {quoted(source)} (READ_ONLY)"
    _patiently(file, lambda: connection.execute(statement))


def _patiently(file: Path, call: Callable[[], _T]) -> _T:
    """What `call` gives, which needs the file: tried again for a while where somebody else has it."""
    try:
        for attempt in stamina.retry_context(
            on=_is_taken, attempts=None, timeout=_PATIENCE_SECONDS, wait_initial=0.02, wait_max=1.0
        ):
            with attempt:
                return call()
    except duckdb.Error as error:
        raise _unreadable(file, error) from error
    raise AssertionError("retry_context either returns or raises")


def _unreadable(file: Path, error: duckdb.Error) -> WarehouseError:
    if _is_taken(error):
        return WarehouseError(
            f"{file.name} has been in use by another process for {_PATIENCE_SECONDS:.0f} s; end that process or wait"
        )
    return WarehouseError(f"{file.name} cannot be opened as a DuckDB file: {str(error).splitlines()[0]}")
