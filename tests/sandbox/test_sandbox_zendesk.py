"""The stand-in for Zendesk, over real HTTP: the export of tickets with its cursor, its delays and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.zendesk.account import ZendeskOptions
from tests.conformance import needs_specs
from tests.conformance import zendesk as spec
from tests.sandbox.clients import NOW, anonymous_client, zendesk_client

EXPORT = "/incremental/tickets/cursor.json"


def export(zendesk: httpx.Client, **query: str | int) -> dict[str, Any]:
    answer = zendesk.get(EXPORT, params=query)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def pages(zendesk: httpx.Client, start_time: int = 0, **query: str | int) -> Iterator[dict[str, Any]]:
    page = export(zendesk, start_time=start_time, **query)
    yield page
    while not page["end_of_stream"]:
        page = export(zendesk, cursor=page["after_cursor"], **query)
        yield page


@pytest.fixture
def rested(agency: Agency) -> Agency:
    """An agency in which nothing has happened for five minutes, so that the export shows all of it."""
    agency.clock.advance(timedelta(minutes=5))
    return agency


def test_current_user(zendesk: httpx.Client, sandbox: Sandbox) -> None:
    """The administrator, with or without `.json`; an anonymous request gets a user without an id."""
    for path in ("/users/me", "/users/me.json"):
        assert zendesk.get(path).json()["user"]["role"] == "admin"
    with anonymous_client(f"{sandbox.url('zendesk')}/api/v2") as anonymous:
        assert anonymous.get("/users/me.json").json()["user"]["id"] is None


@pytest.mark.parametrize("path", [EXPORT, "/tickets/count.json"])
@pytest.mark.parametrize("user", ["okr-bot@agency.example", "okr-bot@agency.example/token"])
def test_wrong_credentials(sandbox: Sandbox, path: str, user: str) -> None:
    """Neither a wrong token nor the token as a password is accepted, and none at all is not either."""
    token = sandbox.variables()["ZENDESK_API_TOKEN"]
    wrong = "wrong" if user.endswith("/token") else token
    with anonymous_client(f"{sandbox.url('zendesk')}/api/v2") as client:
        assert client.get(path, params={"start_time": 0}, auth=(user, wrong)).status_code == 401
        assert client.get(path, params={"start_time": 0}).status_code == 401


def test_every_page(zendesk: httpx.Client, rested: Agency) -> None:
    """Every ticket once, in the order of its generated timestamp and then its id."""
    read = list(pages(zendesk, per_page=50))
    assert [len(page["tickets"]) for page in read] == [50, 50, 20]
    seen = [(ticket["generated_timestamp"], ticket["id"]) for page in read for ticket in page["tickets"]]
    assert seen == sorted((int(one.generated_at.timestamp()), one.id) for one in rested.tickets)


def test_cursor_is_kept_at_the_end(zendesk: httpx.Client, rested: Agency) -> None:
    """The last page has a cursor too; asked with it, nothing comes until something happened, and then only that."""
    (page,) = pages(zendesk)
    assert page["end_of_stream"] is True
    cursor = page["after_cursor"]
    again = export(zendesk, cursor=cursor)
    assert (again["tickets"], again["after_cursor"], again["end_of_stream"]) == ([], cursor, True)
    changed = rested.edit_ticket(rested.tickets[0].id, status="open")
    rested.clock.advance(timedelta(minutes=2))
    assert [ticket["id"] for ticket in export(zendesk, cursor=cursor)["tickets"]] == [changed.id]


def test_export_of_nothing(zendesk: httpx.Client) -> None:
    """Where nothing changed since the start, the page is empty and its cursor still leads on."""
    start_time = int((NOW - timedelta(seconds=61)).timestamp())
    page = export(zendesk, start_time=start_time)
    assert (page["tickets"], page["end_of_stream"]) == ([], True)
    assert export(zendesk, cursor=page["after_cursor"])["tickets"] == []


def test_last_minute_is_left_out(zendesk: httpx.Client, rested: Agency) -> None:
    """A ticket appears 60 seconds after its change, not earlier."""
    cursor = export(zendesk, start_time=0)["after_cursor"]
    fresh = rested.create_ticket("Vừa gửi")
    rested.clock.advance(timedelta(seconds=59))
    assert export(zendesk, cursor=cursor)["tickets"] == []
    rested.clock.advance(timedelta(seconds=1))
    assert [ticket["id"] for ticket in export(zendesk, cursor=cursor)["tickets"]] == [fresh.id]


@pytest.mark.parametrize(("age", "status"), [(0, 422), (59, 422), (60, 200), (61, 200)])
def test_start_time_too_recent(zendesk: httpx.Client, age: int, status: int) -> None:
    """The start must be at least a minute ago."""
    answer = zendesk.get(EXPORT, params={"start_time": int(NOW.timestamp()) - age})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["error"] == "StartTimeTooRecent"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start_time": "yesterday"},
        {"cursor": "nonsense"},
        {"start_time": 0, "per_page": 0},
        {"start_time": 0, "per_page": 1001},
        {"start_time": 0, "per_page": "many"},
    ],
)
def test_refused_exports(zendesk: httpx.Client, query: dict[str, str | int]) -> None:
    """Neither a start nor a cursor, or one that is none, or a page that is too large."""
    assert zendesk.get(EXPORT, params=query).status_code == 400


def test_touched_ticket_has_an_old_time_of_change(zendesk: httpx.Client, rested: Agency) -> None:
    """A job of the system brings a ticket back whose `updated_at` lies before the start of the export."""
    start = rested.clock.now()
    old = next(ticket for ticket in rested.tickets if ticket.status == "closed")
    rested.touch_ticket(old.id)
    rested.clock.advance(timedelta(minutes=2))
    (ticket,) = export(zendesk, start_time=int(start.timestamp()))["tickets"]
    assert ticket["id"] == old.id
    assert datetime.fromisoformat(ticket["updated_at"]) == old.updated_at < start
    assert ticket["generated_timestamp"] == int(start.timestamp())


def test_deleted_and_merged(zendesk: httpx.Client, rested: Agency) -> None:
    """A deleted ticket comes scrubbed, or not at all on request; a merged one is closed and tagged."""
    cursor = export(zendesk, start_time=0)["after_cursor"]
    deleted = rested.delete_ticket(rested.tickets[0].id)
    merged = rested.merge_ticket(rested.tickets[1].id)
    rested.clock.advance(timedelta(minutes=2))
    first, second = export(zendesk, cursor=cursor)["tickets"]
    assert (first["id"], first["status"], first["subject"]) == (deleted.id, "deleted", "SCRUBBED")
    assert (second["id"], second["status"]) == (merged.id, "closed")
    assert "closed_by_merge" in second["tags"]
    page = export(zendesk, cursor=cursor, exclude_deleted="true")
    assert [ticket["id"] for ticket in page["tickets"]] == [merged.id]


def test_ticket_and_metric_set(zendesk: httpx.Client, rested: Agency) -> None:
    """Worked out by hand: asked at 03:35, answered 90 minutes 30 seconds later, solved after a day."""
    cursor = export(zendesk, start_time=0)["after_cursor"]
    ticket = rested.create_ticket(
        "Hỏi giá", channel="native_messaging", client="tra_co_bong", first_reply_seconds=5430, reply_count=2,
        solved_at=datetime(2026, 11, 19, 3, 35, tzinfo=UTC), reopen_count=1, satisfaction="good", tags=("a", "b"),
    )  # fmt: skip
    by_mail = rested.create_ticket("Hỏi lại", first_reply_seconds=0)
    rested.clock.advance(timedelta(minutes=2))
    page = export(zendesk, cursor=cursor, include="metric_sets")
    first, second = page["tickets"]
    assert (first["id"], first["via"]["channel"], first["tags"]) == (ticket.id, "native_messaging", ["a", "b"])
    assert first["created_at"] == first["updated_at"] == "2026-11-18T03:35:00Z"
    assert first["satisfaction_rating"]["score"] == "good"
    assert first["custom_fields"][0]["value"] == "tra_co_bong"
    assert (first["assignee_id"], first["priority"], first["type"]) == (None, None, None)
    of_first, of_second = page["metric_sets"]
    assert (of_first["ticket_id"], of_first["reopens"], of_first["replies"]) == (ticket.id, 1, 2)
    assert of_first["reply_time_in_seconds"] == {"calendar": 5430}
    assert of_first["reply_time_in_minutes"] == {"calendar": 90, "business": 90}
    assert of_first["full_resolution_time_in_minutes"] == {"calendar": 1440, "business": 1440}
    assert of_first["solved_at"] == "2026-11-19T03:35:00Z"
    # Seconds are counted for messaging only; an answer within the minute took 0 minutes, not nothing.
    assert of_second["ticket_id"] == second["id"] == by_mail.id
    assert of_second["reply_time_in_seconds"] == {"calendar": None}
    assert of_second["reply_time_in_minutes"] == {"calendar": 0, "business": 0}
    assert of_second["full_resolution_time_in_minutes"] == {"calendar": None, "business": None}
    assert of_second["solved_at"] is None


def test_sideloads(zendesk: httpx.Client, rested: Agency) -> None:
    """What goes with the tickets comes along on request, and only then; unknown wishes are ignored."""
    page = export(zendesk, start_time=0, include="users,groups,organizations,last_audits")
    users = {user["id"] for user in page["users"]}
    assert {ticket["requester_id"] for ticket in page["tickets"]} <= users
    assert {ticket["assignee_id"] for ticket in page["tickets"]} - {None} <= users
    assert {group["id"] for group in page["groups"]} == {31_001, 31_002}
    assert len(page["organizations"]) == 10
    assert not {"metric_sets", "last_audits"} & set(page)
    assert set(export(zendesk, start_time=0)) & {"users", "groups", "organizations"} == set()
    assert rested.tickets


def test_next_address_is_on_the_same_host(zendesk: httpx.Client, rested: Agency) -> None:
    """The address of the next page is absolute, and asking it gives the same as the cursor."""
    page = export(zendesk, start_time=0, per_page=10)
    assert page["after_url"].startswith(str(zendesk.base_url))
    followed = zendesk.get(page["after_url"]).json()["tickets"]
    assert followed == export(zendesk, cursor=page["after_cursor"])["tickets"]
    assert len(followed) == len(rested.tickets) - 10


def test_exports_per_minute(rested: Agency) -> None:
    """The eleventh export within a minute is refused until the first one is a minute old."""
    options = Options(of_systems={"zendesk": ZendeskOptions(exports_per_minute=10)})
    with Sandbox(rested, options=options, systems=["zendesk"]) as sandbox, zendesk_client(sandbox) as zendesk:
        for _ in range(10):
            export(zendesk, start_time=0)
            rested.clock.advance(timedelta(seconds=2))
        refused = zendesk.get(EXPORT, params={"start_time": 0})
        # 20 seconds have passed since the first one.
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
        assert zendesk.get("/tickets/count.json").status_code == 200
        rested.clock.advance(timedelta(seconds=40))
        export(zendesk, start_time=0)


def test_ticket_count(zendesk: httpx.Client, agency: Agency) -> None:
    """Deleted tickets do not count."""
    count = sum(ticket.status != "deleted" for ticket in agency.tickets)
    assert zendesk.get("/tickets/count").json()["count"] == {"value": count, "refreshed_at": "2026-11-18T03:30:00Z"}


EVENTS = "/incremental/ticket_metric_events.json"
UPDATES = "/incremental/ticket_events.json"
_BESIDE = ("id", "via", "via_reference_id", "event_type")
RATINGS = "/satisfaction_ratings.json"


def events(zendesk: httpx.Client, ticket_id: int, metric: str = "reply_time") -> list[tuple[str, str]]:
    """Type and time of one ticket's events."""
    listed: list[dict[str, Any]] = []
    link = f"{zendesk.base_url}{EVENTS.removeprefix('/')}?start_time=0&page[size]=100"
    while link:
        page = zendesk.get(link).json()
        listed += page["ticket_metric_events"]
        link = page["links"]["next"]
    return [
        (one["type"] + (" revoked" if one.get("deleted") else ""), one["time"][11:16])
        for one in listed
        if (one["ticket_id"], one["metric"], one["instance_id"]) == (ticket_id, metric, 1)
    ]


