"""JSON values read as the types of the contract. Every reader raises ValueError on what is none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync.connector import FieldType, Value
from okr_sync.natives import INTEGERS

Readers = Mapping[FieldType, Callable[[Any], Value]]

_WHOLE = re.compile(r"[+-]?[0-9]+")


def read_value(kind: FieldType, raw: Any, readers: Readers | None = None) -> Value:
    """`raw` as a value of type `kind`, by the readers of a connector or by those of this module. Null stays missing.

    Raises:
        ValueError: it is not one.
    """
    return None if raw is None else (readers or READERS)[kind](raw)


def member(raw: Any, path: str) -> Any:
    """The value at the end of `path` inside objects (`status.statusCategory.key`); `None` where a part is missing."""
    for step in path.split("."):
        raw = raw.get(step) if isinstance(raw, dict) else None
    return raw


def to_text(raw: Any) -> str:
    """A text, or a number as text: ids are texts here, whatever they are there."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise ValueError("not a text")
    return str(raw)


def to_list(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise ValueError("not a list")
    return [to_text(one) for one in raw]


def to_number(raw: Any) -> float:
    """A number, or a text that is one."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError("not a number")
    number = float(raw)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def to_integer(raw: Any) -> int:
    """A whole number that 64 bits hold, or a text that is one: not by way of a float, which would round long ones."""
    if isinstance(raw, str) and _WHOLE.fullmatch(raw):
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool):
        number = to_number(raw)
        if not number.is_integer():
            raise ValueError("not a whole number")
        raw = int(number)
    if raw not in INTEGERS:
        raise ValueError("a whole number that 64 bits do not hold")
    return int(raw)


def to_boolean(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("neither true nor false")
    return raw


def to_date(raw: Any) -> date:
    """`2026-09-30`."""
    if not isinstance(raw, str):
        raise ValueError("not a date")
    return date.fromisoformat(raw)


def to_timestamp(raw: Any) -> datetime:
    """`2026-09-30T10:00:00.000+0700` or `2026-09-30T03:00:00Z`, in UTC."""
    if not isinstance(raw, str):
        raise ValueError("not a time")
    moment = datetime.fromisoformat(raw)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of `day` in `zone`; of a last hour that comes twice, the second one's."""
    last = datetime.combine(day, time.max.replace(fold=1), tzinfo=zone)
    try:
        return last.astimezone(UTC)
    except OverflowError:  # 9999-12-31, for "never"
        return datetime.max.replace(tzinfo=UTC)


READERS: Readers = {
    FieldType.TEXT: to_text,
    FieldType.INTEGER: to_integer,
    FieldType.NUMBER: to_number,
    FieldType.BOOLEAN: to_boolean,
    FieldType.DATE: to_date,
    FieldType.TIMESTAMP: to_timestamp,
    FieldType.LIST: to_list,
}
