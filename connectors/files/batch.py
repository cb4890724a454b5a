"""What every reader gives, and what it reads from: the shapes that the parts of this connector share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from okr_sync.connector import AccessError, DataError, FieldType, IncompleteError, UnavailableError

BATCH_RECORDS = 1_000
"""Few enough to stay in a processor's cache: four times as many take a third longer each."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a stream, on this machine."""

    path: Path
    stream: str
    """The stream it belongs to, with its source."""
    name: str
    """Its path as the project writes it, or its address without what may be secret."""
    stamp: tuple[int, int]
    """Size and time of change when it was found."""
    is_sheet: bool = False
    """True for the CSV of a Google Sheet, whose cells hold what the sheet shows people."""

    def __str__(self) -> str:
        return f"{self.stream}: {self.name}"

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Read inside of this, so that a file which is still being written is never taken for a whole one.

        Raises:
            IncompleteError: the file is not as it was when it was found, before the reading or after.
            AccessError: it may not be read.
            UnavailableError: it vanished, or the disk or the network below it failed.
        """
        try:
            self._check_unchanged()
            yield
            self._check_unchanged()
        except DataError:
            self._check_unchanged()  # a line that is still being written is no bad line
            raise
        except PermissionError as error:
            raise AccessError(f"{self}: may not be read; allow this user to read it") from error
        except OSError as error:
            raise UnavailableError(f"{self}: cannot be read ({error.strerror}); sync again when it is there") from error

    def _check_unchanged(self) -> None:
        if stamp_of(self.path) != self.stamp:
            raise IncompleteError(
                f"{self}: changed while it was being read, so a part may be missing; sync again when it is written"
            )


def stamp_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """A column as the file has it: its own name, and the types of its values (`None` for missing ones)."""

    name: str
    types: frozenset[FieldType | None]


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a file before it is read."""

    columns: Sequence[HeaderColumn]
    record_count: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of one file, column by column in the order of its header."""

    lines: Sequence[int]
    """Where each record begins, as an editor numbers lines."""
    columns: Sequence[Sequence[object]]


class Reader(Protocol):
    """Reads one file of one format."""

    has_header: ClassVar[bool]
    """False where all records must be read to know the columns."""

    def header(self, record_limit: int | None) -> Header:
        """The columns, with types found in the first `record_limit` records (`None`: in all of them).

        Raises:
            DataError: the file is empty, or not in its format.
        """

    def batches(self, header: Header) -> Iterator[Batch]:
        """All records, in batches of `BATCH_RECORDS`.

        Raises:
            DataError: the file is not in its format; the message names the line.
        """

    def place(self, line: int) -> str:
        """The file and the line of a record in it, for messages."""
