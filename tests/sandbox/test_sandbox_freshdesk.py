"""The stand-in for Freshdesk, over real HTTP: lists of tickets with their default window, their pages and their limits.

There is no official description of the API. Shapes and texts are those of its public guide and of what connectors met.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.freshdesk.helpdesk import FreshdeskOptions
from okr_sync.sandbox.systems.freshdesk.tickets import freshdesk_id
from tests.sandbox.clients import NOW, anonymous_client

ALL: dict[str, str | int] = {"updated_since": "2010-01-01T00:00:00Z", "per_page": 100}


@pytest.fixture
def options() -> FreshdeskOptions:
    return FreshdeskOptions()


@pytest.fixture
def sandbox(agency: Agency, options: FreshdeskOptions) -> Iterator[Sandbox]:
    with Sandbox(agency, options=Options(of_systems={"freshdesk": options}), systems=["freshdesk"]) as sandbox:
        yield sandbox


@pytest.fixture
def freshdesk(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with anonymous_client(f"{sandbox.url('freshdesk')}/api/v2") as client:
        client.auth = httpx.BasicAuth(sandbox.variables()["FRESHDESK_API_KEY"], "X")
        yield client


def ids(freshdesk: httpx.Client, **query: str | int) -> list[int]:
    answer = freshdesk.get("/tickets", params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()]


def present(agency: Agency) -> set[int]:
    return {freshdesk_id(one.id) for one in agency.tickets if one.status != "deleted"}


@pytest.mark.parametrize("path", ["/tickets", "/ticket_fields", "/agents/me"])
def test_wrong_key(sandbox: Sandbox, path: str) -> None:
    """Neither a wrong key nor none is accepted; the password is not looked at."""
    key = sandbox.variables()["FRESHDESK_API_KEY"]
    with anonymous_client(f"{sandbox.url('freshdesk')}/api/v2") as client:
        assert client.get(path).status_code == 401
        assert client.get(path, auth=("wrong", key)).json()["code"] == "invalid_credentials"
        assert client.get(path, auth=(key, "anything")).status_code == 200


def test_default_window(freshdesk: httpx.Client, agency: Agency) -> None:
    """Without a time: tickets created in the last 30 days, however recently an older one changed, 30 a page."""
    old = min((one for one in agency.tickets if one.status == "closed"), key=lambda one: one.created_at)
    agency.edit_ticket(old.id, priority="low")
    recent = {freshdesk_id(one.id) for one in agency.tickets if one.created_at >= NOW - timedelta(days=30)}
    assert set(ids(freshdesk, per_page=100)) == recent & present(agency)
    assert freshdesk_id(old.id) not in recent
    assert len(ids(freshdesk, updated_since="2010-01-01T00:00:00Z")) == 30


def test_pages(freshdesk: httpx.Client, agency: Agency) -> None:
    """Pages are cut from the whole, whose order is by creation, newest first, unless asked; a page beyond is empty."""
    first = freshdesk.get("/tickets", params=ALL)
    assert 'rel="next"' in first.headers["Link"]
    address = first.headers["Link"].partition(">")[0].removeprefix("<")
    second = freshdesk.get(address)
    assert "Link" not in second.headers
    seen = [*first.json(), *second.json()]
    assert {one["id"] for one in seen} == present(agency)
    assert [one["created_at"] for one in seen] == sorted((one["created_at"] for one in seen), reverse=True)
    assert ids(freshdesk, **ALL, page=3) == []


def test_order_of_change(freshdesk: httpx.Client, agency: Agency) -> None:
    """Oldest change first, from the very second that was asked for."""
    one = agency.edit_ticket(agency.tickets[5].id, priority="low")
    asked: dict[str, str | int] = {"order_by": "updated_at", "order_type": "asc"}
    assert ids(freshdesk, **asked, updated_since=one.updated_at.isoformat()) == [freshdesk_id(one.id)]
    assert ids(freshdesk, **asked, updated_since=(one.updated_at + timedelta(seconds=1)).isoformat()) == []
    times = [one["updated_at"] for one in freshdesk.get("/tickets", params={**ALL, **asked}).json()]
    assert times == sorted(times)


def test_page_301(freshdesk: httpx.Client) -> None:
    """Page 300 is given, page 301 is refused, whatever there is to show."""
    assert ids(freshdesk, **ALL, page=300) == []
    refused = freshdesk.get("/tickets", params={**ALL, "page": 301})
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("page", "invalid_value")
    assert "beyond the 300th page" in error["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": 101}, {"per_page": 0}, {"page": 0}, {"page": "two"}, {"updated_since": "yesterday"},
        {"updated_since": "2026-10-01T00:00:00"}, {"order_by": "subject"}, {"order_type": "up"}, {"filter": "gone"},
        {"include": "everything"}, {"since": "2026-10-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_refused_queries(freshdesk: httpx.Client, query: dict[str, str | int]) -> None:
    """Values out of range and unknown parameters are refused with their field."""
    answer = freshdesk.get("/tickets", params=query)
    assert (answer.status_code, answer.json()["description"]) == (400, "Validation failed")
    assert answer.json()["errors"][0]["field"] in query


def test_trash_and_spam(freshdesk: httpx.Client, agency: Agency) -> None:
    """Each ticket is in one list: a deleted one and a spam one are not among the others."""
    spam, deleted = agency.tickets[10].id, agency.tickets[11].id
    agency.edit_ticket(spam, tags=("spam",))
    agency.delete_ticket(deleted)
    everything: dict[str, str | int] = {**ALL, "order_by": "updated_at"}
    assert {freshdesk_id(spam), freshdesk_id(deleted)} & set(ids(freshdesk, **everything, page=1)) == set()
    assert ids(freshdesk, **everything, filter="spam") == [freshdesk_id(spam)]
    trash = freshdesk.get("/tickets", params={**everything, "filter": "deleted"}).json()
    assert freshdesk_id(deleted) in {one["id"] for one in trash}
    assert {one["deleted"] for one in trash} == {True}


def test_ticket(freshdesk: httpx.Client, agency: Agency) -> None:
    """Worked out by hand: asked at 03:30, answered after 90 minutes, due after 2 hours, resolved after a day of two."""
    one = agency.create_ticket(
        "Hỏi giá", channel="web", status="solved", priority="high", client="tra_co_bong", first_reply_seconds=5400,
        solved_at=NOW + timedelta(days=1),
    )  # fmt: skip
    query = {"updated_since": NOW.isoformat(), "include": "stats"}
    found: list[dict[str, Any]] = freshdesk.get("/tickets", params=query).json()
    (ticket,) = [raw for raw in found if raw["id"] == freshdesk_id(one.id)]
    assert (ticket["status"], ticket["priority"], ticket["source"]) == (4, 3, 2)
    assert ticket["custom_fields"]["cf_client"] == "tra_co_bong"
    assert ticket["stats"]["first_responded_at"] == "2026-11-18T05:00:00Z"
    assert ticket["stats"]["resolved_at"] == "2026-11-19T03:30:00Z"
    assert (ticket["fr_due_by"], ticket["fr_escalated"]) == ("2026-11-18T05:30:00Z", False)
    assert (ticket["due_by"], ticket["is_escalated"]) == ("2026-11-20T03:30:00Z", False)
    assert "deleted" not in ticket
    assert "stats" not in freshdesk.get("/tickets", params={"updated_since": NOW.isoformat()}).json()[0]


def test_fields(freshdesk: httpx.Client) -> None:
    """Statuses by number with two names, priorities by name; custom fields are told from the others."""
    fields = {one["name"]: one for one in freshdesk.get("/ticket_fields").json()}
    assert fields["status"]["choices"]["2"] == ["Open", "Open"]
    assert fields["priority"]["choices"]["Urgent"] == 4
    assert [name for name, one in fields.items() if not one["default"]] == ["cf_client", "cf_hours_sold"]


@pytest.mark.parametrize("options", [FreshdeskOptions(requests_per_minute=3)])
def test_requests_per_minute(freshdesk: httpx.Client, agency: Agency) -> None:
    """The fourth request within a minute is refused until the first one is a minute old."""
    for left in ("2", "1", "0"):
        assert freshdesk.get("/tickets").headers["X-RateLimit-Remaining"] == left
        agency.clock.advance(timedelta(seconds=5))
    refused = freshdesk.get("/tickets")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "45")  # 15 seconds have passed
    agency.clock.advance(timedelta(seconds=45))
    assert freshdesk.get("/tickets").status_code == 200
