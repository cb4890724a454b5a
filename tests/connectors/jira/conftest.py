"""A Jira site on the loopback: it knows its user and its fields, and searches as a test scripts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.jira import Jira
from connectors.jira.settings import JiraSettings
from okr_sync.connector import Checkpoint, Context, Page, utc_now
from tests.loopback import Answer, Asked, Loopback, loopback

EMAIL, TOKEN = "lan@agency.example", "ATATT3xFfGF0-secret="
SERVER_NOW_MS = int(datetime(2026, 10, 5, 2, 0, tzinfo=UTC).timestamp() * 1000)
SITE_FIELDS: list[dict[str, Any]] = [
    {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
    {"id": "issuekey", "name": "Key", "custom": False},
    {"id": "customfield_10044", "name": "Client", "custom": True, "schema": {"type": "option"}},
    {"id": "customfield_10016", "name": "Story Points", "custom": True, "schema": {"type": "number"}},
    {
        "id": "customfield_10099",
        "name": "Story Points",
        "custom": True,
        "schema": {"type": "number"},
        "scope": {"type": "PROJECT", "project": {"id": "10007"}},
    },
    {
        "id": "customfield_10050",
        "name": "status",
        "custom": True,
        "clauseNames": ["status"],
        "schema": {"type": "string"},
    },
    {"id": "customfield_10060", "name": "Epic Link", "custom": True, "schema": {"type": "any"}},
    {"id": "customfield_10061", "name": "Đội", "untranslatedName": "Team", "schema": {"type": "team"}},
]


def issue(number: int, **fields: Any) -> dict[str, Any]:
    base = {"created": "2026-10-01T09:00:00.000+0700", "updated": "2026-10-02T09:00:00.000+0700"}
    return {"id": str(10000 + number), "key": f"WEB-{number}", "fields": {**base, **fields}}


def found(*issues: dict[str, Any], token: str | None = None, **more: Any) -> Answer:
    """A page of search results; the last page has no `nextPageToken` at all."""
    following = {} if token is None else {"nextPageToken": token}
    return Answer({"issues": list(issues), "isLast": token is None, **following, **more})


@dataclass
class Site:
    """`pages` are given in their order, one to each search."""

    server: Loopback
    pages: list[Answer] = field(default_factory=list)
    myself: Answer = field(default_factory=lambda: Answer({"accountId": "5b10", "timeZone": "Asia/Ho_Chi_Minh"}))
    fields: list[dict[str, Any]] = field(default_factory=lambda: list(SITE_FIELDS))
    permissions: Answer = field(default_factory=lambda: Answer({"permissions": {}}))

    def respond(self, asked: Asked) -> Answer:
        match asked.path.removeprefix("/rest/api/3/"):
            case "myself":
                return self.myself
            case "mypermissions":
                return self.permissions
            case "field":
                return Answer(self.fields)
            case "search/approximate-count":
                return Answer({"count": 42})
            case "search/jql":
                return self.pages.pop(0) if self.pages else Answer({"errorMessages": ["no page left"]}, 418)
        return Answer({"errorMessages": ["The requested API has been removed (CHANGE-2046)."]}, 410)

    @contextmanager
    def connector(self, clock: Callable[[], datetime] = utc_now, **issues: Any) -> Iterator[Jira]:
        settings = JiraSettings.model_validate(
            {
                "connector": "jira",
                "url": self.server.url,
                "email": EMAIL,
                "token": TOKEN,
                "streams": {"issues": {"history": False, **issues}},
            }
        )
        context = Context("jira", Path(), ZoneInfo("Asia/Ho_Chi_Minh"), clock)
        with Jira(settings, context) as connector:
            yield connector

    def read(self, checkpoint: Checkpoint | None = None, **issues: Any) -> list[Page]:
        with self.connector(**issues) as connector:
            stream = connector.connect()[0]
            return list(connector.read(stream, checkpoint))

    @property
    def searches(self) -> list[Asked]:
        return [one for one in self.server.asked if one.path.endswith("/search/jql")]


@pytest.fixture
def site() -> Iterator[Site]:
    with loopback() as server:
        one = Site(server)
        server.respond = one.respond
        yield one
