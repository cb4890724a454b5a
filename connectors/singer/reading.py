"""One read of a stream: the lines of a tap become pages, each with the last state that the tap gave before its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from textwrap import shorten
from typing import Any

from connectors.singer.columns import Row
from connectors.singer.faults import TapFaults
from connectors.singer.messages import Message, parse_message
from connectors.singer.schema import properties_of
from connectors.singer.table import Table
from okr_sync.connector import (
    Checkpoint,
    DataError,
    IncompleteError,
    Page,
    Rejection,
    SettingsError,
    UnavailableError,
)

_PAGE_ROWS = 1_000
_PAGE_BYTES = 1 << 24
"""A page has fewer rows where they are large, so that memory stays flat."""
_LONGEST_QUOTE = 120


class StreamReading:
    """Reads the lines of one run.

    The checkpoint holds the tap's `state`, the `version` of the whole that it last activated, and the `fingerprint` of
    what was read. It is {} as long as the tap has not spoken of the stream.
    """

    def __init__(self, table: Table, listed: Collection[str], checkpoint: Checkpoint | None, faults: TapFaults) -> None:
        self._where = f"{faults.where}: stream {table.stream.name}"
        self._table = table
        self._listed = listed
        """What messages may call a stream."""
        self._faults = faults
        known = checkpoint or {}
        self._is_known = known.get("fingerprint") == table.fingerprint and not table.stream.is_full_read
        self.state: Any = known.get("state") if self._is_known else None
        """What the tap is to go on from; `None` to begin."""
        self._version: int | None = known.get("version") if self._is_known else None
        self._has_schema = False
        self._line = 0
        self._rows: list[Row] = []
        self._rejected: list[Rejection] = []
        self._bytes = 0

    def pages(self, lines: Iterable[bytes | None]) -> Iterator[Page]:
        """The pages of a run whose lines end, or raise UnavailableError where the tap fails.

        Where the tap is silent for a while, what came so far is a page, so that whoever reads can stop.
        """
        try:
            for line in lines:
                if line is not None:
                    self._take(line)
                if line is None or len(self._rows) >= _PAGE_ROWS or self._bytes >= _PAGE_BYTES:
                    yield self._page()
        except UnavailableError:
            yield self._page()  # what came before is good
            raise
        if not (self._has_schema or self._is_known):
            raise IncompleteError(
                f"{self._where}: the tap ended well but said nothing of this stream, not even that it is empty;"
                " run the tap yourself to see why, and see whether it `needs:` another stream to be read"
            )
        yield self._page()

    def _page(self) -> Page:
        records, rejected = self._table.reading.records(self._rows)
        page = Page(records, self._checkpoint(), rejected=[*self._rejected, *rejected])
        self._rows, self._rejected, self._bytes = [], [], 0
        return page

    def _checkpoint(self) -> Checkpoint:
        if self._table.stream.is_full_read or not (self._has_schema or self._is_known):
            return {}
        told = {"state": self.state, "version": self._version}
        return {"fingerprint": self._table.fingerprint} | {
            name: value for name, value in told.items() if value is not None
        }

    def _take(self, line: bytes) -> None:
        self._line += 1
        self._bytes += len(line)
        if not line.strip():
            return
        try:
            message = parse_message(line)
        except ValueError as error:
            reason = f"it is {error}: {self._quoted(line.decode(errors='replace'))}"
            self._rejected.append(Rejection(f"line {self._line} of the tap's output", reason))
            return
        match message["type"]:
            case "STATE":
                self.state = message["value"]
            case "SCHEMA" | "RECORD" | "ACTIVATE_VERSION" | "BATCH":
                self._take_of_stream(message)

    def _take_of_stream(self, message: Message) -> None:
        if message["stream"] not in self._table.entry.names:
            self._check_listed(message)
            return
        match message["type"]:
            case "SCHEMA":
                self._check_schema(message)
                self._has_schema = True
            case "RECORD":
                self._take_record(message)
            case "ACTIVATE_VERSION":
                self._check_version(message["version"])
            case "BATCH":
                raise SettingsError(
                    f"{self._where}: the tap writes records to files (BATCH), which okr-sync does not read; take"
                    " batch_config out of its config"
                )

    def _take_record(self, message: Message) -> None:
        if not self._has_schema:
            raise DataError(
                f"{self._where}: line {self._line} of the tap's output is a RECORD before any SCHEMA of its stream, so"
                " nothing says what it means; update the tap, or report it to its makers"
            )
        if self._table.stream.is_full_read and message.get("version") is not None:
            self._check_version(message["version"])
        self._rows.append(Row(self._line, message["record"]))

    def _check_listed(self, message: Message) -> None:
        """Streams that were not asked for are skipped: some taps read all, and some need a parent of what we want."""
        if message["stream"] not in self._listed:
            raise DataError(
                f"{self._where}: line {self._line} of the tap's output is of a stream"
                f" {self._quoted(message['stream'])!r}, which the tap did not list when asked; take whatever renames"
                " streams (stream_maps) out of its config"
            )

    def _quoted(self, text: str) -> str:
        return shorten(self._faults.clean(text), _LONGEST_QUOTE, placeholder=" …")

    def _check_schema(self, message: Message) -> None:
        table = self._table
        gone = table.properties - properties_of(message["schema"]).keys()
        if gone:
            raise IncompleteError(
                f"{self._where}: the tap does not give {', '.join(sorted(gone))} now, although it listed it; the next"
                " run asks anew, and if it stays so, write the fields that you want under `select:`"
            )
        if table.told_key is not None and set(message["key_properties"] or ()) != set(table.told_key):
            raise IncompleteError(
                f"{self._where}: the tap's key is {message['key_properties']} now, although it listed"
                f" {list(table.told_key)}; the next run asks anew, and if it stays so, write the one you want as `key:`"
            )

    def _check_version(self, version: int) -> None:
        """A tap numbers its readings of a whole table. When one is activated, what only older ones had is gone.

        A full read says that by itself, as long as it is one reading from its beginning to its end.
        """
        if self._version is None:
            self._version = version
        if version == self._version:
            return
        if self._table.stream.is_full_read:
            raise IncompleteError(
                f"{self._where}: the tap began version {version} after version {self._version} in one read, so what"
                " came before may not be there any more; the next run reads it from the beginning"
            )
        raise SettingsError(
            f"{self._where}: the tap began version {version} after version {self._version}: what it does not give any"
            " more is gone, which a read of changes cannot tell. Write `replication: full_table` for this stream and"
            " sync once; then you may take it out again"
        )