def test_events_of_a_late_reply(zendesk: httpx.Client, rested: Agency) -> None:
    """Asked at 03:35 with two hours to answer, answered three hours later."""
    ticket = rested.create_ticket("Hỏi giá", priority="high", first_reply_seconds=3 * 3600)
    rested.clock.advance(timedelta(hours=5))
    assert events(zendesk, ticket.id) == [
        ("activate", "03:35"),
        ("apply_sla", "03:35"),
        ("breach", "05:35"),
        ("fulfill", "06:35"),
        ("update_status", "06:35"),
    ]


def test_events_of_a_chat(zendesk: httpx.Client, rested: Agency) -> None:
    """A chat that is not answered in its two hours is moved to a promise of six: the first breach is revoked."""
    ticket = rested.create_ticket("Hỏi giá", priority="high", channel="native_messaging")
    rested.clock.advance(timedelta(hours=7))
    assert events(zendesk, ticket.id) == [
        ("activate", "03:35"),
        ("apply_sla", "03:35"),
        ("breach revoked", "05:35"),
        ("apply_sla", "05:40"),
        ("breach", "09:35"),
    ]


def test_events_without_policy_and_of_deleted_tickets(zendesk: httpx.Client, rested: Agency) -> None:
    """Metrics are told of every ticket, policies only where there is a priority; a deleted ticket tells nothing."""
    ticket = rested.create_ticket("Hỏi giá", first_reply_seconds=60)
    rested.clock.advance(timedelta(minutes=5))
    assert [kind for kind, _ in events(zendesk, ticket.id)] == ["activate", "fulfill", "update_status"]
    rested.delete_ticket(ticket.id)
    assert events(zendesk, ticket.id) == []


