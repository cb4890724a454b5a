"""Which properties of a data source a stream takes, under which names and as which types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

from connectors.notion.names import field_name
from connectors.notion.settings import PropertySettings
from connectors.notion.standard import NAMES, property_id
from connectors.notion.values import Part
from okr_sync.connector import Field, FieldType, SettingsError
from okr_sync.names import same_form

Property = Mapping[str, Any]
"""A property as a data source's schema describes it."""
Schema = Sequence[Property]

_TEXT, _NUMBER, _LIST, _TIMESTAMP = FieldType.TEXT, FieldType.NUMBER, FieldType.LIST, FieldType.TIMESTAMP
_ANY = tuple(one for one in FieldType if one is not FieldType.UNKNOWN)
_TEXTS = ("title", "rich_text", "select", "status", "url", "email", "phone_number", "unique_id", "verification")
_USERS = ("created_by", "last_edited_by")
_TYPES: dict[str, tuple[FieldType, ...]] = {
    **dict.fromkeys((*_TEXTS, *_USERS), (_TEXT,)),
    **dict.fromkeys(("multi_select", "people", "relation", "files"), (_LIST, _TEXT)),
    **dict.fromkeys(("date", "created_time", "last_edited_time"), (_TIMESTAMP, FieldType.DATE)),
    "number": (_NUMBER, FieldType.INTEGER),
    "checkbox": (FieldType.BOOLEAN,),
    "formula": _ANY,
    "rollup": _ANY,
}
"""The types that a property can be read as; the first is the usual one, but for those of `_COMPUTED`."""
_ROLLUP_TYPES = {
    **dict.fromkeys(("sum", "average", "median", "min", "max", "range"), _NUMBER),
    **dict.fromkeys(("count", "count_values", "empty", "not_empty", "unique", "checked", "unchecked"), _NUMBER),
    **dict.fromkeys(("percent_empty", "percent_not_empty", "percent_checked", "percent_unchecked"), _NUMBER),
    **dict.fromkeys(("earliest_date", "latest_date"), _TIMESTAMP),
}
"""The types that a rollup's function tells; formulas tell none."""
_COMPUTED = frozenset({"formula", "rollup"})
"""What changes without a change of the row."""
_STANDARD = frozenset({"title", "created_time", "last_edited_time", "created_by"})
"""What the standard fields of every row hold already."""
_UNTOLD = "of whose result Notion does not tell the type: write it under fields, as in type: number"


@dataclass(frozen=True, slots=True)
class Taken:
    """A property that becomes a field."""

    field: Field
    raw: Property
    part: Part = "start"

    @property
    def id(self) -> str:
        return property_id(self.raw)

    @property
    def is_computed(self) -> bool:
        return self.raw["type"] in _COMPUTED


def find_named(where: str, named: Mapping[str, PropertySettings], schema: Schema) -> list[Taken]:
    """The properties that a project names, in its order.

    Raises:
        SettingsError: one is unknown, or its type is not told, or does not fit.
    """
    return [_find(f"{where}.fields.{name}", name, one, schema) for name, one in named.items()]


def find_others(where: str, named: Sequence[Taken], schema: Schema) -> tuple[list[Taken], list[str]]:
    """The properties that a project does not name, under their own names; and those left out, each with its reason.

    Raises:
        SettingsError: two would have one name.
    """
    named_ids = {one.id for one in named}
    holders = dict.fromkeys(NAMES, "every row") | {one.field.name: _title(one.raw) for one in named}
    found, left_out = [], []
    for one in schema:
        if property_id(one) in named_ids or one["type"] in _STANDARD:
            continue
        kind = _told_type(one)
        reason = _obstacle(one, schema) or ("" if kind else _UNTOLD)
        if kind is None or reason:
            left_out.append(f"{_title(one)}, {reason}")
            continue
        name = field_name(one["name"])
        if name in holders:
            raise SettingsError(
                f"{where}: {_title(one)} would be the field {name}, which {holders[name]} has already;"
                f" give it a name of its own, as in fields: {{other_{name}: {one['id']!r}}}"
            )
        holders[name] = _title(one)
        found.append(Taken(_field(name, kind, one), one))
    return found, left_out


def _find(where: str, name: str, settings: PropertySettings, schema: Schema) -> Taken:
    one = _matching(same_form(settings.wanted), schema)
    if one is None:
        raise SettingsError(
            f"{where}: the data source has no property {settings.wanted!r}{_nearest(settings.wanted, schema)}"
        )
    kind = settings.field_type or _told_type(one)
    reason = _obstacle(one, schema) or ("" if kind else _UNTOLD)
    if kind is None or reason:
        raise SettingsError(f"{where}: {_title(one)} cannot be read, {reason}")
    allowed = _TYPES[one["type"]]
    if kind not in allowed:
        raise SettingsError(f"{where}: {_title(one)} is not a {kind}; type may be {' or '.join(allowed)}")
    return Taken(_field(name, kind, one), one, settings.part)


def _matching(text: str, schema: Schema) -> Property | None:
    """By id first: a property that is named like another one's id must not take its place."""
    by_id = (one for one in schema if text in (one["id"], property_id(one)))
    by_name = (one for one in schema if same_form(one["name"]) == text)
    return next(by_id, None) or next(by_name, None)


def _told_type(one: Property) -> FieldType | None:
    if one["type"] in _COMPUTED:
        return _ROLLUP_TYPES.get(one.get("rollup", {}).get("function", ""))
    return _TYPES[one["type"]][0] if one["type"] in _TYPES else None


def _obstacle(one: Property, schema: Schema) -> str:
    """Why no type would help; empty where nothing stands in the way."""
    if one["type"] not in _TYPES:
        return "which has no value that a record can hold"
    if one["type"] == "rollup":
        relation = unquote(one["rollup"]["relation_property_id"])
        if relation not in map(property_id, schema):
            return (
                "whose relation the integration does not see: share the data source that it leads to,"
                " since the rollup counts nothing of it"
            )
    return ""


def _title(one: Property) -> str:
    return f"{one['type']} {one['name']!r}"


def _field(name: str, kind: FieldType, one: Property) -> Field:
    note = ", worked out by Notion" if one["type"] in _COMPUTED else ""
    return Field(name, kind, f"{one['name']} ({one['type']}{note}; id {one['id']})")


def _nearest(wanted: str, schema: Schema) -> str:
    ids = {one["name"]: one["id"] for one in schema}
    close = get_close_matches(wanted, ids, n=3)
    choices = ", ".join(f"{name!r} ({ids[name]})" for name in close or sorted(ids))
    start = "did you mean" if close else "it has"
    return f"; {start} {choices}{'?' if close else '.'} An id goes on to work when the property is renamed"
