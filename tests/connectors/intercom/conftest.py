"""The connector, connected to a sandbox's Intercom or to a scripted one on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.intercom import Intercom
from connectors.intercom.settings import IntercomSettings
from okr_sync.connector import Checkpoint, Context, Page, Record, Stream
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.intercom.workspace import IntercomOptions
from tests.loopback import Answer, Asked, Loopback, loopback

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
"""Also the time of every answer of the loopback."""
SEARCH, DELETED = "/conversations/search", "/conversations/deleted"
TOKEN = "dG9rOmludGVyY29t="


@pytest.fixture
def agency() -> Agency:
    """240 tickets; nothing has happened for half an hour."""
    grown = Agency.grow(7, NOW - timedelta(minutes=30), issue_count=0, ticket_count=240, survey_count=0)
    grown.clock.advance(timedelta(minutes=30))
    return grown


def workspace(agency: Agency, *faults: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, faults, Options(of_systems={"intercom": IntercomOptions(**options)}), ["intercom"])


def connector(url: str, token: str, **settings: Any) -> Intercom:
    written = {"connector": "intercom", "url": url, "token": token, **settings}
    return Intercom(
        IntercomSettings.model_validate(written), Context("chat", Path(), ZoneInfo("Asia/Ho_Chi_Minh"), lambda: NOW)
    )


@contextmanager
def connected(sandbox: Sandbox, **settings: Any) -> Iterator[tuple[Intercom, Stream]]:
    named = sandbox.variables()
    with connector(named["INTERCOM_URL"], named["INTERCOM_TOKEN"], **settings) as one:
        yield one, one.connect()[0]


def read(sandbox: Sandbox, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
    with connected(sandbox, **settings) as (one, stream):
        return list(one.read(stream, checkpoint))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each conversation. No page has a record that could not be read."""
    assert [page.rejected for page in pages if page.rejected] == []
    return {str(one.fields["id"]): one for page in pages for one in page.records}


def conversation(number: int, **members: Any) -> dict[str, Any]:
    return {"type": "conversation", "id": str(number), "created_at": 1790820000, "updated_at": 1790906400, **members}


def found(*conversations: dict[str, Any], cursor: str | None = None, **pages: Any) -> Answer:
    following = None if cursor is None else {"per_page": 150, "starting_after": cursor}
    paging = {"type": "pages", "next": following, **pages}
    return Answer({"type": "conversation.list", "conversations": list(conversations), "pages": paging})


class Account:
    """`searches` are given in their order to searches, `deleted` to requests for deleted conversations."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.searches: list[Answer] = []
        self.deleted: list[Answer] = []
        server.respond = self.respond

    def respond(self, asked: Asked) -> Answer:
        match asked.path:
            case "/me":
                return Answer({"email": "bot@agency.example", "app": {"id_code": "ab12", "region": "EU", "name": "A"}})
            case "/teams":
                return Answer({"type": "team.list", "teams": [{"id": "31", "name": "Kỹ thuật"}]})
            case "/conversations/deleted":
                nothing = Answer({"conversations": [], "pages": {"next": None}})
                return self.deleted.pop(0) if self.deleted else nothing
            case "/conversations/search":
                return self.searches.pop(0) if self.searches else found()
        return Answer({"type": "error.list", "errors": [{"code": "not_found"}]}, 404)

    def read(self, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
        with connector(self.server.url, TOKEN, **settings) as one:
            return list(one.read(one.connect()[0], checkpoint))

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the searches."""
        return [json.loads(one.body) for one in self.server.asked if one.path == SEARCH]


@pytest.fixture
def account() -> Iterator[Account]:
    with loopback() as server:
        yield Account(server)
