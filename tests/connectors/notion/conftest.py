"""A workspace on the loopback: it describes one data source, and gives rows as a test scripts them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from connectors.notion import Notion
from connectors.notion.settings import NotionSettings
from okr_sync.connector import Checkpoint, Context, Page, Record, Stream
from tests.loopback import Answer, Asked, Loopback, loopback

TOKEN = "ntn_s3cret0token"
ID = "1f2e0000-0000-4000-8000-00000000000a"
QUERY = f"/v1/data_sources/{ID}/query"
NAMED = {"score": "Điểm NPS"}


def prop(raw_id: str, name: str, kind: str, **config: Any) -> dict[str, Any]:
    """A property of a schema; its id is encoded in answers."""
    return {"id": quote(raw_id, safe=""), "name": name, "type": kind, kind: config}


def value(raw_id: str, kind: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"id": quote(raw_id, safe=""), "type": kind, kind: content, **more}


def text(*parts: str) -> list[dict[str, Any]]:
    return [{"type": "text", "plain_text": part} for part in parts]


TITLE = prop("title", "Phản hồi", "title")
SCORE = prop(":UPp", "Điểm NPS", "number", format="number")


def page(number: int, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row; its values are known by their ids alone, since names are of no account."""
    known = {one["id"]: one for one in (value("title", "title", text(f"Row {number}")), *values)}
    times = {"created_time": "2026-10-01T02:00:00.000Z", "last_edited_time": "2026-10-02T02:00:00.000Z"}
    return {
        "object": "page",
        "id": f"row-{number}",
        **times,
        "created_by": {"object": "user", "id": "u1"},
        "in_trash": False,
        "archived": False,
        "url": f"https://www.notion.so/row-{number}",
        "properties": known,
        **more,
    }


def scored(number: int, score: Any = 9, **more: Any) -> dict[str, Any]:
    return page(number, value(":UPp", "number", score), **more)


def rows(*pages: dict[str, Any], cursor: str | None = None, **more: Any) -> Answer:
    """A page of a query."""
    status = {"type": "complete"}
    found = {"object": "list", "results": list(pages), "has_more": cursor is not None, "next_cursor": cursor}
    return Answer({**found, "request_status": status, **more})


def cut(*pages: dict[str, Any], reason: str = "query_result_limit_reached") -> Answer:
    """The last page that a query gives, although there are more rows."""
    return rows(*pages, request_status={"type": "incomplete", "incomplete_reason": reason})


@dataclass
class Workspace:
    """`pages`, `trash` and `items` are given in their order, one to each request."""

    server: Loopback
    properties: list[dict[str, Any]] = field(default_factory=lambda: [TITLE, SCORE])
    source: dict[str, Any] = field(default_factory=dict)
    databases: dict[str, Any] = field(default_factory=dict)
    pages: list[Answer] = field(default_factory=list)
    trash: list[Answer] = field(default_factory=list)
    items: list[Answer] = field(default_factory=list)

    def respond(self, asked: Asked) -> Answer:
        if asked.path == f"/v1/data_sources/{ID}":
            described = {one["name"]: one for one in self.properties}
            return Answer({"object": "data_source", "id": ID, "properties": described, **self.source})
        if asked.path.removeprefix("/v1/databases/") in self.databases:
            return Answer({"data_sources": self.databases[asked.path.removeprefix("/v1/databases/")]})
        if asked.path.startswith("/v1/data_sources/") and asked.path.endswith("/query"):
            given = self.trash if json.loads(asked.body).get("in_trash") else self.pages
            return given.pop(0) if given else rows()
        if asked.path.startswith("/v1/pages/"):
            return self.items.pop(0)
        return Answer({"object": "error", "status": 404, "code": "object_not_found", "message": "Nothing."}, 404)

    @contextmanager
    def connector(self, **stream: Any) -> Iterator[Notion]:
        place = {} if "database" in stream else {"data_source": ID}
        written = {"connector": "notion", "url": self.server.url, "token": TOKEN}
        settings = NotionSettings.model_validate(
            {**written, "streams": {"nps": {**place, "read": "changes", **stream}}}
        )
        with Notion(settings, Context("docs", Path(), ZoneInfo("Asia/Ho_Chi_Minh"))) as connector:
            yield connector

    def stream(self, **stream: Any) -> Stream:
        """As the data source describes it; a reason not to be readable is raised."""
        with self.connector(**stream) as connector:
            (one,) = connector.connect()
            connector.count(one)
            return one

    def read(self, checkpoint: Checkpoint | None = None, **stream: Any) -> list[Page]:
        with self.connector(**stream) as connector:
            return list(connector.read(connector.connect()[0], checkpoint))

    def only(self, row: dict[str, Any], **stream: Any) -> Record:
        """The record of a single row."""
        self.pages = [rows(row)]
        (record,) = [one for each in self.read(**stream) for one in each.records]
        return record

    def bodies(self, *, is_trash: bool = False) -> list[dict[str, Any]]:
        """What the queries asked for."""
        asked = [json.loads(one.body) for one in self.server.asked if one.path == QUERY]
        return [one for one in asked if one.get("in_trash", False) is is_trash]


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with loopback() as server:
        one = Workspace(server)
        server.respond = one.respond
        yield one
