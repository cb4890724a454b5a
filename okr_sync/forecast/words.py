"""A forecast in words, and as the plain numbers that are stored and read back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pydantic import JsonValue

from okr_sync.forecast.model import Forecast, Kind, NoForecast
from okr_sync.project.units import PERCENT, amount

_METHODS = {
    Kind.TOTAL.value: "total: what is in, and what the days left bring if they are like the days so far",
    Kind.RATIO.value: "ratio: what is in, mixed with what the days left bring if they are like the days so far",
    Kind.LEVEL.value: "level: from where it stands, by how it moved so far",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast as it is kept: the three numbers, and what they rest on. Without numbers, `reason` says why."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    closes_on: date | None = None
    kind: str | None = None
    history_days: int | None = None
    days_left: int | None = None
    hindcast_count: int | None = None
    """How many forecasts made in the same way for earlier days could be checked; 0 where it is untested."""
    hindcasts_held: int | None = None
    hindcast_days_ahead: int | None = None
    reason: str | None = None

    @classmethod
    def of(cls, forecast: Forecast | NoForecast, closes_on: date) -> Outlook:
        if isinstance(forecast, NoForecast):
            return cls(reason=forecast.reason)
        interval, past = forecast.interval, forecast.track
        return cls(
            value=interval.value,
            low=interval.low,
            high=interval.high,
            closes_on=closes_on,
            kind=forecast.kind.value,
            history_days=forecast.day_count,
            days_left=forecast.days_left,
            hindcast_count=past.made,
            hindcasts_held=past.held,
            hindcast_days_ahead=past.days_ahead,
        )

    @classmethod
    def read(cls, numbers: tuple[float | None, float | None, float | None], basis: Mapping[str, Any]) -> Outlook:
        """Back from what `basis` wrote; `numbers` are value, low and high."""
        closes_on = basis.get("closes_on")
        rest = {name: basis[name] for name in basis if name != "closes_on"}
        return cls(*numbers, closes_on=None if closes_on is None else date.fromisoformat(closes_on), **rest)

    @property
    def basis(self) -> dict[str, JsonValue]:
        """All but the three numbers, as plain data; what says nothing is left out."""
        rest = {name: one for name, one in asdict(self).items() if one is not None and name not in _NUMBERS}
        return {name: one.isoformat() if isinstance(one, date) else one for name, one in rest.items()}


_NUMBERS = ("value", "low", "high")


def heading(one: Outlook, unit: str | None) -> str | None:
    """`heading for 43 (38 to 47) by 31 Dec`; None where there is no forecast."""
    numbers = in_numbers(one, unit)
    if numbers is None or one.closes_on is None:
        return None
    value, low, high = numbers
    return f"heading for {value} ({low} to {high}) by {one.closes_on.day} {one.closes_on:%b}"


def in_numbers(one: Outlook, unit: str | None) -> tuple[str, str, str] | None:
    """The value and both ends of its range, with the digits that mean something; None where there is no forecast."""
    if one.value is None or one.low is None or one.high is None:
        return None
    width = one.high - one.low
    value = amount(_rounded(one.value, width), unit)
    # The unit is said once; a percentage alone would be a hundred times too large.
    low, high = (amount(_rounded(end, width), unit if unit == PERCENT else None) for end in (one.low, one.high))
    return value, low, high


def method(one: Outlook) -> str | None:
    """How it was made: `level: from where it stands, by how it moved so far (46 days; 46 left)`."""
    if one.kind is None:
        return None
    return f"{_METHODS[one.kind]} ({one.history_days} days; {one.days_left} left)"


def record(one: Outlook) -> str | None:
    """How such forecasts did before."""
    if one.kind is None:
        return None
    if not one.hindcast_count:
        return "untested here: too little history to check such forecasts against what came"
    return (
        f"of {one.hindcast_count} made in the same way on earlier days, {one.hindcast_days_ahead} days ahead,"
        f" {one.hindcasts_held} held what came; 8 of 10 should"
    )


def _rounded(number: float, width: float) -> float:
    """No more digits than the width of the range lets mean something: two of its own."""
    return number if width <= 0 else round(number, 1 - math.floor(math.log10(width)))
