"""Cycles: the span an OKR runs for, and the days and instants that border it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Cycle:
    """From the first moment of `start` to the last moment of `end`, both days in the project's zone."""

    name: str
    start: date
    end: date

    @property
    def day_count(self) -> int:
        return (self.end - self.start).days + 1

    def clamp(self, day: date) -> date:
        """The day itself, or the cycle's last day where the cycle is over: its numbers no longer change."""
        return min(day, self.end)

    def elapsed(self, day: date) -> float:
        """The share of the cycle's days that are over at the end of `day`, from 0 to 1."""
        return min(1.0, max(0.0, ((day - self.start).days + 1) / self.day_count))

    def days_until(self, day: date) -> list[date]:
        """The cycle's days from its start to `day`, both included."""
        last = self.clamp(day)
        return [self.start + timedelta(days=n) for n in range((last - self.start).days + 1)]

    def before(self) -> Cycle:
        """As many days, right before the first one."""
        length = timedelta(days=self.day_count)
        return Cycle(f"before {self.name}", self.start - length, self.end - length)


_EVEN_NAMES = {1: "{year}", 2: "{year}-H{n}", 4: "{year}-Q{n}"}
_CYCLE_NAME = re.compile(r"[12]\d{3}(-[QHC][1-9]\d?)?")


def recurring(starts: Sequence[int], day: date) -> Cycle:
    """The cycle that `day` belongs to, where cycles begin on the first day of the months `starts` (1 to 12).

    The months are in their order, and the first one begins the year that numbers the cycles. One, two or four evenly
    spaced cycles are named as in accounting, by the calendar year in which that year ends: 2027, 2027-H1, 2027-Q1
    where it runs from February 2026 to January 2027. Any other cycles are named by the calendar year in which it
    begins: 2026-C1, 2026-C2, 2026-C3.
    """
    first_year = day.year if day.month >= starts[0] else day.year - 1
    firsts = [date(first_year + (month < starts[0]), month, 1) for month in starts]
    firsts.append(date(first_year + 1, starts[0], 1))
    n = bisect_right(firsts, day)
    last = firsts[-1] - timedelta(days=1)
    even_name = _EVEN_NAMES[len(starts)] if _is_even(starts) else None
    name = f"{first_year}-C{n}" if even_name is None else even_name.format(year=last.year, n=n)
    return Cycle(name, firsts[n - 1], firsts[n] - timedelta(days=1))


def recurring_names(starts: Sequence[int], year: int) -> list[str]:
    """The names of the cycles that begin in the calendar year, as `recurring` gives them."""
    return sorted({recurring(starts, date(year, month, 1)).name for month in starts})


def is_recurring(starts: Sequence[int], name: str) -> bool:
    """Whether one of the cycles that begin with `starts` has this name."""
    if not is_cycle_name(name):
        return False
    year = int(name[:4])  # a cycle may begin in the year before its name's, or in the year after
    return any(name in recurring_names(starts, begins) for begins in (year - 1, year, year + 1))


def is_cycle_name(text: str) -> bool:
    """Whether the text looks like a recurring cycle's name: 2026, 2026-Q4, 2026-H1, 2026-C2."""
    return _CYCLE_NAME.fullmatch(text) is not None


def _is_even(starts: Sequence[int]) -> bool:
    if len(starts) not in _EVEN_NAMES:
        return False
    return [(month - starts[0]) % 12 for month in starts] == list(range(0, 12, 12 // len(starts)))


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` is over: the beginning of the next one."""
    return start_of(day + timedelta(days=1), zone)
