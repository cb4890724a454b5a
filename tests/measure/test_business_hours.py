"""Business hours: worked out by hand, by a naive count in Python, and by SQL on DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_sync.formula import DIALECTS, Moment, write_sql
from okr_sync.measure import Lookups
from okr_sync.measure.working_time import WorkingHours
from okr_sync.project.hours import Shift, week_of
from tests.formula.relations import compile_metric, instant
from tests.measure.looked_up import SPANS, Desk, duckdb_desk, postgresql_desk

AGENCY = WorkingHours("Asia/Ho_Chi_Minh", week_of({"mon-fri": ["08:30-12:00", "13:30-18:00"]}), "VN")
NIGHTS = WorkingHours("America/New_York", week_of({"mon-sun": ["22:00-06:00"]}))
HOURS = {"": AGENCY, "support": NIGHTS}


@pytest.fixture(params=["duckdb", "postgresql"], scope="module")
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    if request.param == "duckdb":
        with duckdb_desk() as made:
            yield made
    else:
        with postgresql_desk(request.getfixturevalue("postgresql_url")) as made:
            yield made


def hours_between(desk: Desk, spans: Sequence[tuple[str | None, str | None]], call: str = "a, b") -> list[float | None]:
    """Business hours of each span, of which no lookup may miss."""
    records = [[a and datetime.fromisoformat(a), b and datetime.fromisoformat(b), None] for a, b in spans]
    found = desk.by_record(f"max(business_hours({call}))", Lookups(HOURS), SPANS, records)
    assert {missing for _, missing in found} == {0}
    return [value for value, _ in found]


BY_HAND = {
    "within the morning": ("2026-10-05 09:00+07:00", "2026-10-05 10:30+07:00", 1.5),
    "over lunch": ("2026-10-05 11:00+07:00", "2026-10-05 14:00+07:00", 1.5),
    "a whole day": ("2026-10-05 00:00+07:00", "2026-10-06 00:00+07:00", 8),
    "from a border to a border": ("2026-10-05 12:00+07:00", "2026-10-05 13:30+07:00", 0),
    "all of it outside": ("2026-10-05 20:00+07:00", "2026-10-06 07:00+07:00", 0),
    "over a weekend": ("2026-10-02 17:00+07:00", "2026-10-05 09:30+07:00", 2),
    "backwards": ("2026-10-05 10:30+07:00", "2026-10-05 09:00+07:00", -1.5),
    "no time at all": ("2026-10-05 10:30+07:00", "2026-10-05 10:30+07:00", 0),
    "a microsecond": ("2026-10-05 10:30:00.000001+07:00", "2026-10-05 10:30:00.000002+07:00", 1 / 3.6e9),
    "written in another zone": ("2026-10-05 02:00+00:00", "2026-10-04 22:30-05:00", 1.5),
    "nobody knows when it ended": ("2026-10-05 10:30+07:00", None, None),
    "nobody knows when it began": (None, "2026-10-05 10:30+07:00", None),
}


def test_by_hand(desk: Desk) -> None:
    """Time counts inside working hours alone, exactly, and what is unknown stays so."""
    found = hours_between(desk, [(a, b) for a, b, _ in BY_HAND.values()])
    expected = [hours for _, _, hours in BY_HAND.values()]
    for name, value, hours in zip(BY_HAND, found, expected, strict=True):
        assert value == (hours if hours is None else pytest.approx(hours, abs=1e-12)), name


def test_tet_2027(desk: Desk) -> None:
    """The year of the Goat begins on Saturday 6 February 2027, and five days are free by the Labour Code, article 112.

    They are two days before and three from new year's on, or one and four, as is announced for each year; Saturday and
    Sunday are made up for by the next working days (article 111). So Thursday 4 to Wednesday 10 February is free, or
    Friday 5 to Thursday 11: of the time from Wednesday evening to Thursday evening one day is worked in both.
    """
    spans = [("2027-02-03 18:00+07:00", "2027-02-11 18:00+07:00"), ("2027-02-05 00:00+07:00", "2027-02-11 00:00+07:00")]
    assert hours_between(desk, spans) == [8, 0]


def test_national_day_2026(desk: Desk) -> None:
    """1 and 2 September are free by the Labour Code, article 112; Monday 31 August is so as a swapped day."""
    (found,) = hours_between(desk, [("2026-08-28 17:00+07:00", "2026-09-03 09:30+07:00")])
    assert found == 2


def test_clock_that_changes_inside_a_shift(desk: Desk) -> None:
    """A night shift of 22:00 to 06:00 in New York is 8 hours long; an hour less in March, one more in November.

    In 2027 clocks go forward on 14 March and back on 7 November, both at 02:00.
    """
    nights = [
        ("2027-03-12 12:00-05:00", "2027-03-13 12:00-05:00"),
        ("2027-03-13 12:00-05:00", "2027-03-14 12:00-04:00"),
        ("2027-11-06 12:00-04:00", "2027-11-07 12:00-05:00"),
        ("2027-11-07 01:30-04:00", "2027-11-07 01:30-05:00"),  # the same time on the clock, an hour later
    ]
    assert hours_between(desk, nights, "a, b, 'support'") == [8, 7, 9, 1]


def test_border_in_an_hour_that_is_skipped_or_comes_twice(desk: Desk) -> None:
    """A border is the first moment at which the clock shows its time, or a later one.

    On 14 March 2027 02:30 is not on the clock in New York: work begins at the change, 03:00. On 7 November 01:30 comes
    twice: work begins at the first.
    """
    lookups = Lookups({"": WorkingHours("America/New_York", week_of({"sun": ["02:30-04:00"], "sat": ["10:00-11:00"]}))})
    both = Lookups({"": WorkingHours("America/New_York", week_of({"sun": ["01:30-04:00"]}))})
    march = [datetime.fromisoformat("2027-03-14 00:00-05:00"), datetime.fromisoformat("2027-03-15 00:00-04:00"), None]
    november = [
        datetime.fromisoformat("2027-11-07 00:00-04:00"),
        datetime.fromisoformat("2027-11-08 00:00-05:00"),
        None,
    ]
    assert desk.by_record("max(business_hours(a, b))", lookups, SPANS, [march]) == [(1, 0)]
    assert desk.by_record("max(business_hours(a, b))", both, SPANS, [november]) == [(3.5, 0)]


def test_closures_and_extra_days(desk: Desk) -> None:
    """A closure frees days, both ends included; a make-up Saturday is worked by its own hours."""
    saturday = date(2026, 8, 22)
    calendar = WorkingHours(
        AGENCY.zone, AGENCY.week, "VN", None, ((date(2026, 8, 24), date(2026, 8, 26)),), ((saturday, AGENCY.week[0]),)
    )
    week = [datetime.fromisoformat("2026-08-17 00:00+07:00"), datetime.fromisoformat("2026-08-31 00:00+07:00"), None]
    found = desk.by_record("max(business_hours(a, b))", Lookups({"": calendar}), SPANS, [week])
    assert found == [(5 * 8 + 8 + 2 * 8, 0)]


def test_due_day_lasts_until_its_end(desk: Desk) -> None:
    """A date as the second value is the end of that day in the project's zone; on the due day time is left."""
    records = [
        [datetime.fromisoformat("2026-10-05 17:00+07:00"), None, date(2026, 10, 6)],
        [datetime.fromisoformat("2026-10-06 17:00+07:00"), None, date(2026, 10, 6)],
        [datetime.fromisoformat("2026-10-07 09:00+07:00"), None, date(2026, 10, 6)],
    ]
    found = desk.by_record("max(business_hours(a, due_on))", Lookups(HOURS), SPANS, records)
    assert found == [(1 + 8, 0), (1, 0), (-0.5, 0)]


