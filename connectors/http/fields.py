"""The declared fields of a stream, and how each is read from a record."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.http.money import of_minor_units
from connectors.http.paths import find, is_true
from connectors.http.stream import FieldDeclaration, StreamDeclaration
from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Column, Reading
from okr_sync.http.values import read_value, to_date, to_number, to_text

Raw = dict[str, Any]
_EPOCHS = {"epoch": 1, "epoch_ms": 1000}


def reading_of(declaration: StreamDeclaration, zone: ZoneInfo | None) -> Reading[Raw]:
    """`zone` is that of times without one; `None` where they are not to be guessed."""
    places = declaration.key_places
    needed = {*declaration.keys, declaration.version_at}
    columns = [
        _needed(_column(name, one, zone)) if name in needed else _column(name, one, zone)
        for name, one in declaration.typed_fields.items()
    ]

    def name_of(raw: Raw) -> str:
        return f"record {', '.join(str(find(place, raw)) for place in places)}"

    def is_deleted(raw: Raw) -> bool:
        return declaration.deleted is not None and is_true(find(declaration.deleted, raw))

    return Reading(columns, name_of, is_deleted)


def _needed(one: Column[Raw]) -> Column[Raw]:
    def read(raw: Raw) -> Value:
        value = one.read(raw)
        if value is None:
            raise ValueError("missing, and no record can be without it")
        return value

    return Column(one.field, read)


def _column(name: str, declared: FieldDeclaration, zone: ZoneInfo | None) -> Column[Raw]:
    at = declared.at or name

    def read(raw: Raw) -> Value:
        value = find(at, raw)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if declared.minor_units is not None:
            return of_minor_units(to_number(value), find(declared.minor_units, raw))
        return _value(declared, value, zone)

    return Column(Field(name, declared.field_type, declared.description), read)


def _value(declared: FieldDeclaration, value: Any, zone: ZoneInfo | None) -> Value:
    match declared.field_type:
        case FieldType.TIMESTAMP:
            return _timestamp(value, declared.format, zone)
        case FieldType.DATE:
            return _date(value, declared.format)
        case FieldType.BOOLEAN if isinstance(value, str):
            return _boolean(value)
        case FieldType.TEXT:
            return _text(value)
    return read_value(declared.field_type, value)


def _timestamp(value: Any, form: str | None, zone: ZoneInfo | None) -> datetime:
    if form in _EPOCHS:
        return datetime.fromtimestamp(to_number(value) / _EPOCHS[form], UTC)
    text = to_text(value)
    moment = datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)  # noqa: DTZ007 - see below
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"{text!r}, a time without its zone; write timezone: in the stream")
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _date(value: Any, form: str | None) -> date:
    return to_date(value) if form is None else datetime.strptime(to_text(value), form).date()  # noqa: DTZ007 - a day


def _boolean(text: str) -> bool:
    """`true` or `false`, as a CSV has them."""
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r}, neither true nor false")
    return text.lower() == "true"


def _text(value: Any) -> str:
    """A text; anything that has parts, as JSON."""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return to_text(value)
