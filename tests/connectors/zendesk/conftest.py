"""A Zendesk account on the loopback: it knows its user and its fields, and exports as a test scripts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.zendesk import Zendesk
from connectors.zendesk.settings import ZendeskSettings
from okr_sync.connector import Checkpoint, Context, Page
from tests.loopback import Answer, Asked, Loopback, loopback

EMAIL, TOKEN = "lan@agency.example", "s3cret+zendesk/token"
ACCOUNT_FIELDS: list[dict[str, Any]] = [
    {"id": 1, "type": "subject", "title": "Subject"},
    {"id": 2, "type": "status", "title": "Status"},
    {"id": 21938362, "type": "tagger", "title": "Plan"},
    {"id": 21938363, "type": "integer", "title": "Seats"},
    {"id": 21938364, "type": "checkbox", "title": "Escalated"},
    {"id": 21938365, "type": "date", "title": "Go-live"},
    {"id": 21938366, "type": "multiselect", "title": "Areas"},
    {"id": 21938367, "type": "text", "title": "Note"},
    {"id": 21938368, "type": "textarea", "title": "Note"},
]


def ticket(number: int, **fields: Any) -> dict[str, Any]:
    base = {"created_at": "2026-10-01T02:00:00Z", "updated_at": "2026-10-02T02:00:00Z", "status": "open"}
    return {"id": number, **base, "generated_timestamp": 1790000000, **fields}


def listing(name: str, *raws: Any, after: str | None = None) -> Answer:
    """A page of a list by cursor; `after` is the address of the next one."""
    return Answer({name: list(raws), "meta": {"has_more": after is not None}, "links": {"next": after}})


def exported(*tickets: dict[str, Any], cursor: str | None, end: bool = True, metrics: Any = ()) -> Answer:
    """A page of the export."""
    page = {
        "tickets": list(tickets),
        "after_cursor": cursor,
        "after_url": "https://evil.example/",
        "end_of_stream": end,
    }
    return Answer({**page, "before_cursor": None, "before_url": None, "metric_sets": list(metrics)})


@dataclass
class Account:
    """`pages` are given in their order, one to each request to the export, and `lists` by their paths."""

    server: Loopback
    pages: list[Answer] = field(default_factory=list)
    lists: dict[str, list[Answer]] = field(default_factory=dict)
    has_history: bool = False
    user: dict[str, Any] = field(default_factory=lambda: {"id": 7, "role": "admin", "email": EMAIL})

    def respond(self, asked: Asked) -> Answer:
        match asked.path:
            case "/api/v2/users/me.json":
                return Answer({"user": self.user})
            case "/api/v2/ticket_fields.json":
                return Answer({"ticket_fields": ACCOUNT_FIELDS})
            case "/api/v2/incremental/tickets/cursor.json" if self.pages:
                return self.pages.pop(0)
            case path if self.lists.get(path):
                return self.lists[path].pop(0)
            case path if path.endswith("/holidays.json"):
                return Answer({"holidays": []})
        return Answer({"error": "InvalidEndpoint", "description": "Not found"}, 404)

    @contextmanager
    def connector(self, fields: dict[str, Any] | None = None, **settings: Any) -> Iterator[Zendesk]:
        written = {"connector": "zendesk", "url": self.server.url, "email": EMAIL, "token": TOKEN, **settings}
        written["streams"] = {"tickets": {"fields": fields or {}, "history": self.has_history}}
        context = Context("support", Path(), ZoneInfo("Asia/Ho_Chi_Minh"))
        with Zendesk(ZendeskSettings.model_validate(written), context) as connector:
            yield connector

    def read(
        self, checkpoint: Checkpoint | None = None, fields: dict[str, Any] | None = None, **settings: Any
    ) -> list[Page]:
        with self.connector(fields, **settings) as connector:
            stream = connector.connect()[0]
            return list(connector.read(stream, checkpoint))

    def read_stream(self, name: str, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
        with self.connector(**settings) as connector:
            stream = next(one for one in connector.connect() if one.name == name)
            return list(connector.read(stream, checkpoint))

    @property
    def exports(self) -> list[Asked]:
        return [one for one in self.server.asked if "incremental" in one.path]


@pytest.fixture
def account() -> Iterator[Account]:
    with loopback() as server:
        one = Account(server)
        server.respond = one.respond
        yield one
