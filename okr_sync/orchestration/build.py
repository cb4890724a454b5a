"""A project folder to Dagster definitions: assets, one nightly job, its schedule."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import dagster as dg

from okr_sync.orchestration.key_results import key_result_assets
from okr_sync.orchestration.streams import stream_assets
from okr_sync.orchestration.summary import summary_asset
from okr_sync.workspace import open_workspace

JOB = "nightly"

AroundSync = Callable[[], AbstractContextManager[object]]


def build_definitions(folder: Path, around_sync: AroundSync = nullcontext) -> dg.Definitions:
    """Every stream and every key result of the project as assets, with exactly the streams their formulas read.

    Args:
        folder: the project's folder. It is read again in every step, so that a long-lived Dagster sees changed goals.
        around_sync: entered around every sync; the demo serves its sandbox there.

    Raises:
        ProjectError: the project's files are wrong.
    """
    folder = folder.resolve()
    workspace = open_workspace(folder)
    assets = [
        *stream_assets(workspace, around_sync),
        *key_result_assets(workspace),
        summary_asset(workspace),
    ]
    job = dg.define_asset_job(
        JOB, selection=dg.AssetSelection.all(), description="Sync every source, compute every KR."
    )
    schedule = dg.ScheduleDefinition(
        job=job,
        cron_schedule=workspace.project.settings.schedule,
        execution_timezone=workspace.project.settings.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(assets=assets, jobs=[job], schedules=[schedule])
