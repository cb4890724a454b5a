"""Satisfaction ratings and schedules, who we are, and how many records there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from okr_sync.connector import IncompleteError
from tests.connectors.zendesk.conftest import EMAIL, Account, listing
from tests.loopback import Answer

RATINGS = "/api/v2/satisfaction_ratings"
SCHEDULES = "/api/v2/business_hours/schedules.json"
HOLIDAYS = "/api/v2/business_hours/schedules/1/holidays.json"
A_WEEK_AGO = int(datetime(2026, 9, 28, 1, 58, 59, tzinfo=UTC).timestamp())  # the server's time less 61 s and 7 days
TIMES = {"created_at": "2026-10-01T02:00:00Z", "updated_at": "2026-10-02T02:00:00Z"}


def rating(number: int, **fields: Any) -> dict[str, Any]:
    people = {"assignee_id": None, "group_id": 4, "requester_id": 5}
    return {"id": number, "ticket_id": 3, "score": "good", "comment": "", **people, **TIMES, **fields}


def schedule(*intervals: tuple[int, int]) -> dict[str, Any]:
    hours = [{"start_time": start, "end_time": end} for start, end in intervals]
    return {"id": 1, "name": "Office", "time_zone": "Hanoi", "intervals": hours, **TIMES}


def test_rating(account: Account) -> None:
    """Ids are texts, and an empty comment is none."""
    account.lists[RATINGS] = [listing("satisfaction_ratings", rating(9))]
    (record,) = account.read_stream("satisfaction_ratings")[0].records
    assert dict(record.fields) == {
        "id": "9",
        "ticket_id": "3",
        "score": "good",
        "comment": None,
        "reason": None,
        "requester_id": "5",
        "assignee_id": None,
        "group_id": "4",
        "created_at": datetime(2026, 10, 1, 2, 0, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 2, 2, 0, tzinfo=UTC),
    }


def test_ratings_are_read_from_the_checkpoint(account: Account) -> None:
    """Nothing moves the checkpoint but the end of a read: then the next one goes back a week from the server's time."""
    link = f"{account.server.url}{RATINGS}?page=2"
    account.lists[RATINGS] = [
        listing("satisfaction_ratings", rating(1), after=link),
        listing("satisfaction_ratings", rating(2)),
    ]
    pages = account.read_stream("satisfaction_ratings")
    assert [page.checkpoint for page in pages] == [{}, {}, {"since": A_WEEK_AGO}]
    account.lists[RATINGS] = [listing("satisfaction_ratings")]
    account.read_stream("satisfaction_ratings", pages[-1].checkpoint)
    assert account.server.asked[-1].query == {"start_time": [str(A_WEEK_AGO)], "page[size]": ["100"]}