def test_instant_that_no_calendar_covers_is_counted_as_missing(desk: Desk) -> None:
    """Outside the years of a calendar there is no number, and it is known for how many records."""
    records = [
        [datetime(1901, 1, 1, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC), None],
        [datetime(2026, 10, 5, tzinfo=UTC), datetime(2999, 10, 5, tzinfo=UTC), None],
        [datetime(1990, 1, 5, tzinfo=UTC), datetime(2059, 12, 20, tzinfo=UTC), None],
        [None, None, None],
    ]
    found = desk.by_record("max(business_hours(a, b))", Lookups(HOURS), SPANS, records)
    assert [missing for _, missing in found] == [1, 1, 0, 0]
    assert [value is None for value, _ in found] == [True, True, False, True]


def test_condition_that_cannot_be_judged_keeps_the_record(desk: Desk) -> None:
    """`where` leaves out what is surely outside; a record it cannot judge is counted as missing."""
    records = [
        [datetime.fromisoformat("2026-10-05 09:00+07:00"), datetime.fromisoformat("2026-10-05 11:00+07:00"), None],
        [datetime.fromisoformat("2026-10-05 09:00+07:00"), datetime.fromisoformat("2026-10-05 09:10+07:00"), None],
        [datetime(1901, 1, 1, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC), None],
        [None, datetime(2026, 10, 5, tzinfo=UTC), None],
    ]
    found = desk.by_record("count(*)", Lookups(HOURS), SPANS, records, where="business_hours(a, b) > 1")
    assert found == [(1, 0), (1, 1)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect(dialect: str) -> None:
    """It is written for every engine, with nothing left that only we understand."""
    metric = compile_metric(SPANS, "avg(business_hours(a, coalesce(b, as_of()), 'support'))")
    joined = Lookups(HOURS).join(metric.value(Moment(instant("2026-10-05 09:00+07:00"))))
    sql = [write_sql(joined.expression, dialect), *(write_sql(join, dialect) for join in joined.joins.values())]
    assert len(sql) == 3
    assert "_WORKED" not in " ".join(sql).upper()


# The naive count: every local day between, every shift of it, its borders found by looking at the clock.

DAY_SHIFTS = ([], ["08:30-12:00", "13:30-18:00"], ["00:00-24:00"], ["00:00-02:30", "02:30-07:00"], ["20:00-24:00"])
NIGHT_SHIFTS = ([], ["22:00-06:00"], ["23:30-03:15"], ["18:00-20:00", "21:00-02:00"])
ZONES = (
    "Asia/Ho_Chi_Minh",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
)
START = datetime(2008, 1, 1, tzinfo=UTC)


@cache
def first_moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    shown = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - what the clock shows
    guesses = [shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    moment = min(guesses) - timedelta(hours=25 if abs(guesses[0] - guesses[1]) > timedelta(hours=2) else 3)
    while moment.astimezone(zone).replace(tzinfo=None) < shown:
        moment += timedelta(minutes=1)
    return moment


def counted(hours: WorkingHours, a: datetime, b: datetime) -> float:
    if b < a:
        return -counted(hours, b, a)
    zone, free = ZoneInfo(hours.zone), {day for closure in hours.closures for day in closure}
    day, total = a.astimezone(zone).date() - timedelta(days=2), timedelta()
    while day <= b.astimezone(zone).date() + timedelta(days=1):
        for shift in () if day in free else hours.week[day.weekday()]:
            start, end = first_moment(day, shift.start, zone), first_moment(day, shift.end, zone)
            total += max(timedelta(), min(b, end) - max(a, start))
        day += timedelta(days=1)
    return total / timedelta(hours=1)


def weeks() -> st.SearchStrategy[tuple[tuple[Shift, ...], ...]]:
    def made(days: Sequence[Sequence[str]]) -> tuple[tuple[Shift, ...], ...]:
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        return week_of(dict(zip(names, days, strict=True)))

    family = st.sampled_from([DAY_SHIFTS, NIGHT_SHIFTS])
    return family.flatmap(lambda shifts: st.lists(st.sampled_from(shifts), min_size=7, max_size=7)).map(made)


def calendars() -> st.SearchStrategy[WorkingHours]:
    days = st.dates(date(2008, 1, 1), date(2030, 1, 1))
    closures = st.lists(days.map(lambda day: (day, day)), max_size=5).map(tuple)
    return st.builds(WorkingHours, st.sampled_from(ZONES), weeks(), st.none(), st.none(), closures)


def spans() -> st.SearchStrategy[list[tuple[datetime, datetime]]]:
    moments = st.integers(0, 20 * 366 * 86_400_000_000).map(lambda n: START + timedelta(microseconds=n))
    short = st.integers(-(10**12), 10**12)
    long = st.integers(0, 2 * 366 * 86_400_000_000)
    span = st.tuples(moments, short | long).map(lambda one: (one[0], one[0] + timedelta(microseconds=one[1])))
    return st.lists(span, min_size=5, max_size=12)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(hours=calendars(), intervals=spans())
def test_like_a_naive_count(desk: Desk, hours: WorkingHours, intervals: list[tuple[datetime, datetime]]) -> None:
    """SQL gives what a count of days and shifts gives, to the microsecond, for intervals of minutes and of years."""
    around = [_around_a_change(hours.zone, n) for n in range(4)]
    intervals = [*intervals, *around]
    found = desk.by_record(
        "max(business_hours(a, b))", Lookups({"": hours}), SPANS, [[a, b, None] for a, b in intervals]
    )
    assert [missing for _, missing in found] == [0] * len(intervals)
    expected = [counted(hours, a, b) for a, b in intervals]
    assert [value for value, _ in found] == pytest.approx(expected, abs=1e-10)


def _around_a_change(zone: str, n: int) -> tuple[datetime, datetime]:
    """A day on which the zone's clocks change, where they do: it is what goes wrong first."""
    changes = _changes(zone) or [START]
    change = changes[n % len(changes)]
    return change - timedelta(hours=7 * n + 1), change + timedelta(minutes=50 * n + 20)


@cache
def _changes(zone: str) -> list[datetime]:
    hours = [START + timedelta(hours=n) for n in range(4 * 366 * 24)]
    offsets: Mapping[datetime, timedelta | None] = {one: one.astimezone(ZoneInfo(zone)).utcoffset() for one in hours}
    return [later for earlier, later in pairwise(hours) if offsets[earlier] != offsets[later]]
