"""The stand-in for Notion, over real HTTP: its versions, its caps, its roundings, and values that it cuts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.catalog import CLIENTS, ZONE
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.notion import faults
from okr_sync.sandbox.systems.notion.entries import answer_id, client_id, deal_id
from okr_sync.sandbox.systems.notion.schema import (
    CLIENTS_ID,
    DEAL_DATABASE,
    NEW_DEALS_ID,
    RENEWALS_ID,
    SURVEY_DATABASE,
    SURVEY_ID,
)
from okr_sync.sandbox.systems.notion.workspace import NotionOptions
from tests.connectors.notion.description import needs_specs, notion
from tests.sandbox.clients import NOW, anonymous_client

VERSION = "2025-09-03"
QUERY = f"/v1/data_sources/{SURVEY_ID}/query"
NOBODY = "00000000-0000-4000-8000-000000000000"
BY_CREATION = [{"timestamp": "created_time", "direction": "ascending"}]
NEWEST_FIRST = [{"timestamp": "last_edited_time", "direction": "descending"}]


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=3, now=NOW, issue_count=0, ticket_count=0, survey_count=320).grow_business(seed=3)


def serve(agency: Agency, *disturbed: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, disturbed, Options(of_systems={"notion": NotionOptions(**options)}), systems=["notion"])


def client_of(sandbox: Sandbox) -> httpx.Client:
    client = anonymous_client(sandbox.url("notion"))
    token = sandbox.variables()["NOTION_TOKEN"]
    client.headers.update({"Authorization": f"Bearer {token}", "Notion-Version": VERSION})
    return client


@pytest.fixture
def client(agency: Agency) -> Iterator[httpx.Client]:
    with serve(agency) as sandbox, client_of(sandbox) as client:
        yield client


def ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def query(client: httpx.Client, source: str = SURVEY_ID, **body: Any) -> dict[str, Any]:
    return ok(client.post(f"/v1/data_sources/{source}/query", json=body))


def pages(client: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    found = [query(client, **body)]
    while found[-1]["has_more"]:
        found.append(query(client, **body, start_cursor=found[-1]["next_cursor"]))
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for one in found for row in one["results"]]


def edited_since(moment: str) -> dict[str, Any]:
    return {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": moment}}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Bearer wrong"}, 401, "unauthorized"),
        ({"Authorization": ""}, 401, "unauthorized"),
        ({"Notion-Version": "2022-06-28"}, 400, "invalid_request_url"),
        ({"Notion-Version": "2027-01-01"}, 400, "validation_error"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/users/me", f"/v1/data_sources/{SURVEY_ID}", "/v1/pages/x"])
def test_who_may_ask(client: httpx.Client, path: str, headers: dict[str, str], status: int, code: str) -> None:
    """Neither a wrong token nor a version without data sources is answered, whatever it asks for."""
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["object"]) == (status, code, "error")


def test_version_must_be_named(client: httpx.Client) -> None:
    """A request without a version is refused."""
    del client.headers["Notion-Version"]
    assert client.get("/v1/users/me").json()["code"] == "missing_version"


def test_schema(client: httpx.Client) -> None:
    """A data source tells its properties with ids that are encoded for addresses, and where its relations lead."""
    found = ok(client.get(f"/v1/data_sources/{SURVEY_ID.replace('-', '')}"))
    assert found["parent"] == {"type": "database_id", "database_id": SURVEY_DATABASE}
    properties = found["properties"]
    score = {"id": "%3AUPp", "name": "Điểm NPS", "description": None, "type": "number", "number": {"format": "number"}}
    assert properties["Điểm NPS"] == score
    assert properties["Hồ sơ khách"]["relation"]["data_source_id"] == CLIENTS_ID
    rollup = properties["Doanh thu khách"]["rollup"]
    assert (rollup["function"], rollup["relation_property_id"]) == ("sum", properties["Hồ sơ khách"]["id"])


def test_databases(client: httpx.Client) -> None:
    """A database lists its data sources: one has one, another has two."""
    (only,) = ok(client.get(f"/v1/databases/{SURVEY_DATABASE}"))["data_sources"]
    assert only["id"] == SURVEY_ID
    found = ok(client.get(f"/v1/databases/{DEAL_DATABASE}"))["data_sources"]
    assert [one["id"] for one in found] == [NEW_DEALS_ID, RENEWALS_ID]


@pytest.mark.parametrize(
    "path", [f"/v1/data_sources/{NOBODY}", f"/v1/data_sources/{CLIENTS_ID}", f"/v1/pages/{client_id(CLIENTS[0])}"]
)
def test_not_shared(agency: Agency, path: str) -> None:
    """What is not shared is refused like what never was; a relation to it does not exist."""
    with serve(agency, unshared=frozenset({CLIENTS_ID})) as sandbox, client_of(sandbox) as client:
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "object_not_found")
        assert "Hồ sơ khách" not in ok(client.get(f"/v1/data_sources/{SURVEY_ID}"))["properties"]
        assert "Hồ sơ khách" not in query(client, page_size=1)["results"][0]["properties"]


# Of `PageObjectResponse` in makenotion/notion-sdk-js.
OF_A_PAGE = {
    *("object", "id", "created_time", "last_edited_time", "in_trash", "archived", "is_archived", "is_locked", "url"),
    *("public_url", "parent", "properties", "icon", "cover", "created_by", "last_edited_by"),
}
# Of `QueryDataSourceResponse`.
OF_A_QUERY = {"object", "results", "next_cursor", "has_more", "type", "page_or_data_source", "request_status"}


def test_members_are_those_of_the_client(client: httpx.Client) -> None:
    """Answers have the members that Notion's own client knows, and each value is below the name of its type."""
    found = query(client, page_size=3)
    assert set(found) == OF_A_QUERY
    for row in found["results"]:
        assert set(row) == OF_A_PAGE
        assert all(one["type"] in one for one in row["properties"].values())
        assert ok(client.get(f"/v1/pages/{row['id']}")) == row


