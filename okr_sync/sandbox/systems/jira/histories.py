"""What changed in issues, as Jira remembers it: each version compared with the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import (
    CLIENTS,
    ISSUE_TYPES,
    MEMBERS,
    PRIORITIES,
    PROJECTS,
    RESOLUTIONS,
    STATUSES,
)
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Issue

_IDS: dict[str, dict[str, str]] = {
    "status": {one.name: one.id for one in STATUSES},
    "resolution": {one.name: one.id for one in RESOLUTIONS},
    "priority": {one.name: one.id for one in PRIORITIES},
    "issuetype": {one.name: one.id for one in ISSUE_TYPES},
    "project": {one.key: one.id for one in PROJECTS},
    "assignee": {one.handle: one.account_id for one in MEMBERS},
    "reporter": {one.handle: one.account_id for one in MEMBERS},
    "customfield_10044": {one.name: one.option_id for one in CLIENTS},
}
_NAMES: dict[str, dict[str, str]] = {
    "assignee": {one.handle: one.name for one in MEMBERS},
    "reporter": {one.handle: one.name for one in MEMBERS},
    "project": {one.key: one.name for one in PROJECTS},
}
_FIELDS: dict[str, tuple[str, Callable[[Issue], str | None]]] = {
    "status": ("status", lambda one: one.status),
    "resolution": ("resolution", lambda one: one.resolution),
    "priority": ("priority", lambda one: one.priority),
    "assignee": ("assignee", lambda one: one.assignee),
    "reporter": ("reporter", lambda one: one.reporter),
    "summary": ("summary", lambda one: one.summary),
    "issuetype": ("issuetype", lambda one: one.issue_type),
    "project": ("project", lambda one: one.project),
    "issuekey": ("Key", lambda one: one.key),
    "labels": ("labels", lambda one: " ".join(one.labels) or None),
    "duedate": ("duedate", lambda one: None if one.due_on is None else one.due_on.isoformat()),
    "parent": ("IssueParentAssociation", lambda one: one.parent),
    "customfield_10044": ("Client", lambda one: one.client),
    "customfield_10050": ("Region", lambda one: one.region),
    "customfield_10016": ("Story Points", lambda one: None if one.story_points is None else f"{one.story_points:g}"),
}
"""By id: the name that histories call a field by, and its value as a text."""


@dataclass(frozen=True, slots=True)
class History:
    """What one person changed at once."""

    id: int
    issue: Issue
    """As it was then."""
    number: int
    items: tuple[Json, ...]

    @property
    def at(self) -> datetime:
        return self.issue.updated_at

    @property
    def author(self) -> str:
        return self.issue.assignee or self.issue.reporter


def histories_of(agency: Agency, issue_id: int) -> Iterator[History]:
    """Oldest first."""
    versions = agency.issue_versions(issue_id)
    for number, (before, after) in enumerate(pairwise(versions), start=1):
        items = tuple(_items(before, after))
        if items:
            yield History(issue_id * 100 + number, after, number, items)


def _items(before: Issue, after: Issue) -> Iterator[Json]:
    for field_id, (name, value) in _FIELDS.items():
        old, new = value(before), value(after)
        if old != new:
            yield {
                "field": name,
                "fieldtype": "custom" if field_id.startswith("customfield_") else "jira",
                "fieldId": field_id,
                "from": _id(field_id, old),
                "fromString": _name(field_id, old),
                "to": _id(field_id, new),
                "toString": _name(field_id, new),
            }


def _id(field_id: str, value: str | None) -> str | None:
    """Only what is chosen from a list has an id. Days are written on both sides."""
    if value is None or field_id not in _IDS:
        return value if field_id == "duedate" else None
    return _IDS[field_id][value]


def _name(field_id: str, value: str | None) -> str | None:
    if value is None:
        return "" if field_id == "labels" else None
    return _NAMES.get(field_id, {}).get(value, value)
