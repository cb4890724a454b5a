"""An Asana on the loopback: a person, two projects, some custom fields, and answers that a test scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.asana import Asana
from connectors.asana.settings import AsanaSettings
from okr_sync.connector import Context, Page
from tests.loopback import Answer, Asked, Loopback, loopback

TOKEN = "2/77/s3cret+asana"
WORKSPACE = {"gid": "1", "name": "Agency"}
CUSTOM_FIELDS: list[dict[str, Any]] = [
    {"gid": "51", "name": "Client", "resource_subtype": "enum"},
    {"gid": "52", "name": "Points", "resource_subtype": "number"},
    {"gid": "53", "name": "Labels", "resource_subtype": "multi_enum"},
    {"gid": "54", "name": "Region", "resource_subtype": "text"},
    {"gid": "55", "name": "Go-live", "resource_subtype": "date"},
    {"gid": "56", "name": "Reviewers", "resource_subtype": "people"},
    {"gid": "57", "name": "Related", "resource_subtype": "reference"},
    {"gid": "58", "name": "Mood", "resource_subtype": "emoji"},
    {"gid": "61", "name": "Note", "resource_subtype": "text"},
    {"gid": "62", "name": "Note", "resource_subtype": "text"},
]
LOCAL_FIELD = {"gid": "70", "name": "Priority", "resource_subtype": "enum"}


def project(gid: str, name: str, **fields: Any) -> dict[str, Any]:
    made = {"created_at": "2026-01-05T02:00:00.000Z", "modified_at": "2026-03-02T02:00:00.000Z", "archived": False}
    return {"gid": gid, "name": name, **made, "completed": False, "current_status": None, **fields}


WEB, SEO = project("11", "Website"), project("12", "SEO")


def inside(place: dict[str, Any], section: str = "Doing") -> dict[str, Any]:
    """A task's membership of a project."""
    return {
        "project": {"gid": place["gid"], "name": place["name"]},
        "section": {"gid": f"{place['gid']}0", "name": section},
    }


def task(gid: str, **fields: Any) -> dict[str, Any]:
    """A task that nobody has done anything with."""
    empty = dict.fromkeys(("assignee", "completed_at", "due_at", "due_on", "parent", "start_on"))
    times = {"created_at": "2026-10-01T02:00:00.000Z", "modified_at": "2026-10-02T02:00:00.123Z"}
    base = {"name": f"Task {gid}", "completed": False, "memberships": [inside(WEB)], "num_subtasks": 0, "tags": []}
    return {"gid": gid, **base, **empty, **times, "resource_subtype": "default_task", **fields}


def listed(*things: dict[str, Any], offset: str | None = None) -> Answer:
    """A page of a list; `offset` leads to the next."""
    following = None if offset is None else {"offset": offset, "path": "/x", "uri": "https://evil.example/x"}
    return Answer({"data": list(things), "next_page": following})


def failed(status: int, message: str, **headers: str) -> Answer:
    return Answer({"errors": [{"message": message, "help": "https://docs.example"}]}, status, headers)


@dataclass
class Desk:
    """`answers` are given in their order, path by path; for a path without any left: what `respond` has, or nothing."""

    server: Loopback
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    workspaces: list[dict[str, Any]] = field(default_factory=lambda: [WORKSPACE])

    def respond(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/api/1.0")
        if self.answers.get(path):
            return self.answers[path].pop(0)
        single = {
            "/users/me": {"gid": "7", "name": "Bot", "email": "bot@agency.example", "workspaces": self.workspaces},
            "/projects/11": WEB,
            "/projects/12": SEO,
            "/custom_fields/70": LOCAL_FIELD,
        }
        lists = {
            "/workspaces/1/projects": [WEB, SEO],
            "/workspaces/1/custom_fields": CUSTOM_FIELDS,
            "/tasks": [],
        }
        if path in single:
            return Answer({"data": single[path]})
        return listed(*lists[path]) if path in lists else failed(404, "No matching route for request")

    @contextmanager
    def connector(self, streams: dict[str, Any] | None = None, **settings: Any) -> Iterator[Asana]:
        written = {"connector": "asana", "url": self.server.url, "token": TOKEN, **settings, "streams": streams or {}}
        context = Context("work", Path(), ZoneInfo("Asia/Ho_Chi_Minh"))
        with Asana(AsanaSettings.model_validate(written), context) as connector:
            yield connector

    def read(self, stream: str = "tasks", streams: dict[str, Any] | None = None, **settings: Any) -> list[Page]:
        with self.connector(streams, **settings) as connector:
            offered = {one.name: one for one in connector.connect()}
            return list(connector.read(offered[stream], None))

    def asked(self, path: str) -> list[Asked]:
        return [one for one in self.server.asked if one.path == f"/api/1.0{path}"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with loopback() as server:
        one = Desk(server)
        server.respond = one.respond
        yield one
