"""Every answer of the stand-ins is one that the vendors' own descriptions allow."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from tests.conformance import Spec, jira, needs_specs, zendesk
from tests.sandbox.clients import jira_client, zendesk_client

pytestmark = needs_specs
EVERYTHING = "project in (WEB, SEO, OPS)"


def check(spec: Spec, answer: httpx.Response) -> None:
    """Both what was asked and what was answered."""
    asked = answer.request
    spec.check_request(asked.method, asked.url.path, asked.url.query.decode(), asked.content)
    spec.check_response(asked.method, asked.url.path, answer.status_code, answer.content)


def test_jira_is_as_described(agency: Agency) -> None:
    """All of Jira's answers, refusals too, fit Atlassian's description."""
    by_address: dict[str, str | int] = {
        "jql": EVERYTHING,
        "fields": "*all",
        "maxResults": 100,
        "expand": "names,schema",
    }
    by_body = {"jql": EVERYTHING, "fields": ["*all"], "maxResults": 100}
    with Sandbox(agency) as sandbox, jira_client(sandbox) as client:
        for answer in (
            client.get("/serverInfo"),
            client.get("/myself"),
            client.get("/field"),
            client.get("/search/jql", params=by_address),
            client.post("/search/jql", json=by_body),
            client.post("/search/jql", json={"jql": EVERYTHING, "fields": ["key"], "maxResults": 5000}),
            client.post("/search/jql", json={"jql": ""}),
            client.post("/search/approximate-count", json={"jql": EVERYTHING}),
            client.get("/search", params={"jql": EVERYTHING}),
            client.post("/issue/bulkfetch", json={"issueIdsOrKeys": ["WEB-1"], "fields": ["*all"]}),
            client.post("/jql/parse", params={"validation": "strict"}, json={"queries": [EVERYTHING, "x = 1"]}),
        ):
            check(jira(), answer)


def test_zendesk_is_as_described(agency: Agency) -> None:
    """All of Zendesk's answers, with every sideload, fit Zendesk's description."""
    sideloads = "metric_sets,users,groups,organizations"
    agency.create_ticket("Mới")
    agency.delete_ticket(agency.tickets[0].id)
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(agency) as sandbox, zendesk_client(sandbox) as client:
        export = client.get(
            "/incremental/tickets/cursor.json", params={"start_time": 0, "per_page": 100, "include": sideloads}
        )
        cursor = export.json()["after_cursor"]
        for answer in (
            client.get("/users/me.json"),
            client.get("/users/me.json", auth=None),
            client.get("/tickets/count"),
            export,
            client.get("/incremental/tickets/cursor", params={"cursor": cursor, "include": sideloads}),
            client.get("/incremental/tickets/cursor", params={"cursor": cursor, "exclude_deleted": "true"}),
        ):
            check(zendesk(), answer)


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "message"),
    [
        ("GET", "/rest/api/3/serach/jql", "", "", "describes no GET"),
        ("DELETE", "/rest/api/3/search/jql", "", "", "describes no DELETE"),
        ("GET", "/rest/api/3/search/jql", "jql=x&startAt=50", "", "no parameter 'startAt'"),
        ("GET", "/rest/api/3/search/jql", "jql=x&maxResults=many", "", "maxResults"),
        ("POST", "/rest/api/3/search/jql", "", '{"jql": "x", "startAt": 50}', "'startAt' was unexpected"),
        ("POST", "/rest/api/3/search/jql", "", '{"jql": "x", "expand": ["names"]}', "is not of type 'string'"),
        ("POST", "/rest/api/3/issue/bulkfetch", "", "{}", "'issueIdsOrKeys' is a required property"),
        ("POST", "/rest/api/3/jql/parse", "", '{"queries": ["x"]}', "validation"),
        ("GET", "/rest/api/3/myself", "", "{}", "takes no body"),
    ],
)
def test_wrong_requests_are_noticed(method: str, path: str, query: str, body: str, message: str) -> None:
    """The check is worth something: it refuses what Atlassian does not describe."""
    with pytest.raises(AssertionError, match=message):
        jira().check_request(method, path, query, body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"issues": [], "total": 3}', "'total' was unexpected"),
        ('{"issues": [{"id": 10000}]}', r"issues\[0\].id: 10000 is not of type 'string'"),
        ('{"issues": [], "nextPageToken": null}', "nextPageToken: None is not of type 'string'"),
    ],
)
def test_wrong_answers_are_noticed(body: str, message: str) -> None:
    """A number that is a text, a key that is not there, a null where there is none."""
    with pytest.raises(AssertionError, match=message):
        jira().check_response("POST", "/rest/api/3/search/jql", 200, body)


def test_exceptions_are_exceptions() -> None:
    """A ticket may lack an assignee, against the description; it may not lack an id's type or a requester."""
    zendesk().check("TicketObject", {"requester_id": 1, "assignee_id": None, "status": "deleted"})
    with pytest.raises(AssertionError, match="'requester_id' is a required property"):
        zendesk().check("TicketObject", {"assignee_id": None})
    with pytest.raises(AssertionError, match="id: '1' is not of type 'integer'"):
        zendesk().check("TicketObject", {"id": "1", "requester_id": 1})
