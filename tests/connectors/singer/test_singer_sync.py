"""A well-behaved tap synced into a real warehouse, night after night."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from okr_sync import sync
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import SourceLog, open_warehouse
from tests.connectors.singer.conftest import HANOI, Bench, record, schema, state, stream_of

ISSUES = {"select": ["title", "points", "user.login", "labels"], "version_at": "updated_at", "created_at": "created_at"}


def issue(number: int, day: int, **more: Any) -> dict[str, Any]:
    """An issue that changed on a day of October 2026."""
    times = {"created_at": "2026-10-01T00:00:00Z", "updated_at": f"2026-10-{day:02}T00:00:00Z"}
    return {"id": number, "title": f"Issue {number}", "points": 0, "user": {"login": "lan"}, **times, **more}


@pytest.fixture
def syncing(bench: Bench) -> Syncing:
    return Syncing(
        open_warehouse("duckdb:///warehouse", bench.folder, HANOI), clock=lambda: datetime(2026, 10, 20, tzinfo=UTC)
    )


def write(bench: Bench, **streams: list[dict[str, Any]]) -> None:
    (bench.folder / "data.json").write_text(json.dumps(streams))


def synced(bench: Bench, syncing: Syncing, stream: str, settings: dict[str, Any], **config: Any) -> StreamSync:
    (result,) = sync_source(
        SourcePlan("desk", bench.tracker({stream: settings}, **config), {stream: "settings"}), syncing
    )
    return result


def landed(syncing: Syncing, sql: str) -> list[tuple[Any, ...]]:
    with syncing.warehouse.look("desk") as looking:
        assert looking is not None
        looking.rows("USE desk")
        return looking.rows(sql)


def test_nights_of_a_stream_read_by_changes(bench: Bench, syncing: Syncing) -> None:
    """The first sync reads all; the next ones read from the bookmark on, which repeats the last record and no more."""
    write(bench, issues=[issue(1, 2), issue(2, 3), issue(3, 4, labels=["seo", None], points=None)])
    first = synced(bench, syncing, "issues", ISSUES)
    assert (first.read_count, first.new_count, first.error) == (3, 3, None)
    quiet = synced(bench, syncing, "issues", ISSUES)
    assert (quiet.read_count, quiet.new_count, quiet.error) == (1, 0, None)
    write(bench, issues=[issue(1, 5, points=2.5), issue(2, 3), issue(3, 4)])
    changed = synced(bench, syncing, "issues", ISSUES)
    assert (changed.read_count, changed.new_count, changed.deleted_count) == (2, 2, 0)
    assert landed(syncing, "SELECT id, title, points, user_login, labels FROM issues ORDER BY _sequence") == [
        ("1", "Issue 1", 0.0, "lan", None),
        ("2", "Issue 2", 0.0, "lan", None),
        ("3", "Issue 3", None, "lan", ["seo"]),
        ("3", "Issue 3", 0.0, "lan", None),
        ("1", "Issue 1", 2.5, "lan", None),
    ]


@pytest.mark.parametrize("select", [[*ISSUES["select"], "_sdc_deleted_at"], ISSUES["select"], []])
def test_deletion_that_the_tap_reports(bench: Bench, syncing: Syncing, select: list[str]) -> None:
    """A record with `_sdc_deleted_at` has ended then, not at its own last change, whether or not it is a field."""
    settings = ISSUES | {"select": select}
    write(bench, issues=[issue(1, 2), issue(2, 3)])
    synced(bench, syncing, "issues", settings)
    write(bench, issues=[issue(1, 4, _sdc_deleted_at="2026-10-09T10:00:00Z"), issue(2, 3)])
    assert synced(bench, syncing, "issues", settings).deleted_count == 1
    assert landed(syncing, "SELECT id, _version_at, _deleted FROM issues WHERE _deleted") == [
        ("1", datetime(2026, 10, 9, 10, 0, tzinfo=UTC), True)
    ]
    (stream,) = SourceLog(syncing.warehouse, "desk").describe()
    assert stream.record_count == 1


def test_rows_of_an_older_version_end(bench: Bench, syncing: Syncing) -> None:
    """A full table is activated anew each night; what it does not list any more is deleted."""
    write(bench, labels=[{"name": "seo", "color": "red"}, {"name": "web", "color": "blue"}])
    assert synced(bench, syncing, "labels", {}).new_count == 2
    write(bench, labels=[{"name": "web", "color": "blue"}])
    second = synced(bench, syncing, "labels", {})
    assert (second.read_count, second.new_count, second.deleted_count, second.error) == (1, 0, 1, None)
    assert landed(syncing, "SELECT name FROM labels WHERE _deleted") == [("seo",)]


def test_stream_that_needs_its_parent(bench: Bench, syncing: Syncing) -> None:
    """A parent that the tap must read comes along and does not land."""
    write(bench, issues=[issue(1, 2)], comments=[{"id": 1, "issue_id": 1, "body": "done"}])
    alone = synced(bench, syncing, "comments", {})
    assert alone.error is not None
    assert "CRITICAL comments cannot be read without issues" in alone.error
    assert synced(bench, syncing, "comments", {"needs": "issues"}).error is None
    assert landed(syncing, "SELECT id, issue_id, body FROM comments") == [("1", "1", "done")]
    assert [one.name for one in SourceLog(syncing.warehouse, "desk").streams()] == ["comments"]


def test_crash_keeps_what_landed_and_the_next_sync_goes_on(
    bench: Bench, syncing: Syncing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash loses nothing and repeats what came after the last state that landed; its error names no secret."""
    monkeypatch.setattr(sync, "BATCH_RECORDS", 1)
    write(bench, issues=[issue(number, number) for number in range(1, 8)])
    crash = synced(bench, syncing, "issues", ISSUES, crash_after=5)
    assert crash.error is not None
    assert crash.error.endswith("RuntimeError: the API answered 500")
    assert (crash.read_count, crash.new_count) == (5, 5)
    checkpoint = SourceLog(syncing.warehouse, "desk").checkpoint("issues", "settings")
    assert checkpoint is not None
    assert checkpoint["state"] == {"bookmarks": {"issues": {"updated_at": "2026-10-04T00:00:00Z"}}}
    after = synced(bench, syncing, "issues", ISSUES)
    assert (after.read_count, after.new_count, after.error) == (4, 2, None)
    assert landed(syncing, "SELECT count(*), count(DISTINCT id) FROM issues") == [(7, 7)]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (["exit", 1], "the tap failed with exit code 1"),
        (record(None), "id cannot be read as text: it is missing"),
        ("half a li", "it is no JSON: half a li"),
    ],
)
def test_failed_full_table_deletes_nothing(bench: Bench, syncing: Syncing, end: Any, reason: str) -> None:
    """A full table that a crash cuts short, or of which a record cannot be read, is no whole, and ends no record."""
    catalog = {"streams": [stream_of(method="FULL_TABLE")]}

    def night(*steps: Any) -> StreamSync:
        bench.play(schema(), *steps, catalog=catalog)
        (result,) = sync_source(SourcePlan("desk", bench.connector(), {"issues": "settings"}), syncing)
        return result

    assert night(record(1), record(2)).new_count == 2
    failed = night(record(1), end)
    assert (failed.new_count, failed.deleted_count) == (0, 0)
    assert reason in str(failed.error)
    assert landed(syncing, "SELECT id, _deleted FROM issues ORDER BY id") == [("1", False), ("2", False)]