def test_row_is_what_was_answered(client: httpx.Client, agency: Agency) -> None:
    """A row holds the answer; its own times are rounded to the minute, a time in it has seconds and an offset."""
    one = agency.surveys.all[0]
    row = ok(client.get(f"/v1/pages/{answer_id(one)}"))
    assert row["created_time"] == f"{one.answered_at:%Y-%m-%dT%H:%M}:00.000Z"
    values = row["properties"]
    assert values["Điểm NPS"]["number"] == one.score
    assert values["Khách hàng"]["select"]["name"] == one.client
    assert values["Ngày trả lời"]["date"] == {
        "start": f"{one.answered_at.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}.000+07:00",
        "end": None,
        "time_zone": None,
    }


def test_day_without_a_time(client: httpx.Client, agency: Agency) -> None:
    """The end of a contract is a day and has no time; a new deal has none at all."""
    renewal = next(one for one in agency.deals.all if one.contract_ends_on is not None)
    new = next(one for one in agency.deals.all if one.pipeline == "new")
    ends = [ok(client.get(f"/v1/pages/{deal_id(one)}"))["properties"]["Hết hạn"]["date"] for one in (renewal, new)]
    assert ends == [{"start": str(renewal.contract_ends_on), "end": None, "time_zone": None}, None]


def test_nothing_chosen(client: httpx.Client, agency: Agency) -> None:
    """A select and a number without a value are null, a text is an empty list."""
    one = agency.surveys.edit("nps-0001", client=None, score=None, comment=None)
    values = ok(client.get(f"/v1/pages/{answer_id(one)}"))["properties"]
    found = [values[name][kind] for name, kind in (("Khách hàng", "select"), ("Điểm NPS", "number"))]
    assert (found, values["Nhận xét"]["rich_text"]) == ([None, None], [])


def test_every_page(client: httpx.Client, agency: Agency) -> None:
    """Every row once, in the order that was asked for, in pages of the size that was asked for."""
    found = pages(client, sorts=BY_CREATION, page_size=90)
    assert [len(one["results"]) for one in found] == [90, 90, 90, 50]
    assert sorted(ids(found)) == sorted(answer_id(one) for one in agency.surveys.all)
    times = [row["created_time"] for one in found for row in one["results"]]
    assert times == sorted(times)
    assert {one["request_status"]["type"] for one in found} == {"complete"}
    newest = [row["last_edited_time"] for one in pages(client, sorts=NEWEST_FIRST) for row in one["results"]]
    assert newest == sorted(times, reverse=True)


