"""What it means to compute a value for a day: which versions hold, and where windows begin and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from okr_sync.measure.happening import Happening
from okr_sync.project.cycle import Cycle, Kind, end_of, start_of
from okr_sync.project.model import Project
from okr_sync.project.window import Window


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
    kind: Kind | None = None
    """The kind that the cycle is one of; without it, before the previous cycle lies one of the same length."""
    events: Mapping[str, Happening] = field(default_factory=dict, hash=False)
    """The events that the windows in question name, as known on the day: `okr_sync.measure.events`."""

    @classmethod
    def of(cls, project: Project, day: date, now: datetime) -> Self:
        """`day` as the project sees it at `now`, in the first listed of its cycles."""
        return cls.in_cycle(project, project.cycle_at(day), day, now)

    @classmethod
    def each(cls, project: Project, day: date, now: datetime) -> list[Self]:
        """`day` in each of the cycles that run on it."""
        return [cls.in_cycle(project, cycle, day, now) for cycle in project.cycles_at(day)]

    @classmethod
    def in_cycle(cls, project: Project, cycle: Cycle, day: date, now: datetime) -> Self:
        instant = min(now, end_of(day, project.zone))
        return cls(day, instant, cycle, project.previous_cycle(cycle), project.zone, project.kind_of(cycle))

    def on(self, day: date) -> Self:
        """An earlier day of the same cycle, which is over."""
        return replace(self, day=day, instant=end_of(day, self.zone), events={})

    def before_cycle(self) -> Self:
        """The end of the day before the cycle: the last moment of the previous one."""
        last, older = self.previous_cycle, self.previous_cycle.before()
        if self.kind is not None:
            older = self.kind.before(last)
        instant = end_of(last.end, self.zone)
        return replace(self, day=last.end, instant=instant, cycle=last, previous_cycle=older, events={})

    def at_cycle_start(self) -> Self:
        """The moment right before the cycle begins, with the windows of the cycle before."""
        last = self.cycle.start - timedelta(days=1)
        return replace(self.before_cycle(), day=last, instant=end_of(last, self.zone))

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
        """Where `window` begins (`None`: nowhere) and ends: the start is inside, the end is not.

        One of which `missing` says why it holds nothing begins where it ends.
        """
        if window.kind == "cycle":
            return start_of(self.cycle.start, self.zone), min(self.instant, end_of(self.cycle.end, self.zone))
        if window.kind == "previous_cycle":
            return start_of(self.previous_cycle.start, self.zone), end_of(self.previous_cycle.end, self.zone)
        if window.kind == "previous_cycle_to_date":
            return start_of(self.previous_cycle.start, self.zone), self._as_far_before()
        if window.kind == "trailing":
            return start_of(self.day - timedelta(days=window.days - 1), self.zone), self.instant
        if window.kind == "events":
            start, end = self._start(window), self._end(window)
            return (end, end) if start is None or start > end else (start, end)
        return None, self.instant

    def missing(self, window: Window) -> str | None:
        """Why the window is none yet, so that what is measured in it has no data; `None` where it is one."""
        if window.start is None:
            return None
        first, start = self.events[window.start], self._start(window)
        if start is None:
            return f"event {first.name} has not happened yet: {first.in_words}"
        if window.end is not None and self._end(window) <= start:
            last = self.events[window.end]
            return f"event {last.name} ({last.in_words}) comes before event {first.name} ({first.in_words})"
        return None

    def _as_far_before(self) -> datetime:
        """The end of as many days of the previous cycle as are over of this one; none is after its last.

        A day that goes on counts up to as long after its counterpart's midnight as has passed since its own: the same
        time of day, unless clocks change on one of the two days. So the window never shrinks while a day passes.
        """
        day = self.cycle.clamp(self.day)
        same_day = self.previous_cycle.start + (day - self.cycle.start)
        if same_day > self.previous_cycle.end:
            return end_of(self.previous_cycle.end, self.zone)
        if self.instant >= end_of(day, self.zone):
            return end_of(same_day, self.zone)
        passed = self.instant.astimezone(UTC) - start_of(day, self.zone).astimezone(UTC)
        return min(start_of(same_day, self.zone).astimezone(UTC) + passed, end_of(same_day, self.zone).astimezone(UTC))

    def _start(self, window: Window) -> datetime | None:
        """When a window of events begins; `None` where its event has not happened by now."""
        at = None if window.start is None else self.events[window.start].at
        return at if at is not None and at <= self.as_of else None

    def _end(self, window: Window) -> datetime:
        until = None if window.end is None else self.events[window.end].until
        return self.instant if until is None else min(until, self.instant)


def right_before(instant: datetime) -> datetime:
    """The moment before `instant`. In UTC, since on a wall clock the hour before may be there twice."""
    return instant.astimezone(UTC) - timedelta(microseconds=1)
