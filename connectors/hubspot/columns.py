"""A column, and the properties that must be asked for to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.values import read_property
from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Column
from okr_sync.http.values import read_value, to_number, to_timestamp

Raw = Mapping[str, Any]
"""A record as HubSpot sends it: `id`, `createdAt`, `updatedAt`, and `properties` by name."""


@dataclass(frozen=True)
class PropertyColumn(Column[Raw]):
    properties: tuple[str, ...] = ()


def prop(name: str, kind: FieldType, source: str, description: str) -> PropertyColumn:
    """The property `source`."""
    return PropertyColumn(
        Field(name, kind, description), lambda raw: read_property(kind, value_of(raw, source)), (source,)
    )


def text(name: str, source: str, description: str) -> PropertyColumn:
    return prop(name, FieldType.TEXT, source, description)


def number(name: str, source: str, description: str) -> PropertyColumn:
    return prop(name, FieldType.NUMBER, source, description)


def time(name: str, source: str, description: str) -> PropertyColumn:
    return prop(name, FieldType.TIMESTAMP, source, description)


def flag(name: str, source: str, description: str) -> PropertyColumn:
    return prop(name, FieldType.BOOLEAN, source, description)


def score(name: str, source: str, description: str) -> PropertyColumn:
    """A number where the property holds one; in surveys of one's own it may hold words, which is no mistake."""

    def read(raw: Raw) -> Value:
        try:
            return to_number(value_of(raw, source))
        except ValueError:
            return None

    return PropertyColumn(Field(name, FieldType.NUMBER, description), read, (source,))


def looked_up(field: Field, source: str, find: Callable[[str], Value]) -> PropertyColumn:
    """What `find` knows of the id in the property `source`."""

    def read(raw: Raw) -> Value:
        key = value_of(raw, source)
        return find(key) if key else None

    return PropertyColumn(field, read, (source,))


def value_of(raw: Raw, source: str) -> Any:
    """A property of a record; an answer leaves out those that the record does not have, or gives null."""
    return (raw.get("properties") or {}).get(source)


def envelope(name: str, kind: FieldType, member: str, description: str) -> PropertyColumn:
    """What stands beside the properties of a record."""
    return PropertyColumn(Field(name, kind, description), lambda raw: read_value(kind, raw.get(member)))


ID = envelope("id", FieldType.TEXT, "id", "HubSpot's number of the record")
CREATED_AT = envelope("created_at", FieldType.TIMESTAMP, "createdAt", "When it was created")
UPDATED_AT = PropertyColumn(
    Field("updated_at", FieldType.TIMESTAMP, "When any of its properties last changed"),
    lambda raw: to_timestamp(raw.get("updatedAt")),  # which no record may lack
)
EVERYWHERE = (ID, CREATED_AT, UPDATED_AT)
"""What every record has beside its properties."""


def asked_for(columns: Sequence[PropertyColumn]) -> list[str]:
    """The properties to ask for, each once."""
    return sorted({name for one in columns for name in one.properties})