def test_rejected_record_is_asked_for_again(bench: Bench, syncing: Syncing) -> None:
    """A state is not kept past a record that could not be read: once it can, the tap gives it again."""

    def night(*steps: Any) -> StreamSync:
        bench.play(schema(), *steps)
        (result,) = sync_source(SourcePlan("desk", bench.connector(), {"issues": "settings"}), syncing)
        return result

    assert night(record(1), state("one")).error is None
    bad = night(record(2, points="many"), record(3), state("three"))
    assert (bad.new_count, bad.rejected_count, bad.is_complete) == (1, 1, False)
    assert night(record(2, points=5), record(3), state("three")).new_count == 1
    assert bench.asked()[-1]["state"] == "one"


def test_state_of_a_large_stream_never_runs_ahead(
    bench: Bench, syncing: Syncing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever page lands last before a crash, every record before the committed state is in the warehouse."""
    monkeypatch.setattr(sync, "BATCH_RECORDS", 1)
    many = [step for number in range(2500) for step in (record(number), state(number))]
    bench.play(schema(), *many, ["exit", 1])
    (result,) = sync_source(SourcePlan("desk", bench.connector(), {"issues": "settings"}), syncing)
    assert result.error is not None
    checkpoint = SourceLog(syncing.warehouse, "desk").checkpoint("issues", "settings")
    assert checkpoint is not None
    present = {int(key) for (key,) in landed(syncing, "SELECT id FROM issues")}
    assert set(range(checkpoint["state"] + 1)) <= present
    assert len(present) == 2500
