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
from okr_sync.sandbox.server import Options
from okr_sync.warehouse import SourceLog, open_warehouse
from okr_sync.warehouse.spans import held_at
from tests.soundness.lives import Life, hubspot, jira, salesforce, zendesk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BEGINS = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
DAYS = 12
LIVES = {
    "jira": jira.LIFE,
    "jira-data-center": jira.IN_A_DATA_CENTER,
    "hubspot": hubspot.LIFE,
    "zendesk": zendesk.LIFE,
    **salesforce.LIVES,
}


def write_project(folder: Path, life: Life, sandbox: Sandbox, *, has_history: bool) -> Path:
    source = life.source(sandbox.variables(), has_history)
    folder.mkdir()
    settings = {"timezone": HANOI.key, "cycles": {"starts": ["jan", "apr", "jul", "oct"]}, "sources": {"it": source}}
    (folder / "okr-sync.yaml").write_text(json.dumps(settings), "utf-8")
    return folder


def sync(folder: Path, agency: Agency) -> None:
    results = pipeline.sync(folder, SyncOptions(), clock=agency.clock.now)
    assert [one.error for one in results if not one.is_complete] == []


Known = dict[str, dict[str, Any]]


def known_at(folder: Path, life: Life, moments: list[datetime]) -> Iterator[Known]:
    """Each record as the warehouse says it was right before each moment."""
    warehouse = open_warehouse("duckdb:///.okr-sync/warehouse", folder, HANOI)
    (stream,) = SourceLog(warehouse, "it").streams()
    name = f"it.{stream.name}"
    fields = [one.name for one in stream.fields if one.name not in life.never_rebuilt]
    with warehouse.history({name: stream}, {name: fields}) as history:
        for moment in moments:
            columns = ", ".join(f'"{field}"' for field in fields)
            sql = f'SELECT {columns} FROM "{name}" WHERE {held_at("$1")}'
            rows = history.query(sql, {1: moment}).rows
            records = [dict(zip(fields, row, strict=True)) for row in rows]
            yield {str(one["id"]): one for one in records}


def differences(life: Life, watched: Known, rebuilt: Known) -> list[tuple[str, str, Any, Any]]:
    return [
        (key, name, watched[key][name], value)
        for key in watched.keys() & rebuilt.keys()
        for name, value in rebuilt[key].items()
        if value != watched[key][name] and not (value is None and name in life.may_be_missing)
    ]


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
@pytest.mark.parametrize("seed", [3])
def test_rebuilt_is_what_was_watched(tmp_path: Path, seed: int, life: Life) -> None:
    """A project that syncs every evening, one that does so for the first time at the end, and one that reads the past
    every third evening agree on every evening's state.

    That a record was gone for a while the late one cannot know, nor what became of one that is gone by the next sync.
    """
    random = Random(seed)  # noqa: S311 - a made-up agency is no secret
    agency = life.grow(BEGINS)
    with Sandbox(agency, options=Options(of_systems=life.options), systems=[life.system]) as sandbox:
        watching = write_project(tmp_path / "watching", life, sandbox, has_history=False)
        late = write_project(tmp_path / "late", life, sandbox, has_history=True)
        third = write_project(tmp_path / "third", life, sandbox, has_history=True)
        evenings, came_back = [], set[str]()
        for day in range(DAYS):
            agency.clock.advance(BEGINS + timedelta(days=day) - agency.clock.now())
            came_back |= set(life.live(agency, random))
            agency.clock.advance(timedelta(minutes=10))
            evenings.append(agency.clock.now())
            sync(watching, agency)
            if day % 3 == 2:
                sync(third, agency)
        sync(late, agency)
    remaining = life.remaining(agency)
    states = zip(*(known_at(folder, life, evenings) for folder in (watching, late, third)), strict=True)
    for watched, rebuilt, both in states:
        there = {key: record for key, record in watched.items() if key in remaining}
        assert rebuilt.keys() - came_back == there.keys() - came_back
        assert differences(life, there, rebuilt) == []
        steady = {key: record for key, record in there.items() if key not in came_back}
        assert [one for one in differences(life, steady, both) if one[1] not in life.untold] == []
