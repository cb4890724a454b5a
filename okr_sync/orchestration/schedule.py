"""The nightly job's name, and the schedule of `okr-sync.yaml` as Dagster's."""

from __future__ import annotations

import dagster as dg

from okr_sync.errors import Problem, ProjectError
from okr_sync.project.settings import Settings

JOB = "nightly"


def nightly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """A run at each time is for the day on which it was due, however late it begins or ends.

    Raises:
        ProjectError: cron does not know such a schedule.
    """

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
