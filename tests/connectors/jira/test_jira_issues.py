"""An issue as a record: every standard field, whatever is missing, and the days and hours of zones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.jira.fields import STANDARD, STANDARD_NAMES, issue_stream
from connectors.jira.issues import issue_reading
from okr_sync.connector import FieldType, Value
from okr_sync.http.values import end_of_day
from tests.connectors.jira.conftest import issue

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def record(raw: dict[str, Any]) -> dict[str, Value]:
    (one,), rejected = issue_reading(STANDARD, HANOI).records([raw])
    assert rejected == []
    return dict(one.fields)


def test_every_standard_field() -> None:
    """Objects give the text people see, times are in UTC, and a due day ends in the project's zone."""
    fields = {
        "project": {"key": "WEB", "name": "Website"},
        "issuetype": {"name": "Story", "hierarchyLevel": 0},
        "summary": "Làm trang chủ",
        "status": {"name": "Đang làm", "statusCategory": {"key": "indeterminate", "name": "In Progress"}},
        "resolution": {"id": "1", "name": "Done"},
        "priority": {"name": "High"},
        "assignee": {"accountId": "1", "displayName": "Lan"},
        "reporter": {"accountId": "2", "displayName": "Minh"},
        "labels": ["seo", "q4"],
        "parent": {"key": "WEB-1", "fields": {"issuetype": {"name": "Sử thi", "hierarchyLevel": 1}}},
        "resolutiondate": "2026-10-05T23:59:59.999+0700",
        "duedate": "2026-10-05",
        "statuscategorychangedate": "2026-10-05T00:00:00.000-0500",
    }
    assert record(issue(12, **fields)) == {
        "id": "10012",
        "key": "WEB-12",
        "project": "WEB",
        "project_name": "Website",
        "issue_type": "Story",
        "summary": "Làm trang chủ",
        "status": "Đang làm",
        "status_category": "indeterminate",
        "resolution": "Done",
        "priority": "High",
        "assignee": "Lan",
        "reporter": "Minh",
        "labels": ["seo", "q4"],
        "parent_key": "WEB-1",
        "epic_key": "WEB-1",
        "created_at": datetime(2026, 10, 1, 2, 0, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 2, 2, 0, tzinfo=UTC),
        "resolved_at": datetime(2026, 10, 5, 16, 59, 59, 999000, tzinfo=UTC),
        "due_on": date(2026, 10, 5),
        "due_at": datetime(2026, 10, 5, 16, 59, 59, 999999, tzinfo=UTC),
        "status_changed_at": datetime(2026, 10, 5, 5, 0, tzinfo=UTC),
    }


def test_missing_stays_missing() -> None:
    """Null and absent fields are missing, never an empty text, a zero or a day; no labels is an empty list."""
    nothing = dict.fromkeys(["assignee", "resolution", "resolutiondate", "duedate", "parent", "status"])
    values = record(issue(1, **nothing, labels=[]))
    assert {name for name, value in values.items() if value is not None} == {
        "id",
        "key",
        "labels",
        "created_at",
        "updated_at",
    }
    assert values["labels"] == []
    assert set(values) == STANDARD_NAMES


@pytest.mark.parametrize(
    ("parent", "epic_key"),
    [
        ({"key": "A-1", "fields": {"issuetype": {"name": "Epic", "hierarchyLevel": 1}}}, "A-1"),
        ({"key": "A-2", "fields": {"issuetype": {"name": "Epic", "hierarchyLevel": 0}}}, None),
        ({"key": "A-3", "fields": {"issuetype": {"name": "Initiative", "hierarchyLevel": 2}}}, None),
        ({"key": "A-4", "fields": None}, None),
        ({"key": "A-5"}, None),
        (None, None),
    ],
)
def test_epic_is_told_by_its_level(parent: Any, epic_key: str | None) -> None:
    """The parent counts as epic by its level, for names are translated; a story above a subtask is none."""
    values = record(issue(1, parent=parent))
    assert values["epic_key"] == epic_key
    assert values["parent_key"] == (parent or {}).get("key")


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("UTC", date(2026, 12, 31), "2026-12-31T23:59:59.999999+00:00"),
        ("Asia/Ho_Chi_Minh", date(2026, 10, 5), "2026-10-05T16:59:59.999999+00:00"),
        ("America/New_York", date(2026, 10, 5), "2026-10-06T03:59:59.999999+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-25T22:59:59.999999+00:00"),  # 25 hours: +02:00, then +01:00
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T21:59:59.999999+00:00"),  # 23 hours: +01:00, then +02:00
        ("America/Havana", date(2026, 10, 31), "2026-11-01T03:59:59.999999+00:00"),  # the clock changes an hour later
        ("America/Asuncion", date(2023, 3, 25), "2023-03-26T03:59:59.999999+00:00"),  # 23:00 to 24:00 came twice
        ("America/New_York", date(9999, 12, 31), "9999-12-31T23:59:59.999999+00:00"),  # as late as can be written
        ("UTC", date(9999, 12, 31), "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_end_of_day(zone: str, day: date, expected: str) -> None:
    """A due day lasts until its last moment in the project's zone, also on days when the clock changes."""
    assert end_of_day(day, ZoneInfo(zone)).isoformat() == expected


def test_stream_is_declared_with_what_is_read() -> None:
    """The stream's fields are those a record has, each with a type and a description; links lead to the issue."""
    stream = issue_stream("https://agency.atlassian.net/", [])
    assert {one.name for one in stream.fields} == STANDARD_NAMES
    assert all(one.type is not FieldType.UNKNOWN and one.description for one in stream.fields)
    assert (stream.key, stream.version_at, stream.created_at) == (("id",), "updated_at", "created_at")
    assert stream.link == "https://agency.atlassian.net/browse/{key}"