def test_events_by_time(zendesk: httpx.Client, rested: Agency) -> None:
    """Without a page size up to a thousand come, and no cursor; the last one comes again on the next page."""
    query: dict[str, str | int] = {"start_time": 0}
    first = zendesk.get(EVENTS, params=query).json()
    told = first["ticket_metric_events"]
    assert (first["count"], "meta" in first, first["end_of_stream"]) == (len(told), False, len(told) < 1000)
    assert [one["time"] for one in told] == sorted(one["time"] for one in told)
    again = zendesk.get(first["next_page"]).json()["ticket_metric_events"]
    assert told[-1] in again


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"start_time": "soon"}, 400),
        ({"start_time": int(NOW.timestamp())}, 422),
        ({"start_time": 0, "page[size]": 101}, 400),
        ({"start_time": 0, "page[size]": 100, "page[after]": "nonsense"}, 400),
    ],
)
def test_refused_event_lists(zendesk: httpx.Client, query: dict[str, str | int], status: int) -> None:
    """No start or one that is too recent, a page that is too large, a cursor that is none."""
    assert zendesk.get(EVENTS, params=query).status_code == status


def test_ratings_by_cursor(zendesk: httpx.Client, agency: Agency) -> None:
    """Ratings come by the page, may be filtered by their time, and carry the id that the ticket shows."""
    rated = [one for one in agency.tickets if one.satisfaction != "unoffered"]
    first = zendesk.get(RATINGS, params={"page[size]": 10}).json()
    assert (len(first["satisfaction_ratings"]), first["meta"]["has_more"]) == (10, True)
    second = zendesk.get(first["links"]["next"]).json()["satisfaction_ratings"]
    seen = [one["id"] for one in [*first["satisfaction_ratings"], *second]]
    assert len(set(seen)) == 20
    since = int((NOW - timedelta(days=30)).timestamp())
    recent = zendesk.get(RATINGS, params={"start_time": since, "page[size]": 100}).json()["satisfaction_ratings"]
    assert len(recent) == sum(one.updated_at >= NOW - timedelta(days=30) for one in rated) > 0
    assert zendesk.get("/satisfaction_ratings/count.json").json()["count"]["value"] == len(rated)
    good = next(one for one in recent if one["score"] == "good")
    tickets = {one["id"]: one for page in pages(zendesk) for one in page["tickets"]}
    assert tickets[good["ticket_id"]]["satisfaction_rating"]["id"] == good["id"]


