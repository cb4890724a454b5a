"""What a source's tables say of themselves: which streams landed, as last described, and how far each was read.

Both tables are append-only; the last row of a stream is what holds.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from okr_sync.connector import Checkpoint, Field, FieldType, Stream
from okr_sync.warehouse.place import Transaction, WarehouseError, quoted


def is_there(transaction: Transaction) -> bool:
    """Whether anything was ever committed: a first landing may have been killed."""
    return bool(transaction.columns("_stream"))


def create_stream(transaction: Transaction, stream: Stream, described_at: datetime) -> None:
    """Make the log of a stream, or give it its new fields, and write down how it is described now.

    Raises:
        WarehouseError: a field changed its type since it was first landed.
    """
    transaction.create_bookkeeping()
    fields = {transaction.column(field.name): field for field in stream.fields}
    types = {name: transaction.types[field.type] for name, field in fields.items()}
    transaction.create_log(stream, _system_columns(transaction) | types)
    present = transaction.columns(stream.name)
    for name, field in fields.items():
        if name not in present:
            transaction.rows(f"ALTER TABLE {transaction.table(stream.name)} ADD COLUMN {quoted(name)} {types[name]}")
        elif present[name] != types[name]:
            raise WarehouseError(
                f"stream {stream.name}: field {field.name} was landed as {_in_words(transaction, present[name])} and is"
                f" now {field.type}. Give the field a new name in the project, or delete what has landed of the source,"
                f" {transaction.whole}, to read it anew"
            )
    declaration = _to_json(stream)
    last = transaction.rows(
        f"SELECT declaration FROM {transaction.table('_stream')} WHERE name = $1 ORDER BY rowid DESC LIMIT 1",
        stream.name,
    )
    if last != [(declaration,)]:
        transaction.rows(
            f"INSERT INTO {transaction.table('_stream')} (name, declaration, described_at) VALUES ($1, $2, $3)",
            stream.name,
            declaration,
            described_at,
        )


def landed_streams(transaction: Transaction) -> list[Stream]:
    """The streams that were landed, as they were last described, by name."""
    found = transaction.rows(f"SELECT name, declaration FROM {transaction.table('_stream')} ORDER BY rowid")
    return [_from_json(declaration) for _, declaration in sorted(dict(found).items())]


def commit_checkpoint(
    transaction: Transaction, stream: str, checkpoint: Checkpoint, settings_hash: str, committed_at: datetime
) -> None:
    transaction.rows(
        f"INSERT INTO {transaction.table('_checkpoint')} (stream, checkpoint, settings_hash, committed_at)"
        " VALUES ($1, $2, $3, $4)",
        stream,
        json.dumps(checkpoint),
        settings_hash,
        committed_at,
    )


def last_commit(transaction: Transaction, stream: str) -> tuple[Checkpoint, str] | None:
    """The last checkpoint of a stream, and the hash of the settings it was made with."""
    found = transaction.rows(
        f"SELECT checkpoint, settings_hash FROM {transaction.table('_checkpoint')}"
        " WHERE stream = $1 ORDER BY rowid DESC LIMIT 1",
        stream,
    )
    return (json.loads(found[0][0]), found[0][1]) if found else None


def _system_columns(transaction: Transaction) -> dict[str, str]:
    types = {
        "_key": FieldType.TEXT,
        "_version_at": FieldType.TIMESTAMP,
        "_landed_at": FieldType.TIMESTAMP,
        "_deleted": FieldType.BOOLEAN,
        "_hash": FieldType.TEXT,
        "_sequence": FieldType.INTEGER,
    }
    return {name: f"{transaction.types[kind]} NOT NULL" for name, kind in types.items()}


def _in_words(transaction: Transaction, sql_type: str) -> str:
    """The type of field that has this SQL type."""
    return next((kind for kind, written in transaction.types.items() if written == sql_type), sql_type)


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
    content: dict[str, Any] = json.loads(declaration)
    fields = tuple(Field(name, FieldType(kind), *further) for name, kind, *further in content.pop("fields"))
    return Stream(fields=fields, key=tuple(content.pop("key")), **content)
