"""The kinds of values that fields of project files hold, each with its rule and its entry in the JSON Schema."""

from __future__ import annotations

import re
from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from okr_sync.project.units import UNITS, Quantity, is_currency, is_duration, is_unit
from okr_sync.project.wording import shown

IDENTIFIER = "^[a-z][a-z0-9_]*$"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _identifier(text: str) -> str:
    if re.fullmatch(IDENTIFIER, text) is None:
        raise ValueError(f"{shown(text)} is not a name; write lower case letters, digits and _, with a letter first")
    return text


def _day(raw: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        return date.fromisoformat(raw)
    raise ValueError(f"{shown(raw)} is not a day; write one such as 2026-10-01")


def _cycle_name(raw: object) -> object:
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def _span(quantity: Quantity) -> Quantity:
    if quantity.unit is None or not is_duration(quantity.unit):
        raise ValueError(f"{quantity} is not a span of time; write one such as 36h or 2d")
    return quantity


def _known_unit(raw: str) -> str:
    if not is_unit(raw):
        raise ValueError(
            f"{shown(raw)} is not a unit; known are {', '.join(UNITS)} and three-letter currency codes such as VND"
        )
    return raw


def _currency(raw: str) -> str:
    if not is_currency(raw):
        raise ValueError(f"{shown(raw)} is not a currency; write its three capital letters, such as VND")
    return raw


def _known_zone(raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (ValueError, OSError, KeyError) as error:
        near = get_close_matches(raw, available_timezones(), n=1, cutoff=0.8)
        hint = f"did you mean {near[0]!r}?" if near else "write one such as Asia/Ho_Chi_Minh or UTC"
        raise ValueError(f"{shown(raw)} is not a time zone; {hint}") from error
    return raw


def _cron(raw: str) -> str:
    if len(raw.split()) != 5:
        raise ValueError(f"{shown(raw)} is not a schedule; write the five fields of cron, such as '0 2 * * *'")
    return raw


Identifier = Annotated[
    str,
    AfterValidator(_identifier),
    WithJsonSchema({"type": "string", "pattern": IDENTIFIER, "description": "Lower case letters, digits and _"}),
]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "description": "2026-10-01"})
]
CycleName = Annotated[
    str,
    BeforeValidator(_cycle_name),
    WithJsonSchema({"type": ["string", "integer"], "description": "A cycle's name: 2026-Q4, 2026-H2, 2026"}),
]
"""A year's name is a number to YAML."""
QuantityField = Annotated[
    Quantity,
    BeforeValidator(Quantity.parse),
    WithJsonSchema({"type": ["number", "string"], "description": "A number, or one such as 25%, 2h, 500 VND"}),
]
Span = Annotated[QuantityField, AfterValidator(_span)]
Unit = Annotated[str, AfterValidator(_known_unit)]
Currency = Annotated[str, AfterValidator(_currency)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Schedule = Annotated[str, AfterValidator(_cron)]
Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS: tuple[Month, ...] = get_args(Month)
