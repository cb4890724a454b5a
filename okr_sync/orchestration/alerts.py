"""After every night, however its run ended, each destination is told what is new to it: one sensor.

It looks for the last run that ended, not for each: what was broken and is right again by then is no news. What was told
is written down in the store, so that looking twice tells nothing twice; the cursor only saves the looking.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

import dagster as dg
from dagster._core.storage.dagster_run import RunRecord
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG, WILL_RETRY_TAG

from okr_sync import publishing
from okr_sync.orchestration.last_good import open_project
from okr_sync.orchestration.schedule import JOB
from okr_sync.orchestration.summary import NAME as SUMMARY
from okr_sync.problems import run_failed, stale_after
from okr_sync.publish.sending import Delivery, Fate
from okr_sync.publishing import UNKNOWN, WELL, RunEnd
from okr_sync.workspace import Workspace

NAME = "alerts"
EVERY_SECONDS = 60
AGAIN_AFTER_SECONDS = 300
MOST_TRIES = 12
"""How often a night is tried to be told where a destination is not reached; after that, with the next one."""
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_RUNS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the sensor has come."""

    run: str | None = None
    """The run that ended last, as far as was told."""
    tries: int = 0
    """How often a destination was not reached since."""
    again_at: float = 0
    """Before this time, in seconds since 1970, it is not tried again."""
    stale: str | None = None
    """The run after which it was told that none came for too long."""

    @classmethod
    def read(cls, text: str | None) -> Self:
        return cls(**json.loads(text)) if text else cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def alert_sensors(workspace: Workspace) -> list[dg.SensorDefinition]:
    """The sensor, where a destination wants alerts."""
    if not any(one.alerts for one in workspace.project.destinations.values()):
        return []
    folder, allowed = workspace.project.folder, stale_after(workspace.project.settings)

    @dg.sensor(
        name=NAME,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells the destinations, once after a night, what broke, what is over and what changed its status.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        cursor = Cursor.read(context.cursor)
        if time.time() < cursor.again_at:
            return dg.SkipReason("a destination was not reached and is tried again in a while")
        ended = _last_ended(_runs(context, _ENDED))
        if ended is not None and ended.dagster_run.run_id != cursor.run:
            end = _end_of(context.instance, ended.dagster_run, folder)
            return _told(context, cursor, ended.dagster_run.run_id, _alert(folder, end))
        latest = next(iter(_runs(context, None)), None)
        if latest is not None and _is_stale(latest, allowed) and latest.dagster_run.run_id != cursor.stale:
            deliveries = _alert(folder, UNKNOWN)
            context.update_cursor(str(Cursor(cursor.run, stale=latest.dagster_run.run_id)))
            return dg.SkipReason(f"no run for too long: {_in_words(deliveries)}")
        return dg.SkipReason("no run has ended since the last look")

    return [alerts]


def _alert(folder: Path, end: RunEnd) -> list[Delivery]:
    return publishing.alert(folder, end, fallback=lambda: open_project(folder).workspace)


def _told(
    context: dg.SensorEvaluationContext, cursor: Cursor, run: str, deliveries: Sequence[Delivery]
) -> dg.SkipReason:
    """Written down as told, or, where a destination was not reached, to be told again in a while."""
    failed = any(one.fate is Fate.FAILED for one in deliveries)
    if failed and cursor.tries + 1 < MOST_TRIES:
        later = replace(cursor, tries=cursor.tries + 1, again_at=time.time() + AGAIN_AFTER_SECONDS)
    else:
        later = Cursor(run, stale=cursor.stale)
    context.update_cursor(str(later))
    return dg.SkipReason(_in_words(deliveries))


def _in_words(deliveries: Sequence[Delivery]) -> str:
    """A line for the list of ticks, which Dagster shows: `data_team: sent; mail: failed (…)`."""
    return "; ".join(
        f"{one.destination}: {one.fate}" + (f" ({one.error})" if one.error is not None else "") for one in deliveries
    )


def _runs(context: dg.SensorEvaluationContext, statuses: list[dg.DagsterRunStatus] | None) -> Sequence[RunRecord]:
    """The latest nightly runs of this code location, the newest first: one Dagster may serve several projects."""
    origin = context.code_location_origin
    tags = {} if origin is None else {REPOSITORY_LABEL_TAG: f"{context.repository_name}@{origin.location_name}"}
    wanted = dg.RunsFilter(job_name=JOB, statuses=statuses, tags=tags)
    return context.instance.get_run_records(wanted, limit=_RUNS_LOOKED_AT)


def _last_ended(records: Sequence[RunRecord]) -> RunRecord | None:
    """One that Dagster is going to retry has not ended yet."""
    ended = [one for one in records if one.dagster_run.tags.get(WILL_RETRY_TAG) != "true"]
    return max(ended, key=lambda one: one.end_time or one.update_timestamp.timestamp(), default=None)


def _is_stale(latest: RunRecord, allowed: timedelta | None) -> bool:
    return allowed is not None and time.time() - latest.create_timestamp.timestamp() > allowed.total_seconds()


def _end_of(instance: dg.DagsterInstance, run: dg.DagsterRun, folder: Path) -> RunEnd:
    """A run that fails at its summary alone came to its end: what is wrong is in the store."""
    why = _why_broken_off(instance, run)
    if why is None:
        return WELL
    reason = publishing.without_secrets(f"Dagster run {run.run_id[:8]}: {why}", folder)
    return RunEnd(is_known=True, problem=run_failed(reason))


def _why_broken_off(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    if run.status is dg.DagsterRunStatus.SUCCESS:
        return None
    if run.status is dg.DagsterRunStatus.CANCELED:
        return "it was stopped"
    events = [one.dagster_event for one in instance.all_logs(run.run_id, of_type=_FAILURES) if one.dagster_event]
    steps = [one for one in events if one.event_type is dg.DagsterEventType.STEP_FAILURE]
    broken = [one for one in steps if one.step_key != SUMMARY]
    if broken:
        error = broken[0].step_failure_data.error
        cause = None if error is None else error.cause or error
        return f"step {broken[0].step_key}: {'it failed' if cause is None else cause.message.strip()}"
    if steps:
        return None
    return next((one.message for one in events if one.message), "it failed before its first step")


_FAILURES = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
