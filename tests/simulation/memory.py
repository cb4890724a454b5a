"""A warehouse in memory, for schedules in which no process dies: opening files costs more than all else in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from okr_sync.warehouse.duck import DuckWarehouse
from okr_sync.warehouse.duck.transaction import DuckTransaction
from okr_sync.warehouse.place import quoted
from tests.simulation.oracle import SOURCE


class MemoryWarehouse(DuckWarehouse):
    """One source's database, which all connections share; what they say to it is what they would say to a file."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        super().__init__(folder, zone)
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute(f"ATTACH ':memory:' AS {quoted(SOURCE)}")

    def close(self) -> None:
        self._connection.close()

    def has_file(self, source: str) -> bool:
        return True

    @contextmanager
    def write(self, source: str) -> Iterator[DuckTransaction]:
        cursor = self._connection.cursor()
        try:
            cursor.execute("SET TimeZone = 'UTC'")
            cursor.execute("BEGIN")
            yield DuckTransaction(cursor, source)
            cursor.execute("COMMIT")
        finally:
            cursor.close()

    @contextmanager
    def _reading(self, sources: Iterable[str]) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        try:
            cursor.execute("SET TimeZone = $zone", {"zone": self.zone.key})
            yield _Attached(cursor)  # type: ignore[misc]
        finally:
            cursor.close()


class _Attached:
    """A connection to which the database only seems to be attached, so that it is not to be detached."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def execute(self, sql: object, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        is_end = isinstance(sql, str) and sql.startswith("DETACH")
        return self._cursor if is_end else self._cursor.execute(sql, parameters)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)
