"""The stand-in for HubSpot, over real HTTP: its caps, its lag, its refusals, and answers as HubSpot describes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.records import Contact
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.hubspot.records import HubSpotOptions
from okr_sync.sandbox.systems.hubspot.wire import iso_time
from tests.conformance import needs_specs
from tests.connectors.hubspot.description import hubspot, is_described
from tests.sandbox.clients import NOW, anonymous_client

DEALS = "/crm/v3/objects/deals"


@pytest.fixture
def agency() -> Agency:
    grown = Agency.grow(3, NOW - timedelta(hours=2), issue_count=0, ticket_count=30, survey_count=20)
    grown.grow_business(3, deal_count=150, visit_count=0, listing_count=5, outage_count=0)
    grown.clock.advance(timedelta(hours=2))
    return grown


def client(sandbox: Sandbox) -> httpx.Client:
    one = anonymous_client(sandbox.url("hubspot"))
    one.headers["Authorization"] = f"Bearer {sandbox.variables()['HUBSPOT_TOKEN']}"
    return one


def served(agency: Agency, **options: Any) -> Sandbox:
    return Sandbox(agency, options=Options(of_systems={"hubspot": HubSpotOptions(**options)}), systems=["hubspot"])


@pytest.fixture
def portal(agency: Agency) -> Iterator[httpx.Client]:
    with served(agency) as sandbox, client(sandbox) as one:
        yield one


def where(name: str, operator: str, value: str, **more: str) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, "value": value, **more}]}]}


def search(portal: httpx.Client, kind: str = "deals", **body: Any) -> Any:
    return portal.post(f"/crm/v3/objects/{kind}/search", json=body)


def test_credentials(agency: Agency) -> None:
    """Neither no token nor a wrong one is accepted."""
    with served(agency) as sandbox, anonymous_client(sandbox.url("hubspot")) as one:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert one.get(DEALS, headers=headers).status_code == 401
            assert search(one).status_code == 401


def test_list_in_pages(portal: httpx.Client, agency: Agency) -> None:
    """Ten a page unless asked for more, at most 100; `after` leads on until it is not there any more."""
    assert len(portal.get(DEALS).json()["results"]) == 10
    first = portal.get(DEALS, params={"limit": 100}).json()
    second = portal.get(DEALS, params={"limit": 100, "after": first["paging"]["next"]["after"]}).json()
    assert "paging" not in second
    ids = [int(one["id"]) for one in first["results"] + second["results"]]
    assert ids == sorted(one.id for one in agency.deals.all)
    assert portal.get(DEALS, params={"limit": 101}).status_code == 400


def test_values_are_texts(portal: httpx.Client, agency: Agency) -> None:
    """Numbers and booleans too. What was taken away is an empty text, what never was is null, the unknown is absent."""
    asked: dict[str, Any] = {
        "properties": ["amount", "hs_is_closed_won", "closed_lost_reason", "no_such_property"],
        "limit": 200,
    }
    results = search(portal, **asked).json()["results"]
    for one in results:
        deal = agency.deals[int(one["id"])]
        empty = "" if deal.id % 2 else None
        assert one["properties"]["amount"] == (empty if deal.amount is None else str(deal.amount))
        assert one["properties"]["hs_is_closed_won"] == ("true" if deal.stage == "won" else "false")
        assert one["properties"]["closed_lost_reason"] is None
        assert "no_such_property" not in one["properties"]


def test_search_ends_at_ten_thousand(portal: httpx.Client, agency: Agency) -> None:
    """The total tells of all, and asking beyond the 10,000th is refused."""
    old = NOW - timedelta(days=1)
    for number in range(10_001):
        agency.contacts.add(Contact(1_000_000 + number, "Khách", "k@client.example", "tra_co_bong", False, old, old))
    assert search(portal, "contacts", limit=200, after="9800").json()["total"] == 10_031
    refused = search(portal, "contacts", limit=200, after="10000")
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_keyset(portal: httpx.Client, agency: Agency) -> None:
    """By id, behind an id: the total counts what is left."""
    ids = sorted(one.id for one in agency.deals.all)
    answer = search(portal, **where("hs_object_id", "GT", str(ids[99])), limit=20).json()
    assert ([int(one["id"]) for one in answer["results"]], answer["total"]) == (ids[100:120], 50)


@pytest.mark.parametrize(
    ("name", "operator", "value", "fits"),
    [
        ("pipeline", "EQ", "87500101", lambda one: one.pipeline == "renewal"),
        ("pipeline", "NEQ", "87500101", lambda one: one.pipeline != "renewal"),
        ("hs_is_closed_won", "EQ", "true", lambda one: one.stage == "won"),
        ("amount", "HAS_PROPERTY", "", lambda one: one.amount is not None),
        ("amount", "GTE", "90000000", lambda one: one.amount is not None and one.amount >= 90_000_000),
    ],
)
def test_filters(portal: httpx.Client, agency: Agency, name: str, operator: str, value: str, fits: Any) -> None:
    """A filter finds the deals that the agency's own records say it should."""
    answer = search(portal, **where(name, operator, value), limit=200).json()
    expected = {str(one.id) for one in agency.deals.all if fits(one)}
    assert {one["id"] for one in answer["results"]} == expected
    assert 0 < len(expected) < 150


