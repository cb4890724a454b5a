"""How a method did before: the same forecast made as if on earlier days, against what came."""

from __future__ import annotations

from collections.abc import Callable

from okr_sync.forecast.model import Interval, Track

FEWEST_DAYS = 14
"""No forecast is made from less history."""
STEP = 7
MOST = 8
"""So many hindcasts at most, a week apart, the latest ones that can be checked."""
FEWEST = 3
"""What fewer say is chance."""

Hindcast = Callable[[int, int], tuple[Interval | None, float | None]]
"""From how many days were known, and how many ahead is asked for: the forecast, and what came."""


def track(hindcast: Hindcast, day_count: int, days_left: int) -> Track:
    """The record of forecasts that look as far ahead as the present one, or as far as the history allows."""
    days_ahead = min(days_left, day_count - FEWEST_DAYS - (FEWEST - 1) * STEP)
    if days_ahead < min(days_left, STEP):
        return Track(0, 0, 0)
    origins = range(day_count - days_ahead, FEWEST_DAYS - 1, -STEP)[:MOST]
    checked = [hindcast(origin, days_ahead) for origin in origins]
    known = [(interval, came) for interval, came in checked if interval is not None and came is not None]
    if len(known) < FEWEST:
        return Track(0, 0, 0)
    return Track(len(known), sum(interval.holds(came) for interval, came in known), days_ahead)
