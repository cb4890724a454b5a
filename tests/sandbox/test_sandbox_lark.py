"""The stand-in for Lark, over real HTTP: tokens, pages, codes under one HTTP status or another.

Lark has no OpenAPI description: shapes and codes are those of its pages "List fields", "Base record data structure" and
"Search records", and of its error codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.lark.tables import LEADS_TABLE, SURVEYS_TABLE, record_id
from okr_sync.sandbox.systems.lark.tenant import BASE, WIKI_PAGE, LarkOptions
from tests.sandbox.clients import NOW, anonymous_client

TOKEN = "/auth/v3/tenant_access_token/internal"
SURVEYS = f"/bitable/v1/apps/{BASE}/tables/{SURVEYS_TABLE}"
LEADS = f"/bitable/v1/apps/{BASE}/tables/{LEADS_TABLE}"


@contextmanager
def tenant(agency: Agency, **options: Any) -> Iterator[httpx.Client]:
    """A client that signed in."""
    of_lark = Options(of_systems={"lark": LarkOptions(**options)})
    with (
        Sandbox(agency, options=of_lark, systems=["lark"]) as sandbox,
        anonymous_client(f"{sandbox.url('lark')}/open-apis") as client,
    ):
        named = sandbox.variables()
        client.headers["X-Credentials"] = f"{named['LARK_APP_ID']} {named['LARK_APP_SECRET']}"
        client.headers["Authorization"] = f"Bearer {token(client)['tenant_access_token']}"
        yield client


def token(client: httpx.Client) -> dict[str, Any]:
    app_id, secret = client.headers["X-Credentials"].split()
    content: dict[str, Any] = client.post(TOKEN, json={"app_id": app_id, "app_secret": secret}).json()
    return content


def data(answer: httpx.Response) -> dict[str, Any]:
    content = answer.json()
    assert (answer.status_code, content["code"]) == (200, 0), content
    found: dict[str, Any] = content["data"]
    return found


def search(client: httpx.Client, table: str = SURVEYS, body: Any = None, **query: Any) -> dict[str, Any]:
    return data(client.post(f"{table}/records/search", json=body or {}, params=query))


@pytest.fixture
def agency() -> Agency:
    grown = Agency.grow(seed=3, now=NOW, issue_count=0, ticket_count=0, survey_count=50)
    return grown.grow_business(3, deal_count=60, visit_count=0, listing_count=0, outage_count=0)


@pytest.fixture
def lark(agency: Agency) -> Iterator[httpx.Client]:
    with tenant(agency) as client:
        yield client


def test_token_is_the_same_until_its_last_half_hour(lark: httpx.Client, agency: Agency) -> None:
    """It stands beside the code, not in data, and tells how many seconds are left of its two hours."""
    first = token(lark)
    assert (first["code"], first["expire"]) == (0, 7200)
    agency.clock.advance(timedelta(minutes=90))
    again = token(lark)
    assert (again["tenant_access_token"], again["expire"]) == (first["tenant_access_token"], 1800)
    agency.clock.advance(timedelta(seconds=1))
    new = token(lark)
    assert (new["tenant_access_token"] != first["tenant_access_token"], new["expire"]) == (True, 7200)
    assert lark.get("/bot/v3/info").json()["code"] == 0  # the first one is taken until it ends


@pytest.mark.parametrize(
    ("headers", "code"),
    [({"Authorization": ""}, 99991661), ({"Authorization": "Bearer t-other"}, 99991663)],
)
def test_without_a_token(lark: httpx.Client, headers: dict[str, str], code: int) -> None:
    """No token and a wrong one have codes of their own, on every path."""
    for path in ("/okr/v1/periods", f"{SURVEYS}/fields"):
        answer = lark.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_token_ends(lark: httpx.Client, agency: Agency) -> None:
    """After two hours it is like a wrong one."""
    agency.clock.advance(timedelta(hours=2))
    assert lark.get("/okr/v1/periods").json()["code"] == 99991663


@pytest.mark.parametrize(
    ("credentials", "code"),
    [({"app_id": "cli_x", "app_secret": "x"}, 10003), ({"app_id": "cli_a0sandbox0000001", "app_secret": "x"}, 10014)],
)
def test_wrong_app(lark: httpx.Client, credentials: dict[str, str], code: int) -> None:
    """A wrong id and a wrong secret are told apart."""
    assert lark.post(TOKEN, json=credentials).json()["code"] == code


def test_pages_of_records(lark: httpx.Client, agency: Agency) -> None:
    """Twenty where nobody asks for more; every page tells the total, and the last one has no token."""
    first = search(lark)
    assert (len(first["items"]), first["has_more"], first["total"]) == (20, True, 50)
    second = search(lark, page_size=30, page_token=first["page_token"])
    assert (len(second["items"]), second["has_more"], "page_token" in second) == (30, False, False)
    ids = [one["record_id"] for one in [*first["items"], *second["items"]]]
    assert ids == [record_id(one.id) for one in agency.surveys.all]


def test_pages_go_by_position(lark: httpx.Client, agency: Agency) -> None:
    """Where a record goes between two pages, another one slips through."""
    first = search(lark)
    agency.surveys.delete(agency.surveys.all[0].id)
    second = search(lark, page_size=50, page_token=first["page_token"])
    assert (len(second["items"]), second["total"]) == (29, 49)


def test_empty_table(lark: httpx.Client) -> None:
    """No records are null, not an empty list."""
    with tenant(Agency.grow(3, NOW, issue_count=0, ticket_count=0, survey_count=0)) as empty:
        assert search(empty) == {"has_more": False, "items": None, "total": 0}


def test_cells_of_an_answer(lark: httpx.Client, agency: Agency) -> None:
    """Text is a list of parts, a time is in milliseconds, a formula tells its type, and what is empty is left out."""
    agency.clock.advance(timedelta(hours=1))
    one = agency.surveys.edit(agency.surveys.all[0].id, score=9)
    (record, *_) = search(lark, body={"automatic_fields": True})["items"]
    assert record["fields"] == {
        "Phản hồi": [{"text": one.id, "type": "text"}],
        "Khách hàng": one.client,
        "Điểm NPS": 9,
        "Ngày trả lời": int(one.answered_at.timestamp()) * 1000,
        "Nhóm": {"type": 1, "value": [{"text": "Promoter", "type": "text"}]},
        "Số thứ tự": "1",
        "Sửa lần cuối": 1794976200000,
    }
    assert record["last_modified_time"] == 1794976200000  # 2026-11-18 04:30 UTC, an hour after the agency's now
    assert record["created_time"] == int(one.answered_at.timestamp()) * 1000


def test_automatic_fields_on_request(lark: httpx.Client) -> None:
    """Without the wish there are no times; with names, only these fields."""
    (record, *_) = search(lark, body={"field_names": ["Điểm NPS"]})["items"]
    assert set(record) == {"fields", "record_id"}
    assert set(record["fields"]) == {"Điểm NPS"}


def test_cells_of_a_lead(lark: httpx.Client, agency: Agency) -> None:
    """People are objects, a link to nothing is null, an unticked box and an unknown amount are left out."""
    items = {one["record_id"]: one["fields"] for one in search(lark, LEADS, page_size=500)["items"]}
    fields = next(one for key, one in items.items() if agency.deals[int(key[3:])].amount is None)
    assert not {"Giá trị", "Bán thêm"} & set(fields)
    assert fields["Hợp đồng liên quan"] == {"link_record_ids": None}
    assert fields["Giá trị có VAT"] == {"type": 2, "value": []}
    assert set(fields["Phụ trách"][0]) == {"avatar_url", "email", "en_name", "id", "name"}


def test_fields(lark: httpx.Client) -> None:
    """A field has an id, a name, a type and its properties; they come in pages of a hundred at most."""
    fields = data(lark.get(f"{LEADS}/fields"))
    assert (fields["has_more"], len(fields["items"]), fields["total"]) == (False, 16, 16)
    assert set(fields["items"][0]) == {"field_id", "field_name", "is_primary", "property", "type", "ui_type"}
    assert [one["field_name"] for one in fields["items"] if one["is_primary"]] == ["Cơ hội"]
    assert lark.get(f"{LEADS}/fields", params={"page_size": 101}).json()["code"] == 99992402


@pytest.mark.parametrize(
    ("path", "body", "query", "status", "code"),
    [
        (SURVEYS, {}, {"page_size": 501}, 400, 99992402),
        (SURVEYS, {}, {"page_size": 0}, 400, 99992402),
        (SURVEYS, {}, {"page_token": "nonsense"}, 200, 1254002),
        (SURVEYS, {"field_names": ["Không có"]}, {}, 200, 1254045),
        (SURVEYS, {"filter": {"conjunction": "and"}}, {}, 200, 1254018),
        (SURVEYS, [], {}, 200, 1254000),
        (f"/bitable/v1/apps/{BASE}/tables/tblOther", {}, {}, 200, 1254041),
        (f"/bitable/v1/apps/other/tables/{SURVEYS_TABLE}", {}, {}, 404, 91402),
    ],
)
def test_refused_searches(lark: httpx.Client, path: str, body: Any, query: Any, status: int, code: int) -> None:
    """Many refusals come with 200: only the code tells."""
    answer = lark.post(f"{path}/records/search", json=body, params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(("is_advanced", "has_role", "total"), [(True, False, 0), (True, True, 50), (False, False, 50)])
def test_advanced_permissions(agency: Agency, is_advanced: bool, has_role: bool, total: int) -> None:
    """Without a role in a Base that has them, code 0 and nothing; the Base itself tells that it has them."""
    with tenant(agency, is_advanced=is_advanced, has_role=has_role) as client:
        assert search(client)["total"] == total
        assert data(client.get(f"/bitable/v1/apps/{BASE}"))["app"]["is_advanced"] is is_advanced


def test_wiki(lark: httpx.Client) -> None:
    """A page of a wiki leads to the Base that it shows."""
    node = data(lark.get("/wiki/v2/spaces/get_node", params={"token": WIKI_PAGE}))["node"]
    assert (node["obj_type"], node["obj_token"]) == ("bitable", BASE)
    assert lark.get("/wiki/v2/spaces/get_node", params={"token": "x"}).json()["code"] == 131005


def test_okr_version_1(lark: httpx.Client) -> None:
    """Ids and times are texts, a time that never was is "0"; ten OKRs at most, by position."""
    (okr,) = data(lark.get("/okr/v1/users/ou_seo/okrs", params={"offset": "0", "limit": "10"}))["okr_list"]
    (objective,) = okr["objective_list"]
    assert int(objective["id"]) > 2**53
    assert (objective["score"], objective["score_last_updated_time"]) == (0, "0")
    assert objective["kr_list"][0]["progress_rate"] == {"percent": 25, "status": "1"}
    periods = data(lark.get("/okr/v1/periods"))["items"]
    assert okr["period_id"] in {one["id"] for one in periods}
    for query in ({"offset": "0", "limit": "11"}, {}):
        assert lark.get("/okr/v1/users/ou_seo/okrs", params=query).json()["code"] == 1001001
    assert lark.get("/okr/v1/users/ou_x/okrs", params={"offset": "0", "limit": "10"}).json()["code"] == 1001003


def test_okr_version_2(lark: httpx.Client) -> None:
    """Cycles are a user's own; every list is asked for by what it belongs to, down to a key result's one indicator."""
    cycles = data(lark.get("/okr/v2/cycles", params={"user_id": "ou_seo", "page_size": 1}))
    assert (len(cycles["items"]), cycles["has_more"]) == (1, True)
    rest = data(lark.get("/okr/v2/cycles", params={"user_id": "ou_seo", "page_token": cycles["page_token"]}))["items"]
    (objective,) = data(lark.get(f"/okr/v2/cycles/{rest[0]['id']}/objectives"))["items"]
    (key_result,) = data(lark.get(f"/okr/v2/objectives/{objective['id']}/key_results"))["items"]
    indicator = data(lark.get(f"/okr/v2/key_results/{key_result['id']}/indicators"))["indicator"]
    assert (indicator["entity_id"], indicator["current_value"]) == (key_result["id"], 3)
    assert indicator["unit"] == {"unit_type": 1, "unit_value": "hđ"}