def test_edits_within_a_minute(client: httpx.Client, agency: Agency) -> None:
    """A second edit within the minute changes the row and not its time."""
    seen = []
    for score in (1, 2):
        agency.surveys.edit("nps-0001", score=score)
        row = ok(client.get(f"/v1/pages/{answer_id(agency.surveys['nps-0001'])}"))
        seen.append((row["properties"]["Điểm NPS"]["number"], row["last_edited_time"]))
        agency.clock.advance(timedelta(seconds=20))
    assert seen == [(1, "2026-11-18T03:30:00.000Z"), (2, "2026-11-18T03:30:00.000Z")]


def test_filters(client: httpx.Client, agency: Agency) -> None:
    """Rows are limited by their times, to the minute; a bound that is a day begins it in UTC; limits are joined."""
    edited = agency.surveys.edit("nps-0001", score=1)
    since, after = ({"timestamp": "last_edited_time", "last_edited_time": {word: "2026-11-18T03:30:00Z"}}
                    for word in ("on_or_after", "after"))  # fmt: skip
    assert answer_id(edited) in ids(pages(client, filter=since))
    assert ids(pages(client, filter=after)) == []
    early = {"timestamp": "created_time", "created_time": {"before": "2026-09-01"}}
    expected = {answer_id(one) for one in agency.surveys.all if f"{one.answered_at:%Y-%m-%d}" < "2026-09-01"}
    assert set(ids(pages(client, filter=early))) == expected
    assert ids(pages(client, filter={"and": [since, early]})) == [answer_id(edited)]
    assert set(ids(pages(client, filter={"or": [since, early]}))) >= expected


