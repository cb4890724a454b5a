"""What it means to compute a value for a day: which versions hold, and where windows begin and end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from okr_sync.project.cycle import Cycle, end_of, start_of
from okr_sync.project.model import Project, Window


@dataclass(frozen=True, slots=True)
class AsOf:
    """A day of a cycle, or after it, evaluated at its end; today, at the present instant.

    Versions count that held right before `held_until`, the end of the day: for today, that is all that is known.
    Windows of the cycle end with the cycle, however late the day is.
    """

    day: date
    instant: datetime
    cycle: Cycle
    previous_cycle: Cycle
    zone: ZoneInfo

    @classmethod
    def of(cls, project: Project, day: date, now: datetime) -> Self:
        """`day` as the project sees it at `now`."""
        cycle = project.cycle_at(day)
        instant = min(now, end_of(day, project.zone))
        return cls(day, instant, cycle, project.previous_cycle(cycle), project.zone)

    def on(self, day: date) -> Self:
        """An earlier day of the same cycle, which is over."""
        return replace(self, day=day, instant=end_of(day, self.zone))

    @property
    def held_until(self) -> datetime:
        return end_of(self.day, self.zone)

    @property
    def as_of(self) -> datetime:
        """What `as_of()` is in a formula: the last moment of a day that is over, since the next one is another day."""
        return right_before(self.instant) if self.instant >= self.held_until else self.instant

    @property
    def is_over(self) -> bool:
        """Whether the day has ended, or the cycle before it."""
        return self.instant >= self.held_until or self.day > self.cycle.end

    def bounds(self, window: Window) -> tuple[datetime | None, datetime]:
        """Where `window` begins (`None`: nowhere) and ends: the start is inside, the end is not."""
        if window.kind == "cycle":
            return start_of(self.cycle.start, self.zone), min(self.instant, end_of(self.cycle.end, self.zone))
        if window.kind == "previous_cycle":
            return start_of(self.previous_cycle.start, self.zone), end_of(self.previous_cycle.end, self.zone)
        if window.kind == "trailing":
            return start_of(self.day - timedelta(days=window.days - 1), self.zone), self.instant
        return None, self.instant


def right_before(instant: datetime) -> datetime:
    """The moment before `instant`. In UTC, since on a wall clock the hour before may be there twice."""
    return instant.astimezone(UTC) - timedelta(microseconds=1)
