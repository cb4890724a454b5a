"""What is well and what is not with the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from okr_sync.doctor.finding import Examination, Finding, Health
from okr_sync.store import Condition, LastRun, StoreError, condition

DISK_IS_LOW = 1 << 30
"""Bytes: with less than a gibibyte left, a night may not find room."""
RUNS_TAKE = timedelta(hours=24)
"""A run that began before that and has not ended was killed."""


def examine_store(url: str, folder: Path, now: datetime) -> Examination:
    """Look at it without making, upgrading or writing anything. A store that fails is a finding, never an exception."""
    try:
        found = condition(url, folder)
    except StoreError as error:
        return Examination("store", "database", (Finding("reached", Health.BAD, str(error)),))
    return Examination("store", found.engine, tuple(_findings(found, now)))


def _findings(found: Condition, now: datetime) -> Iterator[Finding]:
    yield _schema(found)
    if found.damage is not None:
        yield Finding("file", Health.BAD, f"damaged: {found.damage}; put a backup in its place")
    if found.free_bytes is not None:
        yield disk(found.free_bytes)
    if found.last_run is not None:
        yield _last_run(found.last_run, now)


def disk(free_bytes: int) -> Finding:
    """Whether there is room for another night."""
    text = f"{free_bytes / (1 << 30):,.1f} GiB free"
    if free_bytes < DISK_IS_LOW:
        return Finding("disk", Health.NOTE, f"{text}; make room before the next night")
    return Finding("disk", Health.GOOD, text)


def _schema(found: Condition) -> Finding:
    if found.revision is None:
        return Finding("schema", Health.GOOD, f"{found.name} holds nothing yet; the first run makes it")
    if found.is_current:
        return Finding("schema", Health.GOOD, f"{found.name} is as this okr-sync wants it, revision {found.revision}")
    return Finding(
        "schema",
        Health.NOTE,
        f"{found.name} is of revision {found.revision}, not of this okr-sync: an older one is upgraded by the next"
        " command that opens it, so make a backup before; a newer one needs a newer okr-sync",
    )


def _last_run(last: LastRun, now: datetime) -> Finding:
    at = f"{last.kind} of {last.started_at:%d %b %Y %H:%M %Z}"
    if last.outcome is not None:
        return Finding("last run", Health.GOOD, f"{at}: {last.outcome}")
    if now - last.started_at < RUNS_TAKE:
        return Finding("last run", Health.GOOD, f"{at}: goes on, or was killed")
    return Finding("last run", Health.NOTE, f"{at}: never ended; it was killed, and the next run continues")
