"""Find the properties that a project adds among those that the account has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from connectors.hubspot.columns import PropertyColumn, prop
from okr_sync.connector import FieldType, SettingsError

Property = Mapping[str, Any]
"""As `GET /crm/v3/properties/{object}` describes it."""

_TYPES = {
    "number": FieldType.NUMBER,
    "bool": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "datetime": FieldType.TIMESTAMP,
}
"""All other types are texts: strings, phone numbers, and options by their internal name."""
_SEVERAL = "checkbox"
"""How a property is edited that may hold several options at once."""


def find_properties(where: str, wanted: Mapping[str, str], known: Sequence[Property]) -> Iterator[PropertyColumn]:
    """The wanted properties with their types, in the order of the settings. `where` names the setting.

    Raises:
        SettingsError: the account has no property of that name.
    """
    by_name = {str(one["name"]): one for one in known}
    for name, source in wanted.items():
        if source not in by_name:
            raise SettingsError(f"{where}.{name}: HubSpot has no such property {source!r}{_nearest(source, known)}")
        found = by_name[source]
        yield prop(name, _kind(found), source, f"{found.get('label') or source} ({source})")


def _kind(found: Property) -> FieldType:
    if found.get("type") == "enumeration" and found.get("fieldType") == _SEVERAL:
        return FieldType.LIST
    return _TYPES.get(str(found.get("type")), FieldType.TEXT)


def _nearest(source: str, known: Sequence[Property]) -> str:
    """By internal name or by label: people know the one, HubSpot wants the other."""
    lowered = {str(text).lower(): one for one in known for text in (one.get("label"), one["name"]) if text}
    close = {lowered[text]["name"]: lowered[text] for text in get_close_matches(source.lower(), lowered, n=3)}
    if not close:
        return "; internal names are listed in HubSpot's settings under Properties"
    choices = " or ".join(f"{name!r} ({one.get('label')})" for name, one in close.items())
    return f"; did you mean {choices}?"
