"""The weekly report: a job that sends it, and its schedule. A destination that is not reached is tried again."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
import dagster as dg

from okr_sync import publishing
from okr_sync.orchestration.schedule import refused_as
from okr_sync.publish.sending import Fate
from okr_sync.workspace import Workspace

JOB = "weekly_report"
_RETRIES = dg.RetryPolicy(max_retries=4, delay=300)


def report_jobs(workspace: Workspace) -> list[dg.JobDefinition]:
    """The job, where a destination wants the report."""
    if not _is_wanted(workspace):
        return []
    folder = workspace.project.folder

    @dg.op(retry_policy=_RETRIES, description="Send the week's report to each destination that did not get it yet.")
    def send_report(context: dg.OpExecutionContext) -> None:
        deliveries = publishing.send_report(folder)
        for one in deliveries:
            context.log.info("%s: %s", one.destination, one.fate)
        failed = [f"{one.destination}: {one.error}" for one in deliveries if one.fate is Fate.FAILED]
        if failed:
            raise dg.Failure("not reached, the others were:\n" + "\n".join(failed))

    @dg.job(name=JOB, description="The progress report of the week, to every destination that wants it, once.")
    def weekly_report() -> None:
        send_report()

    return [weekly_report]


def report_schedules(workspace: Workspace) -> list[dg.ScheduleDefinition]:
    """When the project says it is sent.

    Raises:
        ProjectError: cron does not know such a schedule.
    """
    if not _is_wanted(workspace):
        return []
    settings = workspace.project.settings
    report = settings.report
    with refused_as(str(report.place("schedule")), "report.schedule", report.schedule, "0 8 * * 1"):
        schedule = dg.ScheduleDefinition(
            job_name=JOB,
            cron_schedule=report.schedule,
            execution_timezone=settings.timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
    return [schedule]


def _is_wanted(workspace: Workspace) -> bool:
    return any(one.report is not None for one in workspace.project.destinations.values())
