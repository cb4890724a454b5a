"""What a forecast is made from and what it says. Plain data: no clock, no files, no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric comes to its closing value, which decides how that is forecast."""

    TOTAL = "total"
    """A count or a sum over a window: what is in, plus what still comes."""
    RATIO = "ratio"
    """A share or a mean over a window: what is in, mixed with what still comes by their volumes."""
    LEVEL = "level"
    """Anything else: a number that moves from where it is."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The days for which something still comes, as parts of a day: 0.25 where three quarters of it are over.

    Weekdays are 0 (Monday) to 6. `gap` days lie between the present and the first of these days: a trailing window may
    begin only then.
    """

    shares: Sequence[float]
    weekdays: Sequence[int]
    gap: int = 0

    @property
    def day_count(self) -> float:
        return sum(self.shares)


@dataclass(frozen=True, slots=True)
class Flow:
    """How a sum changed on each day of the past, the last one right before the present; less than 0 where records were
    taken back."""

    changes: Sequence[float]
    weekdays: Sequence[int]

    def until(self, day_count: int) -> Flow:
        """The flow as it was known when only the first `day_count` days were over."""
        return Flow(self.changes[:day_count], self.weekdays[:day_count])


@dataclass(frozen=True, slots=True)
class Interval:
    """The value to expect, and the range that holds the outcome in 8 of 10 cases."""

    low: float
    value: float
    high: float

    def holds(self, outcome: float) -> bool:
        noise = 1e-9 * max(abs(outcome), abs(self.low), abs(self.high))
        return self.low - noise <= outcome <= self.high + noise


@dataclass(frozen=True, slots=True)
class Track:
    """How the same method did on earlier days, where the outcome is known by now."""

    made: int
    """How many there are; 0 where too little is known to test it."""
    held: int
    days_ahead: int
    """How far ahead those forecasts looked."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The closing value of a metric, with what it rests on."""

    interval: Interval
    kind: Kind
    day_count: int
    """Days of history it was made from."""
    days_left: int
    track: Track


@dataclass(frozen=True, slots=True)
class NoForecast:
    """Why there is none."""

    reason: str
