"""Which days of a cycle are over, and which are still to come for a window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from okr_sync.forecast import Ahead, Flow
from okr_sync.measure import AsOf
from okr_sync.project.window import Window


def last_over(day: AsOf) -> date:
    return day.day if day.instant >= day.held_until else day.day - timedelta(days=1)


def days_left(day: AsOf) -> int:
    return (day.cycle.end - last_over(day)).days


def ahead(window: Window, day: AsOf) -> Ahead:
    """The days after those that are over that count at the close."""
    left = days_left(day)
    count = min(left, window.days) if window.kind == "trailing" else left
    return Ahead([1.0] * count, _weekdays(day.cycle.end, count), left - count)


def from_now(days: Ahead, day: AsOf) -> Ahead:
    """The same, of today only what is left of it."""
    if day.instant >= day.held_until or days.gap:
        return days
    left = (day.held_until - day.instant).total_seconds() / 86_400
    return Ahead([min(1.0, left), *days.shares[1:]], days.weekdays, days.gap)


def kept_days(window: Window, day: AsOf) -> int:
    """The days that are over and count at the close."""
    if window.kind == "trailing":
        return max(0, window.days - days_left(day))
    return (last_over(day) - day.cycle.start).days + 1


def flow(changes: Sequence[float], last: date) -> Flow:
    """What came on the days that end with `last`."""
    return Flow(changes, _weekdays(last, len(changes)))


def _weekdays(last: date, count: int) -> list[int]:
    first = last - timedelta(days=count - 1)
    return [(first.weekday() + number) % 7 for number in range(count)]
