"""A Lark tenant: the sandbox's, disturbed by a plan, or one on the loopback whose table a test writes down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.lark import Lark
from connectors.lark.settings import LarkSettings
from okr_sync.connector import Context, Page, Record, Stream
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options, Sandbox
from okr_sync.sandbox.systems.lark.tables import SURVEYS_TABLE
from okr_sync.sandbox.systems.lark.tenant import APP_ID, APP_SECRET, BASE, LarkOptions
from tests.loopback import Answer, Asked, Loopback, loopback

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SEARCH = f"/open-apis/bitable/v1/apps/{BASE}/tables/{SURVEYS_TABLE}/records/search"
NPS = {"nps": {"app": BASE, "table": SURVEYS_TABLE}}


@contextmanager
def connector_at(url: str, **settings: Any) -> Iterator[Lark]:
    written = {"connector": "lark", "url": url, "app_id": APP_ID, "app_secret": APP_SECRET, **settings}
    with Lark(LarkSettings.model_validate(written), Context("base", Path(), HANOI, lambda: NOW)) as connector:
        yield connector


@contextmanager
def sandbox_of(agency: Agency, *faults: Fault, **options: Any) -> Iterator[Sandbox]:
    of_lark = Options(of_systems={"lark": LarkOptions(**options)})
    with Sandbox(agency, faults, of_lark, systems=["lark"]) as sandbox:
        yield sandbox


@contextmanager
def connected(sandbox: Sandbox, **settings: Any) -> Iterator[tuple[Lark, dict[str, Stream]]]:
    with connector_at(sandbox.url("lark"), **settings) as connector:
        yield connector, {stream.name: stream for stream in connector.connect()}


def read(sandbox: Sandbox, name: str, **settings: Any) -> list[Page]:
    with connected(sandbox, **settings) as (connector, streams):
        return list(connector.read(streams[name], None))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each key."""
    return {str(one.fields["id"]): one for page in pages for one in page.records}


@dataclass
class Tenant:
    """One table on the loopback, with the fields that a test gives it; `search` decides on each page of records."""

    server: Loopback
    fields: list[dict[str, Any]] = field(default_factory=list)
    search: Callable[[Asked], Answer] = lambda _: Answer({"code": 0, "data": {"items": None, "total": 0}})
    base: dict[str, Any] = field(default_factory=lambda: {"is_advanced": False})

    def respond(self, asked: Asked) -> Answer:
        if asked.path.endswith("/tenant_access_token/internal"):
            return Answer({"code": 0, "msg": "ok", "tenant_access_token": "t-1", "expire": 7200})
        if asked.path.endswith("/fields"):
            data = {
                "has_more": False,
                "items": self.fields,
                "page_token": self.fields[-1]["field_id"] if self.fields else "",
            }
            return Answer({"code": 0, "data": data})
        if asked.path.endswith("/records/search"):
            return self.search(asked)
        return Answer({"code": 0, "data": {"app": self.base}})

    def holds(self, *cells: dict[str, Any]) -> None:
        """Records with these cells, on one page."""
        items = [
            {"record_id": f"rec{n}", "fields": one, "created_time": 1790000000000, "last_modified_time": 1790000060000}
            for n, one in enumerate(cells, start=1)
        ]
        self.search = lambda _: Answer({"code": 0, "data": {"has_more": False, "items": items, "total": len(items)}})

    def pages(self, **table: Any) -> list[Page]:
        with connector_at(self.server.url, streams={"rows": {"app": "bas1", "table": "tbl1", **table}}) as connector:
            return list(connector.read(connector.connect()[0], None))

    def stream(self, **table: Any) -> Stream:
        with connector_at(self.server.url, streams={"rows": {"app": "bas1", "table": "tbl1", **table}}) as connector:
            return connector.connect()[0]


def base_field(field_id: str, name: str, kind: int, properties: Any = None, ui_type: str = "") -> dict[str, Any]:
    return {"field_id": field_id, "field_name": name, "type": kind, "property": properties, "ui_type": ui_type}


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with loopback() as server:
        one = Tenant(server)
        server.respond = one.respond
        yield one


@pytest.fixture
def agency() -> Agency:
    """With 1,200 answers to the survey: three pages."""
    return Agency.grow(7, NOW, issue_count=0, ticket_count=0, survey_count=1200)
