"""Queries, batch by batch, and the jobs of the Bulk API 2.0 that run them whole."""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.salesforce.answers import RowWriter, SalesforceError, json_time
from okr_sync.sandbox.systems.salesforce.company import BOT_ID
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.matching import Row, Search
from okr_sync.sandbox.systems.salesforce.soql import Query, SoqlError, parse
from okr_sync.sandbox.systems.salesforce.tables import OrgTables

SMALLEST_BATCH, LARGEST_BATCH = 200, 2000
OPEN_QUERIES = 10
"""How many queries an account may be in the middle of; the oldest is forgotten for one more."""
JOB_LIFETIME = timedelta(days=7)
LARGEST_PART = 50_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found when it was asked: an edit meanwhile is for the next one to see."""

    resource: str
    rows: Sequence[Row]
    writer: RowWriter


@dataclass
class Job:
    id: str
    operation: str
    object: str
    version: str
    created_at: datetime
    found: Found
    polls_left: int


class Queries:
    def __init__(self, tables: OrgTables, batch_cap: int) -> None:
        self._search = Search(tables)
        self._tables = tables
        self._batch_cap = batch_cap
        self._open: OrderedDict[str, Found] = OrderedDict()
        self._count = 0

    def ask(self, soql: str, resource: str, version: str, wish: int) -> Json:
        """`resource` is query or queryAll; `wish` is how many records a batch should have."""
        query, rows = self._run(soql, is_all=resource == "queryAll")
        if not query.paths:
            return {"totalSize": len(rows), "done": True, "records": []}
        found = Found(resource, rows, self._writer(query, version))
        self._count += 1
        locator = salesforce_id("Query", self._count)
        return self._batch(found, locator, 0, version, min(wish, self._batch_cap))

    def go_on(self, place: str, version: str, wish: int) -> Json:
        locator, _, start = place.partition("-")
        found = self._open.get(locator)
        if found is None or not start.isdigit() or int(start) >= len(found.rows):
            raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._batch(found, locator, int(start), version, min(wish, self._batch_cap))

    def find_all(self, soql: str, *, is_all: bool, version: str) -> tuple[str, Found]:
        """For a job: the object, and everything at once."""
        query, rows = self._run(soql, is_all=is_all)
        if not query.paths:
            raise SalesforceError(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
        return self._tables.type_of(query.object).name, Found("", rows, self._writer(query, version))

    def _run(self, soql: str, *, is_all: bool) -> tuple[Query, list[Row]]:
        try:
            query = parse(soql)
            return query, self._search.find(query, is_all=is_all)
        except SoqlError as error:
            raise SalesforceError(400, error.code, str(error)) from error

    def _writer(self, query: Query, version: str) -> RowWriter:
        return RowWriter(self._search, self._tables.type_of(query.object), query.paths, version)

    def _batch(self, found: Found, locator: str, start: int, version: str, size: int) -> Json:
        end = start + size
        records = [found.writer.json(row) for row in found.rows[start:end]]
        written: Json = {"totalSize": len(found.rows), "done": end >= len(found.rows)}
        if end < len(found.rows):
            written["nextRecordsUrl"] = f"/services/data/{version}/{found.resource}/{locator}-{end}"
            self._open[locator] = found
            if len(self._open) > OPEN_QUERIES:
                self._open.popitem(last=False)
        return written | {"records": records}


class Jobs:
    def __init__(self, queries: Queries, polls: int, not_in_bulk: frozenset[str]) -> None:
        self._queries = queries
        self._polls = polls
        self._not_in_bulk = not_in_bulk
        self._jobs: dict[str, Job] = {}

    def start(self, body: Any, version: str, now: datetime) -> Json:
        known = {"operation", "query", "contentType", "columnDelimiter", "lineEnding"}
        for name in body if isinstance(body, dict) else ("body",):
            if name not in known:
                raise SalesforceError(400, "INVALIDJOB", f"Unrecognized field '{name}'")
        operation, soql = body.get("operation"), body.get("query")
        if operation not in ("query", "queryAll") or not isinstance(soql, str):
            raise SalesforceError(400, "INVALIDJOB", "operation and query are required")
        name, found = self._queries.find_all(soql, is_all=operation == "queryAll", version=version)
        if name in self._not_in_bulk:
            raise SalesforceError(400, "INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
        job_id = salesforce_id("Job", len(self._jobs) + 1)
        self._jobs[job_id] = Job(job_id, operation, name, version, now, found, self._polls)
        return _told(self._jobs[job_id], "UploadComplete")

    def state(self, job_id: str, now: datetime) -> Json:
        job = self._job(job_id, now)
        job.polls_left -= 1
        if job.polls_left >= 0:
            return _told(job, "InProgress")
        return _told(job, "JobComplete") | {
            "jobType": "V2Query",
            "numberRecordsProcessed": len(job.found.rows),
            "retries": 0,
            "totalProcessingTime": 334,
        }

    def part(self, job_id: str, locator: str | None, size: int, now: datetime) -> tuple[str, str, int]:
        """A part of the results as CSV, the locator of the next one, and how many records this one has."""
        job = self._job(job_id, now)
        if job.polls_left >= 0:
            raise SalesforceError(400, "INVALIDJOBSTATE", "Results are available once the job is complete")
        start = 0 if locator is None else _offset(locator)
        rows = job.found.rows[start : start + size]
        end = start + len(rows)
        return job.found.writer.csv(rows), "null" if end >= len(job.found.rows) else _locator(end), len(rows)

    def _job(self, job_id: str, now: datetime) -> Job:
        job = self._jobs.get(job_id)
        if job is None or now - job.created_at > JOB_LIFETIME:
            raise SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
        return job


def _told(job: Job, state: str) -> Json:
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": BOT_ID,
        "createdDate": json_time(job.created_at),
        "systemModstamp": json_time(job.created_at),
        "state": state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version.removeprefix("v")),
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }


def _locator(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise SalesforceError(400, "INVALID_LOCATOR", "The locator is not valid") from None
