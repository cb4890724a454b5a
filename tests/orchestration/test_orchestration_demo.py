"""The demo project through Dagster: real HTTP to the sandbox, one run, the values in the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from okr_sync import pipeline
from okr_sync.orchestration import defs
from okr_sync.progress import Status
from okr_sync.sandbox.demo import DEMO_FOLDER


def test_demo_is_materialised_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder without a project, one nightly run serves the sandbox, syncs it, and publishes every key result."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OKR_SYNC_PROJECT", raising=False)
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs().resolve_job_def("nightly")
        today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
        result = job.execute_in_process(instance=instance, partition_key=str(today), raise_on_error=False)
    assert result.success
    materialised = {one.asset_key.to_user_string() for one in result.get_asset_materialization_events()}
    assert (
        "night_summary" in materialised
    )  # Dagster skips it, and calls that a success, where anything before is left out
    assert materialised == {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
    assert all(check.passed for check in result.get_asset_check_evaluations())
    objectives = pipeline.status(tmp_path / DEMO_FOLDER).objectives
    assert [one.id for one in objectives] == ["agency", "delivery", "operations", "seo", "service", "travel"]
    published = [one for objective in objectives for one in objective.all_key_results]
    assert len(published) == 26
    assert {one.status for one in published} <= set(Status) - {Status.WITHHELD}
    assert all(one.as_of is not None for one in published)
