"""Forecasts of closing values: by kind, with the reason where there is too little to make one from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync.forecast.hindcast import FEWEST_DAYS, track
from okr_sync.forecast.level import level
from okr_sync.forecast.model import Ahead, Flow, Forecast, Interval, Kind, NoForecast
from okr_sync.forecast.ratio import Quotient, ratio
from okr_sync.forecast.total import total

FEWEST_BUSY_DAYS = 5
"""Of a total or a ratio: days on which something came."""
FEWEST_CASES = 10
"""Of a ratio: what its denominator has to come to."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the metric cannot leave: a count is at least 0, a share lies between 0 and 1."""

    low: float = -math.inf
    high: float = math.inf

    def within(self, interval: Interval) -> Interval:
        low, value, high = (min(self.high, max(self.low, one)) for one in (interval.low, interval.value, interval.high))
        return Interval(low, value, high)


def of_total(kept: float, flow: Flow, ahead: Ahead, *, is_count: bool) -> Forecast | NoForecast:
    """A count or a sum: `kept` counts at the close for sure, as far as is known today."""
    lacking = _lacking(len(flow.changes))
    busy = sum(change != 0 for change in flow.changes)
    if lacking is None and busy < FEWEST_BUSY_DAYS and not is_count:
        lacking = NoForecast(f"something came on {busy} days so far; a forecast needs {FEWEST_BUSY_DAYS}")
    if lacking is not None:
        return lacking

    def hindcast(origin: int, days: int) -> tuple[Interval | None, float | None]:
        later = _ahead(flow, origin, days)
        return total(0.0, flow.until(origin), later, is_count=is_count), sum(flow.changes[origin : origin + days])

    days_left = math.ceil(ahead.day_count)
    past = track(hindcast, len(flow.changes), days_left)
    interval = total(kept, flow, ahead, is_count=is_count)
    return _given(Forecast(interval, Kind.TOTAL, len(flow.changes), days_left, past))


def of_ratio(given: Quotient, ahead: Ahead, kept_days: int) -> Forecast | NoForecast:
    """A share or a mean, whose kept parts came in on the last `kept_days` days."""
    day_count = len(given.under.changes)
    lacking = _lacking(day_count)
    busy = sum(change != 0 for change in given.under.changes)
    if lacking is None and (busy < FEWEST_BUSY_DAYS or sum(given.under.changes) < FEWEST_CASES):
        lacking = NoForecast(
            f"{sum(given.under.changes):.12g} cases on {busy} days so far;"
            f" a forecast needs {FEWEST_CASES} on {FEWEST_BUSY_DAYS} days"
        )
    if lacking is not None:
        return lacking

    def hindcast(origin: int, days: int) -> tuple[Interval | None, float | None]:
        begin, end = max(0, origin - kept_days), origin + days
        sums = [sum(one.changes[begin:origin]) for one in (given.over, given.under)]
        then = Quotient(sums[0], sums[1], given.over.until(origin), given.under.until(origin), given.factor)
        under = sum(given.under.changes[begin:end])
        came = given.factor * sum(given.over.changes[begin:end]) / under if under > 0 else None
        return ratio(then, _ahead(given.under, origin, days)), came

    interval = ratio(given, ahead)
    if interval is None:
        return NoForecast("no cases came lately")
    days_left = math.ceil(ahead.day_count)
    return _given(Forecast(interval, Kind.RATIO, day_count, days_left, track(hindcast, day_count, days_left)))


def of_level(values: Sequence[float], days_left: int, bounds: Bounds | None = None) -> Forecast | NoForecast:
    """Anything else, by its daily values."""
    lacking = _lacking(len(values))
    if lacking is not None:
        return lacking
    if max(values) == min(values):
        return NoForecast(f"it has been the same for {len(values)} days, so nothing shows how it moves")
    limits = bounds or Bounds()

    def hindcast(origin: int, days: int) -> tuple[Interval | None, float | None]:
        known, came = values[:origin], values[origin + days - 1]
        return (None if max(known) == min(known) else limits.within(level(known, days))), came

    past = track(hindcast, len(values), days_left)
    return _given(Forecast(limits.within(level(values, days_left)), Kind.LEVEL, len(values), days_left, past))


def _lacking(day_count: int) -> NoForecast | None:
    if day_count >= FEWEST_DAYS:
        return None
    days = "1 day" if day_count == 1 else f"{day_count} days"
    return NoForecast(f"{days} of history so far; a forecast needs {FEWEST_DAYS}")


def _given(forecast: Forecast) -> Forecast | NoForecast:
    """A range of no width would claim a certainty that no past can give."""
    if forecast.days_left > 0 and forecast.interval.low == forecast.interval.high:
        return NoForecast("nothing has varied so far, so nothing shows how it moves")
    return forecast


def _ahead(flow: Flow, origin: int, days: int) -> Ahead:
    return Ahead([1.0] * days, flow.weekdays[origin : origin + days])
