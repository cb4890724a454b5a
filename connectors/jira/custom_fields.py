"""Find the fields that a project adds among the fields that the site has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from connectors.jira.fields import IssueField, typed
from connectors.jira.settings import FieldSettings
from okr_sync.connector import FieldType, SettingsError

SiteField = Mapping[str, Any]
"""A field as `GET /rest/api/3/field` describes it."""

_SHOWN_AS_TEXT = frozenset(
    {"string", "option", "option-with-child", "user", "group", "project", "version", "component", "priority"}
    | {"status", "resolution", "issuetype", "securitylevel", "team"}
)
_SIMPLE = {
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.TIMESTAMP,
    **dict.fromkeys(_SHOWN_AS_TEXT, FieldType.TEXT),
}
SPRINT_KIND = "com.pyxis.greenhopper.jira:gh-sprint"


def find_fields(
    source: str, wanted: Mapping[str, FieldSettings], site_fields: Sequence[SiteField]
) -> tuple[IssueField, ...]:
    """The wanted fields with their types, in the order of the settings.

    Raises:
        SettingsError: a field is unknown, its name is not its own, or its type does not fit a record.
    """
    return tuple(
        _find(f"source {source}: streams.issues.fields.{name}", name, one, site_fields) for name, one in wanted.items()
    )


def _find(where: str, name: str, wanted: FieldSettings, site_fields: Sequence[SiteField]) -> IssueField:
    found = [one for one in site_fields if one["id"] == wanted.field] or [
        one for one in site_fields if wanted.field in (one.get("name"), one.get("untranslatedName"))
    ]
    if not found:
        raise SettingsError(f"{where}: the site has no field {wanted.field!r}{_nearest(wanted.field, site_fields)}")
    if len(found) > 1:
        choices = ", ".join(f"{one['id']} ({scope_of(one)})" for one in found)
        raise SettingsError(f"{where}: {len(found)} fields are called {wanted.field!r}; write the id of one: {choices}")
    schema = found[0].get("schema", {})
    kind = wanted.field_type or _field_type(schema)
    if kind is None:
        raise SettingsError(
            f"{where}: {wanted.field!r} holds {_shape(schema)}, which has no type in a record;"
            f" if it can be read as one, write it: {{field: {found[0]['id']}, type: text}}"
        )
    return typed(name, kind, found[0]["id"], f"{found[0].get('name', '')} ({found[0]['id']})")


def _field_type(schema: Mapping[str, Any]) -> FieldType | None:
    if schema.get("type") != "array":
        return _SIMPLE.get(schema.get("type", ""))
    is_list = schema.get("items") in _SHOWN_AS_TEXT or schema.get("custom") == SPRINT_KIND
    return FieldType.LIST if is_list else None


def _shape(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "nothing that Jira describes")
    return f"a list of {schema.get('items', 'unknown things')}" if kind == "array" else repr(kind)


def scope_of(site_field: SiteField) -> str:
    project = site_field.get("scope", {}).get("project", {})
    return f"project {project.get('key') or project.get('id')}" if project else "all projects"


def _nearest(wanted: str, site_fields: Sequence[SiteField]) -> str:
    by_name = {text: one for one in site_fields for text in (one["id"], one.get("name", ""))}
    close = [by_name[text] for text in get_close_matches(wanted, by_name, n=3)]
    if not close:
        return "; its fields and their ids are listed by GET /rest/api/3/field"
    choices = " or ".join(f"{one.get('name')!r} ({one['id']})" for one in close)
    return f"; did you mean {choices}?"
