"""What every record of a table has beside the table's own fields, and the stream that a table is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from connectors.lark.cells import from_milliseconds
from okr_sync.connector import Field, FieldType, Stream, Value
from okr_sync.http.columns import Column, Reading

RawRecord = dict[str, Any]
RecordColumn = Column[RawRecord]


def _created_at(raw: RawRecord) -> Value:
    created = raw.get("created_time")
    return None if created is None else from_milliseconds(created)


def _updated_at(raw: RawRecord) -> Value:
    changed = raw.get("last_modified_time")
    if changed is None and raw.get("created_time") is None:
        raise ValueError("missing")
    return _created_at(raw) if changed is None else from_milliseconds(changed)


def _id(raw: RawRecord) -> Value:
    if not raw.get("record_id"):
        raise ValueError("missing")
    return str(raw["record_id"])


STANDARD: tuple[RecordColumn, ...] = (
    RecordColumn(Field("id", FieldType.TEXT, "The id of the record: rec..."), _id),
    RecordColumn(Field("created_at", FieldType.TIMESTAMP, "When the record was made"), _created_at),
    RecordColumn(
        Field("updated_at", FieldType.TIMESTAMP, "When somebody last changed it; formulas change without it"),
        _updated_at,
    ),
)
STANDARD_NAMES = frozenset(one.field.name for one in STANDARD)


def table_stream(name: str, fields: Iterable[Field], link: str | None = None) -> Stream:
    """The stream of a table with its own fields. Base tells of no deletion, so that every read is of everything."""
    return Stream(
        name=name,
        fields=(*(one.field for one in STANDARD), *fields),
        key=("id",),
        version_at="updated_at",
        created_at="created_at",
        is_open=True,
        is_full_read=True,
        changes_silently=True,
        link=link,
        description="A table of a Base, with all of its fields",
    )


def table_reading(name: str, columns: Sequence[RecordColumn]) -> Reading[RawRecord]:
    return Reading((*STANDARD, *columns), lambda raw: f"{name} {raw.get('record_id')}")
