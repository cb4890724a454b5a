"""Boards and their sprints, projects, SLAs of one request, and what the account may do: lists read by offset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import MEMBERS, PROJECTS, JiraProject
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.issues import jira_time
from okr_sync.sandbox.systems.jira.objects import JiraObjects
from okr_sync.sandbox.systems.jira.search import JiraOptions, jira_error, whole_number
from okr_sync.sandbox.systems.jira.slas import SERVICE_PROJECT, SLAS, SlaWriter, has_slas
from okr_sync.sandbox.systems.jira.sprints import BOARDS, on_board, sprints_of_board

ARCHIVED = JiraProject("10004", "Website (cũ)", key="OLD")
_ARCHIVED_AT = datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
_PERMISSIONS = {
    "BROWSE_PROJECTS": "PROJECT",
    "EDIT_ISSUES": "PROJECT",
    "ADMINISTER": "GLOBAL",
    "SYSTEM_ADMIN": "GLOBAL",
}


class Lists:
    def __init__(self, agency: Agency, url: str, objects: JiraObjects, options: JiraOptions) -> None:
        self._agency = agency
        self._url = url
        self._objects = objects
        self._options = options

    def boards(self, query: QueryParams) -> Json:
        shown = [
            {"id": one.id, "self": f"{self._url}/rest/agile/1.0/board/{one.id}", "name": one.name, "type": one.type}
            for one in BOARDS
        ]
        return self._page(shown, query)

    def sprints(self, board_id: int, query: QueryParams) -> Json:
        board = next((one for one in BOARDS if one.id == board_id), None)
        if board is None:
            raise jira_error(404, "The board does not exist or you do not have permission to view it.")
        if not board.has_sprints:
            raise jira_error(400, "The board does not support sprints")
        now = self._agency.clock.now()
        return self._page([on_board(one, now, self._url) for one in sprints_of_board(self._agency, board)], query)

    def search_projects(self, query: QueryParams) -> Json:
        states = {name for text in query.getlist("status") for name in text.split(",")} or {"live"}
        shown = self.projects(is_live="live" in states, is_archived="archived" in states)
        return self._page(shown, query)

    def projects(self, *, is_live: bool, is_archived: bool) -> list[Json]:
        live = [self._project(one) for one in PROJECTS] if is_live else []
        moment = jira_time(_ARCHIVED_AT, self._options.zone)
        archived = self._project(ARCHIVED) | {"archived": True, "archivedDate": moment}
        return [*live, *([archived] if is_archived else [])]

    def statuses(self) -> list[Json]:
        """Those of all projects."""
        return [json.loads(one) for one in self._objects.statuses.values()]

    def slas(self, issue: Issue | None, query: QueryParams) -> Json:
        """Of one request, for agents."""
        if issue is None or not has_slas(issue):
            raise jira_error(404, "The request does not exist, or you do not have permission to view it.")
        writer = SlaWriter(self._agency, self._url, self._options.zone)
        start, limit = whole_number(query, "start", 0), whole_number(query, "limit", 50)
        values = [writer.metric(issue, sla) for sla in SLAS[start : start + limit]]
        is_last = start + len(values) >= len(SLAS)
        return {"size": len(values), "start": start, "limit": limit, "isLastPage": is_last, "values": values}

    def permissions(self, wanted: str | None) -> Json:
        """In any project; the cloud wants to be told which."""
        if wanted is None and not self._options.is_data_center:
            raise jira_error(400, "The 'permissions' query parameter is required.")
        asked = list(_PERMISSIONS) if wanted is None else wanted.split(",")
        unknown = [key for key in asked if key not in _PERMISSIONS]
        if unknown:
            raise jira_error(400, f"Unrecognized permission(s): {', '.join(unknown)}")
        granted = {"BROWSE_PROJECTS"} | ({"ADMINISTER"} if self._options.is_admin else set())
        return {
            "permissions": {
                key: {"key": key, "name": key.title(), "type": _PERMISSIONS[key], "havePermission": key in granted}
                for key in asked
            }
        }

    def _project(self, project: JiraProject) -> Json:
        kind = "service_desk" if project.key == SERVICE_PROJECT else "software"
        return {
            "self": f"{self._url}/rest/api/3/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": kind,
            "simplified": project.is_team_managed,
            "lead": self._objects.member(MEMBERS[-1]),
        }

    def _page(self, shown: Sequence[Json], query: QueryParams) -> Json:
        start, size = whole_number(query, "startAt", 0), whole_number(query, "maxResults", 50)
        size = min(size, self._options.board_cap)
        values = list(shown[start : start + size])
        is_last = start + len(values) >= len(shown)
        return {"startAt": start, "maxResults": size, "total": len(shown), "isLast": is_last, "values": values}
