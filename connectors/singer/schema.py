"""JSON Schema as taps write it: the type of a field, and where a field is inside an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.singer.names import field_name
from okr_sync.connector import FieldType

Schema = Mapping[str, Any]

_FORMATS = {
    "date-time": FieldType.TIMESTAMP,
    "date": FieldType.DATE,
    "singer.decimal": FieldType.NUMBER,
    "x-singer.decimal": FieldType.NUMBER,
}
"""What a text of a format is. The last two are numbers of any precision, written as texts."""
_TYPES = {"integer": FieldType.INTEGER, "number": FieldType.NUMBER, "boolean": FieldType.BOOLEAN}
_WIDER = {
    frozenset({FieldType.INTEGER, FieldType.NUMBER}): FieldType.NUMBER,
    frozenset({FieldType.DATE, FieldType.TIMESTAMP}): FieldType.TIMESTAMP,
    # Taps add "or any text" to times that their system does not check; a text that is no time is then rejected.
    frozenset({FieldType.TIMESTAMP, FieldType.TEXT}): FieldType.TIMESTAMP,
    frozenset({FieldType.DATE, FieldType.TEXT}): FieldType.DATE,
}


def type_of(schema: Schema) -> FieldType:
    """The type that holds whatever `schema` allows besides null. An object, or a list of them, is text: its JSON."""
    found = frozenset(_types(schema))
    if len(found) == 1:
        return next(iter(found))
    return _WIDER.get(found, FieldType.TEXT)


def find(schema: Schema, name: str) -> tuple[tuple[str, ...], Schema] | None:
    """The property that `name` means and the way to it: its own name, a path of such, or what they are in formulas."""
    properties = properties_of(schema)
    if name in properties:
        return (name,), properties[name]
    outer, _, inner = name.partition(".")
    outside = find(schema, outer) if inner else None
    inside = find(outside[1], inner) if outside else None
    if outside and inside:
        return outside[0] + inside[0], inside[1]
    own = next((one for one in properties if field_name(one) == field_name(name)), None)
    return None if own is None else ((own,), properties[own])


def properties_of(schema: Schema) -> dict[str, Schema]:
    """The properties of an object, whichever of several alternatives describes it."""
    properties = schema.get("properties")
    found: dict[str, Schema] = {}
    if isinstance(properties, dict):
        found |= {name: one for name, one in properties.items() if isinstance(one, dict)}
    for one in _alternatives(schema):
        found |= properties_of(one)
    return found


def _types(schema: Schema) -> Iterator[FieldType]:
    for one in _alternatives(schema):
        yield from _types(one)
    named = schema.get("type") or ()
    for name in [named] if isinstance(named, str) else named:
        if name == "array":
            yield FieldType.LIST if _holds_texts(schema.get("items")) else FieldType.TEXT
        elif name == "string":
            yield _FORMATS.get(str(schema.get("format")), FieldType.TEXT)
        elif name != "null":
            yield _TYPES.get(name, FieldType.TEXT)


def _alternatives(schema: Schema) -> list[Schema]:
    return [one for word in ("anyOf", "oneOf") for one in schema.get(word) or () if isinstance(one, dict)]


def _holds_texts(items: object) -> bool:
    """Whether the entries of a list are single values: each is a text then."""
    if not isinstance(items, dict):
        return False
    named = items.get("type") or ()
    names = {named} if isinstance(named, str) else set(named)
    return bool(names) and names <= {"string", "integer", "number", "null"}