def test_cursor_of_contacts(portal: httpx.Client) -> None:
    """Contacts are found by `lastmodifieddate`; by the cursor of all others none is, without a word."""
    long_ago = {"value": "1000", "operator": "GTE"}
    found = search(portal, "contacts", **where("lastmodifieddate", **long_ago)).json()
    wrong = search(portal, "contacts", **where("hs_lastmodifieddate", **long_ago)).json()
    assert (found["total"], wrong["total"]) == (30, 0)


def test_search_lags(portal: httpx.Client, agency: Agency) -> None:
    """For 30 seconds a change is in the list and in the record, and the search goes by what was before."""
    at = agency.clock.now()
    changed = agency.deals.edit(agency.deals.all[0].id, amount=123)
    new = agency.deals.add(replace(agency.deals.all[1], id=79_999, created_at=at, updated_at=at))
    since = where("hs_lastmodifieddate", "GTE", str(int(at.timestamp() * 1000)))
    assert search(portal, **since).json()["total"] == 0
    behind = where("hs_object_id", "EQ", str(changed.id)) | {"properties": ["amount"]}
    assert search(portal, **behind).json()["results"][0]["properties"]["amount"] == "123"
    agency.clock.advance(timedelta(seconds=30))
    assert {one["id"] for one in search(portal, **since).json()["results"]} == {str(changed.id), str(new.id)}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"limit": 201}, 400),
        ({"offset": 3}, 400),
        (where("no_such_property", "EQ", "1"), 400),
        (where("amount", "LIKE", "1"), 400),
        (where("amount", "GT", "many"), 400),
        ({"sorts": ["amount", "dealname"]}, 400),
        ({"filterGroups": [{"filters": []}] * 6}, 400),
        (where("hs_lastmodifieddate", "GTE", "0"), 500),
        (where("hs_lastmodifieddate", "GTE", "1"), 200),
    ],
)
def test_refused_searches(portal: httpx.Client, body: dict[str, Any], status: int) -> None:
    """What is too much, unknown or no number is refused; at the very beginning of 1970 HubSpot fails."""
    assert search(portal, **body).status_code == status


def test_archived(portal: httpx.Client, agency: Agency) -> None:
    """An archived record is in the list of the archived alone, with the time; neither in the search nor in a batch."""
    gone = agency.deals.all[3].id
    agency.deals.delete(gone)
    (listed,) = portal.get(DEALS, params={"archived": "true"}).json()["results"]
    assert (listed["id"], listed["archived"], listed["archivedAt"]) == (str(gone), True, "2026-11-18T03:30:00Z")
    assert search(portal, **where("hs_object_id", "EQ", str(gone))).json()["total"] == 0
    batch = {"inputs": [{"id": str(gone)}], "properties": [], "propertiesWithHistory": []}
    answer = portal.post(f"{DEALS}/batch/read", json=batch)
    assert (answer.status_code, answer.json()["results"], answer.json()["numErrors"]) == (207, [], 1)
    assert answer.json()["errors"][0]["context"] == {"ids": [str(gone)]}


def test_merged(agency: Agency) -> None:
    """A merged record is nowhere; its id is kept by the one it lives on in, and leads there."""
    loser, winner = agency.deals.all[3].id, agency.deals.all[4].id
    agency.deals.delete(loser)
    with served(agency, merged={loser: winner}) as sandbox, client(sandbox) as portal:
        assert portal.get(DEALS, params={"archived": "true"}).json()["results"] == []
        batch = {"inputs": [{"id": str(loser)}], "properties": ["hs_merged_object_ids"], "propertiesWithHistory": []}
        (found,) = portal.post(f"{DEALS}/batch/read", json=batch).json()["results"]
    assert (found["id"], found["properties"]["hs_merged_object_ids"]) == (str(winner), str(loser))


