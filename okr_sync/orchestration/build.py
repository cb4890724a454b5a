"""A project folder to Dagster definitions: assets, one nightly job, its schedule."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster._core.definitions.definitions_load_context import StateBackedDefinitionsLoader
from dagster._core.storage.tags import RETRY_ON_ASSET_OR_OP_FAILURE_TAG

from okr_sync.connector import utc_now
from okr_sync.orchestration.alerts import alert_sensors
from okr_sync.orchestration.changed import recompute
from okr_sync.orchestration.key_results import key_result_assets
from okr_sync.orchestration.last_good import Chosen, Opened, open_files, open_project
from okr_sync.orchestration.schedule import JOB, nightly_schedule
from okr_sync.orchestration.streams import AroundSync, stream_assets
from okr_sync.orchestration.summary import summary_asset
from okr_sync.orchestration.views import view_assets
from okr_sync.orchestration.watched import watched_assets
from okr_sync.orchestration.weekly import report_jobs, report_schedules


def build_definitions(folder: Path, around_sync: AroundSync = nullcontext) -> dg.Definitions:
    """Every stream and every key result of the present cycles as assets, the job over all of them and its schedule.

    Args:
        folder: the project's folder. Every step reads it again, since streams are known better after a sync.
        around_sync: entered around every sync; the demo serves its sandbox there.

    Raises:
        ProjectError: the project's files are wrong, and there are none that loaded well before.
    """
    return _Loader(folder.resolve(), around_sync).build_defs()


class _Loader(StateBackedDefinitionsLoader[list[str]]):
    """Which assets there are is decided when the code location loads.

    The processes of its runs and of their steps load it again, from what was decided: a file that is saved, or a cycle
    that begins, in the middle of a run breaks none.
    """

    def __init__(self, folder: Path, around_sync: AroundSync) -> None:
        self._folder = folder
        self._around_sync = around_sync
        self._opened: Opened | None = None

    def build_defs(self) -> dg.Definitions:
        # The base class notes the state twice, and one of the ways makes Dagster warn of itself.
        with _no_collection():
            return self.defs_from_state(self.get_or_fetch_state())

    @property
    def defs_key(self) -> str:
        return f"okr_sync {self._folder}"

    def fetch_state(self) -> list[str]:
        now = utc_now()
        self._opened = open_project(self._folder, lambda: now)
        return [now.isoformat(), self._opened.chosen.to_json()]

    def defs_from_state(self, state: list[str]) -> dg.Definitions:
        opened = self._opened or _as_decided(self._folder, *state)
        return _definitions(opened, self._around_sync)


@contextmanager
def _no_collection() -> Iterator[None]:
    """What is made here stays, and each search for garbage in it would take a tenth of the time to make it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _as_decided(folder: Path, loaded_at: str, chosen: str) -> Opened:
    now, files = datetime.fromisoformat(loaded_at), Chosen.from_json(chosen)
    return Opened(open_files(folder, files.files, lambda: now), files)


def _definitions(opened: Opened, around_sync: AroundSync) -> dg.Definitions:
    workspace = opened.workspace
    assets: list[dg.AssetsDefinition | dg.AssetSpec] = [
        *stream_assets(workspace, around_sync),
        *view_assets(workspace),
        *key_result_assets(opened),
        *watched_assets(opened),
        summary_asset(opened),
    ]
    # A run whose process died may be tried again. One that failed has said why: its summary would fail again, and a
    # source that asked for a pause would be asked too early.
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Sync every source, then compute every key result for a day: its partition.",
        tags={RETRY_ON_ASSET_OR_OP_FAILURE_TAG: "false"},
    )
    night = dg.Definitions(
        assets=assets,
        jobs=[job, *report_jobs(workspace)],
        schedules=[nightly_schedule(workspace.project.settings), *report_schedules(workspace)],
        sensors=alert_sensors(workspace),
    )
    return dg.Definitions.merge(night, recompute(opened))
