"""Values of a tap's records as values of fields. Every reader raises ValueError on what is none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS, to_integer, to_number

_INTEGER = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")


def reader(kind: FieldType, zone: ZoneInfo) -> Callable[[Any], Value]:
    """What makes a value of type `kind`. Null, and a text without a letter, is a missing value."""
    own: dict[FieldType, Callable[[Any], Value]] = {
        FieldType.TEXT: _to_text,
        FieldType.INTEGER: _to_integer,
        FieldType.NUMBER: _to_number,
        FieldType.DATE: _to_date,
        FieldType.TIMESTAMP: partial(to_timestamp, zone),
        FieldType.LIST: _to_list,
    }
    read = own.get(kind) or READERS[kind]
    return lambda raw: None if raw is None or raw == "" else read(raw)


def to_timestamp(zone: ZoneInfo, raw: Any) -> datetime:
    """A time as RFC 3339 has it. Taps that leave the offset out mean UTC; a day alone begins in the project's zone."""
    if not isinstance(raw, str):
        raise ValueError("not a time")
    moment = datetime.fromisoformat(raw.strip().upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if ":" in raw else zone)
    return moment.astimezone(UTC)


def _to_text(raw: Any) -> str:
    """A text; whatever else it is as JSON writes it. A whole number is the same text with and without its `.0`."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return json.dumps(raw, ensure_ascii=False)


def _to_integer(raw: Any) -> int:
    """A whole number, or a text that is one: not by way of a float, which would round long ones."""
    if isinstance(raw, str):
        text = _INTEGER.fullmatch(raw)
        if text is None:
            raise ValueError("not a whole number")
        raw = int(text[1])
    return to_integer(raw)


def _to_number(raw: Any) -> float:
    if isinstance(raw, str) and "_" in raw:
        raise ValueError("not a number")  # Python takes 1_000 for one
    return to_number(raw)


def _to_date(raw: Any) -> date:
    """A day; some taps write its first moment."""
    if not isinstance(raw, str):
        raise ValueError("not a day")
    moment = datetime.fromisoformat(raw.strip().upper())
    if moment.time() != time.min:
        raise ValueError("a time of day, not a day")
    return moment.date()


def _to_list(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise ValueError("not a list")
    return [_to_text(one) for one in raw if one is not None]
