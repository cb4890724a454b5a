"""The stand-in for Intercom, over real HTTP: search with its operators and cursors, deletions, limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.intercom.conversations import conversation_id
from okr_sync.sandbox.systems.intercom.workspace import IntercomOptions
from tests.connectors.intercom.description import intercom, needs_specs
from tests.sandbox.clients import NOW, anonymous_client

SEARCH, DELETED = "/conversations/search", "/conversations/deleted"
EVERYTHING = {"field": "updated_at", "operator": ">", "value": 0}
ASCENDING = {"field": "updated_at", "order": "ascending"}
JSON = dict[str, Any]


@pytest.fixture
def options() -> IntercomOptions:
    return IntercomOptions(index_lag=timedelta())


@pytest.fixture
def sandbox(agency: Agency, options: IntercomOptions) -> Iterator[Sandbox]:
    with Sandbox(agency, options=Options(of_systems={"intercom": options}), systems=["intercom"]) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with anonymous_client(sandbox.url("intercom")) as client:
        client.headers["Authorization"] = f"Bearer {sandbox.variables()['INTERCOM_TOKEN']}"
        client.headers["Intercom-Version"] = "2.16"
        yield client


def search(client: httpx.Client, query: JSON | None = None, **further: Any) -> JSON:
    answer = client.post(SEARCH, json={"query": query or EVERYTHING, **further})
    assert answer.status_code == 200, answer.text
    content: JSON = answer.json()
    return content


def ids(content: JSON) -> list[str]:
    return [one["id"] for one in content["conversations"]]


def present(agency: Agency) -> set[str]:
    return {conversation_id(one.id) for one in agency.tickets if one.status != "deleted"}


@pytest.mark.parametrize("path", ["/me", "/teams", DELETED, "/conversations/1"])
def test_wrong_token(sandbox: Sandbox, path: str) -> None:
    """No token, a wrong one, and one of another region are all the same to it."""
    with anonymous_client(sandbox.url("intercom")) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "sandbox-intercom"}):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "unauthorized")


def test_pages(client: httpx.Client, agency: Agency) -> None:
    """Every conversation once, by cursor, in the order that was asked for; the last page has no next one."""
    seen: list[str] = []
    pagination: JSON = {"per_page": 50}
    sizes = []
    while True:
        content = search(client, sort=ASCENDING, pagination=pagination)
        sizes.append(len(content["conversations"]))
        seen += ids(content)
        assert (content["pages"]["page"], content["total_count"]) == (len(sizes), len(present(agency)))
        if "next" not in content["pages"]:
            break
        pagination = {"per_page": 50, "starting_after": content["pages"]["next"]["starting_after"]}
    assert sizes == [50, 50, len(present(agency)) - 100]
    expected = sorted(
        (one for one in agency.tickets if one.status != "deleted"),
        key=lambda one: (one.updated_at, conversation_id(one.id)),
    )
    assert seen == [conversation_id(one.id) for one in expected]


def test_usual_order_and_size(client: httpx.Client) -> None:
    """Twenty, newest change first; the cursor leads on in that order, too."""
    first = search(client)
    assert len(first["conversations"]) == 20
    second = search(client, pagination={"starting_after": first["pages"]["next"]["starting_after"]})
    times = [one["updated_at"] for one in first["conversations"] + second["conversations"]]
    assert times == sorted(times, reverse=True)
    assert set(ids(first)) & set(ids(second)) == set()


def test_borders_are_exclusive(client: httpx.Client, agency: Agency) -> None:
    """ "After" a second does not mean that second; "equal" does."""
    one = agency.edit_ticket(agency.tickets[5].id, priority="low")
    second = int(one.updated_at.timestamp())
    for operator, value, is_found in ((">", second, False), (">", second - 1, True), ("=", second, True),
                                      ("<", second, False), ("<", second + 1, True)):  # fmt: skip
        query = {"field": "updated_at", "operator": operator, "value": value}
        found = ids(search(client, query, pagination={"per_page": 150}))
        assert (conversation_id(one.id) in found) == is_found, (operator, value)


def test_states(client: httpx.Client, agency: Agency) -> None:
    """Solved and closed are closed, pending is snoozed, the rest is open."""
    snoozed = agency.edit_ticket(agency.tickets[5].id, status="pending")
    query = {"operator": "AND", "value": [{"field": "state", "operator": "!=", "value": "closed"}, EVERYTHING]}
    found = search(client, query, pagination={"per_page": 150})["conversations"]
    expected = {conversation_id(one.id) for one in agency.tickets if one.status in ("new", "open", "pending")}
    assert {one["id"] for one in found} == expected
    states = {one["id"]: (one["state"], one["open"]) for one in found}
    assert states[conversation_id(snoozed.id)] == ("snoozed", True)


NESTED = {"operator": "AND", "value": [{"operator": "OR", "value": [{"operator": "AND", "value": [EVERYTHING]}]}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": {"field": "updated_at", "operator": ">=", "value": 1}},
        {"query": {"field": "updated_at", "operator": ">", "value": "1"}},
        {"query": {"field": "updated_at", "operator": ">", "value": 1.0}},
        {"query": {"field": "mood", "operator": "=", "value": "good"}},
        {"query": {"operator": "AND", "value": [EVERYTHING] * 16}},
        {"query": NESTED},
        {"query": EVERYTHING, "pagination": {"per_page": 151}},
        {"query": EVERYTHING, "pagination": {"starting_after": "nonsense"}},
        {"query": EVERYTHING, "sort": {"field": "updated_at", "order": "asc"}},
    ],
)
def test_refused_searches(client: httpx.Client, body: JSON) -> None:
    """Operators that times do not have, values of the wrong type, too many filters, too large pages."""
    answer = client.post(SEARCH, json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "error.list")


@pytest.mark.parametrize("options", [IntercomOptions(index_lag=timedelta(seconds=60))])
def test_search_lags(client: httpx.Client, agency: Agency) -> None:
    """A new conversation is found a minute later, and there by its id at once."""
    fresh = conversation_id(agency.create_ticket("Vừa gửi").id)
    assert fresh not in ids(search(client))
    assert client.get(f"/conversations/{fresh}").json()["id"] == fresh
    agency.clock.advance(timedelta(seconds=60))
    assert fresh in ids(search(client))


def test_deleted(client: httpx.Client, agency: Agency) -> None:
    """A deleted conversation is gone at once, and first in the list of deleted ones, by an address of the next page."""
    agency.clock.advance(timedelta(minutes=1))
    deleted = [conversation_id(agency.delete_ticket(one.id).id) for one in agency.tickets[:3]]
    assert set(deleted) & set(ids(search(client, pagination={"per_page": 150}))) == set()
    assert client.get(f"/conversations/{deleted[0]}").status_code == 404
    page = client.get(DELETED, params={"per_page": 2}).json()
    assert {one["id"] for one in page["conversations"]} < set(deleted)
    assert page["conversations"][0]["deleted_at"] == int(NOW.timestamp()) + 60
    following = client.get(page["pages"]["next"]).json()
    assert following["conversations"][0]["id"] in deleted
    assert following["pages"]["page"] == 2


@pytest.mark.parametrize(("version", "status"), [("2.16", 200), ("2.15", 400), (None, 400), ("3.0", 400), ("x", 400)])
def test_versions(client: httpx.Client, version: str | None, status: int) -> None:
    """The list of deleted ones is new; without a version an old one is taken; unknown ones are refused."""
    del client.headers["Intercom-Version"]
    headers = {} if version is None else {"Intercom-Version": version}
    answer = client.get(DELETED, headers=headers)
    assert answer.status_code == status
    assert status == 200 or answer.json()["errors"][0]["code"] == "intercom_version_invalid"


def test_conversation(client: httpx.Client, agency: Agency) -> None:
    """Worked out by hand: asked at 03:30, answered three hours later, where two were promised."""
    one = agency.create_ticket(
        "Hỏi giá", client="tra_co_bong", organization_id=41_009, first_reply_seconds=10_800, satisfaction="bad",
        status="solved", solved_at=NOW + timedelta(days=1), tags=("gấp",),
    )  # fmt: skip
    agency.clock.advance(timedelta(hours=3))
    written = client.get(f"/conversations/{conversation_id(one.id)}").json()
    asked_at = int(NOW.timestamp())
    assert (written["created_at"], written["state"], written["company"]["name"]) == (asked_at, "closed", "Trà Cỏ Bồng")
    assert written["statistics"]["first_admin_reply_at"] == asked_at + 10_800
    assert written["statistics"]["time_to_first_close"] == 86_400
    assert written["sla_applied"]["sla_status"] == "missed"
    assert written["conversation_rating"]["rating"] == 1
    assert [tag["name"] for tag in written["tags"]["tags"]] == ["gấp"]


@pytest.mark.parametrize("options", [IntercomOptions(requests_per_10_seconds=2)])
def test_limit(client: httpx.Client, agency: Agency) -> None:
    """The third request within ten seconds is refused with the second to come back at, and no `Retry-After`."""
    assert client.get("/me").headers["X-RateLimit-Remaining"] == "1"
    agency.clock.advance(timedelta(seconds=4))
    client.get("/me")
    refused = client.get("/me")
    assert (refused.status_code, refused.headers["X-RateLimit-Reset"]) == (429, str(int(NOW.timestamp()) + 10))
    assert "Retry-After" not in refused.headers
    agency.clock.advance(timedelta(seconds=6))
    assert client.get("/me").status_code == 200


@needs_specs
def test_answers_are_as_described(client: httpx.Client, agency: Agency) -> None:
    """Every answer is one that Intercom's own description of the API knows."""
    found = client.post(SEARCH, json={"query": EVERYTHING, "pagination": {"per_page": 150}})
    intercom().check_response("POST", SEARCH, 200, found.content)
    one = ids(found.json())[0]
    for path in ("/me", "/teams", DELETED, f"/conversations/{one}"):
        answer = client.get(path)
        intercom().check_response("GET", path, answer.status_code, answer.content)
    refused = client.get(DELETED, headers={"Intercom-Version": "2.11"})
    intercom().check_response("GET", DELETED, 400, refused.content)
    assert agency.tickets
