"""The fields of a table as columns: which type each has, and what formulas call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.lark import cells
from connectors.lark.fields import STANDARD_NAMES, RawRecord, RecordColumn
from connectors.lark.names import field_name
from connectors.lark.settings import FieldSettings
from okr_sync.connector import Field, FieldType, SettingsError, Value
from okr_sync.errors import nearest
from okr_sync.names import same_form

BaseField = Mapping[str, Any]
"""A field as `GET .../tables/{table_id}/fields` describes it."""

_TYPES = {
    cells.TEXT: FieldType.TEXT,
    cells.NUMBER: FieldType.NUMBER,
    cells.SINGLE_SELECT: FieldType.TEXT,
    cells.MULTI_SELECT: FieldType.LIST,
    cells.DATE: FieldType.TIMESTAMP,
    cells.CHECKBOX: FieldType.BOOLEAN,
    cells.PERSON: FieldType.LIST,
    cells.PHONE: FieldType.TEXT,
    cells.URL: FieldType.TEXT,
    cells.ATTACHMENT: FieldType.LIST,
    cells.LINK: FieldType.LIST,
    cells.LOOKUP: FieldType.LIST,
    cells.TWO_WAY_LINK: FieldType.LIST,
    cells.LOCATION: FieldType.TEXT,
    cells.GROUP: FieldType.LIST,
    cells.STAGE: FieldType.TEXT,
    cells.CREATED_TIME: FieldType.TIMESTAMP,
    cells.MODIFIED_TIME: FieldType.TIMESTAMP,
    cells.CREATOR: FieldType.TEXT,
    cells.MODIFIER: FieldType.TEXT,
    cells.AUTO_NUMBER: FieldType.TEXT,
}
"""The types of fields. Others, such as buttons, hold nothing to read."""
_ONE_OR_MORE = (cells.PERSON, cells.LINK, cells.TWO_WAY_LINK, cells.GROUP)


def table_columns(
    where: str, wanted: Mapping[str, FieldSettings], fields: Sequence[BaseField]
) -> tuple[RecordColumn, ...]:
    """The columns of a table's own fields, in its order. `where` names the source and the stream's settings.

    Raises:
        SettingsError: a wanted field is not there, cannot be read, or two fields would have one name.
    """
    chosen = _chosen(where, wanted, fields)
    named: list[tuple[str, BaseField]] = []
    columns: list[RecordColumn] = []
    for one in fields:
        field_id, own_name = str(one["field_id"]), str(one["field_name"])
        name, declared = chosen.get(field_id, (None, None))
        field_type = declared or _field_type(one)
        if field_type is not None:
            named.append((name or field_name(own_name, field_id), one))
            columns.append(_column(named[-1][0], one, field_type))
        elif name is not None:
            raise SettingsError(
                f"{where}.fields.{name}: {own_name!r} is a {one.get('ui_type') or 'field'} that holds nothing to read;"
                " leave it out"
            )
    _refuse_clashes(where, named)
    return tuple(columns)


def _chosen(
    where: str, wanted: Mapping[str, FieldSettings], fields: Sequence[BaseField]
) -> dict[str, tuple[str, FieldType | None]]:
    """By their ids, the fields that the project names: what it calls each, and the type it wants."""
    chosen: dict[str, tuple[str, FieldType | None]] = {}
    for name, one in wanted.items():
        field_id = _find(f"{where}.fields.{name}", one.field, fields)
        if field_id in chosen:
            raise SettingsError(f"{where}.fields: {chosen[field_id][0]} and {name} are both the field {one.field!r}")
        chosen[field_id] = name, one.field_type
    return chosen


def _find(where: str, wanted: str, fields: Sequence[BaseField]) -> str:
    """The id of the field with this id or name."""
    if any(one["field_id"] == wanted for one in fields):
        return wanted
    by_name = {same_form(one["field_name"]): str(one["field_id"]) for one in fields}  # a name is its own in a table
    field_id = by_name.get(same_form(wanted))
    if field_id is None:
        raise SettingsError(
            f"{where}: the table has no field {wanted!r}{nearest(wanted, by_name)}"
            " (a field that is named by its id is found after a rename)"
        )
    return field_id


def _refuse_clashes(where: str, named: Sequence[tuple[str, BaseField]]) -> None:
    takers: dict[str, BaseField] = {}
    for name, one in named:
        mine = f"{one['field_name']!r} ({one['field_id']})"
        if name in STANDARD_NAMES:
            raise SettingsError(
                f"{where}: the field {mine} would be {name}, which every record has already;"
                f" give it another name under fields, such as own_{name}: {one['field_id']}"
            )
        if name in takers:
            other = takers[name]
            raise SettingsError(
                f"{where}: the fields {other['field_name']!r} ({other['field_id']}) and {mine} would both be {name};"
                f" give one of them another name under fields, such as other_{name}: {one['field_id']}"
            )
        takers[name] = one


def _field_type(one: BaseField) -> FieldType | None:
    """`None` where there is nothing to read. A formula does not always tell its type."""
    kind, properties = int(one["type"]), one.get("property") or {}
    if kind == cells.FORMULA:
        result: Any = properties.get("type") or {}
        return _TYPES.get(int(result.get("data_type") or 0), FieldType.TEXT)
    if kind in _ONE_OR_MORE and properties.get("multiple") is False:
        return FieldType.TEXT
    return _TYPES.get(kind)


def _column(name: str, one: BaseField, field_type: FieldType) -> RecordColumn:
    own_name, kind = str(one["field_name"]), int(one["type"])
    currency = (one.get("property") or {}).get("currency_code")
    description = f"{own_name} ({one['field_id']}{f', in {currency}' if currency else ''})"

    def read(raw: RawRecord) -> Value:
        return cells.read_cell(kind, field_type, (raw.get("fields") or {}).get(own_name))

    return RecordColumn(Field(name, field_type, description), read)
