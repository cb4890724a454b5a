"""The writing side: land versions of records and commit the checkpoint with them.

A stream's log is append-only. What comes is compared with what is known of the same record: the longest end of the
known versions that begins what comes is already there, and only the rest is written. Landing a page twice therefore
changes nothing, while a field that changes and changes back within one tick of the source's clock is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from okr_sync.connector import Checkpoint, Field, FieldType, Record, Stream
from okr_sync.warehouse.columns import SQL_TYPES, to_columns
from okr_sync.warehouse.merge import (
    Landing,
    choose_ended,
    merge,
    present,
    refuse_large_drop,
    unknown_keys,
    write_ended,
)
from okr_sync.warehouse.place import Warehouse, WarehouseError, first_row, quoted
from okr_sync.warehouse.staging import Staging

_SYSTEM_COLUMNS = {
    "_key": "VARCHAR NOT NULL",
    "_version_at": "TIMESTAMPTZ NOT NULL",
    "_landed_at": "TIMESTAMPTZ NOT NULL",
    "_deleted": "BOOLEAN NOT NULL",
    "_hash": "VARCHAR NOT NULL",
    "_sequence": "BIGINT NOT NULL",
}


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


class SourceLog:
    """One source's logs and checkpoints. Every method is one transaction."""

    def __init__(self, warehouse: Warehouse, source: str) -> None:
        self._warehouse = warehouse
        self.source = source

    def checkpoint(self, stream: str, settings_hash: str) -> Checkpoint | None:
        """The last committed checkpoint, or `None` where there is none for these settings of the stream."""
        found = self._last_commit(stream)
        if found is None or found[1] != settings_hash:
            return None
        checkpoint: Checkpoint = json.loads(found[0])
        return checkpoint

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
            DataError: a record does not fit the stream's declaration.
            WarehouseError: a field changed its type since it was first landed.
        """
        incoming = to_columns(stream, records, landed_at, self._warehouse.zone)
        with self._warehouse.write(self.source) as connection:
            _create_bookkeeping(connection)
            _create_stream(connection, stream, landed_at)
            connection.register("incoming", incoming)
            landing = merge(connection, stream, landed_at, is_whole=False, has_last_word=False)
            if checkpoint is not None:
                _commit_checkpoint(connection, stream, checkpoint, settings_hash, landed_at)
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
        with self._warehouse.write(self.source) as connection, staging.as_incoming(connection):
            _create_bookkeeping(connection)
            _create_stream(connection, stream, landed_at)
            if not accept_deletions:
                refuse_large_drop(connection, stream)
            landing = merge(connection, stream, landed_at, is_whole=True, has_last_word=True)
            _commit_checkpoint(connection, stream, checkpoint, settings_hash, landed_at)
        return landing

    def take_census(
        self,
        stream: Stream,
        keys: pa.ChunkedArray[pa.StringScalar],
        landed_at: datetime,
        *,
        accept_deletions: bool = False,
    ) -> Census:
        """End the records that are not among `keys`, and tell which keys the log does not hold as present.

        Raises:
            IncompleteError: so many records are gone that lost permission is more likely.
        """
        with self._warehouse.write(self.source) as connection:
            _create_stream(connection, stream, landed_at)
            connection.register("incoming", pa.table({"_key": keys}))
            if not accept_deletions:
                refuse_large_drop(connection, stream)
            census = Census(choose_ended(connection, stream), unknown_keys(connection, stream))
            write_ended(connection, stream, landed_at)
        return census

    def land_returned(self, stream: Stream, records: Sequence[Record], landed_at: datetime) -> Landing:
        """Append records that a census found: those that came back hold again from now on."""
        with self._warehouse.write(self.source) as connection:
            _create_stream(connection, stream, landed_at)
            connection.register("incoming", to_columns(stream, records, landed_at, self._warehouse.zone))
            return merge(connection, stream, landed_at, is_whole=False, has_last_word=True)

    def streams(self) -> list[Stream]:
        """The streams that were landed, as they were last described, by name."""
        with self._reading() as connection:
            return [] if connection is None else _landed_streams(connection)

    def describe(self) -> list[LandedStream]:
        """The streams that were landed, by name; none where the source was never synced."""
        with self._reading() as connection:
            return [] if connection is None else [_describe(connection, one) for one in _landed_streams(connection)]

    def _last_commit(self, stream: str) -> tuple[Any, ...] | None:
        """The last checkpoint as text, and the hash of the settings it was made with."""
        sql = "SELECT checkpoint, settings_hash FROM _checkpoint WHERE stream = $stream ORDER BY rowid DESC LIMIT 1"
        with self._reading() as connection:
            return None if connection is None else first_row(connection, sql, {"stream": stream})

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """The source's file, or `None` where nothing was ever committed to it: a first landing may have been killed."""
        if not self._warehouse.file(self.source).exists():
            yield None
            return
        with self._warehouse.read([self.source]) as connection:
            connection.execute(f"USE {quoted(self.source)}")
            yield connection if _has_bookkeeping(connection) else None


