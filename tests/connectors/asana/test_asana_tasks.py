"""A task as a record: people, projects, days, custom fields, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.asana.fields import end_of_day
from okr_sync.connector import FieldType, Page, Record
from tests.connectors.asana.conftest import SEO, WEB, Desk, inside, listed, task

FIELDS = {
    "client": "Client",
    "points": 52,
    "labels": "Labels",
    "region": "54",
    "live_on": "Go-live",
    "reviewers": "Reviewers",
    "related": "Related",
    "mood": "Mood",
}


def only(desk: Desk, raw: dict[str, Any], fields: dict[str, Any] | None = None, **settings: Any) -> Record:
    desk.answers["/tasks"] = [listed(raw)]
    pages = desk.read(streams={"tasks": {"fields": fields or {}}}, **settings)
    (record,) = [record for page in pages for record in page.records]
    return record


def rejected(pages: list[Page]) -> list[tuple[str, str]]:
    return [(one.record, one.reason) for page in pages for one in page.rejected]


def test_every_standard_field(desk: Desk) -> None:
    """Ids are texts, times are in UTC, and people and projects come by name and by id."""
    raw = task(
        "9007199254740993",
        name="Đổi biểu mẫu",
        resource_subtype="milestone",
        memberships=[inside(SEO, "Backlog"), inside(WEB, "Done")],
        assignee={"gid": "21", "name": "Design"},
        parent={"gid": "8", "name": "Site"},
        num_subtasks=3,
        tags=[{"gid": "31", "name": "gấp"}],
        completed=True,
        completed_at="2026-10-05T09:30:00.500Z",
        start_on="2026-10-01",
        due_on="2026-10-06",
        due_at="2026-10-05T17:00:00.000Z",
    )
    assert dict(only(desk, raw).fields) == {
        "gid": "9007199254740993",
        "name": "Đổi biểu mẫu",
        "type": "milestone",
        "project": "Website",
        "section": "Done",
        "projects": ["Website", "SEO"],
        "project_ids": ["11", "12"],
        "sections": ["Done", "Backlog"],
        "assignee": "Design",
        "assignee_id": "21",
        "parent_id": "8",
        "subtask_count": 3,
        "tags": ["gấp"],
        "is_completed": True,
        "completed_at": datetime(2026, 10, 5, 9, 30, 0, 500_000, tzinfo=UTC),
        "start_on": date(2026, 10, 1),
        "due_on": date(2026, 10, 6),
        "due_at": datetime(2026, 10, 5, 17, 0, tzinfo=UTC),
        "created_at": datetime(2026, 10, 1, 2, 0, tzinfo=UTC),
        "modified_at": datetime(2026, 10, 2, 2, 0, 0, 123_000, tzinfo=UTC),
    }


def test_what_nobody_set_is_missing(desk: Desk) -> None:
    """Null and an empty name are missing; no subtask is a count of 0, and no tag an empty list."""
    fields = only(desk, task("1", name="")).fields
    empty = {name for name, value in fields.items() if value is None}
    assert empty == {
        "name", "assignee", "assignee_id", "parent_id", "completed_at", "start_on", "due_on", "due_at",
    }  # fmt: skip
    assert (fields["subtask_count"], fields["tags"], fields["is_completed"]) == (0, [], False)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        # 23:59:59.999999 of the day in UTC+7
        ({"due_on": "2026-10-06"}, datetime(2026, 10, 6, 16, 59, 59, 999_999, tzinfo=UTC)),
        (
            {"due_on": "2026-10-06", "due_at": "2026-10-06T03:00:00.000Z"},
            datetime(2026, 10, 6, 3, 0, tzinfo=UTC),
        ),
        ({"due_on": "9999-12-31"}, datetime(9999, 12, 31, 16, 59, 59, 999_999, tzinfo=UTC)),
        ({}, None),
    ],
)
def test_due_at(desk: Desk, due: dict[str, str], expected: datetime | None) -> None:
    """A task with a day alone is due at that day's end in the project's zone."""
    assert only(desk, task("1", **due)).fields["due_at"] == expected


def test_end_of_a_day_whose_last_hour_comes_twice() -> None:
    """In Beirut, 24 October 2026 has the hour from 23:00 twice: the day ends with the second one, in UTC+2."""
    ends_at = datetime(2026, 10, 24, 21, 59, 59, 999_999, tzinfo=UTC)
    assert end_of_day(date(2026, 10, 24), ZoneInfo("Asia/Beirut")) == ends_at


@pytest.mark.parametrize(
    ("projects", "home"), [(["SEO", "Website"], ("SEO", "Backlog")), (["11"], ("Website", "Done"))]
)
def test_home_is_the_first_project_of_the_source(desk: Desk, projects: list[str], home: tuple[str, str]) -> None:
    """A task in several projects counts for the one that the settings name first; it lists them all."""
    fields = only(desk, task("1", memberships=[inside(WEB, "Done"), inside(SEO, "Backlog")]), projects=projects).fields
    assert (fields["project"], fields["section"]) == home
    assert fields["projects"] == ["Website", "SEO"]


def test_order_of_memberships_means_nothing(desk: Desk) -> None:
    """The same memberships in another order are the same record, and one that is of no project is passed over."""
    one = only(desk, task("1", memberships=[inside(WEB), inside(SEO)]))
    other = only(desk, task("1", memberships=[inside(SEO), {"project": None}, inside(WEB)]))
    assert one == other


def test_custom_fields(desk: Desk) -> None:
    """Custom fields are found by name or id; each is of its own type, and a type yet unknown shows its text."""
    values = [
        {"gid": "51", "enum_value": {"gid": "511", "name": "Trà Cỏ Bồng"}},
        {"gid": "52", "number_value": 0},
        {"gid": "53", "multi_enum_values": [{"gid": "531", "name": "a"}, {"gid": "532", "name": "b"}]},
        {"gid": "54", "text_value": "Miền Nam"},
        {"gid": "55", "date_value": {"date": "2026-11-01", "date_time": "2026-11-01T02:00:00.000Z"}},
        {"gid": "56", "people_value": [{"gid": "21", "name": "Design"}]},
        {"gid": "57", "reference_value": [{"gid": "9", "name": "Contract"}]},
        {"gid": "58", "display_value": "happy"},
    ]
    fields = only(desk, task("1", custom_fields=values), FIELDS).fields
    assert {name: fields[name] for name in FIELDS} == {
        "client": "Trà Cỏ Bồng",
        "points": 0.0,
        "labels": ["a", "b"],
        "region": "Miền Nam",
        "live_on": date(2026, 11, 1),
        "reviewers": ["Design"],
        "related": ["Contract"],
        "mood": "happy",
    }


def test_custom_fields_without_a_value(desk: Desk) -> None:
    """Nothing chosen is missing, and so is a field that the task's projects do not have; an empty list is one."""
    values = [
        {"gid": "51", "enum_value": None},
        {"gid": "52", "number_value": None},
        {"gid": "53", "multi_enum_values": []},
        {"gid": "54", "text_value": ""},
        {"gid": "55", "date_value": None},
    ]
    fields = only(desk, task("1", custom_fields=values), FIELDS).fields
    assert fields["labels"] == []
    assert {fields[name] for name in FIELDS if name != "labels"} == {None}


