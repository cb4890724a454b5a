"""Values that Excel, Parquet and JSON hold by themselves: which type they are, and how they become another."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from connectors.files.times import to_utc
from okr_sync.connector import FieldType, Value
from okr_sync.natives import to_date, to_integer, to_number

ParseNative = Callable[[object], Value]

_TYPES = {
    str: FieldType.TEXT,
    bool: FieldType.BOOLEAN,
    int: FieldType.INTEGER,
    float: FieldType.NUMBER,
    date: FieldType.DATE,
    datetime: FieldType.TIMESTAMP,
}
_WIDER = {
    frozenset({FieldType.INTEGER, FieldType.NUMBER}): FieldType.NUMBER,
    frozenset({FieldType.DATE, FieldType.TIMESTAMP}): FieldType.TIMESTAMP,
}


def type_of(value: object, missing: Collection[str]) -> FieldType | None:
    """The type of a value, `None` where it is missing. What has no type of its own (an object, a duration) is text."""
    if value is None or (isinstance(value, str) and value in missing):
        return None
    if isinstance(value, list):
        return FieldType.LIST if _are_texts(value) else FieldType.TEXT
    return _TYPES.get(type(value), FieldType.TEXT)


def common_type(types: Iterable[FieldType | None]) -> FieldType | None:
    """The narrowest type that holds values of all `types`; `None` where there are none."""
    found = frozenset(one for one in types if one is not None)
    return _WIDER.get(found, FieldType.TEXT) if len(found) > 1 else next(iter(found), None)


def native_parser(kind: FieldType, zone: ZoneInfo) -> ParseNative:
    """The function that makes one type of a column's values other than texts.

    It raises ValueError or ArithmeticError for what does not fit.
    """
    parsers: dict[FieldType, ParseNative] = {
        FieldType.TEXT: as_text,
        FieldType.INTEGER: to_integer,
        FieldType.NUMBER: to_number,
        FieldType.BOOLEAN: _boolean,
        FieldType.DATE: partial(to_date, zone),
        FieldType.TIMESTAMP: partial(_timestamp, zone),
        FieldType.LIST: _texts,
    }
    return parsers[kind]


def as_text(value: object) -> str:
    """A value as a person would type it."""
    match value:
        case float() if value.is_integer():
            return str(int(value))
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.decode(errors="backslashreplace")
        case bool() | list() | dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _boolean(value: object) -> bool:
    if value not in (0, 1):
        raise ValueError(value)
    return bool(value)


def _timestamp(zone: ZoneInfo, value: object) -> datetime:
    if isinstance(value, datetime):
        return to_utc(value, zone)
    if not isinstance(value, date):
        raise ValueError(value)
    return to_utc(datetime.combine(value, time.min), zone)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not _are_texts(value):
        raise ValueError(value)
    return value


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)