def test_searches_per_second(agency: Agency) -> None:
    """The sixth search in a second is refused, without a word about when; other requests are not."""
    with served(agency, searches_per_second=5) as sandbox, client(sandbox) as portal:
        assert [search(portal).status_code for _ in range(6)] == [200] * 5 + [429]
        refused = search(portal)
        assert (refused.json()["policyName"], "retry-after" in refused.headers) == ("SECONDLY", False)
        listed = portal.get(DEALS)
        assert (listed.status_code, listed.headers["x-hubspot-ratelimit-daily"]) == (200, "650000")
        agency.clock.advance(timedelta(seconds=1))
        assert search(portal).status_code == 200


def test_missing_scope(agency: Agency) -> None:
    """An object that the token may not read is refused at every address, with the scope that it needs."""
    with served(agency, refused=["tickets"]) as sandbox, client(sandbox) as portal:
        for answer in (search(portal, "tickets"), portal.get("/crm/v3/pipelines/tickets")):
            assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
        assert portal.get(DEALS).status_code == 200


def test_pipelines(portal: httpx.Client) -> None:
    """Metadata are texts; the ids of HubSpot's own stages are words, and each stage has its property of a time."""
    new, renewal = portal.get("/crm/v3/pipelines/deals").json()["results"]
    assert (new["id"], new["label"], renewal["label"]) == ("default", "new", "renewal")
    won = new["stages"][4]
    assert (won["id"], won["label"]) == ("closedwon", "won")
    assert won["metadata"] == {"isClosed": "true", "probability": "1.0"}
    properties = {one["name"] for one in portal.get("/crm/v3/properties/deals").json()["results"]}
    assert {"hs_v2_date_entered_closedwon", "hs_v2_date_entered_990001005_1482437683"} <= properties
    states = [one["metadata"] for one in portal.get("/crm/v3/pipelines/0-5").json()["results"][0]["stages"]]
    assert states == [{"ticketState": "OPEN"}] * 4 + [{"ticketState": "CLOSED"}] * 2


def test_histories(agency: Agency) -> None:
    """Of each property that is asked for, what it held and since when: the last value first, and only the last ones.

    At most fifty records are told of at once.
    """
    deal = agency.deals.all[0]
    moments = []
    for amount in (1, None, 0):
        agency.clock.advance(timedelta(hours=1))
        moments.append(agency.deals.edit(deal.id, amount=amount).updated_at)
    asked = {"inputs": [{"id": str(deal.id)}], "properties": ["amount"], "propertiesWithHistory": ["amount", "unheard"]}
    with served(agency, values_kept=3) as sandbox, client(sandbox) as portal:
        (found,) = portal.post(f"{DEALS}/batch/read", json=asked).json()["results"]
        many = asked | {"inputs": [{"id": str(one.id)} for one in agency.deals.all[:51]]}
        assert portal.post(f"{DEALS}/batch/read", json=many).status_code == 400
        assert portal.post(f"{DEALS}/batch/read", json=many | {"propertiesWithHistory": []}).status_code == 200
    assert list(found["propertiesWithHistory"]) == ["amount"]
    told = found["propertiesWithHistory"]["amount"]
    assert [(one["value"], one["timestamp"]) for one in told] == [
        (value, iso_time(at)) for value, at in zip(("0", "", "1"), moments[::-1], strict=True)
    ]


@needs_specs
def test_answers_are_as_described(portal: httpx.Client, agency: Agency) -> None:
    """Every answer of objects and pipelines fits HubSpot's own description."""
    agency.deals.delete(agency.deals.all[3].id)
    batch = {"inputs": [{"id": "70001"}, {"id": "1"}], "properties": ["amount"], "propertiesWithHistory": ["amount"]}
    kinds = ("deals", "contacts", "companies", "tickets", "line_items", "feedback_submissions", "2-4410001")
    answers = [
        *(portal.get(f"/crm/v3/objects/{kind}", params={"limit": 100}) for kind in kinds),
        *(search(portal, kind, filterGroups=[], properties=["amount"], limit=5) for kind in kinds),
        portal.get(DEALS, params={"archived": "true"}),
        portal.post(f"{DEALS}/batch/read", json=batch),
        portal.get("/crm/v3/pipelines/deals"),
        portal.get("/crm/v3/pipelines/tickets"),
    ]
    for answer in answers:
        asked = answer.request
        assert is_described(asked.url.path)
        assert answer.status_code in (200, 207)
        spec = hubspot(asked.url.path)
        spec.check_request(asked.method, asked.url.path, asked.url.query.decode(), asked.content)
        spec.check_response(asked.method, asked.url.path, answer.status_code, answer.content)
