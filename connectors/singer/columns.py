"""Properties of a tap's records as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any
from zoneinfo import ZoneInfo

from connectors.singer.schema import Schema, type_of
from connectors.singer.values import reader, to_timestamp
from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Column

TIMES = (FieldType.TIMESTAMP, FieldType.DATE)
DELETED_AT = "_sdc_deleted_at"
"""Taps that read a log of changes put here when a record was deleted."""
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the tap wrote it, and the line of the tap's output that it was."""

    line: int
    values: Mapping[str, Any]

    @property
    def is_deleted(self) -> bool:
        return bool(self.values.get(DELETED_AT))


@dataclass(frozen=True, slots=True)
class Property:
    """A property that becomes the field `name`."""

    name: str
    path: tuple[str, ...]
    schema: Schema

    def of(self, row: Row) -> Any:
        values: Any = row.values
        for step in self.path:
            values = values.get(step) if isinstance(values, dict) else None
        return values


@dataclass(frozen=True, slots=True)
class Roles:
    """The fields with a part in telling records and versions apart."""

    key: tuple[str, ...]
    version_at: str | None
    created_at: str | None


def column_of(one: Property, roles: Roles, zone: ZoneInfo) -> Column[Row]:
    kind = _type(one, roles)
    read_value = reader(kind, zone)

    def read(row: Row) -> Value:
        return read_value(one.of(row))

    description = one.schema.get("description")
    field = Field(one.name, kind, shorten(description, 200) if isinstance(description, str) else "")
    if one.name == roles.version_at:
        return Column(field, _changed_at(_needed(read), kind, zone))
    return Column(field, _needed(read) if one.name in roles.key else read)


def _type(one: Property, roles: Roles) -> FieldType:
    kind = type_of(one.schema)
    if one.name in (roles.version_at, roles.created_at) and kind is FieldType.TEXT:
        return FieldType.TIMESTAMP  # many taps do not say which of their texts are times
    is_id = one.name in roles.key or one.name == "id" or one.name.endswith("_id")
    if is_id and kind in _NUMBERS:
        return FieldType.TEXT  # ids longer than a float can hold are common
    return kind


def _needed(read: Callable[[Row], Value]) -> Callable[[Row], Value]:
    def needed(row: Row) -> Value:
        value = read(row)
        if value is None:
            raise ValueError("missing, and no record can be without it")
        return value

    return needed


def _changed_at(read: Callable[[Row], Value], kind: FieldType, zone: ZoneInfo) -> Callable[[Row], Value]:
    """A deletion is the last change of a record; its own time of change, where it has one, is of the change before."""

    def changed_at(row: Row) -> Value:
        if not row.is_deleted:
            return read(row)
        moment = to_timestamp(zone, row.values[DELETED_AT])
        return moment if kind is FieldType.TIMESTAMP else moment.astimezone(zone).date()

    return changed_at
