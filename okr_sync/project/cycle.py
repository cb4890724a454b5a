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


_EVEN_NAMES = {1: "{year}", 2: "{year}-H{n}", 4: "{year}-Q{n}", 12: "{year}-M{n}"}
_CYCLE_NAME = re.compile(r"[12]\d{3}(-[QHMC][1-9]\d?)?")


def recurring(starts: Sequence[int], day: date) -> Cycle:
    """The cycle that `day` belongs to, where cycles begin on the first day of the months `starts` (1 to 12).

    The months are in their order, and the first one begins the year that numbers the cycles. One, two, four or twelve
    evenly spaced cycles are named as in accounting, by the calendar year in which that year ends: 2027, 2027-H1,
    2027-Q1, 2027-M1 where it runs from February 2026 to January 2027. Any other cycles are named by the calendar year
    in which it begins: 2026-C1, 2026-C2, 2026-C3.
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


def named(starts: Sequence[int], name: str) -> Cycle | None:
    """The cycle of this name among those that begin with `starts`."""
    if not is_cycle_name(name):
        return None
    year = int(name[:4])  # a cycle may begin in the year before its name's, or in the year after
    firsts = (date(begins, month, 1) for begins in (year - 1, year, year + 1) for month in starts)
    return next((cycle for cycle in (recurring(starts, first) for first in firsts) if cycle.name == name), None)


def is_cycle_name(text: str) -> bool:
    """Whether the text looks like a recurring cycle's name: 2026, 2026-Q4, 2026-H1, 2026-M10, 2026-C2."""
    return _CYCLE_NAME.fullmatch(text) is not None


def _is_even(starts: Sequence[int]) -> bool:
    if len(starts) not in _EVEN_NAMES:
        return False
    return [(month - starts[0]) % 12 for month in starts] == list(range(0, 12, 12 // len(starts)))


@dataclass(frozen=True, slots=True)
class Recurring:
    """A kind of cycles that follow each other for ever: `recurring` says which."""

    starts: tuple[int, ...]

    def at(self, day: date) -> Cycle:
        return recurring(self.starts, day)

    def before(self, cycle: Cycle) -> Cycle:
        """The cycle that ended the day before `cycle` begins."""
        return recurring(self.starts, cycle.start - timedelta(days=1))

    def named(self, name: str) -> Cycle | None:
        return named(self.starts, name)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A kind of which there is one cycle."""

    cycle: Cycle

    def at(self, day: date) -> Cycle | None:
        return self.cycle if self.cycle.start <= day <= self.cycle.end else None

    def before(self, cycle: Cycle) -> Cycle:
        """As many days, right before the first one."""
        return cycle.before()

    def named(self, name: str) -> Cycle | None:
        return self.cycle if self.cycle.name == name else None


Kind = Recurring | Fixed


def running(kinds: Sequence[Kind], day: date) -> tuple[Cycle, ...]:
    """The cycles that `day` belongs to, in the order of their kinds.

    Where every kind is fixed and none runs, the one that ended last: its numbers stay to be seen. Where none has
    begun, the one that begins first.
    """
    found = tuple(cycle for cycle in (kind.at(day) for kind in kinds) if cycle is not None)
    if found:
        return found
    fixed = [kind.cycle for kind in kinds if isinstance(kind, Fixed)]
    ended = [cycle for cycle in fixed if cycle.end < day]
    return (max(ended, key=lambda one: one.end) if ended else min(fixed, key=lambda one: one.start),)


def clash(one: Kind, other: Kind) -> str | None:
    """A name that cycles of both kinds have."""
    if isinstance(one, Fixed):
        return one.cycle.name if other.named(one.cycle.name) is not None else None
    if isinstance(other, Fixed):
        return clash(other, one)
    return next((name for name in recurring_names(one.starts, ANY_YEAR) if other.named(name) is not None), None)


ANY_YEAR = 2026
"""For examples of names: what holds in one year holds in every."""


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` is over: the beginning of the next one."""
    return start_of(day + timedelta(days=1), zone)
