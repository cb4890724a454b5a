"""Records as columns: typed, keyed and hashed, ready to be landed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from okr_sync.connector import DataError, FieldType, Record, Stream, Value
from okr_sync.project.cycle import start_of

ARROW_TYPES: dict[FieldType, pa.DataType] = {
    FieldType.TEXT: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    FieldType.LIST: pa.list_(pa.string()),
}


def to_columns(
    stream: Stream, records: Sequence[Record], landed_at: datetime, zone: ZoneInfo, first_position: int = 0
) -> pa.Table:
    """Records of `stream` as an Arrow table: `_key`, `_version_at`, `_deleted`, `_hash`, `_position`, then the fields.

    A time of change that is a date is the beginning of that day in `zone`.

    Raises:
        DataError: a record has no key, no time of change, or a value that does not fit its field's type.
    """
    columns: dict[str, pa.Array[Any]] = {
        "_key": pa.array([_key(stream, record) for record in records], pa.string()),
        "_version_at": pa.array(
            [_version_at(stream, record, landed_at, zone) for record in records], ARROW_TYPES[FieldType.TIMESTAMP]
        ),
        "_deleted": pa.array([record.is_deleted for record in records], pa.bool_()),
        "_hash": pa.array([_hash(record) for record in records], pa.string()),
        "_position": pa.array(range(first_position, first_position + len(records)), pa.int64()),
    }
    for field in stream.fields:
        values = [record.fields.get(field.name) for record in records]
        columns[field.name] = _array(stream, field.name, field.type, values)
    return pa.table(columns)


def _array(stream: Stream, name: str, kind: FieldType, values: list[Value]) -> pa.Array[Any]:
    try:
        return pa.array(values, ARROW_TYPES[kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise DataError(f"stream {stream.name}: field {name} is declared {kind}, but holds another: {error}") from error


def _key(stream: Stream, record: Record) -> str:
    parts = [record.fields.get(name) for name in stream.key]
    if any(part is None for part in parts):
        raise DataError(
            f"stream {stream.name}: a record without its key ({', '.join(stream.key)}): {_preview(record)};"
            " every record needs one, or name another key"
        )
    return str(parts[0]) if len(parts) == 1 else json.dumps(parts, default=str, ensure_ascii=False)


def _version_at(stream: Stream, record: Record, landed_at: datetime, zone: ZoneInfo) -> datetime:
    if stream.version_at is None:
        return landed_at
    value = record.fields.get(stream.version_at)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return start_of(value, zone)
    raise DataError(
        f"stream {stream.name}: a record without its time of change ({stream.version_at}): {_preview(record)}"
    )


def _hash(record: Record) -> str:
    """Sameness of content: field order, and fields that are missing, make no difference."""
    content = [(name, value) for name, value in sorted(record.fields.items()) if value is not None]
    text = _to_json([record.is_deleted, content])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _instant(value: date) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()


_to_json = json.JSONEncoder(default=_instant, ensure_ascii=False, check_circular=False).encode
"""Made once: `json.dumps` makes an encoder for every record."""


def _preview(record: Record) -> str:
    known: Iterable[str] = (f"{name}={value!r}" for name, value in record.fields.items() if value is not None)
    return ", ".join(known)[:200]
