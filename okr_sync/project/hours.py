"""Working hours as people write them: `mon-fri`, `08:30-12:00`, and over midnight `22:00-06:00`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from okr_sync.errors import nearest
from okr_sync.project.wording import shown

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * DAY_MINUTES
_SHIFT = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")
_SHAPE = "write one such as 08:30-12:00, or 22:00-06:00 over midnight"


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """A span of working time of one day, in minutes from its midnight; `end` is above a day's where it lasts longer."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Shift:
        """Raises ValueError where the text is no span of hours."""
        match = _SHIFT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{shown(text)} is not a span of hours; {_SHAPE}")
        start, end = _minute(text, *match.groups()[:2]), _minute(text, *match.groups()[2:])
        if start == DAY_MINUTES:
            raise ValueError(f"{shown(text)} begins at 24:00; write 00:00 on the day after")
        if start == end:
            raise ValueError(f"{shown(text)} has no length; the whole day is 00:00-24:00")
        return cls(start, end if end > start else end + DAY_MINUTES)

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES)}"


Week = tuple[tuple[Shift, ...], ...]
"""The shifts of each weekday, Monday first, in their order."""


def weekdays(text: str) -> tuple[int, ...]:
    """The days that `mon`, `mon-fri`, `sat-mon` or `mon, wed` name, Monday being 0.

    Raises:
        ValueError: one of them is no weekday.
    """
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = (name.strip() for name in part.partition("-"))
        start, end = _weekday(first), _weekday(last if dash else first)
        days += [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]
    return tuple(days)


def week_of(hours: Mapping[str, Iterable[str]]) -> Week:
    """Hours by weekdays, as they are written.

    Raises:
        ValueError: a day comes twice, or shifts meet in time.
    """
    week: dict[int, tuple[Shift, ...]] = {}
    for names, shifts in hours.items():
        for day in weekdays(names):
            if day in week:
                raise ValueError(f"{WEEKDAYS[day]} comes twice; write all its hours in one list")
            week[day] = tuple(sorted(Shift.parse(text) for text in shifts))
    whole = tuple(week.get(day, ()) for day in range(7))
    _refuse_overlaps(whole)
    return whole


def refuse_overlap(shifts: Sequence[Shift], day: str) -> None:
    """Raises ValueError where two shifts of one day, which are in their order, meet in time."""
    for one, other in pairwise(shifts):
        if other.start < one.end:
            raise ValueError(f"{one} and {other} of {day} overlap; write hours that follow each other")


def _refuse_overlaps(week: Week) -> None:
    for day, shifts in enumerate(week):
        refuse_overlap(shifts, WEEKDAYS[day])
    placed = [
        (day * DAY_MINUTES + one.start, day * DAY_MINUTES + one.end, day, one) for day in range(7) for one in week[day]
    ]
    for one, other in pairwise([*placed, *((s + _WEEK_MINUTES, e, day, shift) for s, e, day, shift in placed[:1])]):
        if other[0] < one[1]:
            raise ValueError(
                f"{one[3]} of {WEEKDAYS[one[2]]} runs into {other[3]} of {WEEKDAYS[other[2]]};"
                " write hours that follow each other"
            )


def _weekday(name: str) -> int:
    if name.lower() not in WEEKDAYS:
        raise ValueError(f"{shown(name)} is not a weekday{nearest(name.lower(), WEEKDAYS)}")
    return WEEKDAYS.index(name.lower())


def _minute(text: str, hours: str, minutes: str) -> int:
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > DAY_MINUTES:
        raise ValueError(f"{hours}:{minutes} in {shown(text)} is not a time of day; the last one is 24:00")
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
