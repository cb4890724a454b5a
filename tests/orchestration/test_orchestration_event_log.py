"""Dagster's event log in SQLite while a step writes to it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from okr_sync.orchestration.event_log import event_log_kept_open

RUNLESS = ""


@pytest.fixture
def instance(tmp_path: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.local_temp(str(tmp_path))


def write(instance: dg.DagsterInstance) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization("tickets"))


def test_an_event_within_a_step_does_not_fold_the_log(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """SQLite's log of both files stays until the step ends, and is folded and removed then, as Dagster leaves it."""
    write(instance)
    runs = tmp_path / "history" / "runs"
    assert {path.suffix for path in runs.iterdir()} <= {"", ".db"}
    with event_log_kept_open(instance, RUNLESS):
        write(instance)
        assert {path.name for path in runs.iterdir()} >= {"index.db-wal", ".db-wal"}
    assert not list(runs.glob("*-wal"))
    assert instance.get_latest_materialization_event(dg.AssetKey("tickets")) is not None


def test_a_run_that_has_no_file_gets_none(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Only what Dagster made is opened."""
    with event_log_kept_open(instance, "never-begun"):
        write(instance)
    assert not (tmp_path / "history" / "runs" / "never-begun.db").exists()


def test_other_storages_are_left_alone() -> None:
    """A log in memory has no file that could be kept open."""
    with dg.DagsterInstance.ephemeral() as ephemeral, event_log_kept_open(ephemeral, RUNLESS):
        write(ephemeral)
