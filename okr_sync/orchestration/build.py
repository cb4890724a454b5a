"""A project folder to Dagster definitions: assets, one nightly job, its schedule."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import dagster as dg

from okr_sync.errors import Problem, ProjectError
from okr_sync.orchestration.key_results import key_result_assets
from okr_sync.orchestration.streams import AroundSync, stream_assets
from okr_sync.orchestration.summary import summary_asset
from okr_sync.orchestration.watched import watched_assets
from okr_sync.project.settings import Settings
from okr_sync.workspace import open_workspace

JOB = "nightly"


def build_definitions(folder: Path, around_sync: AroundSync = nullcontext) -> dg.Definitions:
    """Every stream and every key result of the present cycles as assets, the job over all of them and its schedule.

    Args:
        folder: the project's folder. Every step reads it again, since streams are known better after a sync.
        around_sync: entered around every sync; the demo serves its sandbox there.

    Raises:
        ProjectError: the project's files are wrong.
    """
    workspace = open_workspace(folder.resolve())
    assets = [
        *stream_assets(workspace, around_sync),
        *key_result_assets(workspace),
        *watched_assets(workspace),
        summary_asset(workspace),
    ]
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Sync every source, then compute every key result for a day: its partition.",
    )
    return dg.Definitions(assets=assets, jobs=[job], schedules=[_schedule(workspace.project.settings)])


def _schedule(settings: Settings) -> dg.ScheduleDefinition:
    """A run at each time is for the day on which it was due, however late it begins or ends."""

    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.astimezone(settings.zone).date()
        return dg.RunRequest(partition_key=day.isoformat())

    try:
        return dg.ScheduleDefinition(
            name=f"{JOB}_schedule",
            job_name=JOB,
            cron_schedule=settings.schedule,
            execution_timezone=settings.timezone,
            execution_fn=due,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description=f"As the project says in {settings.place('schedule')}.",
        )
    except dg.DagsterInvalidDefinitionError as error:
        message = f"{settings.schedule!r} is not a schedule; write the five fields of cron, such as '0 2 * * *'"
        raise ProjectError([Problem(str(settings.place("schedule")), "schedule", message)]) from error
