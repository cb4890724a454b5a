"""A record belongs to exactly one day and one cycle: those of the project's zone, from midnight to before midnight.

The points of the records are powers of two, so that a sum tells which of them counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from okr_sync.errors import OkrSyncError
from tests.soundness.desk import STREAM, Desk, observations

CLOSED = {"stream": "desk.tasks", "time": "closed_at", "value": "sum(points)"}
WINDOWS = {
    "cycle": CLOSED,
    "previous": {**CLOSED, "window": "previous_cycle"},
    "last_day": {**CLOSED, "window": "trailing 1 days"},
    "ever": {**CLOSED, "window": "all"},
}


def closed(points: int, closed_at: str) -> str:
    return f"{points},2026-01-01,2026-01-01,{closed_at},done,{points}"


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-09-30", {"cycle": 1, "previous": None, "last_day": 1, "ever": 1}),
        ("2026-10-01", {"cycle": 2, "previous": 1, "last_day": 2, "ever": 3}),
        ("2026-10-02", {"cycle": 2, "previous": 1, "last_day": None, "ever": 3}),
        ("2026-12-31", {"cycle": 6, "previous": 1, "last_day": 4, "ever": 7}),
        ("2027-01-01", {"cycle": 8, "previous": 6, "last_day": 8, "ever": 15}),
    ],
)
def test_last_and_first_instant_of_a_cycle(desk: Desk, as_of: str, expected: dict[str, float | None]) -> None:
    """23:59:59.999 of the last day is the old cycle, 00:00 the new one, as clocks show it in Hanoi."""
    desk.tasks(
        closed(1, "2026-09-30T16:59:59.999Z"),  # Hanoi is UTC+7: 23:59:59.999
        closed(2, "2026-09-30T17:00:00Z"),
        closed(4, "2026-12-31T16:59:59.999Z"),
        closed(8, "2026-12-31T17:00:00Z"),
    )
    desk.okrs(WINDOWS)
    assert desk.values("2027-01-10T12:00+07:00", as_of) == expected


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Asia/Ho_Chi_Minh", "2026-10-25", "2026-10-24T17:00Z", "2026-10-25T17:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # 23 hours
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # 25 hours
        ("America/New_York", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),  # 25 hours
        ("America/Santiago", "2026-04-04", "2026-04-04T03:00Z", "2026-04-05T04:00Z"),  # its last hour comes twice
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00Z", "2026-09-07T03:00Z"),  # it begins at 01:00
    ],
)
def test_day_on_which_clocks_change(tmp_path: Path, zone: str, day: str, start: str, end: str) -> None:
    """A day of 23 or 25 hours has all of its hours, and none of its neighbours'."""
    desk = Desk(tmp_path, zone=zone)
    starts, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    tick = timedelta(milliseconds=1)
    for points, instant in ((1, starts - tick), (2, starts), (4, ends - tick), (8, ends)):
        desk.tasks(closed(points, instant.isoformat()), file=f"tasks-{points}.csv")
    age = {**WINDOWS["last_day"], "value": "hours(min(closed_at), as_of())", "unit": "hours"}
    desk.okrs({"points": WINDOWS["last_day"], "age": age})
    found = desk.values("2026-12-01T12:00+07:00", day)
    assert found["points"] == 6
    assert found["age"] == pytest.approx((ends - starts) / timedelta(hours=1))


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York"])
def test_dates_without_a_time(tmp_path: Path, zone: str) -> None:
    """A date counts in the window in which its day begins, in the project's zone, wherever that is."""
    desk = Desk(tmp_path, zone=zone)
    desk.configure(tasks={**STREAM, "fields": {**STREAM["fields"], "closed_at": "date"}})
    desk.tasks(*map(closed, (1, 2, 4, 8), ("2026-09-30", "2026-10-01", "2026-12-31", "2027-01-01")))
    desk.okrs(WINDOWS)
    now = "2027-01-10T12:00+07:00"
    assert desk.values(now, "2026-12-31") == {"cycle": 6, "previous": 1, "last_day": 4, "ever": 7}
    assert desk.values(now, "2027-01-01") == {"cycle": 8, "previous": 6, "last_day": 8, "ever": 15}


def test_version_at_a_border(desk: Desk) -> None:
    """A change at 23:59:59.999 belongs to the day that ends, one at 00:00 to the day that begins."""
    desk.tasks(
        "1,2026-10-01,2026-10-01,,open,1",
        "1,2026-10-01,2026-10-04T23:59:59.999,,done,1",
        "2,2026-10-01,2026-10-01,,open,2",
        "2,2026-10-01,2026-10-05T00:00,,done,2",
    )
    desk.okrs({"done": {"stream": "desk.tasks", "where": "status = 'done'", "value": "sum(points)"}})
    found = [desk.values(as_of=day)["done"] for day in ("2026-10-03", "2026-10-04", "2026-10-05")]
    assert found == [None, 1, 3]


def test_creation_at_a_border(desk: Desk) -> None:
    """A record that is created at 00:00 does not exist on the day before."""
    desk.tasks(
        "1,2026-10-04T23:59:59.999,2026-10-09,,open,1",
        "2,2026-10-05T00:00,2026-10-09,,open,2",
    )
    desk.okrs({"all_points": "sum(points)"})
    assert [desk.values(as_of=day)["all_points"] for day in ("2026-10-03", "2026-10-04", "2026-10-05")] == [None, 1, 3]


