"""Issues in Jira's wire format.

A page of issues is joined from small texts of which most are written once, not dumped from a tree of objects: the
benchmarks of the sync need a source that is faster than they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import PROJECTS
from okr_sync.sandbox.http import to_json
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.objects import JiraObjects
from okr_sync.sandbox.systems.jira.slas import SLAS, Sla, SlaWriter
from okr_sync.sandbox.systems.jira.sprints import as_text, in_field, sprints_of_issue

_TEAM_MANAGED = {project.key for project in PROJECTS if project.is_team_managed}
_PARENT_FIELDS = ("summary", "status", "priority", "issuetype")


@lru_cache(maxsize=4096)
def jira_time(moment: datetime, zone: ZoneInfo) -> str:
    """As Jira writes it: in the user's zone, with milliseconds, the offset without a colon."""
    text = moment.astimezone(zone).isoformat(timespec="milliseconds")
    return f"{text[:-3]}{text[-2:]}"


class IssueWriter:
    """Writes issues for one user of the site at `site_url`, as the cloud or a data center writes them."""

    def __init__(self, agency: Agency, site_url: str, zone: ZoneInfo, *, is_cloud: bool = True) -> None:
        self._agency = agency
        self._api = f"{site_url}/rest/api/{3 if is_cloud else 2}"
        self._zone = zone
        self.objects = objects = JiraObjects(self._api, is_cloud=is_cloud)
        self._slas = SlaWriter(agency, site_url, zone)
        self._parents: dict[int, tuple[Issue, str]] = {}
        self._writers: dict[str, Callable[[Issue], str]] = {
            "summary": lambda issue: _text(issue.summary),
            "issuetype": lambda issue: objects.types[issue.issue_type],
            "project": lambda issue: objects.projects[issue.project],
            "status": lambda issue: objects.statuses[issue.status],
            "statusCategory": lambda issue: objects.categories[issue.status],
            "statuscategorychangedate": lambda issue: self._time(issue.status_changed_at),
            "resolution": lambda issue: _found(objects.resolutions, issue.resolution),
            "resolutiondate": lambda issue: "null" if issue.resolved_at is None else self._time(issue.resolved_at),
            "priority": lambda issue: objects.priorities[issue.priority],
            "assignee": lambda issue: _found(objects.members, issue.assignee),
            "reporter": lambda issue: objects.members[issue.reporter],
            "labels": lambda issue: _labels(issue.labels),
            "parent": self._parent if is_cloud else lambda issue: "null",
            "created": lambda issue: self._time(issue.created_at),
            "updated": lambda issue: self._time(issue.updated_at),
            "duedate": lambda issue: "null" if issue.due_on is None else f'"{issue.due_on.isoformat()}"',
            "description": lambda issue: (_document if is_cloud else _text)(issue.summary),
            "customfield_10014": lambda issue: to_json(self._epic(issue)),
            "customfield_10016": lambda issue: _points(issue, is_team_managed=False),
            "customfield_10020": self._sprints if is_cloud else self._sprint_texts,
            "customfield_10031": lambda issue: _points(issue, is_team_managed=True),
            "customfield_10044": lambda issue: _found(objects.clients, issue.client),
            "customfield_10050": lambda issue: _found(objects.regions, issue.region),
            "customfield_10061": lambda issue: to_json(issue.region) if issue.project in _TEAM_MANAGED else "null",
            "customfield_10080": lambda issue: objects.full_checklist if issue.has_checklist else "null",
            **{sla.field_id: partial(self._sla, sla=sla) for sla in SLAS},
        }

    def write(self, issue: Issue, fields: Sequence[str], more: str = "") -> str:
        """The issue with these fields; `fields` holds ids that `jira_fields` knows, `more` further members as JSON."""
        writers = self._writers
        members = ",".join([f'"{field}":{writers[field](issue)}' for field in fields])
        return f'{{"expand":"",{self._reference(issue)},"fields":{{{members}}}{more}}}'

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

    def _epic(self, issue: Issue) -> str | None:
        parent = None if issue.parent is None else self._agency.find_issue(issue.parent)
        return parent.key if parent is not None and parent.issue_type == "Epic" else None

    def _sprints(self, issue: Issue) -> str:
        """An issue that was never in one has null, not an empty list."""
        now = self._agency.clock.now()
        return to_json([in_field(one, now) for one in sprints_of_issue(self._agency, issue)] or None)

    def _sprint_texts(self, issue: Issue) -> str:
        now = self._agency.clock.now()
        return to_json([as_text(one, now) for one in sprints_of_issue(self._agency, issue)] or None)

    def _sla(self, issue: Issue, sla: Sla) -> str:
        return to_json(self._slas.in_field(issue, sla))

    def _time(self, moment: datetime) -> str:
        return f'"{jira_time(moment, self._zone)}"'


def _found(written: dict[str, str], name: str | None) -> str:
    return "null" if name is None else written[name]


def _points(issue: Issue, *, is_team_managed: bool) -> str:
    """Company-managed and team-managed projects have different fields for points."""
    if issue.story_points is None or (issue.project in _TEAM_MANAGED) is not is_team_managed:
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
