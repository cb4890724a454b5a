"""What every engine of a warehouse offers: a lock for each source, transactions on its tables, and reading.

An engine is a folder beside this module. What lands, and how it joins what is known, is written once, over a
`Transaction`; `okr_sync.warehouse.engines` chooses the engine by the address.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import OkrSyncError

if TYPE_CHECKING:
    from okr_sync.warehouse.history import History

PATIENCE_SECONDS = 60
"""How long one landing waits for another process that holds what it needs."""
LOOK_SECONDS = 0.5
"""How often who waits for the lock of a source looks whether it is free."""


class WarehouseError(OkrSyncError):
    """The warehouse cannot be opened, or holds what this version does not understand."""


class Transaction(ABC):
    """One transaction on the tables of one source.

    SQL means the same in every engine: a table is `table(name)`, the parameters are $1, $2, ...
    """

    types: ClassVar[Mapping[FieldType, str]]
    """The SQL type of each type of field, as the engine itself writes it."""

    def __init__(self, source: str) -> None:
        self.source = source

    def table(self, name: str) -> str:
        """The source's table of that name, for SQL."""
        return f"{quoted(self.source)}.{quoted(name)}"

    @property
    @abstractmethod
    def whole(self) -> str:
        """All that has landed of the source, in the words of whoever would delete it."""

    @abstractmethod
    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement; what it answers, read to its end."""

    @abstractmethod
    def note(self, name: str, select: str) -> None:
        """Make what a query gives the relation `name`, for the rest of this transaction."""

    @abstractmethod
    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table with their types; none where there is no such table."""

    @abstractmethod
    def column(self, field: str) -> str:
        """The name that the column of a field has."""

    @abstractmethod
    def create_bookkeeping(self) -> None:
        """Make the tables `_stream` and `_checkpoint` where they are not there; their rows count up in `rowid`."""

    @abstractmethod
    def create_log(self, stream: Stream, columns: Mapping[str, str]) -> None:
        """Make the table of a stream, with these columns, where it is not there.

        Raises:
            WarehouseError: the engine cannot have such names.
        """

    @abstractmethod
    def bring(self, stream: Stream, rows: pa.Table) -> None:
        """Make `rows` the relation `incoming`.

        Raises:
            DataError: the engine cannot hold one of the values.
        """

    @abstractmethod
    def bring_file(self, stream: Stream, file: Path) -> None:
        """Make the rows of a Parquet file the relation `incoming`, in memory that does not grow with them.

        Raises:
            DataError: the engine cannot hold one of the values.
        """


class Warehouse(ABC):
    """Where the records of a project live. Making one opens nothing."""

    dialect: ClassVar[str]
    """In which formulas are written that run here, one of `okr_sync.formula.DIALECTS`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    @abstractmethod
    def lock(self, source: str, patience: timedelta = timedelta()) -> AbstractContextManager[None]:
        """Keep other processes from syncing this source at the same time.

        Raises:
            WarehouseError: another process is syncing it now, and still is when `patience` is over.
        """

    @abstractmethod
    def write(self, source: str) -> AbstractContextManager[Transaction]:
        """A transaction on a source, and no other beside it: committed at the end, rolled back on any error."""

    @abstractmethod
    def look(self, source: str) -> AbstractContextManager[Transaction | None]:
        """A transaction that only reads what has landed of a source; `None` where nothing ever has."""

    @abstractmethod
    def look_at_each(self, sources: Iterable[str]) -> Iterator[Transaction]:
        """One look after another at sources of which something has landed, over one connection, which is dear."""

    @abstractmethod
    def history(
        self,
        streams: Mapping[str, Stream],
        fields: Mapping[str, Collection[str]],
        known_at: datetime | None = None,
    ) -> AbstractContextManager[History]:
        """The streams named in `fields`, with the fields that will be read; `streams` holds them as they landed.

        Of what landed after `known_at` nothing is there: the past as it was known then.
        """


def quoted(name: str) -> str:
    """`name` as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def synced_elsewhere(source: str) -> WarehouseError:
    return WarehouseError(f"source {source!r} is being synced by another process; wait for it to end, then try again")
