"""What is well and what is not with the Dagster that runs the project, as `okr-sync doctor` says it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
from dagster_shared.error import DagsterError

from okr_sync.doctor import Examination, Finding, Health
from okr_sync.orchestration.schedule import JOB

HOME_VARIABLE = "DAGSTER_HOME"


def examine_dagster() -> Examination:
    """Look at the instance of DAGSTER_HOME. One that cannot be used is a finding, never an exception."""
    home = os.environ.get(HOME_VARIABLE)
    if not home:
        text = f"{HOME_VARIABLE} is not set: what ran is forgotten when Dagster ends; set it to a folder of its own"
        return Examination("Dagster", dg.__version__, (Finding("instance", Health.NOTE, text),))
    try:
        with dg.DagsterInstance.get() as instance:
            findings = tuple(_findings(instance))
    except (DagsterError, OSError) as error:
        findings = (Finding("instance", Health.BAD, f"cannot be opened: {error}; correct {home}/dagster.yaml"),)
    return Examination("Dagster", dg.__version__, findings)


def _findings(instance: dg.DagsterInstance) -> Iterator[Finding]:
    yield _storage(instance)
    yield from _daemons(instance)
    yield _pools(instance)
    yield _last_night(instance)


def _storage(instance: dg.DagsterInstance) -> Finding:
    kind = type(instance.event_log_storage).__name__
    if "Sqlite" not in kind and "InMemory" not in kind:
        return Finding("storage", Health.GOOD, kind)
    return Finding(
        "storage", Health.NOTE, f"{kind}: slow for several runs at once; keep it in PostgreSQL, docs/operations.md"
    )


def _daemons(instance: dg.DagsterInstance) -> Iterator[Finding]:
    for name, status in instance.get_daemon_statuses().items():
        beat = status.last_heartbeat
        if status.healthy:
            yield Finding("daemon", Health.GOOD, f"{name} is alive")
        elif beat is None:
            yield Finding(
                "daemon", Health.BAD, f"{name} was never started: run dagster-daemon, or nothing is scheduled"
            )
        else:
            at = datetime.fromtimestamp(beat.timestamp, UTC)
            why = "" if not beat.errors else f" ({beat.errors[0].message.strip()})"
            yield Finding(
                "daemon",
                Health.BAD,
                f"{name} was last alive on {at:%d %b %Y %H:%M %Z}{why}; start dagster-daemon again",
            )


def _pools(instance: dg.DagsterInstance) -> Finding:
    limit = instance.get_concurrency_config().pool_config.default_pool_limit
    if limit == 1:
        return Finding("pools", Health.GOOD, "one run at a time syncs a source")
    return Finding(
        "pools",
        Health.NOTE,
        f"default limit {limit}: two runs may want one source, and one of them waits for it, then fails; set"
        " concurrency.pools.default_limit: 1 in dagster.yaml",
    )


def _last_night(instance: dg.DagsterInstance) -> Finding:
    records = instance.get_run_records(dg.RunsFilter(job_name=JOB), limit=1)
    if not records:
        return Finding("last night", Health.NOTE, f"job {JOB} never ran here; is its schedule switched on?")
    run, at = records[0].dagster_run, records[0].create_timestamp
    text = f"{run.status.value.lower()}, of {at.astimezone(UTC):%d %b %Y %H:%M %Z}, run {run.run_id}"
    if run.status == dg.DagsterRunStatus.FAILURE:
        return Finding("last night", Health.NOTE, f"{text}; its summary says what broke")
    return Finding("last night", Health.GOOD, text)
