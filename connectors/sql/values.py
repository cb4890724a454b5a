"""Values as drivers give them into values of the contract.

A database need not keep to its own types, and what it has no type for it writes as another: SQLite has neither times
nor booleans, MySQL has no booleans. Each reader raises ValueError or ArithmeticError for what it refuses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from okr_sync.connector import FieldType, Value

Read = Callable[[object], Value]

UNREADABLE = (ValueError, ArithmeticError)
_INTEGERS = range(-(2**63), 2**63)
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
        FieldType.INTEGER: _integer,
        FieldType.NUMBER: _number,
        FieldType.BOOLEAN: _boolean,
        FieldType.DATE: partial(_date, zone),
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


def _integer(value: object) -> int:
    number = _any_number(value)
    if number != int(number) or int(number) not in _INTEGERS:
        raise ValueError(value)
    return int(number)


def _number(value: object) -> float:
    number = float(_any_number(value))
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _any_number(value: object) -> int | float | Decimal:
    if isinstance(value, str) and "_" not in value:
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(value)
    return value


def _boolean(value: object) -> bool:
    if isinstance(value, str):
        value = _BOOLEANS.get(value.strip().lower())
    if value is None or value not in (0, 1):
        raise ValueError(value)
    return bool(value)


def _date(zone: ZoneInfo, value: object) -> date:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, datetime):
        local = moment if moment.tzinfo is None else moment.astimezone(zone)
        if local.time() != time.min:
            raise ValueError(value)
        return local.date()
    if not isinstance(moment, date):
        raise ValueError(value)
    return moment


def _timestamp(zone: ZoneInfo, value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
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
