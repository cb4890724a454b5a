"""Why records ended: the source said so, it lists them no more, or the settings choose them no more."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from okr_sync import pipeline
from okr_sync.pipeline import SyncOptions
from okr_sync.sync import StreamSync
from okr_sync.warehouse import End

MAIN = """\
cycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}
warehouse: WAREHOUSE
sources:
  desk:
    connector: sql
    url: sqlite:///desk.db
    streams:
      whole: {FROM, key: id, timezone: UTC, TYPES}
      listed: {FROM, key: id, version_at: changed_at, timezone: UTC, TYPES}
      told: {FROM, key: id, version_at: changed_at, deleted: gone, timezone: UTC, TYPES}
"""
TYPES = "fields: {id: integer, team: text, gone: boolean, changed_at: timestamp}"
OF_WEB = "query: SELECT * FROM tickets WHERE team = 'web'"


class Desk:
    def __init__(self, folder: Path, warehouse: str) -> None:
        self.folder, self.warehouse = folder, warehouse
        self.choose("table: tickets")
        self.say("CREATE TABLE tickets (id INTEGER PRIMARY KEY, team TEXT, gone BOOLEAN, changed_at TEXT)")
        for number, team in enumerate(("web", "web", "seo", "seo", "web", "web"), 1):
            self.put(number, team)

    def choose(self, what: str) -> None:
        text = MAIN.replace("WAREHOUSE", self.warehouse).replace("FROM", what).replace("TYPES", TYPES)
        (self.folder / "okr-sync.yaml").write_text(text, "utf-8")

    def say(self, statement: str, *values: object) -> None:
        connection = sqlite3.connect(self.folder / "desk.db")
        connection.execute(statement, values)
        connection.commit()
        connection.close()

    def put(self, number: int, team: str, *, is_gone: bool = False) -> None:
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        self.say("REPLACE INTO tickets VALUES (?, ?, ?, ?)", number, team, is_gone, at)

    def sync(self) -> dict[str, StreamSync]:
        syncs = pipeline.sync(self.folder, SyncOptions())
        assert [one.error for one in syncs] == [None, None, None]
        return {one.stream: one for one in syncs}

    @property
    def ended(self) -> dict[str, Mapping[End, int]]:
        found = {one.name.partition(".")[2]: one.landed for one in pipeline.streams(self.folder)}
        return {name: landed.ended for name, landed in found.items() if landed is not None}


@pytest.fixture
def desk(tmp_path: Path, warehouse_url: str) -> Desk:
    """Six tickets, two of them of the team seo, in a stream that is read whole, one with a census, one that tells."""
    return Desk(tmp_path, warehouse_url)


def test_every_end_has_its_reason(desk: Desk) -> None:
    """Deleted, no longer visible and out of scope are told apart, by the sync and of what has landed."""
    desk.sync()
    assert desk.ended == {"whole": {}, "listed": {}, "told": {}}

    desk.say("DELETE FROM tickets WHERE id = 1")
    desk.put(2, "web", is_gone=True)
    second = desk.sync()
    counts = {name: (one.deleted_count, one.not_visible_count, one.out_of_scope_count) for name, one in second.items()}
    assert counts == {"whole": (1, 1, 0), "listed": (1, 1, 0), "told": (1, 0, 0)}

    desk.choose(OF_WEB)
    third = desk.sync()
    assert {name: (one.not_visible_count, one.out_of_scope_count) for name, one in third.items()} == {
        "whole": (0, 2),
        "listed": (0, 2),
        "told": (0, 3),  # a read with other settings lists all there is, and the first ticket is not among them
    }
    assert desk.ended == {
        "whole": {End.NOT_VISIBLE: 1, End.OUT_OF_SCOPE: 2},
        "listed": {End.NOT_VISIBLE: 1, End.OUT_OF_SCOPE: 2},
        "told": {End.DELETED: 1, End.OUT_OF_SCOPE: 3},
    }


def test_what_came_back_has_not_ended(desk: Desk) -> None:
    """Settings that choose a record again bring it back, and its end is none any more."""
    desk.sync()
    desk.choose(OF_WEB)
    desk.sync()
    assert desk.ended["whole"] == desk.ended["listed"] == {End.OUT_OF_SCOPE: 2}
    desk.choose("table: tickets")
    desk.sync()
    assert desk.ended == {"whole": {}, "listed": {}, "told": {}}


def test_deletion_by_the_next_read_is_no_question_of_scope(desk: Desk) -> None:
    """Only the first read with other settings ends what these do not choose."""
    desk.sync()
    desk.choose(OF_WEB)
    desk.sync()
    desk.say("DELETE FROM tickets WHERE id = 1")
    for name in ("whole", "listed"):
        assert desk.sync()[name].out_of_scope_count == 0
        assert desk.ended[name] == {End.NOT_VISIBLE: 1, End.OUT_OF_SCOPE: 2}