def test_only_what_is_needed_is_asked_for(desk: Desk) -> None:
    """The fields are always named, since Asana gives none unasked; of custom fields only the kinds that are read."""
    desk.read(streams={"tasks": {"fields": {"client": "Client", "points": "Points"}}})
    asked = {one.one("opt_fields") or "" for one in desk.asked("/tasks")}
    (names,) = (set(one.split(",")) for one in asked)
    assert {"completed", "modified_at", "memberships.section.name", "assignee.name", "due_on"} <= names
    assert {name for name in names if name.startswith("custom_fields")} == {
        "custom_fields.enum_value.name",
        "custom_fields.number_value",
    }


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"completed": "yes"}, "is_completed cannot be read as boolean"),
        ({"due_on": "2026-02-30"}, "due_on cannot be read as date"),
        ({"created_at": "2026-10-01T02:00:00"}, "created_at cannot be read as timestamp"),
        ({"gid": None}, "gid cannot be read as text"),
        ({"custom_fields": [{"gid": "52", "number_value": "many"}]}, "points cannot be read as number"),
        ({"custom_fields": [{"gid": "53", "multi_enum_values": "a"}]}, "labels cannot be read as list"),
    ],
)
def test_task_that_cannot_be_read(desk: Desk, broken: dict[str, Any], field: str) -> None:
    """One value that is not of its type rejects its task, by id and field; the others are read."""
    good = task("1", custom_fields=[])
    desk.answers["/tasks"] = [listed(good, {**task("2", custom_fields=[]), **broken})]
    pages = desk.read(streams={"tasks": {"fields": {"points": "Points", "labels": "Labels"}}})
    assert [record.fields["gid"] for page in pages for record in page.records] == ["1"]
    ((record, reason),) = rejected(pages)
    assert record == f"task {broken.get('gid', '2')}"
    assert reason.startswith(field)


def test_streams_offline_and_online(desk: Desk) -> None:
    """Offline a custom field has no type yet; connected every field has one, and a line about it."""
    with desk.connector({"tasks": {"fields": {"points": "Points"}}}) as connector:
        offline, online = connector.declared_streams(), connector.connect()
    assert [one.name for one in offline] == ["tasks", "projects", "portfolios", "goals"]
    assert offline[0].field("points").type is FieldType.UNKNOWN  # type: ignore[union-attr]
    assert online[0].field("points").type is FieldType.NUMBER  # type: ignore[union-attr]
    assert all(one.type is not FieldType.UNKNOWN and one.description for stream in online for one in stream.fields)
    assert all(stream.is_full_read and stream.key == ("gid",) for stream in online)
    assert online[0].link == f"{desk.server.url}/0/0/{{gid}}"
