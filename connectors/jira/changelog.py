"""What changed in issues: one record for each field of each change, as far back as Jira remembers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.jira.answers import IssueHistory
from connectors.jira.changed import Desk, Wish, read_changed
from connectors.jira.settings import SelectSettings
from connectors.jira.values import person_id, to_moment
from okr_sync.connector import Checkpoint, Field, FieldType, Page, Stream, Value
from okr_sync.http.columns import Column, Reading
from okr_sync.http.values import member, read_value, to_text

NAME = "changelog"
_ISSUES_AT_A_TIME = 1000
"""The most that Jira takes of ids whose changes are wanted."""


def field_of(item: Mapping[str, Any]) -> str | None:
    """The id of the field that changed. Older data centers give none, and call what is not custom by its id."""
    is_own = item.get("fieldtype") == "jira"
    found: str | None = item.get("fieldId") or (item.get("field") if is_own else None)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one change of an issue."""

    issue_id: str
    issue_key: str | None
    history: Mapping[str, Any]
    item: Mapping[str, Any]
    number: int
    """Which of the changes of this field: one history may add several links or attachments."""

    @property
    def field_id(self) -> str | None:
        return field_of(self.item)

    @property
    def history_id(self) -> str:
        return to_text(self.history.get("id"))

    @property
    def id(self) -> str:
        name = f"{self.history_id}:{self.field_id or self.item.get('field')}"
        return name if self.number == 1 else f"{name}:{self.number}"


def _column(name: str, kind: FieldType, description: str, read: Any) -> Column[Change]:
    return Column(Field(name, kind, description), read)


def _item(name: str, path: str, description: str) -> Column[Change]:
    """A text of the change; Jira writes emptiness as null or as an empty text."""

    def read(change: Change) -> Value:
        raw = change.item.get(path)
        return None if raw in (None, "") else to_text(raw)

    return _column(name, FieldType.TEXT, description, read)


def _author(change: Change) -> Value:
    return read_value(_TEXT, member(change.history, "author.displayName"))


_TEXT, _TIMESTAMP = FieldType.TEXT, FieldType.TIMESTAMP
READING = Reading(
    (
        _column("id", _TEXT, "Jira's number of the change, and the field", lambda one: one.id),
        _column("issue_id", _TEXT, "The issue that changed, as id in issues", lambda one: one.issue_id),
        _column("issue_key", _TEXT, "Its key when this was read", lambda one: one.issue_key),
        _column(
            "history_id",
            _TEXT,
            "What was changed together has it in common",
            lambda one: one.history_id,
        ),
        _column("field_id", _TEXT, "status, assignee, customfield_10016...", lambda one: one.field_id),
        _item("field_name", "field", "The field's name, which may be translated or changed"),
        _item("from_id", "from", "The id of the value before; ids of sprints are joined by commas"),
        _item("from_text", "fromString", "The value before, as people see it"),
        _item("to_id", "to", "The id of the value since"),
        _item("to_text", "toString", "The value since, as people see it"),
        _column("author", _TEXT, "Who changed it", _author),
        _column("author_id", _TEXT, "Their id; names change", lambda one: person_id(one.history.get("author"))),
        _column("changed_at", _TIMESTAMP, "When", lambda one: to_moment(one.history.get("created"))),
    ),
    lambda one: f"change {one.history.get('id')} of issue {one.issue_key}",
)


def stream(site_url: str) -> Stream:
    return Stream(
        name=NAME,
        fields=READING.fields,
        key=("id",),
        is_extra=True,
        version_at="changed_at",
        created_at="changed_at",
        link=f"{site_url.rstrip('/')}/browse/{{issue_key}}",
        description="Changes of issues, one record for each field; those of issues deleted later on are kept",
    )


def pages(desk: Desk, settings: SelectSettings, checkpoint: Checkpoint | None) -> Iterator[Page]:
    """All changes of every issue that changed since: which of them are new is seen when they land."""
    wish = Wish(settings.select, ["key"], _ISSUES_AT_A_TIME)
    for batch in read_changed(desk, wish, checkpoint):
        keys = {str(one["id"]): str(one["key"]) for one in batch.issues}
        for part in desk.site.histories(list(keys)) if keys else ():
            changes = [change for one in part for change in changes_of(one, keys.get(one.issue_id))]
            records, rejected = READING.records(changes)
            yield Page(records, batch.before, rejected=rejected)
        yield Page((), batch.after)


def changes_of(history: IssueHistory, key: str | None) -> Iterator[Change]:
    for one in history.histories:
        numbers = Counter[Any]()
        for item in one.get("items") or []:
            name = item.get("fieldId") or item.get("field")
            numbers[name] += 1
            yield Change(history.issue_id, key, one, item, numbers[name])
