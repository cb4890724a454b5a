"""A project over three sources: the sandbox's Jira and Zendesk over HTTP, and a file. And ways to disturb them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from okr_sync.pipeline import RunReport, SyncOptions, run
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.faults import Answer, Call, Deed, Fault, Forward, server_error
from tests.soundness.desk import HANOI, HEADER, QUARTERS, STREAM
from tests.warehouses import DUCKDB

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
SEARCH = "/rest/api/3/search/jql"
EXPORT = "/api/v2/incremental"
METRICS = {
    "issues": {"stream": "jira.issues", "value": "count(*)"},
    "points": {"stream": "jira.issues", "value": "sum(points)"},
    "tickets": {"stream": "support.tickets", "value": "count(*)"},
    "tasks": {"stream": "desk.tasks", "value": "count(*)"},
    "both": {"value": "issues + tickets"},
}


def small_agency() -> Agency:
    """Three issues of 1, 2 and 4 points, and two tickets, made an hour before its clock."""
    agency = Agency(Clock(NOW - timedelta(hours=1)))
    for points in (1, 2, 4):
        agency.create_issue("WEB", f"Việc {points}", story_points=points)
    agency.create_ticket("Hỏi giá")
    agency.create_ticket("Báo lỗi")
    agency.clock.advance(timedelta(hours=1))
    return agency


def write_company(folder: Path, sandbox: Sandbox, warehouse: str = DUCKDB) -> None:
    """The project, with the addresses and the tokens of the sandbox written out."""
    named = sandbox.variables()
    sources = {
        "jira": {
            "connector": "jira",
            "url": named["JIRA_BASE_URL"],
            "email": named["JIRA_EMAIL"],
            "token": named["JIRA_API_TOKEN"],
            "streams": {"issues": {"fields": {"points": "customfield_10016"}}},
        },
        "support": {
            "connector": "zendesk",
            "url": named["ZENDESK_URL"],
            "email": named["ZENDESK_EMAIL"],
            "token": named["ZENDESK_API_TOKEN"],
        },
        "desk": {"connector": "files", "streams": {"tasks": STREAM}},
    }
    okr = {
        "objective": "All",
        "id": "all",
        "key_results": [{"id": name, "name": name, "metric": name, "target": 100} for name in METRICS],
        "metrics": METRICS,
    }
    for path in (folder / "data", folder / "okrs"):
        path.mkdir(parents=True, exist_ok=True)
    settings = {"timezone": HANOI, "cycles": QUARTERS, "warehouse": warehouse, "sources": sources}
    (folder / "okr-sync.yaml").write_text(json.dumps(settings), "utf-8")
    (folder / "okrs" / "okr.yaml").write_text(json.dumps(okr), "utf-8")
    (folder / "data" / "tasks.csv").write_text(f"{HEADER}\n1,2026-10-02,2026-10-02,,open,1\n", "utf-8")


def run_company(folder: Path, sandbox: Sandbox, options: SyncOptions | None = None) -> RunReport:
    """A run at the present instant of the sandbox's clock."""
    return run(folder, options or SyncOptions(), clock=sandbox.agency.clock.now)


class Switch:
    """A fault that a test turns on and off."""

    def __init__(self, deed: Deed | None = None) -> None:
        self.is_on = False
        self._deed = deed or server_error(503)

    def at(self, path: str) -> Fault:
        async def deed(call: Call, forward: Forward) -> Answer:
            return await (self._deed(call, forward) if self.is_on else forward())

        return Fault(deed, path)


class Gate:
    """A request that stays without an answer until the test lets it go."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self.is_open = threading.Event()

    def at(self, path: str, number: int = 1) -> Fault:
        """At the `number`th request to `path`."""

        async def deed(_: Call, forward: Forward) -> Answer:
            self.is_reached.set()
            await asyncio.to_thread(self.is_open.wait, 30)
            return await forward()

        return Fault(deed, path, requests=(number,))


@contextmanager
def open_company(folder: Path, *faults: Fault, warehouse: str = DUCKDB) -> Iterator[Sandbox]:
    with Sandbox(small_agency(), faults) as sandbox:
        write_company(folder, sandbox, warehouse)
        yield sandbox
