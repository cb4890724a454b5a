"""Texts of cells into values: one function per type. Each raises ValueError or ArithmeticError for what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from connectors.files.numbers import number_rewriter
from connectors.files.times import time_reader, to_utc
from okr_sync.connector import FieldType, Value
from okr_sync.natives import INTEGERS

ParseText = Callable[[str], Value]

_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_UNFINISHED = frozenset(
    {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!", "Loading..."}
)
"""What a sheet shows in a cell whose formula gave no value, or none yet."""


class UnfinishedError(ValueError):
    """A cell of a sheet holds no value because its formula failed, or is still at work."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How a column writes its values."""

    zone: ZoneInfo
    decimal: str | None = "."
    """`None` in a sheet of which the project does not say it: 1.234 may be a thousand or a little more than one."""
    time_format: str | None = None
    thousands: str | None = None
    unit: str | None = None
    is_sheet: bool = False
    """True where cells hold what a sheet shows people, its errors included."""

    def allowed(self, kind: FieldType) -> str:
        """What a cell of a type may hold, to follow `is not` in a message."""
        day, moment = ("such as 2026-10-31", "such as 2026-10-31T08:30:00")
        if self.time_format is not None:
            day = moment = f"written as {self.time_format}"
        return {
            FieldType.TEXT: "text",
            FieldType.INTEGER: f"a whole number such as 42, of 64 bits at most{self._undeclared}",
            FieldType.NUMBER: f"a number such as {self._number}",
            FieldType.BOOLEAN: "one of true, false, yes, no, 1 and 0",
            FieldType.DATE: f"a date {day} (see `format:` and `date_format:`)",
            FieldType.TIMESTAMP: f"a time {moment} (see `format:`)",
            FieldType.LIST: "a list of texts, which only JSON lines and Parquet have",
        }[kind]

    @property
    def _number(self) -> str:
        if self.decimal is None:
            return f"1234 or 12%{self._undeclared}"
        return f"1{self.thousands or ''}234{self.decimal}5 or 12% (see `decimal:`, `thousands:` and `unit:`)"

    @property
    def _undeclared(self) -> str:
        if self.decimal is not None:
            return ""
        return " (what a point or a comma in it means, `decimal:` and `thousands:` must say; a unit, `unit:`)"


def text_parser(kind: FieldType, notation: Notation) -> ParseText:
    """The function that reads the texts of a column of one type."""
    read_time = time_reader(notation.time_format)
    parsers: dict[FieldType, ParseText] = {
        FieldType.TEXT: str,
        FieldType.INTEGER: _rewritten(notation, _integer),
        FieldType.NUMBER: _rewritten(notation, _number),
        FieldType.BOOLEAN: _boolean,
        FieldType.DATE: partial(_date, read_time),
        FieldType.TIMESTAMP: partial(_timestamp, notation.zone, read_time),
        FieldType.LIST: _refuse,
    }
    return _finished(parsers[kind]) if notation.is_sheet else parsers[kind]


def _finished(parse: ParseText) -> ParseText:
    """`parse` for cells of a sheet, in which an error is never a text."""

    def parse_finished(text: str) -> Value:
        if text.strip() in _UNFINISHED:
            raise UnfinishedError(text)
        return parse(text)

    return parse_finished


def _rewritten(notation: Notation, parse: ParseText) -> ParseText:
    """`parse` for numbers in any notation but that of programs, which needs no rewriting."""
    is_of_programs = notation.decimal == "." and notation.thousands is None and notation.unit is None
    if is_of_programs and not notation.is_sheet:
        return parse
    rewrite = number_rewriter(notation.decimal, notation.thousands, notation.unit)
    return lambda text: parse(rewrite(text))


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