@pytest.mark.parametrize(("checkpoint", "lines"), [(None, 1), ({"since": 1}, 0)])
def test_no_ratings_at_all(
    account: Account, checkpoint: dict[str, Any] | None, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    """An account that never had a rating may ask by newer surveys: a line says so, and not again every night."""
    account.lists[RATINGS] = [listing("satisfaction_ratings")]
    account.read_stream("satisfaction_ratings", checkpoint)
    told = [one.getMessage() for one in caplog.records if "newer surveys" in one.getMessage()]
    assert len(told) == lines


def test_schedule(account: Account) -> None:
    """Minutes of a week that begins on Sunday become days and hours, in their order; midnight ends a day."""
    monday, saturday = 24 * 60, 6 * 24 * 60
    intervals = [(monday + 810, monday + 1080), (monday + 510, monday + 720), (saturday, saturday + 1440), (0, 60)]
    account.lists[SCHEDULES] = [Answer({"schedules": [schedule(*intervals)]})]
    (record,) = account.read_stream("schedules")[0].records
    assert (record.fields["id"], record.fields["name"], record.fields["time_zone"]) == ("1", "Office", "Hanoi")
    assert record.fields["hours"] == [
        "sun 00:00-01:00",
        "mon 08:30-12:00",
        "mon 13:30-18:00",
        "sat 00:00-24:00",
    ]


def test_holidays_of_a_schedule(account: Account) -> None:
    """Each schedule comes with its free days, in their order, of several days the first and the last."""
    tet = {"id": 1, "name": "Tết", "start_date": "2027-02-04", "end_date": "2027-02-10"}
    day_off = {"id": 2, "name": "Nghỉ", "start_date": "2026-12-31", "end_date": "2026-12-31"}
    account.lists[SCHEDULES] = [Answer({"schedules": [schedule((1950, 2160))]})]
    account.lists[HOLIDAYS] = [Answer({"holidays": [tet, day_off]})]
    (record,) = account.read_stream("schedules")[0].records
    assert record.fields["holidays"] == ["2026-12-31", "2027-02-04 2027-02-10"]


@pytest.mark.parametrize("days", [("2027-02-10", "2027-02-04"), ("4 Feb", "10 Feb"), (None, "2027-02-04")])
def test_holiday_that_cannot_be_read(account: Account, days: tuple[str | None, str | None]) -> None:
    """Days that no calendar has reject their schedule: without them it would count too many hours."""
    broken = {"id": 1, "name": "Tết", "start_date": days[0], "end_date": days[1]}
    account.lists[SCHEDULES] = [Answer({"schedules": [schedule((1950, 2160))]})]
    account.lists[HOLIDAYS] = [Answer({"holidays": [broken]})]
    (page,) = account.read_stream("schedules")
    assert [one.record for one in page.rejected] == ["schedule 1"]


def test_schedule_without_its_list_of_holidays(account: Account) -> None:
    """An answer that is no list of holidays is not taken for one without any."""
    account.lists[SCHEDULES] = [Answer({"schedules": [schedule((1950, 2160))]})]
    account.lists[HOLIDAYS] = [Answer({})]
    with pytest.raises(IncompleteError, match="schedule 1 without its list of holidays"):
        account.read_stream("schedules")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Hanoi", "Asia/Ho_Chi_Minh"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Tokyo", "Asia/Tokyo"),
        ("Mexico City", "America/Mexico_City"),
        ("Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Minh"),
        ("Samoa", "Pacific/Apia"),  # not American Samoa, which IANA knows as Pacific/Samoa too
        ("Astana", None),  # of this name there are two, in two zones
        ("Nowhere", None),
    ],
)
def test_zone_of_a_schedule(account: Account, name: str, zone: str | None) -> None:
    """Zendesk's names of zones become those that everybody knows; one that is not certain is none."""
    account.lists[SCHEDULES] = [Answer({"schedules": [schedule((1950, 2160)) | {"time_zone": name}]})]
    (record,) = account.read_stream("schedules")[0].records
    assert record.fields["zone"] == zone


@pytest.mark.parametrize("interval", [(-1, 60), (60, 60), (1400, 1500), (7 * 1440, 7 * 1440 + 1), (None, 5)])
def test_schedule_that_cannot_be_read(account: Account, interval: Any) -> None:
    """Hours that no week has are no hours."""
    account.lists[SCHEDULES] = [Answer({"schedules": [schedule(interval)]})]
    (page,) = account.read_stream("schedules")
    assert [one.record for one in page.rejected] == ["schedule 1"]


@pytest.mark.parametrize("body", [{}, {"schedules": [], "next_page": "x"}])
def test_schedules_are_read_whole(account: Account, body: dict[str, Any]) -> None:
    """A list of which a part is missing would end the schedules that are not in it."""
    account.lists[SCHEDULES] = [Answer(body)]
    with pytest.raises(IncompleteError, match="source support: stream schedules"):
        account.read_stream("schedules")


def test_identity(account: Account) -> None:
    """We are whom Zendesk takes us for, at no further request."""
    account.user = {"id": 7, "role": "admin", "email": "Lan@agency.example"}
    with account.connector() as connector:
        connector.connect()
        assert connector.identity().name == "Lan@agency.example"
        assert connector.request_count == 1
    account.user = {"id": 7, "role": "admin"}
    with account.connector() as connector:
        connector.connect()
        assert connector.identity().name == EMAIL


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ({"value": 0, "refreshed_at": "2026-10-05T02:00:00Z"}, 0),
        ({"value": 99_999, "refreshed_at": "2026-10-05T02:00:00Z"}, 99_999),
        ({"value": 100_000, "refreshed_at": "2026-10-05T02:00:00Z"}, None),
        ({"value": 5, "refreshed_at": None}, None),
        ({}, None),
    ],
)
def test_count(account: Account, count: dict[str, Any], expected: int | None) -> None:
    """A count is told where Zendesk counts at once; large ones are of yesterday, or not counted yet."""
    account.lists = {
        f"/api/v2/{name}/count": [Answer({"count": count})] for name in ("tickets", "satisfaction_ratings")
    }
    with account.connector() as connector:
        counts = {stream.name: connector.count(stream) for stream in connector.connect()}
    assert counts == {
        "tickets": expected,
        "sla_results": None,
        "satisfaction_ratings": expected,
        "schedules": None,
    }
