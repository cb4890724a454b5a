"""Jira Cloud: issues by the search, with a census of ids for those that were deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.jira import Jira
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.jira import faults
from okr_sync.sandbox.systems.jira.search import JiraOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": variables["JIRA_BASE_URL"],
        "email": variables["JIRA_EMAIL"],
        "token": variables["JIRA_API_TOKEN"],
    }


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now - timedelta(minutes=5), issue_count=60, ticket_count=0, survey_count=0)


def keys(agency: Agency) -> set[str]:
    return {str(one.id) for one in agency.issues}


def change(agency: Agency) -> str:
    return str(agency.edit_issue(agency.issues[7].key, priority="Highest", summary="Đổi ưu tiên").id)


def delete(agency: Agency) -> str:
    issue = agency.issues[3]
    agency.delete_issue(issue.key)
    return str(issue.id)


def spoil(_: Call, content: Json) -> Json:
    issues: Any = content.get("issues")
    if not issues or "fields" not in issues[0]:  # a census asks for ids alone
        return content
    return content | {"issues": [{**issues[0], "fields": issues[0]["fields"] | {"duedate": "2026-02-30"}}, *issues[1:]]}


CASE = Case(
    connector=Jira,
    system="jira",
    settings=settings,
    stream="issues",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/rest/api/3/search/jql",
    bad_record=rewritten(spoil),
    options=JiraOptions(page_cap=20),
    repeated_token=faults.repeated_token(),
    empty_page=faults.endless_pages(),
    cut_short=faults.warnings(),
    secrets=("JIRA_API_TOKEN",),
    nightly_requests=3,
)