def streams_by_source(warehouse: Warehouse, sources: Iterable[str]) -> dict[str, list[Stream]]:
    """By source, as `SourceLog.streams`; those that have a file."""
    return {
        source: _landed_streams(connection) if _has_bookkeeping(connection) else []
        for source, connection in warehouse.read_each(sources)
    }


def _create_bookkeeping(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS _checkpoint (stream VARCHAR NOT NULL, checkpoint VARCHAR NOT NULL,"
        " settings_hash VARCHAR NOT NULL, committed_at TIMESTAMPTZ NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS _stream (name VARCHAR NOT NULL, declaration VARCHAR NOT NULL,"
        " described_at TIMESTAMPTZ NOT NULL)"
    )


def _has_bookkeeping(connection: duckdb.DuckDBPyConnection) -> bool:
    sql = "SELECT 1 FROM duckdb_tables() WHERE table_name = '_stream' AND database_name = current_database()"
    return first_row(connection, sql) is not None


def _create_stream(connection: duckdb.DuckDBPyConnection, stream: Stream, described_at: datetime) -> None:
    fields = {field.name: SQL_TYPES[field.type] for field in stream.fields}
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in (_SYSTEM_COLUMNS | fields).items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(stream.name)} ({columns})")
    present = _column_types(connection, stream.name)
    for name, kind in fields.items():
        if name not in present:
            connection.execute(f"ALTER TABLE {quoted(stream.name)} ADD COLUMN {quoted(name)} {kind}")
        elif present[name] != kind.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"):
            raise WarehouseError(
                f"stream {stream.name}: field {name} was landed as {present[name]} and is now {kind}."
                " Give the field a new name in the project, or delete the source's warehouse file to read it anew"
            )
    declaration = _to_json(stream)
    last = first_row(
        connection,
        "SELECT declaration FROM _stream WHERE name = $name ORDER BY rowid DESC LIMIT 1",
        {"name": stream.name},
    )
    if last is None or last[0] != declaration:
        connection.execute("INSERT INTO _stream VALUES ($1, $2, $3)", [stream.name, declaration, described_at])


def _column_types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    return {name: kind for name, kind, *_ in described}


def _commit_checkpoint(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    checkpoint: Checkpoint,
    settings_hash: str,
    committed_at: datetime,
) -> None:
    connection.execute(
        "INSERT INTO _checkpoint VALUES ($1, $2, $3, $4)",
        [stream.name, json.dumps(checkpoint), settings_hash, committed_at],
    )


def _to_json(stream: Stream) -> str:
    return json.dumps(
        {
            "name": stream.name,
            "fields": [_field_to_json(field) for field in stream.fields],
            "key": stream.key,
            "version_at": stream.version_at,
            "created_at": stream.created_at,
            "is_full_read": stream.is_full_read,
            "link": stream.link,
            "description": stream.description,
        },
        ensure_ascii=False,
    )


def _field_to_json(field: Field) -> list[str]:
    return [field.name, field.type, field.description, *([] if field.unit is None else [field.unit])]


def _from_json(declaration: str) -> Stream:
    content = json.loads(declaration)
    fields = tuple(Field(name, FieldType(kind), *further) for name, kind, *further in content.pop("fields"))
    return Stream(fields=fields, key=tuple(content.pop("key")), **content)


def _landed_streams(connection: duckdb.DuckDBPyConnection) -> list[Stream]:
    found = connection.execute(
        "SELECT declaration FROM _stream QUALIFY row_number() OVER"
        " (PARTITION BY name ORDER BY rowid DESC) = 1 ORDER BY name"
    ).fetchall()
    return [_from_json(declaration) for (declaration,) in found]


def _describe(connection: duckdb.DuckDBPyConnection, stream: Stream) -> LandedStream:
    found = first_row(
        connection,
        f"SELECT (SELECT count(*) FROM ({present(stream)}) WHERE NOT _deleted), count(*), max(_version_at),"
        f" max(_landed_at) FROM {quoted(stream.name)}",
    )
    return LandedStream(stream, *(found or (0, 0, None, None)))
