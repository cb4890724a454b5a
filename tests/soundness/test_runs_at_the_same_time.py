"""Two runs on one project never spoil its data, and neither order nor speed changes a number."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import stamina

from okr_sync.pipeline import SyncOptions
from okr_sync.workspace import open_workspace
from tests.soundness.company import SEARCH, Gate, open_company, run_company
from tests.soundness.desk import Desk, log_content, observations

ALL = {"issues": 3, "points": 7, "tickets": 2, "tasks": 1, "both": 5}


def test_second_run_says_that_the_source_is_being_synced(tmp_path: Path, warehouse_url: str) -> None:
    """While one run reads Jira another one is refused that source, and the first one ends as if it were alone."""
    gate = Gate()
    with (
        stamina.set_testing(False),  # the two wait for each other's transactions
        open_company(tmp_path, gate.at(SEARCH), warehouse=warehouse_url) as sandbox,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(run_company, tmp_path, sandbox)
        assert gate.is_reached.wait(30)
        second = run_company(tmp_path, sandbox)
        gate.is_open.set()
        assert first.result().failed_syncs == []
        (refused,) = [one for one in second.syncs if one.source == "jira"]
        assert refused.error == "source 'jira' is being synced by another process; wait for it to end, then try again"
        assert observations(second)["issues"].value is None
        assert {name: one.value for name, one in observations(first.result()).items()} == ALL
        assert len(log_content(open_workspace(tmp_path).warehouse, "jira", "issues")) == 3


@pytest.mark.parametrize("order", [("jira", "desk"), ("desk", "jira")])
def test_speed_of_sources_makes_no_difference(tmp_path: Path, warehouse_url: str, order: tuple[str, str]) -> None:
    """Whichever source gives its records first, the numbers are the same."""
    first, last = order
    has_come = threading.Event()

    def watch(source: str, stream: str, read: int, expected: int | None) -> None:
        if source == first:
            has_come.set()
        elif source == last:
            assert has_come.wait(30)

    with open_company(tmp_path, warehouse=warehouse_url) as sandbox:
        report = run_company(tmp_path, sandbox, SyncOptions(watch=watch))
    assert {name: one.value for name, one in observations(report).items()} == ALL


LINES = ("1,2026-10-02,2026-10-02,,open,1", "1,2026-10-02,2026-10-05,,done,2", "2,2026-10-03,2026-10-03,,open,4")
METRICS: dict[str, Any] = {"points": "sum(points)", "n": "count(*)", "ratio": {"value": "points / n"}}


def test_order_of_files_and_key_results_makes_no_difference(tmp_path: Path) -> None:
    """Files made in another order, and key results and metrics written in another order, give the same."""
    found = []
    for number, step in enumerate((1, -1)):
        desk = Desk(tmp_path / str(number))
        for part in range(len(LINES))[::step]:
            desk.tasks(LINES[part], file=f"tasks-{part}.csv")
        desk.okrs(dict(list(METRICS.items())[::step]))
        report = desk.run()
        found.append((desk.log(), {name: (one.value, one.definition) for name, one in observations(report).items()}))
        assert len(desk.log()) == 3
    assert found[0] == found[1]
    assert {name: value for name, (value, _) in found[0][1].items()} == {"points": 6, "n": 2, "ratio": 3}  # 2 + 4
