"""What is rebuilt of the days before the first sync is what would have been seen on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from okr_sync import pipeline
from okr_sync.pipeline import SyncOptions
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, MEMBERS, PRIORITIES
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.jira.search import JiraOptions
from okr_sync.warehouse import SourceLog, Warehouse, open_history
from okr_sync.warehouse.history import held_at

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BEGINS = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
DAYS = 12
ENDINGS = {"Done": "Done", "Cancelled": "Won't Do"}
NEVER_REBUILT = {"updated_at", "epic_key"}
"""A comment moves the first and leaves no change; which kind the parents of old were is not told."""


def live(agency: Agency, random: Random) -> None:
    """A day's work: issues are made, moved on, taken up again, put off, renamed, moved and sometimes deleted."""
    for _ in range(random.randrange(3, 9)):
        agency.clock.advance(timedelta(minutes=random.randrange(5, 90)))
        keys = [one.key for one in agency.issues]
        if not keys or random.random() < 0.2:
            agency.create_issue(random.choice(("WEB", "SEO")), "Việc mới", story_points=3.0)
            continue
        key = random.choice(keys)
        status = random.choice(list(CATEGORY_OF))
        match random.randrange(8):
            case 0 | 1 | 2:
                agency.edit_issue(key, status=status, resolution=ENDINGS.get(status))
            case 3:
                agency.edit_issue(key, assignee=random.choice(MEMBERS).handle, story_points=float(random.randrange(9)))
            case 4:
                agency.edit_issue(key, due_on=random.choice((None, (BEGINS + timedelta(days=9)).date())))
            case 5:
                agency.edit_issue(key, labels=("gấp",), client=random.choice(CLIENTS).name)
            case 6:
                agency.edit_issue(key, summary=f"Việc {random.randrange(99)}", priority=random.choice(PRIORITIES).name)
            case 7 if len(keys) > 8 and random.random() < 0.3:
                agency.delete_issue(key)
            case 7:
                agency.move_issue(key, random.choice(("WEB", "SEO")))


def write_project(folder: Path, sandbox: Sandbox, *, history: bool) -> Path:
    named = sandbox.variables()
    account = (
        {"token": named["JIRA_PAT"]}
        if "JIRA_PAT" in named
        else {"email": named["JIRA_EMAIL"], "token": named["JIRA_API_TOKEN"]}
    )
    fields = {"client": "customfield_10044", "story_points": "customfield_10016"}
    issues = {"history": history, "fields": fields}
    source = {"connector": "jira", "url": named["JIRA_BASE_URL"], **account, "streams": {"issues": issues}}
    folder.mkdir()
    settings = {"timezone": HANOI.key, "cycles": {"starts": ["jan", "apr", "jul", "oct"]}, "sources": {"jira": source}}
    (folder / "okr-sync.yaml").write_text(json.dumps(settings), "utf-8")
    return folder


Known = dict[str, dict[str, Any]]


def known_at(folder: Path, moments: list[datetime]) -> Iterator[Known]:
    """Each record as the warehouse says it was right before each moment."""
    warehouse = Warehouse("duckdb:///.okr-sync/warehouse", folder, HANOI)
    (stream,) = SourceLog(warehouse, "jira").streams()
    fields = [one.name for one in stream.fields if one.name not in NEVER_REBUILT]
    with open_history(warehouse, {"jira.issues": stream}, {"jira.issues": fields}) as history:
        for moment in moments:
            columns = ", ".join(f'"{name}"' for name in fields)
            sql = f'SELECT {columns} FROM "jira.issues" WHERE {held_at("$moment")}'
            rows = history.query(sql, {"moment": moment}).rows
            records = [dict(zip(fields, row, strict=True)) for row in rows]
            yield {str(one["id"]): one for one in records}


def differences(watched: Known, rebuilt: Known) -> Iterator[tuple[str, str, Any, Any]]:
    for key, record in rebuilt.items():
        for name, value in record.items():
            if value != watched[key][name]:
                yield key, name, watched[key][name], value


@pytest.mark.parametrize("is_data_center", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rebuilt_is_what_was_watched(tmp_path: Path, seed: int, is_data_center: bool) -> None:
    """One project syncs every evening; the other for the first time at the end. They agree on every evening's state."""
    random = Random(seed)  # noqa: S311 - a made-up agency is no secret
    agency = Agency.grow(1, BEGINS, 0, 0, 0)
    options = Options(of_systems={"jira": JiraOptions(is_data_center=is_data_center)})
    with Sandbox(agency, options=options, systems=["jira"]) as sandbox:
        watching = write_project(tmp_path / "watching", sandbox, history=False)
        late = write_project(tmp_path / "late", sandbox, history=True)
        evenings = []
        for day in range(DAYS):
            agency.clock.advance(BEGINS + timedelta(days=day) - agency.clock.now())
            live(agency, random)
            agency.clock.advance(timedelta(minutes=10))
            evenings.append(agency.clock.now())
            assert all(one.is_complete for one in pipeline.sync(watching, SyncOptions(), clock=agency.clock.now))
        assert all(one.is_complete for one in pipeline.sync(late, SyncOptions(), clock=agency.clock.now))
    remaining = {str(one.id) for one in agency.issues}
    for watched, rebuilt in zip(known_at(watching, evenings), known_at(late, evenings), strict=True):
        assert rebuilt.keys() == watched.keys() & remaining
        assert list(differences(watched, rebuilt)) == []
