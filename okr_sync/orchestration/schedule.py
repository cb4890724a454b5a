"""The nightly job's name, and the schedule of `okr-sync.yaml` as Dagster's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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

    with refused_as(str(settings.place("schedule")), "schedule", settings.schedule, "0 2 * * *"):
        return dg.ScheduleDefinition(
            name=f"{JOB}_schedule",
            job_name=JOB,
            cron_schedule=settings.schedule,
            execution_timezone=settings.timezone,
            execution_fn=due,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description=f"As the project says in {settings.place('schedule')}.",
        )


@contextmanager
def refused_as(place: str, field: str, written: str, example: str) -> Iterator[None]:
    """What Dagster refuses of a schedule is a problem of the project's files, at this place.

    Raises:
        ProjectError: cron does not know such a schedule.
    """
    try:
        yield
    except dg.DagsterInvalidDefinitionError as error:
        message = f"{written!r} is not a schedule; write the five fields of cron, such as {example!r}"
        raise ProjectError([Problem(place, field, message)]) from error
