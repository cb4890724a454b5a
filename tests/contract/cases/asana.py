"""Asana: the tasks of a department's project and of a client's, some of them in both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.asana import Asana
from okr_sync.sandbox import Agency
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.asana import faults
from okr_sync.sandbox.systems.asana.tasks import task_gid
from okr_sync.sandbox.systems.asana.workspace import AsanaOptions
from tests.contract.case import Case

DEPARTMENT, CLIENT = "Website", "Trà Cỏ Bồng"


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": variables["ASANA_URL"],
        "token": variables["ASANA_TOKEN"],
        "projects": [DEPARTMENT, CLIENT],
        "streams": {"tasks": {"fields": {"client": "Khách hàng", "points": "Điểm công việc", "labels": "Nhãn"}}},
    }


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now, issue_count=90, ticket_count=0, survey_count=0)


def issues(agency: Agency) -> list[Issue]:
    return [one for one in agency.issues if one.project == "WEB" or one.client == CLIENT]


def keys(agency: Agency) -> set[str]:
    return {task_gid(one) for one in issues(agency)}


def change(agency: Agency) -> str:
    one = issues(agency)[7]
    return task_gid(agency.edit_issue(one.key, summary=f"{one.summary}!"))


def delete(agency: Agency) -> str:
    one = issues(agency)[3]
    agency.delete_issue(one.key)
    return task_gid(one)


CASE = Case(
    connector=Asana,
    system="asana",
    settings=settings,
    stream="tasks",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/api/1.0/tasks",
    bad_record=faults.spoiled("created_at", "yesterday"),
    options=AsanaOptions(page_cap=20),
    repeated_token=faults.repeated_token(),
    empty_page=faults.empty_page(),
    cut_short=faults.short_form(),
    secrets=("ASANA_TOKEN",),
    nightly_requests=9,  # the person, the fields, the projects; three pages and one; each project a second time
)
