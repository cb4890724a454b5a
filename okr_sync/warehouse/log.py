"""The writing side: land versions of records and commit the checkpoint with them.

A stream's log is append-only. What comes is compared with what is known of the same record: the longest end of the
known versions that begins what comes is already there, and only the rest is written. Landing a page twice therefore
changes nothing, while a field that changes and changes back within one tick of the source's clock is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from okr_sync.connector import Checkpoint, Record, Stream
from okr_sync.warehouse.bookkeeping import commit_checkpoint, create_stream, is_there, landed_streams, last_commit
from okr_sync.warehouse.columns import to_columns
from okr_sync.warehouse.ends import End, end_of, is_made_here
from okr_sync.warehouse.merge import (
    Landing,
    choose_ended,
    merge,
    present,
    refuse_large_drop,
    unknown_keys,
    write_ended,
)
from okr_sync.warehouse.place import Transaction, Warehouse
from okr_sync.warehouse.staging import Staging


@dataclass(frozen=True, slots=True)
class Census:
    """What a census found: how many records ended, and the keys of records that the log does not hold as present."""

    deleted_count: int
    unknown_keys: list[str]


@dataclass(frozen=True, slots=True)
class LandedStream:
    """A stream as it stands in the warehouse."""

    stream: Stream
    record_count: int
    version_count: int
    last_version_at: datetime | None
    last_landed_at: datetime | None
    ended: Mapping[End, int] = field(default_factory=dict)
    """How many records ended and did not come back, by why; nothing where none did."""


class SourceLog:
    """One source's logs and checkpoints. Every method is one transaction.

    Raises:
        WarehouseError: from every method, where the warehouse cannot be used.
    """

    def __init__(self, warehouse: Warehouse, source: str) -> None:
        self._warehouse = warehouse
        self.source = source

    def checkpoint(self, stream: str, settings_hash: str) -> Checkpoint | None:
        """The last committed checkpoint, or `None` where there is none for these settings of the stream."""
        found = self._last_commit(stream)
        return found[0] if found is not None and found[1] == settings_hash else None

    def was_read_otherwise(self, stream: str, settings_hash: str) -> bool:
        """True where the last read was by other settings: they may have chosen records that these do not."""
        found = self._last_commit(stream)
        return found is not None and found[1] != settings_hash

    def land(
        self,
        stream: Stream,
        records: Sequence[Record],
        checkpoint: Checkpoint | None,
        settings_hash: str,
        landed_at: datetime,
    ) -> Landing:
        """Append what is new in `records`, in their order, and commit `checkpoint`, where there is one, with it.

        Raises:
            DataError: a record does not fit the stream's declaration, or the engine cannot hold it.
            WarehouseError: a field changed its type since it was first landed.
        """
        incoming = to_columns(stream, records, landed_at, self._warehouse.zone)
        with self._warehouse.write(self.source) as transaction:
            create_stream(transaction, stream, landed_at)
            transaction.bring(stream, incoming)
            landing = merge(transaction, stream, landed_at, is_whole=False, has_last_word=False)
            if checkpoint is not None:
                commit_checkpoint(transaction, stream.name, checkpoint, settings_hash, landed_at)
        return landing

    def land_everything(
        self,
        staging: Staging,
        checkpoint: Checkpoint,
        settings_hash: str,
        landed_at: datetime,
        *,
        accept_deletions: bool = False,
    ) -> Landing:
        """Append what is new in a full read, and end what it no longer lists. Its last word on a record is the present.

        Raises:
            IncompleteError: so many records vanished that lost permission, or a cut file, is more likely.
        """
        stream = staging.stream
        with self._warehouse.write(self.source) as transaction:
            create_stream(transaction, stream, landed_at)
            transaction.bring_file(stream, staging.finish())
            if not accept_deletions:
                refuse_large_drop(transaction, stream)
            before = last_commit(transaction, stream.name)
            end = End.OUT_OF_SCOPE if before is not None and before[1] != settings_hash else End.NOT_VISIBLE
            landing = merge(transaction, stream, landed_at, is_whole=True, has_last_word=True, end=end)
            commit_checkpoint(transaction, stream.name, checkpoint, settings_hash, landed_at)
        return landing

    def take_census(
        self,
        stream: Stream,
        keys: pa.ChunkedArray[pa.StringScalar],
        landed_at: datetime,
        *,
        accept_deletions: bool = False,
        end: End = End.NOT_VISIBLE,
    ) -> Census:
        """End the records that are not among `keys`, and tell which keys the log does not hold as present.

        Args:
            end: why those have ended.

        Raises:
            IncompleteError: so many records are gone that lost permission is more likely.
        """
        with self._warehouse.write(self.source) as transaction:
            create_stream(transaction, stream, landed_at)
            transaction.bring(stream, pa.table({"_key": keys}))
            if not accept_deletions:
                refuse_large_drop(transaction, stream)
            census = Census(choose_ended(transaction, stream), unknown_keys(transaction, stream))
            write_ended(transaction, stream, landed_at, end)
        return census

    def land_returned(self, stream: Stream, records: Sequence[Record], landed_at: datetime) -> Landing:
        """Append records that a census found: those that came back hold again from now on."""
        incoming = to_columns(stream, records, landed_at, self._warehouse.zone)
        with self._warehouse.write(self.source) as transaction:
            create_stream(transaction, stream, landed_at)
            transaction.bring(stream, incoming)
            return merge(transaction, stream, landed_at, is_whole=False, has_last_word=True)

    def streams(self) -> list[Stream]:
        """The streams that were landed, as they were last described, by name."""
        with self._looking() as transaction:
            return [] if transaction is None else landed_streams(transaction)

    def describe(self) -> list[LandedStream]:
        """The streams that were landed, by name; none where the source was never synced."""
        with self._looking() as transaction:
            if transaction is None:
                return []
            return [_describe(transaction, one) for one in landed_streams(transaction)]

    def _last_commit(self, stream: str) -> tuple[Checkpoint, str] | None:
        with self._looking() as transaction:
            return None if transaction is None else last_commit(transaction, stream)

    @contextmanager
    def _looking(self) -> Iterator[Transaction | None]:
        """A look at what was committed, or `None` where nothing ever was."""
        with self._warehouse.look(self.source) as transaction:
            yield transaction if transaction is not None and is_there(transaction) else None


def streams_by_source(warehouse: Warehouse, sources: Iterable[str]) -> dict[str, list[Stream]]:
    """By source of which anything has landed, as `SourceLog.streams`."""
    looks = warehouse.look_at_each(sources)
    return {transaction.source: landed_streams(transaction) for transaction in looks if is_there(transaction)}


def _describe(transaction: Transaction, stream: Stream) -> LandedStream:
    ((record_count, version_count, last_version_at, last_landed_at),) = transaction.rows(
        f"SELECT (SELECT count(*) FROM ({present(transaction, stream)}) AS present WHERE NOT _deleted), count(*),"
        f" max(_version_at), max(_landed_at) FROM {transaction.table(stream.name)}"
    )
    hashes = transaction.rows(
        f"SELECT CASE WHEN {is_made_here('_hash')} THEN _hash ELSE '' END, count(*)"
        f" FROM ({present(transaction, stream)}) AS present WHERE _deleted GROUP BY 1 ORDER BY 1"
    )
    ended: Counter[End] = Counter()
    for found, count in hashes:
        ended[end_of(found)] += int(count)
    return LandedStream(stream, record_count, version_count, last_version_at, last_landed_at, ended)
