"""Find the custom fields that a project adds among the fields that the account has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from connectors.zendesk.fields import Ticket, TicketField
from okr_sync.connector import Field, FieldType, SettingsError, Value
from okr_sync.http.values import read_value

AccountField = Mapping[str, Any]
"""A field as `GET /api/v2/ticket_fields` describes it."""

_TYPES = {
    "text": FieldType.TEXT,
    "textarea": FieldType.TEXT,
    "regexp": FieldType.TEXT,
    "tagger": FieldType.TEXT,
    "lookup": FieldType.TEXT,
    "partialcreditcard": FieldType.TEXT,
    "integer": FieldType.NUMBER,  # Zendesk allows a decimal point in it
    "decimal": FieldType.NUMBER,
    "checkbox": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "multiselect": FieldType.LIST,
}
"""The types of custom fields. Fields of other types are the ticket's own, and have names here already."""


_CHECKED = {"1": True, "0": False}
"""How changes write what a checkbox held."""


def find_fields(
    source: str, wanted: Mapping[str, int | str], account_fields: Sequence[AccountField]
) -> tuple[TicketField, ...]:
    """The wanted fields with their types, in the order of the settings.

    Raises:
        SettingsError: a field is unknown, or its title is not its own.
    """
    custom = [one for one in account_fields if one.get("type") in _TYPES]
    where = f"source {source}: streams.tickets.fields"
    return tuple(_find(f"{where}.{name}", name, str(one), custom) for name, one in wanted.items())


def _find(where: str, name: str, wanted: str, custom: Sequence[AccountField]) -> TicketField:
    found = [one for one in custom if str(one["id"]) == wanted] or [one for one in custom if one["title"] == wanted]
    if not found:
        raise SettingsError(f"{where}: the account has no custom ticket field {wanted!r}{_nearest(wanted, custom)}")
    if len(found) > 1:
        ids = ", ".join(str(one["id"]) for one in found)
        raise SettingsError(f"{where}: {len(found)} fields have the title {wanted!r}; write the id of one: {ids}")
    field_id, kind = found[0]["id"], _TYPES[found[0]["type"]]

    def read(ticket: Ticket) -> Value:
        values = ticket.raw.get("custom_fields") or []
        value = next((one.get("value") for one in values if one.get("id") == field_id), None)
        if kind is FieldType.BOOLEAN and value in _CHECKED:
            return _CHECKED[value]
        return None if value == "" else read_value(kind, value)

    return TicketField(Field(name, kind, f"{found[0]['title']} ({field_id})"), read)


def _nearest(wanted: str, custom: Sequence[AccountField]) -> str:
    by_name = {str(text): one for one in custom for text in (one["id"], one["title"])}
    close = [by_name[text] for text in get_close_matches(wanted, by_name, n=3)]
    if not close:
        return "; its fields are listed in the Admin Center under Objects and rules > Tickets > Fields"
    choices = " or ".join(f"{one['title']!r} ({one['id']})" for one in close)
    return f"; did you mean {choices}?"
