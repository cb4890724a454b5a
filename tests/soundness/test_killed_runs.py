"""kill -9 at any moment, then run again: the same warehouse and the same numbers as a run that was left in peace."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.clock import Clock
from okr_sync.workspace import open_workspace
from tests.soundness.company import EXPORT, NOW, SEARCH, Gate, run_company, write_company
from tests.soundness.desk import Desk, log_content, observations, without_reading
from tests.warehouses import DUCKDB

ROOT = Path(__file__).parents[2]
SMALL_BATCHES = "from okr_sync import cli, sync; sync.BATCH_RECORDS = 100; cli.main()"
"""The command line, landing after every page instead of after thousands of records."""
SIGKILL = -9


def agency() -> Agency:
    """250 issues are three pages of a search, 1,100 tickets two pages of an export."""
    grown = Agency.grow(seed=3, now=NOW, issue_count=250, ticket_count=1_100, survey_count=0)
    grown.clock = Clock(NOW + timedelta(hours=1))
    return grown


def content(folder: Path, sandbox: Sandbox) -> tuple[Any, ...]:
    """The logs, with addresses that are the same for every sandbox, and what a run says now."""
    report = run_company(folder, sandbox)
    assert report.failed_syncs == []
    warehouse = open_workspace(folder).warehouse
    logs = [log_content(warehouse, source, stream) for source, stream in (("jira", "issues"), ("support", "tickets"))]
    return *logs, {name: (one.value, one.status) for name, one in observations(report).items()}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    folder = tmp_path_factory.mktemp("clean")
    with Sandbox(agency()) as sandbox:
        write_company(folder, sandbox)
        return content(folder, sandbox)


@pytest.mark.parametrize(("path", "number"), [(SEARCH, 3), (EXPORT, 2)])
def test_killed_in_the_middle_of_a_read(
    tmp_path: Path, warehouse_url: str, clean: tuple[Any, ...], path: str, number: int
) -> None:
    """Killed while the nth request to Jira or Zendesk is on its way, with pages landed before it."""
    gate = Gate()
    with Sandbox(agency(), [gate.at(path, number)]) as sandbox:
        write_company(tmp_path, sandbox, warehouse_url)
        command = [sys.executable, "-c", SMALL_BATCHES, "sync", "--json", "--project", str(tmp_path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert gate.is_reached.wait(60)
        process.kill()
        assert process.wait() == SIGKILL
        gate.is_open.set()
        assert content(tmp_path, sandbox) == clean


TASKS = tuple(f"{number},2026-10-02,2026-10-02,,open,{number}" for number in range(1, 4))


def prepared(folder: Path, warehouse: str = DUCKDB) -> Desk:
    """Three tasks have landed and are stored; one has changed since, one is new, one is gone."""
    desk = Desk(folder, warehouse=warehouse)
    desk.okrs({"n": "count(*)", "points": "sum(points)"})
    desk.tasks(*TASKS)
    desk.run("2026-10-05T12:00+07:00")
    desk.tasks(TASKS[0], "2,2026-10-02,2026-10-06,,done,20", "4,2026-10-06,2026-10-06,,open,4")
    desk.now = desk.now.replace(day=7)
    return desk


def killed_at(folder: Path, last: int) -> bool:
    """Whether a run of the project is killed before its end when its clock is looked at for the nth time."""
    script = Path(__file__).with_name("killed.py")
    command = [sys.executable, str(script), str(folder), "2026-10-07T12:00+07:00", str(last)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == SIGKILL


@pytest.fixture(scope="module")
def left_in_peace(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = prepared(tmp_path_factory.mktemp("peace"))
    assert desk.values() == {"n": 3, "points": 25}  # 1 + 20 + 4
    return desk


@pytest.mark.parametrize("last", [7, 10])
def test_killed_between_landing_and_storing(tmp_path: Path, warehouse_url: str, left_in_peace: Desk, last: int) -> None:
    """Killed when the records have landed and nobody has written that down, and before the results are stored."""
    desk = prepared(tmp_path, warehouse_url)
    assert killed_at(tmp_path, last)
    report = desk.run()
    assert report.failed_syncs == []
    assert desk.log() == left_in_peace.log()
    for name in ("n", "points"):
        kept, expected = (
            [replace(without_reading(one), run_id=0) for one in each.history(name)] for each in (desk, left_in_peace)
        )
        assert kept == expected