def test_updates(zendesk: httpx.Client, rested: Agency) -> None:
    """Each update tells what every field of it held before and holds since; the first one what a ticket began with.

    Those of the last minute are left out, and nothing is told of a deletion.
    """
    ticket = rested.create_ticket("Hỏi giá", status="open", tags=("web",))
    rested.clock.advance(timedelta(hours=1))
    rested.edit_ticket(ticket.id, status="solved", assignee_id=20_001, tags=("vip",), reply_count=1)
    rested.clock.advance(timedelta(hours=1))
    rested.edit_ticket(ticket.id, client="tra_co_bong")
    page = zendesk.get(UPDATES, params={"start_time": int(ticket.created_at.timestamp())}).json()
    begun, edited = (one for one in page["ticket_events"] if one["ticket_id"] == ticket.id)
    assert (page["end_of_stream"], page["count"]) == (True, len(page["ticket_events"]))
    created = {name: value for child in begun["child_events"] for name, value in child.items() if name not in _BESIDE}
    assert (created["status"], created["tags"], created["assignee_id"]) == ("open", ["web"], None)
    changes = [{name: value for name, value in one.items() if name not in _BESIDE} for one in edited["child_events"]]
    assert changes == [
        {"status": "solved", "previous_value": "open"},
        {"assignee_id": "20001", "previous_value": None},
        {"tags": ["vip"], "added_tags": ["vip"], "removed_tags": ["web"], "previous_value": ["web"]},
        {"comment_present": True, "comment_public": True},
    ]
    rested.clock.advance(timedelta(minutes=2))
    rested.delete_ticket(ticket.id)
    rested.clock.advance(timedelta(minutes=2))
    later = zendesk.get(UPDATES, params={"start_time": int(ticket.created_at.timestamp()) + 1}).json()["ticket_events"]
    told = [one["child_events"] for one in later if one["ticket_id"] == ticket.id]
    assert told[-1][0]["custom_ticket_fields"] == {"360000044": "tra_co_bong"}
    assert len(told) == 2


@needs_specs
@pytest.mark.parametrize(
    "path",
    [
        f"{EVENTS}?start_time=0&page[size]=100",
        f"{EVENTS}?start_time=0",
        f"{UPDATES}?start_time=0",
        RATINGS,
        "/ticket_fields.json",
    ],
)
def test_lists_are_as_described(zendesk: httpx.Client, rested: Agency, path: str) -> None:
    """Events, ratings and fields fit Zendesk's description. It has no schedules: those follow the vendor's pages."""
    answer = zendesk.get(path)
    assert rested.tickets
    spec().check_response("GET", answer.request.url.path, 200, answer.content)


def test_limits_are_told(zendesk: httpx.Client) -> None:
    """Every answer says how many requests are left in this minute."""
    zendesk.get("/schedules")
    assert zendesk.get("/business_hours/schedules.json").headers["x-rate-limit-remaining"] == "699"
    assert zendesk.get("/users/me.json").headers["ratelimit-remaining"] == "698"
