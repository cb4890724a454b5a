"""Nights with trouble: two at the same time, a store that is gone, a run that is tried again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
import stamina
from dagster._core.storage.tags import RETRY_ON_ASSET_OR_OP_FAILURE_TAG

from okr_sync.orchestration import defs, failing
from okr_sync.orchestration.build import build_definitions
from okr_sync.workspace import open_workspace
from tests.orchestration.dagster_project import DagsterProject
from tests.soundness.company import SEARCH, Gate, open_company
from tests.soundness.desk import HANOI, log_content

STREAMS = dg.AssetSelection.groups("source_desk", "source_shop")


class Waiting(logging.Handler):
    """Notices that somebody waits for a lock."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.seen = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "not acquired" in record.getMessage():
            self.seen.set()


@pytest.fixture
def waiting() -> Iterator[threading.Event]:
    handler, logger = Waiting(), logging.getLogger("filelock")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.seen
    logger.removeHandler(handler)
    logger.setLevel(before)


def night(folder: Path) -> bool:
    """Whether a run of the whole project for today succeeds."""
    today = str(datetime.now(ZoneInfo(HANOI)).date())
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_definitions(folder).resolve_job_def("nightly")
        return job.execute_in_process(instance=instance, partition_key=today, raise_on_error=False).success


def test_two_nights_at_the_same_time(tmp_path: Path, waiting: threading.Event) -> None:
    """Two schedulers start the job at once, without pools: the second waits, both end well, nothing is twice."""
    gate = Gate()
    with (
        stamina.set_testing(False),  # the two wait for each other's transactions
        open_company(tmp_path, gate.at(SEARCH)),
        ThreadPoolExecutor(2) as pool,
    ):
        first = pool.submit(night, tmp_path)
        assert gate.is_reached.wait(60)
        second = pool.submit(night, tmp_path)
        assert waiting.wait(60)
        gate.is_open.set()
        assert first.result()
        assert second.result()
        warehouse = open_workspace(tmp_path).warehouse
        assert len(log_content(warehouse, "jira", "issues")) == 3
        assert len(log_content(warehouse, "support", "tickets")) == 2


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "RETRY_SECONDS", 0)


def test_store_that_is_gone_fails_with_the_remedy(project: DagsterProject, no_pause: None) -> None:
    """A store that stays away is asked three times; the step then says what to do, and the next night is whole."""
    project.sync(STREAMS)
    store = project.folder / ".okr-sync" / "store.db"
    kept = store.read_bytes()
    for path in store.parent.glob("store.db-*"):
        path.unlink()
    store.write_bytes(b"this is no database, but long enough to be asked for its header" * 20)
    result = project.materialise(dg.AssetSelection.groups("objective_sales", "objective_service"))
    (event,) = result.get_step_failure_events()
    cause = event.step_failure_data.user_failure_data
    assert cause is not None and cause.description is not None
    assert "store.db cannot be used: the file is something else; point store: at another file" in cause.description
    assert len([one for one in result.all_events if one.event_type_value == "STEP_RESTARTED"]) == 2
    store.write_bytes(kept)
    assert project.materialise().success
    assert {name: one.value for name, one in project.reports().items()} == {
        "solved": 2,
        "contacts": 1.5,
        "revenue": 40,
    }


def nightly() -> dg.JobDefinition:
    """For Dagster to load again when it executes a run again."""
    return defs().resolve_job_def("nightly")


def test_run_that_is_tried_again_syncs_nothing_twice(project: DagsterProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """From failure, only what failed runs again: complete sources are not asked, and the night ends well."""
    monkeypatch.setenv("OKR_SYNC_PROJECT", str(project.folder))
    project.definitions()
    sales = (project.folder / "okrs/sales.yaml").read_text("utf-8")
    project.write("okrs/sales.yaml", "- objective: Sell\n")
    job = dg.reconstructable(nightly)
    tags = {"dagster/partition": str(project.today())}
    one_process = {"execution": {"config": {"in_process": {}}}}
    with dg.execute_job(job, project.instance, run_config=one_process, tags=tags) as first:
        assert not first.success
        assert job.get_definition().tags[RETRY_ON_ASSET_OR_OP_FAILURE_TAG] == "false"
    project.write("okrs/sales.yaml", sales)
    before = project.sync_count()
    again = dg.ReexecutionOptions.from_failure(first.run_id, project.instance)
    with dg.execute_job(job, project.instance, run_config=one_process, reexecution_options=again) as second:
        assert second.success
        assert {one.step_key for one in second.all_events if one.is_step_success} == {"night_summary"}
    assert project.sync_count() == before
