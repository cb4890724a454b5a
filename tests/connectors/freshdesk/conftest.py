"""The connector, connected to a sandbox's Freshdesk or to a scripted one on the loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.freshdesk import Freshdesk
from connectors.freshdesk.settings import FreshdeskSettings
from okr_sync.connector import Checkpoint, Context, Page, Record, Stream
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.freshdesk.helpdesk import FreshdeskOptions
from tests.loopback import Answer, Asked, Loopback, loopback

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
"""Also the time of every answer of the loopback."""
TICKETS = "/api/v2/tickets"
FIELDS: list[dict[str, Any]] = [
    {"name": "status", "label": "Status", "type": "default_status", "default": True,
     "choices": {"2": ["Open", "Being processed"], "7": ["Chờ khách", "Awaiting you"], "8": []}},
    {"name": "priority", "label": "Priority", "type": "default_priority", "default": True, "choices": {"Gấp": 4}},
    {"name": "source", "label": "Source", "type": "default_source", "default": True, "choices": {"Email": 1}},
    {"name": "group", "label": "Group", "type": "default_group", "default": True, "choices": {"Kỹ thuật": 31}},
    {"name": "agent", "label": "Agent", "type": "default_agent", "default": True, "choices": {"Lan": 21}},
    {"name": "cf_client", "label": "Client", "type": "custom_dropdown", "default": False},
    {"name": "cf_seats", "label": "Seats", "type": "custom_number", "default": False},
    {"name": "cf_rate", "label": "Rate", "type": "custom_decimal", "default": False},
    {"name": "cf_vip", "label": "VIP", "type": "custom_checkbox", "default": False},
    {"name": "cf_live", "label": "Go-live", "type": "custom_date", "default": False},
    {"name": "cf_note", "label": "Note", "type": "custom_text", "default": False},
    {"name": "cf_note2", "label": "Note", "type": "custom_paragraph", "default": False},
]  # fmt: skip


@pytest.fixture
def agency() -> Agency:
    """240 tickets; nothing has happened for half an hour."""
    grown = Agency.grow(7, NOW - timedelta(minutes=30), issue_count=0, ticket_count=240, survey_count=0)
    grown.clock.advance(timedelta(minutes=30))
    return grown


def helpdesk(agency: Agency, *faults: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, faults, Options(of_systems={"freshdesk": FreshdeskOptions(**options)}), ["freshdesk"])


def connector(url: str, key: str, **settings: Any) -> Freshdesk:
    written = {"connector": "freshdesk", "url": url, "api_key": key, **settings}
    return Freshdesk(
        FreshdeskSettings.model_validate(written), Context("desk", Path(), ZoneInfo("Asia/Ho_Chi_Minh"), lambda: NOW)
    )


@contextmanager
def connected(sandbox: Sandbox, **settings: Any) -> Iterator[tuple[Freshdesk, Stream]]:
    named = sandbox.variables()
    with connector(named["FRESHDESK_URL"], named["FRESHDESK_API_KEY"], **settings) as one:
        yield one, one.connect()[0]


def read(sandbox: Sandbox, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
    with connected(sandbox, **settings) as (one, stream):
        return list(one.read(stream, checkpoint))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each ticket. No page has a record that could not be read."""
    assert [page.rejected for page in pages if page.rejected] == []
    return {str(one.fields["id"]): one for page in pages for one in page.records}


def listed(sandbox: Sandbox) -> list[str]:
    """The queries of all requests for lists of tickets."""
    return [one.query for one in sandbox.requests if one.path == TICKETS]


def ticket(number: int, updated_at: str = "2026-10-02T02:00:00Z", **fields: Any) -> dict[str, Any]:
    return {"id": number, "created_at": "2026-10-01T02:00:00Z", "updated_at": updated_at, "stats": {}, **fields}


def page(*tickets: dict[str, Any], more: bool = False) -> Answer:
    link = {"Link": '<https://evil.example/api/v2/tickets?page=2>; rel="next"'} if more else {}
    return Answer(list(tickets), headers=link)


class Account:
    """`pages` are given in their order to requests for present tickets; trash and spam are empty."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.pages: list[Answer] = []
        server.respond = self.respond

    def respond(self, asked: Asked) -> Answer:
        if asked.path == "/api/v2/ticket_fields":
            return Answer(FIELDS)
        if asked.path == TICKETS and asked.one("filter") is not None:
            return Answer([])
        return self.pages.pop(0) if self.pages else Answer({"message": "the script is over"}, 418)

    def read(self, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
        with connector(self.server.url, "k3y+/secret", **settings) as one:
            return list(one.read(one.connect()[0], checkpoint))

    @property
    def asked(self) -> list[Asked]:
        return [one for one in self.server.asked if one.path == TICKETS]


@pytest.fixture
def account() -> Iterator[Account]:
    with loopback() as server:
        yield Account(server)
