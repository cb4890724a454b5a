"""Python's own values, as Excel, Parquet and databases give them, read as the types of the contract.

Every reader raises ValueError or ArithmeticError for what it refuses.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

INTEGERS = range(-(2**63), 2**63)
"""The whole numbers that 64 bits hold."""


def to_integer(value: object) -> int:
    number = _number(value)
    if number != int(number) or int(number) not in INTEGERS:
        raise ValueError(value)
    return int(number)


def to_number(value: object) -> float:
    number = float(_number(value))
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def to_date(zone: ZoneInfo, value: object) -> date:
    """A date, or the beginning of a day in `zone`."""
    if isinstance(value, datetime):
        local = value if value.tzinfo is None else value.astimezone(zone)
        if local.time() != time.min:
            raise ValueError(value)
        return local.date()
    if not isinstance(value, date):
        raise ValueError(value)
    return value


def _number(value: object) -> int | float | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(value)
    return value
