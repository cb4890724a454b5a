"""How the files are opened.

DuckDB lets one process write a file, or many read it. Writers therefore open a file for one transaction at a time,
and whoever finds a file taken waits a little.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import duckdb
import stamina
from filelock import FileLock, Timeout

from okr_sync.connector import Stream
from okr_sync.warehouse.duck.history import DuckHistory
from okr_sync.warehouse.duck.transaction import DuckTransaction, literal
from okr_sync.warehouse.place import LOOK_SECONDS, PATIENCE_SECONDS, Warehouse, WarehouseError, quoted, synced_elsewhere

LANDING_MEMORY = "128MB"
"""What DuckDB may hold while records land. More goes to disk, so that memory stays flat as data grows."""
_HEADER_BYTES = 3 * 4096
"""What DuckDB writes to a new file before anything else."""
_T = TypeVar("_T")


class DuckWarehouse(Warehouse):
    """The folder of a project's DuckDB files."""

    dialect = DuckHistory.dialect

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self.folder = folder

    def file(self, source: str) -> Path:
        return self.folder / f"{source}.duckdb"

    def has_file(self, source: str) -> bool:
        """Whether anything may ever have been committed for the source.

        A process that dies, or whose disk is full, while DuckDB makes the file leaves less of it than its headers.
        """
        file = self.file(source)
        if not file.exists() or file.stat().st_size >= _HEADER_BYTES:
            return file.exists()
        return not _is_stump(file.read_bytes())

    @contextmanager
    def lock(self, source: str, patience: timedelta = timedelta()) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f"{source}.lock", timeout=patience.total_seconds())
        try:
            lock.acquire(poll_interval=LOOK_SECONDS)
        except Timeout:
            raise synced_elsewhere(source) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def write(self, source: str) -> Iterator[DuckTransaction]:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.file(source)
        if not self.has_file(source):
            file.unlink(missing_ok=True)
        connection = _patiently(file, lambda: duckdb.connect(file))
        try:
            _prepare(connection, "UTC")
            connection.execute("SET memory_limit = $limit", {"limit": LANDING_MEMORY})
            connection.execute("BEGIN")
            yield DuckTransaction(connection, source)
            _commit(connection, file)
        finally:
            connection.close()

    @contextmanager
    def look(self, source: str) -> Iterator[DuckTransaction | None]:
        if not self.has_file(source):
            yield None
            return
        with self._reading([source]) as connection:
            yield DuckTransaction(connection, source)

    def look_at_each(self, sources: Iterable[str]) -> Iterator[DuckTransaction]:
        with self._reading([]) as connection:
            for source in sources:
                if self.has_file(source):
                    _attach(connection, source, self.file(source))
                    yield DuckTransaction(connection, source)
                    connection.execute(f"DETACH {quoted(source)}")

    @contextmanager
    def history(
        self,
        streams: Mapping[str, Stream],
        fields: Mapping[str, Collection[str]],
        known_at: datetime | None = None,
    ) -> Iterator[DuckHistory]:
        with self._reading(sorted({name.split(".", 1)[0] for name in fields})) as connection:
            yield DuckHistory.opened(connection, streams, fields, known_at)

    @contextmanager
    def _reading(self, sources: Iterable[str]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which each source that has a file is attached by its name."""
        connection = duckdb.connect()
        try:
            _prepare(connection, self.zone.key)
            for source in sources:
                if self.has_file(source):
                    _attach(connection, source, self.file(source))
            yield connection
        finally:
            connection.close()

    def copy_to(self, source: str, folder: Path) -> Path | None:
        """A file in `folder` with all that has landed of the source; `None` where nothing has.

        Through DuckDB, since a landing that was killed leaves a part of it in a file of its own."""
        if not self.has_file(source):
            return None
        copy = folder / self.file(source).name
        with self._reading([source]) as connection:
            connection.execute(f"ATTACH {literal(copy)} AS _copy")
            connection.execute(f"COPY FROM DATABASE {quoted(source)} TO _copy")
        return copy


def _prepare(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    connection.execute("SET TimeZone = $zone", {"zone": zone})
    connection.execute("SET enable_progress_bar = false")  # it would be drawn among what a command prints


def _is_stump(content: bytes) -> bool:
    """Whether this is the beginning of a DuckDB file: a checksum, and the letters that all of them have."""
    return not content or content[8:12] == b"DUCK"


def _commit(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    try:
        connection.execute("COMMIT")
    except (duckdb.IOException, duckdb.TransactionException) as error:
        said = str(error).splitlines()[0]
        raise WarehouseError(
            f"{file.name} cannot be written, so nothing landed: {said}; see that its disk has room and may be written"
        ) from error


def _is_taken(error: Exception) -> bool:
    """Whether another process has the file, or another thread of this one in another way."""
    if isinstance(error, duckdb.IOException) and "lock" in str(error):
        return True
    return isinstance(error, duckdb.Error) and "Unique file handle conflict" in str(error)


def _attach(connection: duckdb.DuckDBPyConnection, source: str, file: Path) -> None:
    statement = f"ATTACH {literal(file)} AS {quoted(source)} (READ_ONLY)"
    _patiently(file, lambda: connection.execute(statement))


def _patiently(file: Path, call: Callable[[], _T]) -> _T:
    """What `call` gives, which needs the file: tried again for a while where somebody else has it."""
    try:
        for attempt in stamina.retry_context(
            on=_is_taken, attempts=None, timeout=float(PATIENCE_SECONDS), wait_initial=0.02, wait_max=1.0
        ):
            with attempt:
                return call()
    except duckdb.Error as error:
        raise _unreadable(file, error) from error
    raise AssertionError("retry_context either returns or raises")


def _unreadable(file: Path, error: duckdb.Error) -> WarehouseError:
    if _is_taken(error):
        return WarehouseError(
            f"{file.name} has been in use by another process for {PATIENCE_SECONDS} s; end that process or wait"
        )
    return WarehouseError(f"{file.name} cannot be opened as a DuckDB file: {str(error).splitlines()[0]}")
