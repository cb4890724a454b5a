"""Issues in Jira's wire format.

A page of issues is joined from small texts of which most are written once, not dumped from a tree of objects: the
benchmarks of the sync need a source that is faster than they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import (
    CATEGORIES,
    CLIENTS,
    ISSUE_TYPES,
    MEMBERS,
    PRIORITIES,
    PROJECTS,
    REGIONS,
    RESOLUTIONS,
    STATUSES,
    Member,
    Status,
)
from okr_sync.sandbox.http import Json, to_json
from okr_sync.sandbox.records import Issue

_ESTIMATING_PROJECT = "OPS"
_FIRST_REGION_ID = 10_500
_PARENT_FIELDS = ("summary", "status", "priority", "issuetype")


@lru_cache(maxsize=4096)
def jira_time(moment: datetime, zone: ZoneInfo) -> str:
    """As Jira writes it: in the user's zone, with milliseconds, the offset without a colon."""
    text = moment.astimezone(zone).isoformat(timespec="milliseconds")
    return f"{text[:-3]}{text[-2:]}"


class IssueWriter:
    """Writes issues for one user of the site at `site_url`."""

    def __init__(self, agency: Agency, site_url: str, zone: ZoneInfo) -> None:
        self._agency = agency
        self._api = f"{site_url}/rest/api/3"
        self._zone = zone
        self._projects = {one.key: to_json(self._project(one.key)) for one in PROJECTS}
        self._types = {one.name: to_json(self._choice("issuetype", one.id, one.name)) for one in ISSUE_TYPES}
        self._statuses = {one.name: to_json(self._status(one)) for one in STATUSES}
        self._categories = {one.name: to_json(self._category(one.category)) for one in STATUSES}
        self._resolutions = {one.name: to_json(self._choice("resolution", one.id, one.name)) for one in RESOLUTIONS}
        self._priorities = {one.name: to_json(self._choice("priority", one.id, one.name)) for one in PRIORITIES}
        self._members = {one.handle: to_json(self._member(one)) for one in MEMBERS}
        self._clients = {one.name: to_json(self._option(one.option_id, one.name)) for one in CLIENTS}
        regions = enumerate(REGIONS, start=_FIRST_REGION_ID)
        self._regions = {name: to_json(self._option(str(option_id), name)) for option_id, name in regions}
        self._parents: dict[int, tuple[Issue, str]] = {}
        self._writers: dict[str, Callable[[Issue], str]] = {
            "summary": lambda issue: _text(issue.summary),
            "issuetype": lambda issue: self._types[issue.issue_type],
            "project": lambda issue: self._projects[issue.project],
            "status": lambda issue: self._statuses[issue.status],
            "statusCategory": lambda issue: self._categories[issue.status],
            "statuscategorychangedate": lambda issue: self._time(issue.status_changed_at),
            "resolution": lambda issue: _found(self._resolutions, issue.resolution),
            "resolutiondate": lambda issue: "null" if issue.resolved_at is None else self._time(issue.resolved_at),
            "priority": lambda issue: self._priorities[issue.priority],
            "assignee": lambda issue: _found(self._members, issue.assignee),
            "reporter": lambda issue: self._members[issue.reporter],
            "labels": lambda issue: _labels(issue.labels),
            "parent": self._parent,
            "created": lambda issue: self._time(issue.created_at),
            "updated": lambda issue: self._time(issue.updated_at),
            "duedate": lambda issue: "null" if issue.due_on is None else f'"{issue.due_on.isoformat()}"',
            "description": lambda issue: _document(issue.summary),
            "customfield_10016": lambda issue: _points(issue, is_estimated=False),
            "customfield_10031": lambda issue: _points(issue, is_estimated=True),
            "customfield_10044": lambda issue: _found(self._clients, issue.client),
            "customfield_10050": lambda issue: _found(self._regions, issue.region),
            "customfield_10061": lambda issue: to_json(issue.region) if _estimates(issue) else "null",
        }

    def write(self, issue: Issue, fields: Sequence[str]) -> str:
        """The issue with these fields; `fields` holds ids that `jira_fields` knows."""
        writers = self._writers
        members = ",".join([f'"{field}":{writers[field](issue)}' for field in fields])
        return f'{{"expand":"",{self._reference(issue)},"fields":{{{members}}}}}'

    def write_reference(self, issue: Issue) -> str:
        """The issue without any fields, as a request for keys alone gets it."""
        return f'{{"expand":"",{self._reference(issue)}}}'

    def _reference(self, issue: Issue) -> str:
        return f'"id":"{issue.id}","self":"{self._api}/issue/{issue.id}","key":"{issue.key}"'

    def _parent(self, issue: Issue) -> str:
        parent = None if issue.parent is None else self._agency.find_issue(issue.parent)
        if parent is None:
            return "null"
        known, text = self._parents.get(parent.id, (None, ""))
        if known is not parent:
            fields = ",".join(f'"{field}":{self._writers[field](parent)}' for field in _PARENT_FIELDS)
            text = f'{{{self._reference(parent)},"fields":{{{fields}}}}}'
            self._parents[parent.id] = parent, text
        return text

    def _time(self, moment: datetime) -> str:
        return f'"{jira_time(moment, self._zone)}"'

    def _choice(self, kind: str, choice_id: str, name: str) -> Json:
        return {"self": f"{self._api}/{kind}/{choice_id}", "id": choice_id, "name": name}

    def _option(self, option_id: str, value: str) -> Json:
        return {"self": f"{self._api}/customFieldOption/{option_id}", "value": value, "id": option_id}

    def _project(self, key: str) -> Json:
        project = next(one for one in PROJECTS if one.key == key)
        is_team_managed = key == _ESTIMATING_PROJECT
        return self._choice("project", project.id, project.name) | {"key": key, "simplified": is_team_managed}

    def _status(self, status: Status) -> Json:
        return self._choice("status", status.id, status.name) | {"statusCategory": self._category(status.category)}

    def _category(self, key: str) -> Json:
        category = CATEGORIES[key]
        return {
            "self": f"{self._api}/statuscategory/{category.id}",
            "id": int(category.id),
            "key": key,
            "name": category.name,
        }

    def _member(self, member: Member) -> Json:
        """People hide their e-mail addresses from other users by default, so there is none in here."""
        return {
            "self": f"{self._api}/user?accountId={member.account_id}",
            "accountId": member.account_id,
            "displayName": member.name,
            "active": True,
            "timeZone": "Asia/Ho_Chi_Minh",
            "accountType": "atlassian",
        }


def _found(written: dict[str, str], name: str | None) -> str:
    return "null" if name is None else written[name]


def _estimates(issue: Issue) -> bool:
    """The team-managed project has its own fields for points and region."""
    return issue.project == _ESTIMATING_PROJECT


def _points(issue: Issue, *, is_estimated: bool) -> str:
    if issue.story_points is None or _estimates(issue) != is_estimated:
        return "null"
    return repr(issue.story_points)


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    return to_json(text)


@lru_cache(maxsize=4096)
def _labels(labels: tuple[str, ...]) -> str:
    return to_json(list(labels))


@lru_cache(maxsize=4096)
def _document(summary: str) -> str:
    """A description in the Atlassian Document Format: a tree, never a plain text."""
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": f"Yêu cầu: {summary}."}]}
    return to_json({"type": "doc", "version": 1, "content": [paragraph]})
