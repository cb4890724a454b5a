"""Values as drivers give them into values of the contract.

A database need not keep to its own types, and what it has no type for it writes as another: SQLite has neither times
nor booleans, MySQL has no booleans. Each reader raises ValueError or ArithmeticError for what it refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from okr_sync.connector import FieldType, Value
from okr_sync.natives import to_date, to_integer, to_number

Read = Callable[[object], Value]

UNREADABLE = (ValueError, ArithmeticError)
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
ALLOWED = {
    FieldType.TEXT: "a text",
    FieldType.INTEGER: "a whole number of 64 bits",
    FieldType.NUMBER: "a finite number",
    FieldType.BOOLEAN: "one of true, false, 1, 0, t, f, yes, no, y and n",
    FieldType.DATE: "a date, or the beginning of a day",
    FieldType.TIMESTAMP: "a time such as 2026-10-31 08:30:00",
    FieldType.LIST: "a list of texts",
}
"""What a type may hold, to follow `is not` in a message."""


def reader(kind: FieldType, zone: ZoneInfo) -> Read:
    """The function that reads the values of a column of one type; times without a zone are of `zone`."""
    readers: dict[FieldType, Read] = {
        FieldType.TEXT: _text,
        FieldType.INTEGER: lambda value: to_integer(_parsed(value)),
        FieldType.NUMBER: lambda value: to_number(_parsed(value)),
        FieldType.BOOLEAN: _boolean,
        FieldType.DATE: lambda value: to_date(zone, _moment(value)),
        FieldType.TIMESTAMP: partial(_timestamp, zone),
        FieldType.LIST: _list,
    }
    return readers[kind]


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case bool() | list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case bytes() | bytearray() | memoryview():
            raise ValueError("bytes")
        case _:
            return str(value)


def _parsed(value: object) -> object:
    """A number that is written as a text, as the number; anything else as it is."""
    return Decimal(value) if isinstance(value, str) and "_" not in value else value


def _boolean(value: object) -> bool:
    if isinstance(value, str):
        value = _BOOLEANS.get(value.strip().lower())
    if value is None or value not in (0, 1):
        raise ValueError(value)
    return bool(value)


def _moment(value: object) -> object:
    """A time that is written as a text, as the time; anything else as it is."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _timestamp(zone: ZoneInfo, value: object) -> datetime:
    moment = _moment(value)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    if not isinstance(moment, date):
        raise ValueError(value)
    return datetime.combine(moment, time.min, zone).astimezone(UTC)


def _list(value: object) -> list[str]:
    """A list of the database's own, or one in JSON."""
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, list) or any(one is None or isinstance(one, list | dict) for one in found):
        raise ValueError(value)
    return [_text(one) for one in found]