def test_today_ends_now(desk: Desk) -> None:
    """Today's windows end at the present instant; a day that is over is evaluated at its end."""
    desk.tasks(
        closed(1, "2026-10-10T11:59:59.999"),
        closed(2, "2026-10-10T12:00"),
        closed(4, "2026-10-10T23:59:59.999"),
    )
    desk.okrs({"cycle": CLOSED})
    assert desk.values("2026-10-10T12:00+07:00") == {"cycle": 1}
    assert desk.values("2026-10-11T00:00+07:00", "2026-10-10") == {"cycle": 7}


@pytest.mark.parametrize(
    ("as_of", "expected", "expected_progress"),
    [
        ("2028-02-28", {"cycle": 1, "previous": None, "last_day": 1, "ever": 1}, 59 / 91),  # 31 + 28 days of 91
        ("2028-02-29", {"cycle": 3, "previous": None, "last_day": 2, "ever": 3}, 60 / 91),
        ("2028-03-01", {"cycle": 7, "previous": None, "last_day": 4, "ever": 7}, 61 / 91),
        ("2028-04-01", {"cycle": None, "previous": 7, "last_day": None, "ever": 7}, 1 / 91),  # also of 91 days
    ],
)
def test_leap_day(desk: Desk, as_of: str, expected: dict[str, float | None], expected_progress: float) -> None:
    """29 February is a day of its own, and the first quarter of 2028 has 91 days."""
    desk.tasks(closed(1, "2028-02-28T23:59:59"), closed(2, "2028-02-29T12:00"), closed(4, "2028-03-01T00:00"))
    desk.okrs(WINDOWS)
    found = observations(desk.run("2028-04-20T12:00+07:00", as_of))
    assert {name: one.value for name, one in found.items()} == expected
    assert found["cycle"].expected_progress == pytest.approx(expected_progress)


@pytest.mark.parametrize(
    ("now", "as_of", "expected"),
    [
        ("2026-12-01T12:00+07:00", "2026-10-01", 1),  # 1 July
        ("2026-12-01T12:00+07:00", "2026-10-02", 3),  # 1 and 2 July
        ("2026-10-02T10:29:59.999+07:00", "2026-10-02", 1),  # 2 July up to 10:29:59.999
        ("2026-10-02T10:30:00.001+07:00", "2026-10-02", 3),
        ("2027-02-01T12:00+07:00", "2026-12-30", 7),  # the 91st day: 29 September
        ("2027-02-01T12:00+07:00", "2026-12-31", 15),  # the 92nd and last day of both quarters
        ("2027-06-01T12:00+07:00", "2027-03-31", 496),  # the 90th day of 92: 29 December
        ("2027-07-01T12:00+07:00", "2027-06-30", None),  # nothing from January to March
    ],
)
def test_same_days_of_the_previous_cycle(desk: Desk, now: str, as_of: str, expected: float | None) -> None:
    """As many days of the previous cycle count as are over of this one, and of today as much as has passed."""
    desk.tasks(
        closed(1, "2026-07-01T23:59:59.999"),
        closed(2, "2026-07-02T10:30"),
        closed(4, "2026-07-03T00:00"),
        closed(8, "2026-09-30T12:00"),
        closed(16, "2026-10-01T00:00"),
        closed(480, "2026-12-29T23:59:59.999"),
        closed(512, "2026-12-30T00:00"),
    )
    desk.okrs({"before": {**CLOSED, "window": "previous_cycle to date"}})
    assert desk.values(now, as_of) == {"before": expected}


def test_trailing_window_counts_whole_days(desk: Desk) -> None:
    """The last 7 days are today and the six before, from midnight on, also across the start of the cycle."""
    desk.tasks(
        closed(1, "2026-09-27T23:59:59.999"), closed(2, "2026-09-28T00:00"), closed(4, "2026-10-04T23:59:59.999")
    )
    desk.okrs({"week": {**CLOSED, "window": "trailing 7 days"}})
    assert desk.values(as_of="2026-10-04") == {"week": 6}


def test_previous_cycle_of_a_fixed_cycle(tmp_path: Path) -> None:
    """Before a single cycle of 92 days lie as many days, and after its end nothing more is in its window."""
    fixed = {"cycle": {"name": "2026-Q4", "start": "2026-10-01", "end": "2026-12-31"}}
    desk = Desk(tmp_path, cycles=fixed)
    desk.tasks(
        closed(1, "2026-06-30T23:59:59.999"),  # 92 days before 1 October is 1 July: 31 + 31 + 30
        closed(2, "2026-07-01T00:00"),
        closed(4, "2026-12-31T23:59:59.999"),
        closed(8, "2027-01-01T00:00"),
    )
    desk.okrs(WINDOWS)
    assert desk.values("2027-02-01T12:00+07:00") == {"cycle": 4, "previous": 2, "last_day": None, "ever": 15}
    with pytest.raises(OkrSyncError, match="cycle 2026-Q4 begins on 2026-10-01"):
        desk.run(as_of="2026-09-30")


def test_day_that_has_not_come(desk: Desk) -> None:
    """Today is a day of the project's zone: in Hanoi the 11th begins when it is 17:00 on the 10th in Greenwich."""
    desk.tasks()
    desk.okrs({"n": "count(*)"})
    with pytest.raises(OkrSyncError, match="as of 2026-10-11: that day has not come yet; today is 2026-10-10"):
        desk.run("2026-10-10T16:59:59+00:00", as_of="2026-10-11")
    assert str(desk.run("2026-10-10T17:00:00+00:00", as_of="2026-10-11").as_of) == "2026-10-11"
