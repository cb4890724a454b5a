"""The connector, connected to a sandbox's HubSpot or to a scripted one on the loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.hubspot import HubSpot
from connectors.hubspot.settings import HubSpotSettings
from okr_sync.connector import Checkpoint, Context, Page, Record, Stream
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.hubspot.records import HubSpotOptions
from tests.loopback import Answer, Asked, Loopback, loopback

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
TOKEN = "pat-s3cret"


@pytest.fixture
def agency() -> Agency:
    """300 deals, 80 tickets, 50 surveys; nothing has happened for two hours."""
    grown = Agency.grow(7, NOW - timedelta(hours=2), issue_count=0, ticket_count=80, survey_count=50)
    grown.grow_business(7, deal_count=300, visit_count=0, listing_count=20, outage_count=0)
    grown.clock.advance(timedelta(hours=2))
    return grown


def account(agency: Agency, *faults: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, faults, Options(of_systems={"hubspot": HubSpotOptions(**options)}), ["hubspot"])


def connector(url: str, token: str = TOKEN, **settings: Any) -> HubSpot:
    written = {"connector": "hubspot", "url": url, "token": token, **settings}
    context = Context("crm", Path(), ZoneInfo("Asia/Ho_Chi_Minh"), lambda: NOW)
    return HubSpot(HubSpotSettings.model_validate(written), context)


@contextmanager
def connected(sandbox: Sandbox, **settings: Any) -> Iterator[tuple[HubSpot, dict[str, Stream]]]:
    named = sandbox.variables()
    with connector(named["HUBSPOT_URL"], named["HUBSPOT_TOKEN"], **settings) as one:
        yield one, {stream.name: stream for stream in one.connect()}


def read(sandbox: Sandbox, stream: str, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
    with connected(sandbox, **settings) as (one, streams):
        return list(one.read(streams[stream], checkpoint))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each id."""
    return {str(one.fields["id"]): one for page in pages for one in page.records}


def paths(sandbox: Sandbox) -> list[str]:
    return [f"{one.method} {one.path}" for one in sandbox.requests]


def deal(number: int, **properties: Any) -> dict[str, Any]:
    """A deal as HubSpot sends it."""
    at = "2026-10-02T02:00:00.500Z"
    return {"id": str(number), "properties": properties, "createdAt": "2026-10-01T02:00:00Z", "updatedAt": at}


def found(*records: dict[str, Any], total: int | None = None) -> Answer:
    """An answer to a search."""
    return Answer({"total": len(records) if total is None else total, "results": list(records)})


@dataclass
class Portal:
    """A scripted account. `searches` and `archived` are given in their order, then there is nothing more."""

    server: Loopback
    searches: list[Answer] = field(default_factory=list)
    archived: list[Answer] = field(default_factory=list)
    pipelines: list[dict[str, Any]] = field(default_factory=list)
    properties: list[dict[str, Any]] = field(default_factory=list)
    other: dict[str, Answer] = field(default_factory=dict)
    """Answers by path."""

    def respond(self, asked: Asked) -> Answer:
        if asked.path in self.other:
            return self.other[asked.path]
        match asked.path.split("/")[1:]:
            case ["account-info", "v3", "details"]:
                answer: Any = {"portalId": 77, "uiDomain": "app-eu1.hubspot.com", "timeZone": "Asia/Tokyo"}
            case ["crm", "v3", "pipelines", "deals"]:
                answer = {"results": self.pipelines}
            case ["crm", "v3", "properties", _]:
                answer = {"results": self.properties}
            case ["crm", "v3", "objects", _, "search"]:
                return self.searches.pop(0) if self.searches else found()
            case ["crm", "v3", "objects", _] if self.archived:
                return self.archived.pop(0)
            case _:
                answer = {"results": []}
        return Answer(answer)

    def read(self, stream: str = "deals", checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
        with connector(self.server.url, **settings) as one:
            streams = {stream.name: stream for stream in one.connect()}
            return list(one.read(streams[stream], checkpoint))

    def only(self, record: dict[str, Any], stream: str = "deals", **settings: Any) -> Record:
        """The one record that is found."""
        self.searches = [found(record)]
        pages = self.read(stream, **settings)
        assert [page.rejected for page in pages if page.rejected] == []
        return pages[0].records[0]

    @property
    def asked(self) -> list[Asked]:
        """The searches."""
        return [one for one in self.server.asked if one.path.endswith("/search")]


@pytest.fixture
def portal() -> Iterator[Portal]:
    with loopback() as server:
        one = Portal(server)
        server.respond = one.respond
        yield one
