"""What a day means in instants."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from okr_sync.measure import AsOf
from okr_sync.project.model import Project, Settings, Window

QUARTERS = {"starts": ["jan", "apr", "jul", "oct"]}
FIXED = {"name": "2026-Q4", "start": "2026-10-01", "end": "2026-12-31"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def project(zone: str = "Asia/Ho_Chi_Minh", **cycles: object) -> Project:
    settings = Settings.model_validate({"timezone": zone, **(cycles or {"cycles": QUARTERS})})
    return Project(folder=Path(), settings=settings, sources={}, metrics={}, objectives=())


# Hanoi is UTC+7 all year: its midnight is 17:00 of the day before.
OVER = AsOf.of(project(), date(2026, 10, 5), utc("2026-11-20T00:00"))
TODAY = AsOf.of(project(), date(2026, 10, 5), utc("2026-10-05T03:00"))
AFTER = AsOf.of(project(cycle=FIXED), date(2027, 1, 10), utc("2027-02-01T00:00"))


@pytest.mark.parametrize(
    ("day", "window", "start", "end"),
    [
        (OVER, "cycle", "2026-09-30T17:00", "2026-10-05T17:00"),
        (OVER, "previous_cycle", "2026-06-30T17:00", "2026-09-30T17:00"),
        (OVER, "trailing 1 days", "2026-10-04T17:00", "2026-10-05T17:00"),
        (OVER, "trailing 28 days", "2026-09-07T17:00", "2026-10-05T17:00"),  # 8 September to 5 October
        (OVER, "all", None, "2026-10-05T17:00"),
        (TODAY, "cycle", "2026-09-30T17:00", "2026-10-05T03:00"),
        (TODAY, "previous_cycle", "2026-06-30T17:00", "2026-09-30T17:00"),
        (TODAY, "trailing 1 days", "2026-10-04T17:00", "2026-10-05T03:00"),
        (TODAY, "all", None, "2026-10-05T03:00"),
        (AFTER, "cycle", "2026-09-30T17:00", "2026-12-31T17:00"),  # it ends with the cycle
        (AFTER, "previous_cycle", "2026-06-30T17:00", "2026-09-30T17:00"),  # 92 days before, as many as the quarter
        (AFTER, "trailing 1 days", "2027-01-09T17:00", "2027-01-10T17:00"),
    ],
)
def test_bounds(day: AsOf, window: str, start: str | None, end: str) -> None:
    """Windows begin at midnight in Hanoi, and end at the end of the day, at the present instant, or with the cycle."""
    assert day.bounds(Window.parse(window)) == (None if start is None else utc(start), utc(end))


@pytest.mark.parametrize(
    ("day", "held_until", "as_of", "is_over"),
    [
        (OVER, "2026-10-05T17:00", "2026-10-05T16:59:59.999999", True),
        (TODAY, "2026-10-05T17:00", "2026-10-05T03:00", False),
        (AFTER, "2027-01-10T17:00", "2027-01-10T16:59:59.999999", True),
    ],
)
def test_instants_of_a_day(day: AsOf, held_until: str, as_of: str, is_over: bool) -> None:
    """A day that is over is looked at from its last moment; today from now."""
    assert (day.held_until, day.as_of, day.is_over) == (utc(held_until), utc(as_of), is_over)


def test_present_day_that_has_just_ended() -> None:
    """At midnight itself the day is over."""
    assert AsOf.of(project(), date(2026, 10, 5), utc("2026-10-05T17:00")).is_over


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00", "2026-03-29T22:00"),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00", "2026-10-25T23:00"),
        ("America/New_York", date(2026, 3, 8), "2026-03-08T05:00", "2026-03-09T04:00"),
        ("America/Santiago", date(2026, 4, 4), "2026-04-04T03:00", "2026-04-05T04:00"),  # 23:00 to 24:00 comes twice
    ],
)
def test_days_on_which_clocks_change(zone: str, day: date, start: str, end: str) -> None:
    """Such a day has 23 or 25 hours, and its last moment is right before its end."""
    found = AsOf.of(project(zone), day, utc("2026-12-31T00:00"))
    assert found.bounds(Window.parse("trailing 1 days")) == (utc(start), utc(end))
    assert (utc(end) - found.as_of.astimezone(UTC)).total_seconds() == pytest.approx(1e-6)


def test_earlier_day_of_the_cycle() -> None:
    """`on` gives a day that is over, of the same cycle."""
    earlier = TODAY.on(date(2026, 10, 2))
    assert (earlier.day, earlier.instant, earlier.is_over) == (date(2026, 10, 2), utc("2026-10-02T17:00"), True)
    assert (earlier.cycle, earlier.zone) == (TODAY.cycle, ZoneInfo("Asia/Ho_Chi_Minh"))
