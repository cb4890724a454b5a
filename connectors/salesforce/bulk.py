"""Bulk API 2.0: a job that runs a query, and its results as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import stamina

from connectors.salesforce.fields import Raw
from connectors.salesforce.window import Job
from okr_sync.connector import IncompleteError, UnavailableError
from okr_sync.http import PageGuard
from okr_sync.http.faults import own_words

if TYPE_CHECKING:
    from connectors.salesforce.querying import Desk

PATIENCE = timedelta(hours=2)
"""How long a run waits for a job; the next run goes on waiting for the same."""
_CHUNK_SIZE = 10_000
_DONE, _FAILED = "JobComplete", ("Failed", "Aborted")
_END = "null"
"""What stands for no locator, as a text."""


class FailedJobError(IncompleteError):
    """The job will never give its results."""


class _UnfinishedError(UnavailableError):
    """The job is still running."""


def start(desk: Desk, soql: str) -> Job:
    """A job for the query.

    Raises:
        RefusedError: there are no jobs for such a query.
    """
    answer = desk.client.post_json(f"{desk.api}/jobs/query", {"operation": "queryAll", "query": soql})
    if not answer.get("id"):
        raise UnavailableError(f"{desk.where}: Salesforce started a bulk job without an id; try again later")
    return Job(str(answer["id"]))


def wait(desk: Desk, job: Job) -> int | None:
    """How many records the finished job has found."""
    state: dict[str, Any] = {}
    for attempt in stamina.retry_context(
        on=_UnfinishedError, attempts=None, timeout=PATIENCE, wait_initial=2.0, wait_max=30.0
    ):
        with attempt:
            state = desk.client.get_json(f"{desk.api}/jobs/query/{job.id}")
            if state.get("state") in _FAILED:
                why = own_words(state.get("errorMessage")) or "without a reason"
                raise FailedJobError(f"{desk.where}: bulk job {job.id} ended as {state['state']}: {why}")
            if state.get("state") != _DONE:
                raise _UnfinishedError(
                    f"{desk.where}: bulk job {job.id} is still {state.get('state')}; the next run goes on with it"
                )
    count = state.get("numberRecordsProcessed")
    return count if isinstance(count, int) else None


def results(desk: Desk, job: Job) -> Iterator[tuple[list[Raw], Job]]:
    """The records, part by part, each with where the job then stands; the last part has no locator."""
    guard = PageGuard(desk.where)
    while True:
        params: dict[str, str | int] = {"maxRecords": _CHUNK_SIZE}
        if job.locator is not None:
            params["locator"] = job.locator
        reply = desk.client.get_text(f"{desk.api}/jobs/query/{job.id}/results", params, kinds=("text/csv",))
        raws = _records(reply.body)
        said = reply.headers.get("Sforce-NumberOfRecords", "")
        if said.isdecimal() and int(said) != len(raws):
            raise IncompleteError(f"{desk.where}: bulk job {job.id}: a part of {said} records has {len(raws)}")
        locator = reply.headers.get("Sforce-Locator", _END)
        job = Job(job.id, None if locator == _END else locator, job.received_count + len(raws))
        if job.locator is not None:
            guard.check(job.locator, len(raws))
        yield raws, job
        if job.locator is None:
            return


def _records(text: str) -> list[Raw]:
    """Every part begins with the names of its columns. Nothing between two commas is no value."""
    return [_nested(row) for row in csv.DictReader(io.StringIO(text, newline=""))]


def _nested(row: dict[str, str]) -> Raw:
    """`{"Account.Name": "…"}` as JSON has it: `{"Account": {"Name": "…"}}`."""
    raw: Raw = {}
    for path, value in row.items():
        *parents, name = path.split(".")
        inside = raw
        for parent in parents:
            inside = inside.setdefault(parent, {})
        inside[name] = value or None
    return raw
