"""Work that hangs: it is left behind, and may change nothing any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from okr_sync import deadline, sync
from okr_sync.connector import Checkpoint, Page, Stream
from okr_sync.deadline import LateError, Limits, Permit, work_within
from okr_sync.spans import in_words, to_span
from okr_sync.sync import SourcePlan, Syncing, sync_side_by_side
from okr_sync.warehouse import SourceLog, Warehouse, open_warehouse
from tests.scripted import HANOI, ISSUES, Script, Scripted, at, issue

SOON = timedelta(milliseconds=50)


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "GRACE_SECONDS", 0.1)


class Hanging(Scripted):
    """Hangs after the first page until it is let go, or, where it can be closed, until then."""

    def __init__(self, script: Script, *, can_be_closed: bool = False) -> None:
        super().__init__(script)
        self.let_go = threading.Event()
        self.has_ended = threading.Event()
        self._can_be_closed = can_be_closed

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        try:
            for page in super().read(stream, checkpoint):
                yield page
                self.let_go.wait(30)
                if self._can_be_closed:
                    raise RuntimeError("the connection is closed")
        finally:
            self.has_ended.set()

    def close(self) -> None:
        if self._can_be_closed:
            self.let_go.set()


def script() -> Script:
    return Script([ISSUES], {"issues": [[issue("1", "open", at(2))], [issue("2", "open", at(3))]]})


def plan(connector: Scripted, source: str = "jira", timeout: timedelta = SOON) -> SourcePlan:
    return SourcePlan(source, connector, {"issues": "settings"}, timeout=timeout)


def record_count(warehouse: Warehouse, source: str) -> int:
    return sum(landed.record_count for landed in SourceLog(warehouse, source).describe())


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return open_warehouse("duckdb:///warehouse", tmp_path, HANOI)


def late(source: str = "jira") -> str:
    return f"source {source}: did not end within 0.05s; what had landed stays, and the next run goes on from there"


def test_source_that_hangs_is_left_behind(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other source is complete, what landed stays, the lock is free, and the one that wakes up lands nothing."""
    monkeypatch.setattr(sync, "BATCH_RECORDS", 1)
    hanging = Hanging(script())
    plans = [plan(hanging), plan(Scripted(script()), "crm", timedelta(minutes=1))]
    jira, crm = sync_side_by_side(plans, Syncing(warehouse, lambda: at(20)))
    assert jira.error is not None and jira.error.startswith(late())
    assert (jira.read_count, jira.new_count) == (1, 1)
    assert (crm.new_count, crm.error) == (2, None)
    with warehouse.lock("jira"):
        hanging.let_go.set()
        assert hanging.has_ended.wait(30)
    assert record_count(warehouse, "jira") == 1
    (again,) = sync_side_by_side(
        [plan(Scripted(script()), timeout=timedelta(minutes=1))], Syncing(warehouse, lambda: at(21))
    )
    assert (again.new_count, again.error) == (1, None)


def test_source_that_ends_when_it_is_closed_lands_what_came(warehouse: Warehouse) -> None:
    """Its last records land although a batch was not full, and its own words on the closed connection are not told."""
    (result,) = sync_side_by_side([plan(Hanging(script(), can_be_closed=True))], Syncing(warehouse, lambda: at(20)))
    assert result.error is not None and result.error.startswith(late())
    assert record_count(warehouse, "jira") == 1


def test_run_that_is_stopped_waits_for_no_source(warehouse: Warehouse) -> None:
    """Ctrl-C does not wait for the time of a source that hangs, and is not told as such."""
    hanging = Hanging(script())
    syncing = Syncing(warehouse, lambda: at(20))
    syncing.stop.set()
    (result,) = sync_side_by_side([plan(hanging, timeout=timedelta(hours=9))], syncing)
    hanging.let_go.set()
    assert result.error == "stopped before the end of the read; the next run continues"


def test_change_under_way_is_waited_for() -> None:
    """What is being changed as the time ends is changed as a whole; nothing is changed after that."""
    permit, is_changing, may_end = Permit(), threading.Event(), threading.Event()
    changes: list[str] = []

    def work() -> None:
        with permit.changing():
            is_changing.set()
            may_end.wait(30)
            changes.append("whole")
        with permit.changing():
            changes.append("too late")

    def let_it_end_late() -> None:
        is_changing.wait(30)
        stop.set()
        with suppress(LateError):
            while True:
                permit.check()
                sleep(0.01)
        may_end.set()

    stop = threading.Event()
    threading.Thread(target=let_it_end_late).start()
    with suppress(LateError):  # where the work ended by it in time
        assert not work_within(Limits(timedelta(minutes=1), stop), permit, work, lambda: None)
    assert changes == ["whole"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("36h", 129_600), ("1d", 86_400), ("90m", 5400)]
)
def test_spans_are_told_as_they_are_written(text: str, seconds: int) -> None:
    """A span is that many seconds, and is told in the largest unit that has no fraction."""
    span = to_span(text)
    assert span == timedelta(seconds=seconds)
    assert in_words(span) == text
