"""Working hours as a relation: for each day of UTC, what was worked before it, and its spans of working time.

The working time from the beginning of a calendar to an instant grows by one second a second inside working hours and
stands still outside, so the working time between two instants is a difference. Hours are turned into instants here,
once; SQL only compares instants, and is exact where clocks change.

A border of working hours is the first moment at which the clock of the calendar's zone shows that time, or a later one:
in an hour that is skipped it is the moment of the change, in an hour that comes twice the first of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pyarrow as pa
from pydantic import JsonValue

from okr_sync.project.hours import Shift, Week
from okr_sync.project.public_holidays import known_years, public_holidays

FIRST_YEAR, LAST_YEAR = 1990, 2059
"""The years that a calendar covers; fewer where the holidays of its country are not known for all of them."""
DAY_MICROSECONDS = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND, _DAY = timedelta(microseconds=1), timedelta(days=1)

Span = tuple[int, int]
"""Working time from an instant to another, in microseconds since 1970 in UTC."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Everything that decides whether an instant is working time.

    A shift belongs to the day on which it begins: a free day ends no shift of the day before.
    """

    zone: str
    week: Week
    country: str | None = None
    subdivision: str | None = None
    closures: tuple[tuple[date, date], ...] = ()
    extra_days: tuple[tuple[date, tuple[Shift, ...]], ...] = ()

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that are covered."""
        first, last = known_years(self.country) if self.country is not None else (FIRST_YEAR, LAST_YEAR)
        return max(first, FIRST_YEAR), min(last, LAST_YEAR)

    def holidays(self) -> frozenset[date]:
        if self.country is None:
            return frozenset()
        return public_holidays(self.country, self.subdivision, *self.years)

    def content(self) -> dict[str, JsonValue]:
        """All of it as JSON; the public holidays by a hash, since the library that knows them has versions."""
        holidays = " ".join(sorted(day.isoformat() for day in self.holidays()))
        return {
            "zone": self.zone,
            "hours": [[str(shift) for shift in shifts] for shifts in self.week],
            "holidays": hashlib.sha256(holidays.encode()).hexdigest() if holidays else None,
            "closures": [f"{first} {last}" for first, last in self.closures],
            "extra_days": {str(day): [str(shift) for shift in shifts] for day, shifts in self.extra_days},
        }

    def days(self) -> Iterator[tuple[date, tuple[Shift, ...]]]:
        """Every working day that is covered, with its shifts."""
        extra, free = dict(self.extra_days), self.holidays() | _days_of(self.closures)
        first, last = self.years
        day, end = date(first, 1, 1), date(last, 12, 31)
        while day <= end:
            shifts = extra[day] if day in extra else () if day in free else self.week[day.weekday()]
            if shifts:
                yield day, shifts
            day += _DAY


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The relation of one calendar: a row for each day of UTC, `width` spans in each.

    Columns: `_utc_day` counts from 1970; `_before` is the working time before it; `_from1`, `_length1` and so on are
    its spans; everything else in microseconds. A span that a day does not need has no length.
    """

    width: int
    table: pa.Table


@cache
def working_time(hours: WorkingHours) -> WorkingTime:
    """Made once per process: some tenths of a second."""
    first, last = (datetime(year, 1, 3, tzinfo=UTC) for year in (hours.years[0], hours.years[1] + 1))
    days = range((first - _EPOCH).days, (last - _EPOCH).days - 3)  # of which all shifts are known, whatever the zone
    spans: dict[int, list[Span]] = {day: [] for day in days}
    before: dict[int, int] = {}
    worked = 0
    for start, end in spans_of(hours):
        for day, piece in _by_utc_day(start, end):
            if day in spans:
                spans[day].append(piece)
    for day in days:
        before[day] = worked
        worked += sum(end - start for start, end in spans[day])
    width = max(len(one) for one in spans.values()) or 1
    columns = {"_utc_day": pa.array(days, pa.int64()), "_before": pa.array(before.values(), pa.int64())}
    for n in range(width):
        held = [one[n] if n < len(one) else (0, 0) for one in spans.values()]
        columns[f"_from{n + 1}"] = pa.array([start for start, _ in held], pa.int64())
        columns[f"_length{n + 1}"] = pa.array([end - start for start, end in held], pa.int64())
    return WorkingTime(width, pa.table(columns))


def spans_of(hours: WorkingHours) -> Iterator[Span]:
    """All working time in its order; shifts that meet are one span."""
    zone = ZoneInfo(hours.zone)
    last: Span | None = None
    for day, shifts in hours.days():
        for start, end in _instants(day, shifts, zone):
            if last is not None and start <= last[1]:
                last = last[0], max(last[1], end)
                continue
            if last is not None:
                yield last
            last = start, end
    if last is not None:
        yield last


def _instants(day: date, shifts: Sequence[Shift], zone: ZoneInfo) -> Iterator[Span]:
    for shift in shifts:
        start, end = _instant(day, shift.start, zone), _instant(day, shift.end, zone)
        if end > start:  # else all of it lies in an hour that is skipped
            yield start, end


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    shown = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - what the clock shows
    instant = shown.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != shown:
        instant = _change_before(instant, shown, zone)
    return (instant - _EPOCH) // _MICROSECOND


def _change_before(instant: datetime, shown: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock skips the time `shown`, which it would have shown at `instant`."""
    before = instant - 2 * _DAY
    while instant - before > timedelta(seconds=1):
        middle = before + (instant - before) // 2
        is_later = middle.astimezone(zone).replace(tzinfo=None) >= shown
        before, instant = (before, middle) if is_later else (middle, instant)
    return instant.replace(microsecond=0)


def _by_utc_day(start: int, end: int) -> Iterator[tuple[int, Span]]:
    while start < end:
        day = start // DAY_MICROSECONDS
        until = min(end, (day + 1) * DAY_MICROSECONDS)
        yield day, (start, until)
        start = until


def _days_of(closures: Sequence[tuple[date, date]]) -> frozenset[date]:
    return frozenset(first + n * _DAY for first, last in closures for n in range((last - first).days + 1))
