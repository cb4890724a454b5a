"""The custom fields that a project adds: which they are in Asana, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.asana.fields import AsanaField, Raw, made, names
from connectors.asana.objects import Wish
from okr_sync.connector import FieldType, Value
from okr_sync.http.values import member, to_date, to_number, to_text

DEFINITION = Wish("name,resource_subtype")
"""What has to be known of a custom field."""


@dataclass(frozen=True, slots=True)
class _Type:
    """A type of custom fields: the type of its values, where they are, and how one that is set is read."""

    kind: FieldType
    path: str
    read: Callable[[Any], Value]


def _names_of(path: str) -> _Type:
    return _Type(FieldType.LIST, path, names)


_TYPES: Mapping[str, _Type] = {
    "number": _Type(FieldType.NUMBER, "number_value", to_number),
    "enum": _Type(FieldType.TEXT, "enum_value.name", to_text),
    "multi_enum": _names_of("multi_enum_values.name"),
    "text": _Type(FieldType.TEXT, "text_value", to_text),
    "date": _Type(FieldType.DATE, "date_value.date", to_date),
    "people": _names_of("people_value.name"),
    "reference": _names_of("reference_value.name"),
}
_OTHER = _Type(FieldType.TEXT, "display_value", to_text)
"""For types that Asana adds one day: every value has a text that shows it."""


def custom_field(name: str, definition: Raw) -> AsanaField:
    """The field called `name` here, whose `definition` Asana gave.

    It is missing where the object has no such field, or nothing in it; a list that nobody filled is an empty one.
    """
    found = _TYPES.get(definition.get("resource_subtype") or "", _OTHER)
    path = found.path.removesuffix(".name") if found.kind is FieldType.LIST else found.path

    def read(raw: Raw) -> Value:
        values = raw.get("custom_fields") or []
        one = next((value for value in values if member(value, "gid") == definition["gid"]), None)
        value = member(one, path)
        return None if value is None or value == "" else found.read(value)

    description = f"{definition.get('name')} ({definition['gid']})"
    return made(name, found.kind, (f"custom_fields.{found.path}",), description, read)
