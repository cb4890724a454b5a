"""An issue as Jira writes it, read as a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from connectors.jira.fields import DUE_AT, ID, KEY, IssueField
from okr_sync.connector import Value
from okr_sync.http.columns import Column, Reading
from okr_sync.http.values import end_of_day, to_date, to_text

Raw = Mapping[str, Any]


def issue_reading(fields: Sequence[IssueField], zone: ZoneInfo) -> Reading[Raw]:
    """How the issues of a search answer are read; a due day ends in `zone`."""

    def due_at(issue: Raw) -> Value:
        day = _fields(issue).get("duedate")
        return None if day is None else end_of_day(to_date(day), zone)

    columns = (
        Column[Raw](ID, lambda issue: to_text(issue.get("id"))),
        Column[Raw](KEY, lambda issue: to_text(issue.get("key"))),
        *map(_column, fields),
        Column[Raw](DUE_AT, due_at),
    )
    return Reading(columns, lambda issue: f"issue {issue.get('key') or issue.get('id')}")


def _column(field: IssueField) -> Column[Raw]:
    return Column(field.field, lambda issue: field.read(_fields(issue).get(field.source_id)))


def _fields(issue: Raw) -> Mapping[str, Any]:
    return issue.get("fields") or {}
