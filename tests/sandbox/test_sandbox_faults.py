"""The plan of faults: each does what it says, to the requests it names, and to no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox, faults
from okr_sync.sandbox.faults import Deed, Fault
from okr_sync.sandbox.systems.jira import faults as jira_faults
from okr_sync.sandbox.systems.zendesk import faults as zendesk_faults
from tests.sandbox.clients import jira_client, zendesk_client

EVERYTHING = {"jql": "project in (WEB, SEO, OPS)", "fields": ["summary"]}
EXPORT = "/incremental/tickets/cursor.json"


@contextmanager
def disturbed(agency: Agency, *plan: Fault) -> Iterator[httpx.Client]:
    with Sandbox(agency, plan) as sandbox, jira_client(sandbox) as jira:
        yield jira


def test_fault_meets_the_requests_it_names(agency: Agency) -> None:
    """The second and the fourth request to a path are refused; other paths are not counted."""
    plan = Fault(faults.server_error(503), path="/rest/api/3/search", requests=(2, 4))
    with disturbed(agency, plan) as jira:
        statuses = []
        for _ in range(5):
            jira.get("/serverInfo")
            statuses.append(jira.post("/search/jql", json=EVERYTHING).status_code)
    assert statuses == [200, 503, 200, 503, 200]


def test_first_fault_of_the_plan_wins(agency: Agency) -> None:
    """Where two faults concern one request, it meets the first; both have counted it."""
    plan = (Fault(faults.server_error(500), requests=(1,)), Fault(faults.server_error(502), requests=(1, 2)))
    with disturbed(agency, *plan) as jira:
        assert [jira.get("/serverInfo").status_code for _ in range(3)] == [500, 502, 200]


def test_too_many_requests(agency: Agency) -> None:
    """429 says when to come back and which limit it was; either may be missing, and the time may be a date."""
    plan = (
        Fault(faults.too_many_requests(7, reason="jira-burst-based"), requests=(1,)),
        Fault(faults.too_many_requests("Wed, 18 Nov 2026 03:31:00 GMT"), requests=(2,)),
        Fault(faults.too_many_requests(None), requests=(3,)),
    )
    with disturbed(agency, *plan) as jira:
        first, second, third = (jira.get("/serverInfo") for _ in range(3))
    assert [one.status_code for one in (first, second, third)] == [429] * 3
    assert (first.headers["retry-after"], first.headers["ratelimit-reason"]) == ("7", "jira-burst-based")
    assert second.headers["retry-after"] == "Wed, 18 Nov 2026 03:31:00 GMT"
    assert "retry-after" not in third.headers


def test_gateway_timeout_for_large_pages(agency: Agency) -> None:
    """Every export above the size times out, the size itself does not; without a size, 1000 are meant."""
    plan = [Fault(zendesk_faults.gateway_timeout(above=100), path="/api/v2/incremental")]
    with Sandbox(agency, plan) as sandbox, zendesk_client(sandbox) as zendesk:
        statuses = [
            zendesk.get(EXPORT, params={"start_time": 0, **size}).status_code
            for size in ({}, {"per_page": 101}, {"per_page": 100})
        ]
    assert statuses == [504, 504, 200]


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (faults.cut_body(), "without sending complete message body"),
        (faults.cut_body(share=0.0), "without sending complete message body"),
        (faults.no_answer(), "disconnected without sending a response"),
    ],
)
def test_broken_connections(agency: Agency, deed: Deed, error: str) -> None:
    """The connection breaks in the middle of the answer or before it, and the next request is answered."""
    with disturbed(agency, Fault(deed, requests=(1,))) as jira:
        with pytest.raises(httpx.RemoteProtocolError, match=error):
            jira.post("/search/jql", json=EVERYTHING)
        assert jira.post("/search/jql", json=EVERYTHING).status_code == 200


def test_repeated_token(agency: Agency) -> None:
    """Both systems can be made to lead in circles: the next page's token is this page's."""
    plan = [
        Fault(jira_faults.repeated_token(), system="jira"),
        Fault(zendesk_faults.repeated_token(), system="zendesk"),
    ]
    with Sandbox(agency, plan) as sandbox, jira_client(sandbox) as jira, zendesk_client(sandbox) as zendesk:
        token = jira.post("/search/jql", json=EVERYTHING).json()["nextPageToken"]
        page = jira.post("/search/jql", json=EVERYTHING | {"nextPageToken": token}).json()
        assert (page["nextPageToken"], page["isLast"]) == (token, False)
        cursor = zendesk.get(EXPORT, params={"start_time": 0, "per_page": 10}).json()["after_cursor"]
        export = zendesk.get(EXPORT, params={"cursor": cursor}).json()
        assert (export["after_cursor"], export["end_of_stream"]) == (cursor, False)


def test_empty_page(agency: Agency) -> None:
    """A page may be empty and still lead on."""
    with disturbed(agency, Fault(jira_faults.empty_page())) as jira:
        page = jira.post("/search/jql", json=EVERYTHING).json()
    assert page["issues"] == []
    assert page["nextPageToken"]


def test_warnings(agency: Agency) -> None:
    """Jira's answer says itself that it is not the whole."""
    with disturbed(agency, Fault(jira_faults.warnings())) as jira:
        page = jira.post("/search/jql", json=EVERYTHING).json()
    assert [one["type"] for one in page["warnings"]] == ["CLAUSE_LIMIT_EXCEEDED"]
    assert len(page["issues"]) == 50


def test_web_page(agency: Agency) -> None:
    """200 does not mean JSON."""
    with disturbed(agency, Fault(faults.web_page())) as jira:
        answer = jira.get("/myself")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_slow_answer(agency: Agency) -> None:
    """A reader that does not wait gives up, and the sandbox ends without waiting for the answer."""
    with disturbed(agency, Fault(faults.slow(60), requests=(1,))) as jira:
        with pytest.raises(httpx.ReadTimeout):
            jira.get("/serverInfo", timeout=0.05)
        assert jira.get("/serverInfo").status_code == 200
