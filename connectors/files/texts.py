"""Texts of cells into values: one function per type. Each raises ValueError or ArithmeticError for what it refuses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from connectors.files.times import time_reader, to_utc
from okr_sync.connector import FieldType, Value

ParseText = Callable[[str], Value]

INTEGERS = range(-(2**63), 2**63)
"""What fits into 64 bits."""
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_WITH_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?( ?%)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Notation:
    """How a column writes its values."""

    zone: ZoneInfo
    decimal: str = "."
    time_format: str | None = None

    def allowed(self, kind: FieldType) -> str:
        """What a cell of a type may hold, to follow `is not` in a message."""
        number = "1.234,5 or 12%" if self.decimal == "," else "1234.5 or 12%, without separators of thousands"
        day, moment = ("such as 2026-10-31", "such as 2026-10-31T08:30:00")
        if self.time_format is not None:
            day = moment = f"written as {self.time_format}"
        return {
            FieldType.TEXT: "text",
            FieldType.INTEGER: "a whole number such as 42, of 64 bits at most",
            FieldType.NUMBER: f"a number such as {number} (see `decimal:`)",
            FieldType.BOOLEAN: "one of true, false, yes, no, 1 and 0",
            FieldType.DATE: f"a date {day} (see `format:`)",
            FieldType.TIMESTAMP: f"a time {moment} (see `format:`)",
            FieldType.LIST: "a list of texts, which only JSON lines and Parquet have",
        }[kind]


def text_parser(kind: FieldType, notation: Notation) -> ParseText:
    """The function that reads the texts of a column of one type."""
    read_time = time_reader(notation.time_format)
    parsers: dict[FieldType, ParseText] = {
        FieldType.TEXT: str,
        FieldType.INTEGER: _with_comma(_integer) if notation.decimal == "," else _integer,
        FieldType.NUMBER: _with_comma(_number) if notation.decimal == "," else _number,
        FieldType.BOOLEAN: _boolean,
        FieldType.DATE: partial(_date, read_time),
        FieldType.TIMESTAMP: partial(_timestamp, notation.zone, read_time),
        FieldType.LIST: _refuse,
    }
    return parsers[kind]


def _integer(text: str) -> int:
    whole, _, fraction = text.strip().partition(".")
    number = int(whole)
    if fraction.strip("0") or "_" in whole or number not in INTEGERS:
        raise ValueError(text)
    return number


def _number(text: str) -> float:
    text = text.strip()
    # In decimal: 0.7 / 100 is not the number nearest to 0.007.
    number = float(Decimal(text[:-1]).scaleb(-2)) if text.endswith("%") else float(text)
    if "_" in text or not math.isfinite(number):
        raise ValueError(text)
    return number


def _with_comma(parse: ParseText) -> ParseText:
    """`parse` for numbers such as 1.234,5."""

    def parse_with_comma(text: str) -> Value:
        if _WITH_COMMA.fullmatch(text.strip()) is None:
            raise ValueError(text)
        return parse(text.replace(".", "").replace(",", "."))

    return parse_with_comma


def _boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise ValueError(text)
    return value


def _date(read: Callable[[str], datetime], text: str) -> date:
    moment = read(text.strip())
    if moment.time() != time.min:
        raise ValueError(text)
    return moment.date()


def _timestamp(zone: ZoneInfo, read: Callable[[str], datetime], text: str) -> datetime:
    return to_utc(read(text.strip()), zone)


def _refuse(text: str) -> Value:
    raise ValueError(text)