@pytest.mark.parametrize(
    "body",
    [
        {"page_size": 0},
        {"page_size": 101},
        {"page_size": "many"},
        {"start": "x"},
        {"start_cursor": "nonsense"},
        {"in_trash": "yes"},
        {"sorts": {"timestamp": "created_time"}},
        {"sorts": [{"timestamp": "created_time"}]},
        {"sorts": [{"property": "Không có", "direction": "ascending"}]},
        {"filter": []},
        {"filter": {"timestamp": "created_time"}},
        {"filter": {"timestamp": "created_time", "last_edited_time": {"after": "2026-01-01"}}},
        {"filter": edited_since("yesterday")},
        {"filter": {"timestamp": "created_time", "created_time": {"since": "2026-01-01"}}},
        {"filter": {"and": [{"or": [{"and": [edited_since("2026-01-01")]}]}]}},
    ],
)
def test_refused_queries(client: httpx.Client, body: dict[str, Any]) -> None:
    """A member that is unknown, or of the wrong kind, or nested too deep, is refused and not ignored."""
    answer = client.post(QUERY, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_other_refusals(client: httpx.Client) -> None:
    """A body that is no JSON, an id that is none, an address that is none, and a cursor of another query."""
    assert client.post(QUERY, content=b"{").json()["code"] == "invalid_json"
    assert client.get("/v1/data_sources/khao-sat").json()["code"] == "validation_error"
    assert client.post(f"/v1/databases/{SURVEY_DATABASE}/query", json={}).json()["code"] == "invalid_request_url"
    cursor = query(client, sorts=BY_CREATION)["next_cursor"]
    assert client.post(QUERY, json={"start_cursor": cursor}).status_code == 400


def test_cap_of_a_query(agency: Agency) -> None:
    """At the cap a query ends as if that were all, and says so in its last page's status alone."""
    with serve(agency, row_cap=250) as sandbox, client_of(sandbox) as client:
        found = pages(client, sorts=BY_CREATION)
        small = query(client, NEW_DEALS_ID)
    assert [len(one["results"]) for one in found] == [100, 100, 50]
    assert (found[-1]["has_more"], found[-1]["next_cursor"]) == (False, None)
    incomplete = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    assert [one["request_status"] for one in found] == [{"type": "complete"}, {"type": "complete"}, incomplete]
    assert small["request_status"] == {"type": "complete"}


def test_only_some_properties(client: httpx.Client) -> None:
    """The ids that are asked for, encoded once, and no others; encoded twice, Notion does not know them."""
    found = ok(client.post(f"{QUERY}?filter_properties=%3AUPp&filter_properties=title", json={"page_size": 1}))
    assert set(found["results"][0]["properties"]) == {"Điểm NPS", "Phản hồi"}
    assert client.post(f"{QUERY}?filter_properties=%253AUPp", json={}).status_code == 400


@pytest.mark.parametrize("is_stamped", [True, False])
def test_trash(agency: Agency, is_stamped: bool) -> None:
    """A row in the trash is in no usual query, and alone in that of the trash; its page still answers."""
    one = agency.surveys["nps-0001"]
    with serve(agency, is_trash_stamped=is_stamped) as sandbox, client_of(sandbox) as client:
        assert query(client, in_trash=True)["results"] == []
        agency.surveys.delete(one.id)
        assert answer_id(one) not in ids(pages(client))
        (row,) = query(client, in_trash=True)["results"]
        assert (row["id"], row["in_trash"], row["archived"]) == (answer_id(one), True, True)
        assert ok(client.get(f"/v1/pages/{answer_id(one)}"))["in_trash"]
    moment = NOW if is_stamped else one.updated_at
    assert row["last_edited_time"] == f"{moment:%Y-%m-%dT%H:%M}:00.000Z"


def busiest(agency: Agency) -> tuple[str, list[Any]]:
    """The page of the client with the most answers, and these."""
    of = {one: [answer for answer in agency.surveys.all if answer.client == one.name] for one in CLIENTS}
    client = max(CLIENTS, key=lambda one: len(of[one]))
    assert len(of[client]) > 30
    return client_id(client), of[client]


def test_values_that_are_cut(client: httpx.Client, agency: Agency) -> None:
    """A query gives 25 of a relation, and counts, averages and judges these alone, without a word on it."""
    page_id, answers = busiest(agency)
    row = next(one for one in query(client, CLIENTS_ID)["results"] if one["id"] == page_id)["properties"]
    assert row["Phản hồi"]["relation"] == [{"id": answer_id(one)} for one in answers[:25]]
    assert row["Phản hồi"]["has_more"] is True
    assert row["Số phản hồi"]["rollup"] == {"type": "number", "number": 25, "function": "count"}
    average = sum(one.score for one in answers[:25]) / 25
    assert row["Điểm trung bình"]["rollup"]["number"] == pytest.approx(average)
    assert len(row["Các điểm"]["rollup"]["array"]) == 25
    assert row["Trên 30 phản hồi"]["formula"] == {"type": "boolean", "boolean": False}


def items(client: httpx.Client, page_id: str, encoded_id: str) -> list[dict[str, Any]]:
    path = f"/v1/pages/{page_id}/properties/{encoded_id}"
    found = [ok(client.get(path, params={"page_size": 20}))]
    while found[-1]["has_more"]:
        found.append(ok(client.get(path, params={"page_size": 20, "start_cursor": found[-1]["next_cursor"]})))
    return found


def test_values_that_are_whole(client: httpx.Client, agency: Agency) -> None:
    """The address of a single property has all of it; a rollup is incomplete until its last page."""
    page_id, answers = busiest(agency)
    found = items(client, page_id, "a%40nS")
    assert [one["relation"]["id"] for each in found for one in each["results"]] == [answer_id(one) for one in answers]
    count = items(client, page_id, "nAns")
    assert [one["property_item"]["rollup"]["type"] for one in count] == ["incomplete"] * (len(count) - 1) + ["number"]
    assert count[-1]["property_item"]["rollup"]["number"] == len(answers)
    shown = items(client, page_id, "aLl%3B")
    assert {str(one["property_item"]["rollup"]) for one in shown} == {
        "{'type': 'array', 'array': [], 'function': 'show_original'}"
    }
    assert [one["number"] for each in shown for one in each["results"]] == [one.score for one in answers]
    single = ok(client.get(f"/v1/pages/{page_id}/properties/m30%2B"))
    assert (single["object"], single["formula"]["boolean"]) == ("property_item", True)


def test_property_with_a_percent_sign(client: httpx.Client, agency: Agency) -> None:
    """An id that is encoded for the address is found; one that nobody has is not."""
    page_id = answer_id(agency.surveys.all[0])
    assert ok(client.get(f"/v1/pages/{page_id}/properties/d%258t"))["type"] == "date"
    assert client.get(f"/v1/pages/{page_id}/properties/none").json()["code"] == "object_not_found"


def test_rollup_changes_without_its_row(client: httpx.Client, agency: Agency) -> None:
    """A deal that is won raises a client's revenue on the answers of that client, whose times stay."""
    deal = next(one for one in agency.deals.all if one.stage == "proposal" and one.amount)
    name = next(one.name for one in CLIENTS if one.tag == deal.client)
    page_id = answer_id(next(one for one in agency.surveys.all if one.client == name))

    def seen() -> tuple[int, str]:
        row = ok(client.get(f"/v1/pages/{page_id}"))
        return row["properties"]["Doanh thu khách"]["rollup"]["number"], row["last_edited_time"]

    before = seen()
    agency.clock.advance(timedelta(days=1))
    agency.move_deal(deal.id, "won")
    assert seen() == (before[0] + (deal.amount or 0), before[1])


def test_index_that_is_behind(agency: Agency) -> None:
    """With a lag, a query finds an edit only after it."""
    agency.clock.advance(timedelta(minutes=10))
    agency.surveys.edit("nps-0001", score=1)
    with serve(agency, lag=timedelta(minutes=2)) as sandbox, client_of(sandbox) as client:
        since = edited_since("2026-11-18T03:40:00Z")
        assert query(client, filter=since)["results"] == []
        agency.clock.advance(timedelta(minutes=2))
        assert len(query(client, filter=since)["results"]) == 1


def test_own_faults(agency: Agency) -> None:
    """Notion's ways to be busy: 429 with its reason and 529, both with the time to wait."""
    with serve(
        agency, Fault(faults.rate_limited(120), requests=(1,)), Fault(faults.service_overload(9), requests=(2,))
    ) as sandbox, client_of(sandbox) as client:  # fmt: skip
        first, second = client.get("/v1/users/me"), client.get("/v1/users/me")
        assert ok(client.get("/v1/users/me"))["bot"]["workspace_name"] == "Agency"
    assert (first.status_code, first.headers["retry-after"]) == (429, "120")
    assert first.json()["additional_data"] == {"rate_limit_reason": "integration"}
    assert (second.status_code, second.headers["retry-after"], second.json()["code"]) == (529, "9", "service_overload")


@needs_specs
def test_as_described(client: httpx.Client, agency: Agency) -> None:
    """What is asked and answered, refusals too, is what Notion's own description of its API knows."""
    page_id, _ = busiest(agency)
    for answer in (
        client.get("/v1/users/me"),
        client.get(f"/v1/databases/{DEAL_DATABASE}"),
        client.get(f"/v1/data_sources/{CLIENTS_ID}"),
        client.get(f"/v1/pages/{page_id}"),
        client.get(f"/v1/pages/{page_id}/properties/nAns", params={"page_size": 20}),
        client.get("/v1/pages/none"),
        client.post(QUERY, json={"sorts": BY_CREATION, "page_size": 100, "filter": edited_since("2026-01-01")}),
        client.post(QUERY, json={"page_size": 101}),
    ):
        asked = answer.request
        path, sent = asked.url.raw_path.decode().partition("?")[0], asked.url.query.decode()
        notion().check_request(asked.method, path, sent, asked.content)
        notion().check_response(asked.method, path, answer.status_code, answer.content)


@needs_specs
@pytest.mark.parametrize(
    ("method", "path", "sent", "body", "message"),
    [
        ("POST", f"/v1/databases/{SURVEY_DATABASE}/query", "", {}, "describes no POST"),
        ("POST", QUERY, "size=3", {}, "no parameter 'size'"),
        ("POST", QUERY, "", {"size": 3}, "'size' was unexpected"),
        ("POST", QUERY, "", {"sorts": [{"direction": "ascending"}]}, "is not valid under any of the given schemas"),
    ],
)
def test_wrong_requests_are_noticed(method: str, path: str, sent: str, body: dict[str, Any], message: str) -> None:
    """The check is worth something: it refuses what Notion does not describe."""
    with pytest.raises(AssertionError, match=message):
        notion().check_request(method, path, sent, json.dumps(body))
