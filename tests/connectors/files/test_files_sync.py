"""Files through the engine: versions, deletions, and nothing landed of what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import SourceLog, open_warehouse
from tests.connectors.files.conftest import HANOI, Desk

SETTINGS = {"key": "number", "version_at": "changed_at", "fields": {"changed_at": "timestamp"}}


@pytest.fixture
def syncing(desk: Desk) -> Syncing:
    return Syncing(
        open_warehouse("duckdb:///warehouse", desk.folder, HANOI), clock=lambda: datetime(2026, 10, 5, tzinfo=UTC)
    )


BOTH = {
    "good": {"path": "good.csv"},
    "lost": {"path": "lost.csv", "fields": {"changed_at": "timestamp"}, "version_at": "changed_at"},
}


def sync_both(desk: Desk, syncing: Syncing) -> tuple[StreamSync, StreamSync]:
    plan = SourcePlan("desk", desk.connector_of(BOTH), dict.fromkeys(BOTH, "settings"))
    good, lost = sync_source(plan, syncing)
    return good, lost


def landed(syncing: Syncing) -> dict[str, tuple[int, list[str]]]:
    """How many records each stream has in the warehouse, and which fields."""
    log = SourceLog(syncing.warehouse, "desk")
    counts = {one.stream.name: one.record_count for one in log.describe()}
    return {one.name: (counts[one.name], sorted(field.name for field in one.fields)) for one in log.streams()}


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "desk.lost: no file fits 'lost.csv' in the project's folder; check `path:`, or put the file back"),
        ("id\n1\n", "desk.lost: lost.csv: there is no column 'changed_at'; the only column is 'id'"),
        ("", "desk.lost: lost.csv: the file is empty"),
    ],
)
def test_stream_whose_file_is_lost_fails_alone(desk: Desk, syncing: Syncing, content: str | None, reason: str) -> None:
    """The others land; the lost one says why, keeps its records and its fields, and goes on when its file is back."""
    desk.write("good.csv", "id\n1\n")
    whole = "id,changed_at,state\n1,2026-10-01,new\n"
    lost_file = desk.write("lost.csv", whole)
    assert all(one.is_complete for one in sync_both(desk, syncing))
    known = landed(syncing)
    assert known == {"good": (1, ["id"]), "lost": (1, ["changed_at", "id", "state"])}

    desk.write("good.csv", "id\n1\n2\n")
    lost_file.unlink() if content is None else desk.write("lost.csv", content)
    good, lost = sync_both(desk, syncing)
    assert (good.new_count, good.error) == (1, None)
    assert (lost.error or "").startswith(reason)
    assert landed(syncing) == {**known, "good": (2, ["id"])}

    desk.write("lost.csv", whole + "2,2026-10-02,new\n")
    assert [(one.new_count, one.error) for one in sync_both(desk, syncing)] == [(0, None), (1, None)]


def test_file_that_was_never_there_fails_alone(desk: Desk, syncing: Syncing) -> None:
    """A stream of which nothing is known yet has its own reason, too, and never one about a defect."""
    desk.write("good.csv", "id\n1\n")
    good, lost = sync_both(desk, syncing)
    assert good.is_complete
    assert lost.error is not None
    assert lost.error.startswith("desk.lost: no file fits 'lost.csv' in the project's folder")
