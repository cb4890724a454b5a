"""What a day means in instants."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import datetimes, sampled_from, timedeltas

from okr_sync.measure import AsOf, Happening
from okr_sync.project.cycle import Cycle
from okr_sync.project.fields import MONTHS
from okr_sync.project.model import Project
from okr_sync.project.settings import Settings
from okr_sync.project.window import Window

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
LAST = AsOf.of(project(), date(2026, 9, 30), utc("2026-11-20T00:00"))
NOON = AsOf.of(project(), date(2026, 9, 30), utc("2026-09-30T05:00"))
FEBRUARY = AsOf.of(project(cycles={"starts": list(MONTHS)}), date(2026, 3, 30), utc("2026-11-20T00:00"))
LEAP = AsOf.of(project(cycles={"starts": list(MONTHS)}), date(2028, 3, 29), utc("2028-11-20T00:00"))


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
        # As many days of the previous cycle: the 5th of October is the 5th day, as the 5th of July is.
        (OVER, "previous_cycle to date", "2026-06-30T17:00", "2026-07-05T17:00"),
        (TODAY, "previous_cycle to date", "2026-06-30T17:00", "2026-07-05T03:00"),  # 10:00 in Hanoi on both days
        # July to September has 92 days, April to June has 91: the 92nd day has no counterpart.
        (LAST, "previous_cycle to date", "2026-03-31T17:00", "2026-06-30T17:00"),
        (NOON, "previous_cycle to date", "2026-03-31T17:00", "2026-06-30T17:00"),
        (FEBRUARY, "previous_cycle to date", "2026-01-31T17:00", "2026-02-28T17:00"),  # of 28 days
        (LEAP, "previous_cycle to date", "2028-01-31T17:00", "2028-02-29T17:00"),  # of 29 days
        (AFTER, "previous_cycle to date", "2026-06-30T17:00", "2026-09-30T17:00"),  # both are over
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


@pytest.mark.parametrize(
    ("now", "end"),
    [
        # 25 October 2026 has 25 hours in Berlin, its counterpart 25 July 24.
        ("2026-10-24T22:00", "2026-07-24T22:00"),  # midnight: nothing of the day is over
        ("2026-10-25T00:30", "2026-07-25T00:30"),  # 02:30 for the first time, and 02:30
        ("2026-10-25T01:30", "2026-07-25T01:30"),  # 02:30 for the second time, and 03:30
        ("2026-10-25T22:30", "2026-07-25T22:00"),  # its 25th hour has no counterpart
        ("2026-10-25T23:00", "2026-07-25T22:00"),  # midnight: both days are over
    ],
)
def test_to_date_while_clocks_change(now: str, end: str) -> None:
    """Today counts up to as long after midnight as has passed today, so that the window never shrinks."""
    day = AsOf.of(project("Europe/Berlin"), date(2026, 10, 25), utc(now))
    assert day.bounds(Window.parse("previous_cycle to date")) == (utc("2026-06-30T22:00"), utc(end))


def test_to_date_on_a_short_day() -> None:
    """Of a counterpart with 23 hours no more than those: 29 March 2026 in Berlin is the 88th day, as 27 June is."""
    day = AsOf.of(project("Europe/Berlin"), date(2026, 6, 26), utc("2026-06-26T21:30"))
    assert day.bounds(Window.parse("previous_cycle to date"))[1] == utc("2026-03-28T22:30")
    day = AsOf.of(project("Europe/Berlin"), date(2026, 6, 27), utc("2026-06-27T21:30"))
    assert day.bounds(Window.parse("previous_cycle to date"))[1] == utc("2026-03-29T22:00")


@pytest.mark.parametrize(("day", "before"), [(OVER, "2026-09-30"), (AFTER, "2026-09-30"), (LEAP, "2028-02-29")])
def test_right_before_the_cycle(day: AsOf, before: str) -> None:
    """`before_cycle` is the last day of the previous cycle at its end, and that cycle has one before it, too."""
    found = day.before_cycle()
    assert (str(found.day), str(found.cycle.end), found.is_over) == (before, before, True)
    assert found.cycle == day.previous_cycle
    assert found.instant == found.held_until == day.bounds(Window.parse("cycle"))[0]
    assert found.previous_cycle.end < found.cycle.start


def test_cycles_of_different_lengths_before() -> None:
    """The second quarter before one of 92 days is the one of the calendar, not 92 days more."""
    assert OVER.before_cycle().previous_cycle == Cycle("2026-Q2", date(2026, 4, 1), date(2026, 6, 30))


def test_a_day_in_each_of_its_cycles() -> None:
    """A day has one cycle of each kind that runs on it, in the order of the kinds."""
    kinds = [{"starts": ["jan"]}, QUARTERS, {"name": "Tết 2027", "start": "2027-01-15", "end": "2027-02-28"}]
    side_by_side = project(cycles=kinds)
    names = {
        day: [one.cycle.name for one in AsOf.each(side_by_side, date.fromisoformat(day), utc("2027-12-01T00:00"))]
        for day in ("2027-01-14", "2027-01-15", "2027-02-28", "2027-03-01")
    }
    assert names == {
        "2027-01-14": ["2027", "2027-Q1"],
        "2027-01-15": ["2027", "2027-Q1", "Tết 2027"],
        "2027-02-28": ["2027", "2027-Q1", "Tết 2027"],
        "2027-03-01": ["2027", "2027-Q1"],
    }
    (year, quarter) = AsOf.each(side_by_side, date(2027, 4, 1), utc("2027-12-01T00:00"))
    assert (year.previous_cycle.name, quarter.previous_cycle.name) == ("2026", "2027-Q1")


def on_a_day(day: AsOf, **moments: date | datetime | None) -> AsOf:
    """The same with events that happen so."""
    events = {name: Happening(name, "min(at) of a.b", day.zone, moment) for name, moment in moments.items()}
    return replace(day, events=events)


LAUNCH = {"launch": date(2026, 10, 3)}
BOTH = "from launch to end"
NINE = datetime.fromisoformat("2026-10-04T09:00")  # without a zone: of Hanoi


@pytest.mark.parametrize(
    ("day", "window", "start", "end"),
    [
        (on_a_day(OVER, **LAUNCH), "from launch", "2026-10-02T17:00", "2026-10-05T17:00"),
        (on_a_day(TODAY, **LAUNCH), "from launch", "2026-10-02T17:00", "2026-10-05T03:00"),
        (on_a_day(AFTER, **LAUNCH), "from launch", "2026-10-02T17:00", "2027-01-10T17:00"),  # no cycle ends it
        (on_a_day(OVER, launch=date(2026, 10, 5)), "from launch", "2026-10-04T17:00", "2026-10-05T17:00"),
        # A day that ends a window is inside; an instant is not, so that `to` and `from` one instant share nothing.
        (on_a_day(OVER, **LAUNCH, end=date(2026, 10, 4)), BOTH, "2026-10-02T17:00", "2026-10-04T17:00"),
        (on_a_day(OVER, **LAUNCH, end=date(2026, 10, 3)), BOTH, "2026-10-02T17:00", "2026-10-03T17:00"),
        (on_a_day(OVER, **LAUNCH, end=utc("2026-10-04T02:00")), BOTH, "2026-10-02T17:00", "2026-10-04T02:00"),
        (on_a_day(OVER, **LAUNCH, end=NINE), BOTH, "2026-10-02T17:00", "2026-10-04T02:00"),
        # An end that has not come goes on to the day.
        (on_a_day(OVER, **LAUNCH, end=None), BOTH, "2026-10-02T17:00", "2026-10-05T17:00"),
        (on_a_day(OVER, **LAUNCH, end=date(2026, 10, 6)), BOTH, "2026-10-02T17:00", "2026-10-05T17:00"),
        (on_a_day(TODAY, **LAUNCH, end=date(2026, 10, 5)), BOTH, "2026-10-02T17:00", "2026-10-05T03:00"),
    ],
)  # fmt: skip
def test_bounds_by_events(day: AsOf, window: str, start: str, end: str) -> None:
    """A window of events begins at the first one and ends with the last, or with the day where that comes before."""
    assert day.missing(Window.parse(window)) is None
    assert day.bounds(Window.parse(window)) == (utc(start), utc(end))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (on_a_day(OVER, launch=date(2026, 10, 6)), "event launch has not happened yet: 6 Oct 2026"),
        (on_a_day(TODAY, launch=utc("2026-10-05T03:00:01")), "event launch has not happened yet: 5 Oct 2026 10:00"),
        (on_a_day(OVER, launch=None), "event launch has not happened yet: min(at) of a.b gives no time"),
        (
            on_a_day(OVER, launch=date(2026, 10, 5), end=utc("2026-10-02T02:00")),
            "event end (2 Oct 2026 09:00) comes before event launch (5 Oct 2026)",
        ),
    ],
)
def test_windows_that_are_none_yet(day: AsOf, reason: str) -> None:
    """Before its first event, or with its events the wrong way round, a window holds nothing, and says why."""
    window = Window.parse(BOTH if "end" in day.events else "from launch")
    start, end = day.bounds(window)
    assert (day.missing(window), start) == (reason, end)


def test_an_event_at_the_present_instant_has_happened() -> None:
    """What happens now is no longer to come."""
    day = on_a_day(TODAY, launch=utc("2026-10-05T03:00"))
    assert day.missing(Window.parse("from launch")) is None


@given(
    zone=sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]),
    starts=sampled_from([["jan", "apr", "jul", "oct"], ["feb", "may", "aug", "nov"], ["jan"], list(MONTHS)]),
    now=datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2029-01-01")),
    passed=timedeltas(timedelta(0), timedelta(days=2)),
)
def test_to_date_never_shrinks(zone: str, starts: list[str], now: datetime, passed: timedelta) -> None:
    """While a cycle goes on, the window of the same days stays within the previous one and never becomes shorter."""
    named, window = project(zone, cycles={"starts": starts}), Window.parse("previous_cycle to date")

    def at(instant: datetime) -> AsOf:
        return AsOf.of(named, instant.astimezone(ZoneInfo(zone)).date(), instant)

    day, later = at(now.replace(tzinfo=UTC)), at(now.replace(tzinfo=UTC) + passed)
    start, end = (one.astimezone(UTC) for one in day.bounds(window) if one is not None)
    whole_start, whole_end = (one.astimezone(UTC) for one in day.bounds(Window.parse("previous_cycle")) if one)
    assert start == whole_start <= end <= whole_end
    if later.cycle == day.cycle:
        assert end <= later.bounds(window)[1].astimezone(UTC)
