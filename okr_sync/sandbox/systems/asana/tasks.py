"""Issues as tasks: each in the project of its department, and in that of its client where it has one."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF, ZONE
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.asana.answers import asana_time
from okr_sync.sandbox.systems.asana.objects import (
    CLIENT,
    DELIVERED,
    DEPARTMENTS,
    LABEL,
    OF_CLIENTS,
    POINTS,
    PRIORITY,
    REGION,
    REPORTER,
    USERS,
    WORKSPACE,
    Place,
)

_FIRST_GID = 1_205_000_000_000_000
_TIMED = time(17, 0)
"""When bugs are due on their day; other work has the whole day."""


def task_gid(issue: Issue) -> str:
    return str(_FIRST_GID + issue.id)


def places_of(issue: Issue) -> list[Place]:
    """The projects that it is in, its department's first."""
    found = (DEPARTMENTS.get(issue.project), OF_CLIENTS.get(issue.client or ""))
    return [one for one in found if one is not None]


class Tasks:
    """The tasks of each project, by id. Worked out once for each state of the agency."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency
        self._revision = -1
        self._by_project: dict[str, list[Issue]] = {}

    def of_project(self, gid: str) -> list[Issue]:
        if self._revision != self._agency.revision:
            self._revision, by_project = self._agency.revision, defaultdict(list)
            for issue in sorted(self._agency.issues, key=lambda one: one.id):
                for place in places_of(issue):
                    by_project[place.gid].append(issue)
            self._by_project = dict(by_project)
        return self._by_project.get(gid, [])


def task(issue: Issue, url: str) -> Json:
    """All of it. A task with a time to be due has the day of that time too."""
    gid, is_done = task_gid(issue), CATEGORY_OF[issue.status] == "done"
    return {
        "gid": gid,
        "resource_type": "task",
        "resource_subtype": "milestone" if issue.issue_type == "Epic" else "default_task",
        "name": issue.summary,
        "assignee": None if issue.assignee is None else USERS[issue.assignee],
        "completed": is_done,
        "completed_at": asana_time(issue.resolved_at or issue.status_changed_at) if is_done else None,
        "created_at": asana_time(issue.created_at),
        "modified_at": asana_time(issue.updated_at),
        "start_on": None,
        "due_on": None if issue.due_on is None else str(issue.due_on),
        "due_at": asana_time(_due_at(issue)),
        "memberships": [
            {"project": place.reference, "section": place.section(issue.status)} for place in places_of(issue)
        ],
        "projects": [place.reference for place in places_of(issue)],
        "num_subtasks": 0,
        "parent": None,
        "tags": [{"gid": f"12090{n:010}", "resource_type": "tag", "name": one} for n, one in enumerate(issue.labels)],
        "custom_fields": _custom_fields(issue),
        "permalink_url": f"{url}/0/0/{gid}",
        "workspace": WORKSPACE,
    }


def _custom_fields(issue: Issue) -> list[Json]:
    """Those of the task's projects: what belongs to the department of websites is nowhere else."""
    delivered = None if issue.resolved_at is None else _day(issue.resolved_at)
    shared = [
        CLIENT.valued(issue.client),
        POINTS.valued(issue.story_points),
        LABEL.valued(issue.labels),
        REGION.valued(issue.region),
        DELIVERED.valued(delivered),
        REPORTER.valued(issue.reporter),
    ]
    return [*shared, PRIORITY.valued(issue.priority)] if issue.project == "WEB" else shared


def _due_at(issue: Issue) -> datetime | None:
    if issue.due_on is None or issue.issue_type != "Bug":
        return None
    return datetime.combine(issue.due_on, _TIMED, tzinfo=ZONE).astimezone(UTC)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
