"""Find the custom fields that a project adds among the fields that the account has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.freshdesk.choices import TicketFieldInfo
from connectors.freshdesk.fields import Raw, TicketColumn
from okr_sync.connector import Field, FieldType, SettingsError, Value
from okr_sync.errors import nearest
from okr_sync.http.values import read_value, to_text

_TYPES = {
    "custom_number": FieldType.INTEGER,
    "custom_decimal": FieldType.NUMBER,
    "custom_checkbox": FieldType.BOOLEAN,
    "custom_date": FieldType.DATE,
    "custom_date_time": FieldType.TIMESTAMP,
}
"""The types that are no text; a choice from a list, nested or not, is one."""


def find_columns(
    source: str, wanted: Mapping[str, str], account_fields: Sequence[TicketFieldInfo]
) -> tuple[TicketColumn, ...]:
    """The wanted fields with their types, in the order of the settings.

    Raises:
        SettingsError: a field is unknown, or its label is not its own.
    """
    custom = [one for one in account_fields if one.get("default") is not True]
    where = f"source {source}: streams.tickets.fields"
    return tuple(_find(f"{where}.{name}", name, one, custom) for name, one in wanted.items())


def _find(where: str, name: str, wanted: str, custom: Sequence[TicketFieldInfo]) -> TicketColumn:
    found = [one for one in custom if one["name"] == wanted] or [one for one in custom if one["label"] == wanted]
    if not found:
        known = [str(text) for one in custom for text in (one["name"], one["label"])]
        raise SettingsError(f"{where}: the account has no custom ticket field {wanted!r}{nearest(wanted, known)}")
    if len(found) > 1:
        names = ", ".join(str(one["name"]) for one in found)
        raise SettingsError(f"{where}: {len(found)} fields have the label {wanted!r}; write the name of one: {names}")
    own_name, kind = str(found[0]["name"]), _TYPES.get(found[0]["type"], FieldType.TEXT)

    def read(raw: Raw) -> Value:
        value = (raw.get("custom_fields") or {}).get(own_name)
        if value is None or value == "":
            return None
        return to_text(value) if kind is FieldType.TEXT else read_value(kind, value)

    return TicketColumn(Field(name, kind, f"{found[0]['label']} ({own_name})"), read)
