"""What an issue is made of: the fields every issue has, and the ones a project adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from connectors.jira.values import read_jira_value
from okr_sync.connector import Field, FieldType, Stream, Value
from okr_sync.http.values import member

_EPIC_LEVEL = 1


@dataclass(frozen=True, slots=True)
class IssueField:
    """One field of the stream: `source_id` is what Jira is asked for, `read` takes what it answers with."""

    field: Field
    source_id: str
    read: Callable[[Any], Value]


def typed(name: str, kind: FieldType, source_id: str, description: str) -> IssueField:
    return IssueField(Field(name, kind, description), source_id, lambda raw: read_jira_value(kind, raw))


def _inside(name: str, source_id: str, path: str, description: str) -> IssueField:
    """A text inside the object that Jira answers with: `statusCategory.key` of a status."""
    field = Field(name, FieldType.TEXT, description)
    return IssueField(field, source_id, lambda raw: read_jira_value(FieldType.TEXT, member(raw, path)))


def _epic_key(parent: Any) -> Value:
    """The key of a parent that is an epic. Names of issue types are translated and renamed; their level is not."""
    is_epic = member(parent, "fields.issuetype.hierarchyLevel") == _EPIC_LEVEL
    return read_jira_value(FieldType.TEXT, member(parent, "key")) if is_epic else None


_TEXT, _TIMESTAMP = FieldType.TEXT, FieldType.TIMESTAMP

STANDARD: tuple[IssueField, ...] = (
    _inside("project", "project", "key", "The project's key"),
    _inside("project_name", "project", "name", "The project's name"),
    _inside("issue_type", "issuetype", "name", "Story, Bug, Epic... as the site names it"),
    typed("summary", _TEXT, "summary", "The issue's title"),
    _inside("status", "status", "name", "The status, as the site names it"),
    _inside("status_category", "status", "statusCategory.key", "new, indeterminate (in progress) or done"),
    _inside("resolution", "resolution", "name", "Done, Won't do...; none while the issue is not resolved"),
    _inside("priority", "priority", "name", "The priority, as the site names it"),
    _inside("assignee", "assignee", "displayName", "The name of the person who works on it"),
    _inside("reporter", "reporter", "displayName", "The name of the person who reported it"),
    typed("labels", FieldType.LIST, "labels", "The labels"),
    _inside("parent_key", "parent", "key", "The key of the issue above it"),
    IssueField(Field("epic_key", _TEXT, "The key of the issue above it, if that is an epic"), "parent", _epic_key),
    typed("created_at", _TIMESTAMP, "created", "When it was created"),
    typed("updated_at", _TIMESTAMP, "updated", "When anything of it last changed"),
    typed("resolved_at", _TIMESTAMP, "resolutiondate", "When it got its resolution; none while it has none"),
    typed("due_on", FieldType.DATE, "duedate", "The day it is due"),
    typed("status_changed_at", _TIMESTAMP, "statuscategorychangedate", "When its status category last changed"),
)
ID = Field("id", _TEXT, "Jira's own number of the issue; it stays when the issue moves to another project")
KEY = Field("key", _TEXT, "The key people know, such as WEB-12; it changes when the issue moves to another project")
DUE_AT = Field(
    "due_at",
    _TIMESTAMP,
    "The last moment of the day it is due, in the project's zone: `resolved_at > due_at` is false on the day itself",
)
STORY_POINTS = Field(
    "story_points", FieldType.NUMBER, "The estimate in story points; none where nobody made one", unit="points"
)
SPRINTS = (
    Field("sprints", FieldType.LIST, "The names of all sprints it was ever in"),
    Field("sprint_ids", FieldType.LIST, "Their ids, as in the stream sprints"),
    Field("active_sprint", FieldType.TEXT, "The name of the sprint under way that it is in"),
)
STANDARD_NAMES = frozenset(one.field.name for one in STANDARD) | {ID.name, KEY.name, DUE_AT.name}


def with_epic_link(source_id: str | None) -> tuple[IssueField, ...]:
    """The standard fields where `epic_key` stands in a field of its own: data centers have no epics as parents."""
    if source_id is None:
        return STANDARD
    epic_key = next(one.field for one in STANDARD if one.field.name == "epic_key")
    linked = typed(epic_key.name, epic_key.type, source_id, epic_key.description)
    return tuple(linked if one.field is epic_key else one for one in STANDARD)


def issue_stream(site_url: str, further: Iterable[Field]) -> Stream:
    """The stream of issues with the fields that a project adds."""
    return Stream(
        name="issues",
        fields=(ID, KEY, *(one.field for one in STANDARD), DUE_AT, *further),
        key=(ID.name,),
        version_at="updated_at",
        created_at="created_at",
        has_census=True,
        link=f"{site_url.rstrip('/')}/browse/{{key}}",
        description="Issues of every type, with their present state",
    )
