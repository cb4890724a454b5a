"""Cycles: the span an OKR runs for, and the days and instants that border it."""

from __future__ import annotations

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


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` is over: the beginning of the next one."""
    return start_of(day + timedelta(days=1), zone)
