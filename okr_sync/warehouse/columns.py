"""Records as columns: typed, keyed and hashed, ready to be landed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from okr_sync.connector import DataError, Field, FieldType, Record, Stream, Value
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

OF_INCOMING: dict[str, FieldType] = {
    "_key": FieldType.TEXT,
    "_version_at": FieldType.TIMESTAMP,
    "_deleted": FieldType.BOOLEAN,
    "_hash": FieldType.TEXT,
    "_position": FieldType.INTEGER,
}
"""The columns that every record has, beside its fields."""

_UNFIT = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeEncodeError)
"""What conversion raises: another type; a number beyond 64 bits; half of a character."""

_FIRST = pa.scalar(datetime(1, 1, 1, tzinfo=UTC), ARROW_TYPES[FieldType.TIMESTAMP])
_LAST = pa.scalar(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), ARROW_TYPES[FieldType.TIMESTAMP])


def to_columns(
    stream: Stream, records: Sequence[Record], landed_at: datetime, zone: ZoneInfo, first_position: int = 0
) -> pa.Table:
    """Records of `stream` as an Arrow table: the columns of `OF_INCOMING`, then the fields.

    A time of change that is a date is the beginning of that day in `zone`.

    Raises:
        DataError: a record has no key, no time of change, or a value that does not fit its field's type.
    """
    keys = [_key(stream, record) for record in records]
    fields = {
        field.name: _array(stream, field, keys, [record.fields.get(field.name) for record in records])
        for field in stream.fields
    }
    columns: dict[str, pa.Array[Any]] = {
        "_key": pa.array(keys, pa.string()),
        "_version_at": pa.array(
            [_version_at(stream, record, landed_at, zone) for record in records], ARROW_TYPES[FieldType.TIMESTAMP]
        ),
        "_deleted": pa.array([record.is_deleted for record in records], pa.bool_()),
        "_hash": pa.array([_hash(record) for record in records], pa.string()),
        "_position": pa.array(range(first_position, first_position + len(records)), pa.int64()),
    }
    return pa.table(columns | fields)


def _array(stream: Stream, field: Field, keys: Sequence[str], values: Sequence[Value]) -> pa.Array[Any]:
    try:
        return _fitting(field.type, values)
    except _UNFIT:
        for key, value in zip(keys, values, strict=True):
            try:
                _fitting(field.type, [value])
            except _UNFIT as error:
                raise DataError(
                    f"stream {stream.name}: field {field.name} is declared {field.type}, but record {key!r} holds"
                    f" {value!r:.100}: {error}"
                ) from error
        raise


def _fitting(kind: FieldType, values: Sequence[Value]) -> pa.Array[Any]:
    found = pa.array(values, ARROW_TYPES[kind])
    if kind is FieldType.TIMESTAMP and pc.any(pc.or_(pc.less(found, _FIRST), pc.greater(found, _LAST))).as_py():
        raise OverflowError("only the years 1 to 9999, in UTC, can be kept")
    return found


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
