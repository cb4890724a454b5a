"""Units and the quantities people write in YAML: `30`, `25%`, `2h`, `36h`, `12_000 VND`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta

from okr_sync.errors import OkrSyncError
from okr_sync.project.wording import shown

NUMBER = "number"
PERCENT = "percent"
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}
_SUFFIXES = {"%": PERCENT, "s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CURRENCY = re.compile(r"[A-Z]{3}")
_QUANTITY = re.compile(r"\s*(-?(?:\d[\d_]*)(?:\.\d+)?)\s*([%A-Za-z]*)\s*")
_SHAPE = "write a number, or one such as 25%, 2h, 3d or 500 VND"

LABELS = (NUMBER, "count", "points")
"""Units that only name what was counted: such a value goes with every other."""
UNITS = (*LABELS, PERCENT, *SECONDS)
"""Every unit but currencies, which are three capital letters."""


class UnitError(OkrSyncError, ValueError):
    """A unit that does not exist, or two units that do not go together."""


def is_unit(text: str) -> bool:
    return text in UNITS or is_currency(text)


def is_currency(text: str) -> bool:
    return _CURRENCY.fullmatch(text) is not None


def is_duration(unit: str) -> bool:
    return unit in SECONDS


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it was written, with the unit it was written in (`None` for a bare number)."""

    number: float
    unit: str | None = None

    @classmethod
    def parse(cls, raw: object) -> Quantity:
        """Read what YAML gave: a number, or text such as `25%`, `2h`, `500 VND`.

        Raises:
            UnitError: the text is not a number with a known unit.
        """
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return cls(float(raw))
        if isinstance(raw, str) and raw.lstrip().startswith("+"):
            raise UnitError(f"{raw!r} is a change, which only target and by take; write the number itself, without '+'")
        match = _QUANTITY.fullmatch(raw) if isinstance(raw, str) else None
        if match is None:
            raise UnitError(f"{shown(raw)} is not a quantity; {_SHAPE}")
        digits, suffix = match.groups()
        unit = _SUFFIXES.get(suffix, suffix or None)
        if unit is not None and not is_unit(unit):
            raise UnitError(
                f"{suffix!r} in {raw!r} is not a unit; known are %, s, min, h, d, w and currency codes such as VND"
            )
        return cls(float(digits.replace("_", "")), unit)

    def to(self, unit: str | None) -> float:
        """The number in `unit`: 25 % is 0.25 in percent, 2 h is 120 in minutes. A bare number is taken as it is.

        Raises:
            UnitError: the two units measure different things.
        """
        if self.unit == PERCENT and unit == PERCENT:
            return self.number / 100
        if self.unit is None or self.unit == unit:
            return self.number
        if unit is not None and is_duration(self.unit) and is_duration(unit):
            return self.number * SECONDS[self.unit] / SECONDS[unit]
        raise UnitError(f"{self} does not fit a metric in {unit or NUMBER}")

    def duration(self) -> timedelta:
        """The quantity as a span of time.

        Raises:
            UnitError: it is not one.
        """
        if self.unit is None or not is_duration(self.unit):
            raise UnitError(f"{self} is not a span of time; write one such as 36h or 2d")
        return timedelta(seconds=self.number * SECONDS[self.unit])

    def __str__(self) -> str:
        number = f"{self.number:g}"
        if self.unit is None:
            return number
        return f"{number}%" if self.unit == PERCENT else f"{number} {self.unit}"


def amount(value: float, unit: str | None) -> str:
    """A number for people: four digits, or all of the whole part, and its unit: `2.333 hours`, `1,234,567 VND`."""
    shown = (value * 100 if unit == PERCENT else value) + 0.0  # never "-0"
    decimals = 0 if shown == 0 else max(0, 3 - math.floor(math.log10(abs(shown))))
    text = f"{shown:,.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    if unit == PERCENT:
        return f"{text} %"
    return text if unit in (None, NUMBER, "count") else f"{text} {unit}"


def percent(share: float) -> str:
    """Rounded down, so that what is not reached never shows as 100 %; the noise of floats is rounded off first."""
    return f"{math.floor(round(share * 100, 6))} %"
