"""Files through the engine: versions, deletions, and nothing landed of what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import SourceLog, Warehouse
from tests.connectors.files.conftest import HANOI, Desk

SETTINGS = {"key": "number", "version_at": "changed_at", "fields": {"changed_at": "timestamp"}}


@pytest.fixture
def syncing(desk: Desk) -> Syncing:
    return Syncing(
        Warehouse("duckdb:///warehouse", desk.folder, HANOI), clock=lambda: datetime(2026, 10, 5, tzinfo=UTC)
    )


def sync(desk: Desk, syncing: Syncing) -> StreamSync:
    (result,) = sync_source(SourcePlan("desk", desk.connector(**SETTINGS), {"incidents": "settings"}), syncing)
    return result


def test_lines_are_versions_and_vanished_keys_are_deleted(desk: Desk, syncing: Syncing) -> None:
    """Lines with one key land as its versions; reading them again lands nothing; a key that is gone is deleted."""
    desk.write("a.csv", "number,changed_at,state\n1,2026-10-01,new\n1,2026-10-02,done\n2,2026-10-01,new\n")
    first = sync(desk, syncing)
    assert (first.read_count, first.new_count, first.deleted_count, first.error) == (3, 3, 0, None)
    again = sync(desk, syncing)
    assert (again.read_count, again.new_count, again.deleted_count) == (3, 0, 0)
    desk.write("a.csv", "number,changed_at,state\n1,2026-10-01,new\n1,2026-10-02,done\n")
    assert sync(desk, syncing).deleted_count == 1
    (landed,) = SourceLog(syncing.warehouse, "desk").describe()
    assert landed.record_count == 1


@pytest.mark.parametrize("content", [None, "", "number,changed_at,state\n1,2026-10-01,new\n2,soon,new\n"])
def test_nothing_is_landed_of_a_file_that_cannot_be_read(desk: Desk, syncing: Syncing, content: str | None) -> None:
    """A file that vanished, is empty or has a bad line leaves what was known, and the next sync goes on."""
    path = desk.write("a.csv", "number,changed_at,state\n1,2026-10-01,new\n")
    assert sync(desk, syncing).is_complete
    if content is None:
        path.unlink()
    else:
        desk.write("a.csv", content)
    assert not sync(desk, syncing).is_complete
    (landed,) = SourceLog(syncing.warehouse, "desk").describe()
    assert (landed.record_count, landed.version_count) == (1, 1)
    desk.write("a.csv", "number,changed_at,state\n1,2026-10-01,new\n2,2026-10-03,new\n")
    assert sync(desk, syncing).new_count == 1
