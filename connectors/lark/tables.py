"""The fields of a table as columns: which type each has, and what formulas call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.lark import cells
from connectors.lark.names import field_name, same_form
from okr_sync.connector import Field, FieldType, SettingsError, Stream, Value
from okr_sync.errors import nearest
from okr_sync.http.columns import Column, Reading

if TYPE_CHECKING:
    from connectors.lark.settings import FieldSettings

BaseField = Mapping[str, Any]
"""A field as `GET .../tables/{table_id}/fields` describes it."""
RawRecord = dict[str, Any]
RecordColumn = Column[RawRecord]

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


def _created_at(raw: RawRecord) -> Value:
    created = raw.get("created_time")
    return None if created is None else cells.from_milliseconds(created)


def _updated_at(raw: RawRecord) -> Value:
    changed = raw.get("last_modified_time")
    if changed is None and raw.get("created_time") is None:
        raise ValueError("missing")
    return _created_at(raw) if changed is None else cells.from_milliseconds(changed)


def _id(raw: RawRecord) -> Value:
    if not raw.get("record_id"):
        raise ValueError("missing")
    return str(raw["record_id"])


STANDARD: tuple[RecordColumn, ...] = (
    RecordColumn(Field("id", FieldType.TEXT, "The id of the record: rec..."), _id),
    RecordColumn(Field("created_at", FieldType.TIMESTAMP, "When the record was made"), _created_at),
    RecordColumn(
        Field("updated_at", FieldType.TIMESTAMP, "When somebody last changed it; formulas change without it"),
        _updated_at,
    ),
)
STANDARD_NAMES = frozenset(one.field.name for one in STANDARD)


def table_stream(name: str, fields: Iterable[Field], link: str | None = None) -> Stream:
    """The stream of a table with its own fields. Base tells of no deletion, so that every read is of everything."""
    return Stream(
        name=name,
        fields=(*(one.field for one in STANDARD), *fields),
        key=("id",),
        version_at="updated_at",
        created_at="created_at",
        is_open=True,
        is_full_read=True,
        link=link,
        description="A table of a Base, with all of its fields",
    )


def table_reading(name: str, columns: Sequence[RecordColumn]) -> Reading[RawRecord]:
    return Reading((*STANDARD, *columns), lambda raw: f"{name} {raw.get('record_id')}")


def table_columns(
    where: str, wanted: Mapping[str, FieldSettings], fields: Sequence[BaseField]
) -> tuple[RecordColumn, ...]:
    """The columns of a table's own fields, in its order. `where` names the source and the stream's settings.

    Raises:
        SettingsError: a wanted field is not there, cannot be read, or two fields would have one name.
    """
    chosen: dict[str, str] = {}
    types: dict[str, FieldType] = {}
    for name, one in wanted.items():
        field_id = _find(f"{where}.fields.{name}", one.field, fields)
        if field_id in chosen:
            raise SettingsError(f"{where}.fields: {chosen[field_id]} and {name} are both the field {one.field!r}")
        chosen[field_id] = name
        if one.field_type is not None:
            types[field_id] = one.field_type
    readable = [one for one in fields if one["field_id"] in types or _field_type(one) is not None]
    for one in fields:
        if one["field_id"] in chosen and one not in readable:
            raise SettingsError(
                f"{where}.fields.{chosen[one['field_id']]}: {one['field_name']!r} is a {one.get('ui_type', 'field')},"
                " which holds nothing to read; leave it out"
            )
    named = [(chosen.get(one["field_id"]) or field_name(one["field_name"], one["field_id"]), one) for one in readable]
    _refuse_clashes(where, named)
    return tuple(_column(name, one, types.get(one["field_id"])) for name, one in named)


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
    kind, properties = one.get("type"), one.get("property") or {}
    if kind == cells.FORMULA:
        result = (properties.get("type") or {}).get("data_type")
        return _TYPES.get(result, FieldType.TEXT)
    if kind in _ONE_OR_MORE and properties.get("multiple") is False:
        return FieldType.TEXT
    return None if kind is None else _TYPES.get(kind)


def _column(name: str, one: BaseField, declared: FieldType | None) -> RecordColumn:
    own_name, field_id, kind = one["field_name"], one["field_id"], int(one["type"])
    field_type = declared or _field_type(one) or FieldType.TEXT
    currency = (one.get("property") or {}).get("currency_code")
    description = f"{own_name} ({field_id}{f', in {currency}' if currency else ''})"

    def read(raw: RawRecord) -> Value:
        return cells.read_cell(kind, field_type, (raw.get("fields") or {}).get(own_name))

    return RecordColumn(Field(name, field_type, description), read)
