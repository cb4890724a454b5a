"""What issues were before: undone from the changes that Jira remembers, by hand-made histories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.jira.agile_fields import sprint_fields
from connectors.jira.answers import IssueHistory
from connectors.jira.custom_fields import SPRINT_KIND
from connectors.jira.fields import STANDARD, IssueField, typed
from connectors.jira.issues import issue_reading
from connectors.jira.past import Past, by_issue
from connectors.jira.undone import Held
from okr_sync.connector import FieldType, IncompleteError, Value
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, Fault, rewritten
from okr_sync.sandbox.http import Json
from tests.connectors.jira.stand_in import asked, read, stand_in

CREATED = "2026-10-01T09:00:00.000+0700"
STATUSES: list[dict[str, Any]] = [
    {"id": "1", "name": "To Do", "statusCategory": {"key": "new"}},
    {"id": "2", "name": "Doing", "statusCategory": {"key": "indeterminate"}},
    {"id": "3", "name": "Done", "statusCategory": {"key": "done"}},
]
SITE_FIELDS: list[dict[str, Any]] = [
    {"id": "customfield_1", "name": "Points", "schema": {"type": "number"}},
    {"id": "customfield_2", "name": "Region", "schema": {"type": "option"}},
    {"id": "customfield_3", "name": "Region", "schema": {"type": "string"}},
    {"id": "customfield_4", "name": "Sprint", "schema": {"type": "array", "custom": SPRINT_KIND}},
    {"id": "customfield_5", "name": "Teams", "schema": {"type": "array", "items": "option"}},
]
FIELDS: tuple[IssueField, ...] = (
    *STANDARD,
    typed("points", FieldType.NUMBER, "customfield_1", ""),
    typed("region", FieldType.TEXT, "customfield_2", ""),
    typed("teams", FieldType.LIST, "customfield_5", ""),
    *sprint_fields("jira", "auto", SITE_FIELDS),
)
DAY = 24 * 3600


def issue(**fields: Any) -> dict[str, Any]:
    base = {"created": CREATED, "updated": "2026-10-09T09:00:00.000+0700", "status": STATUSES[2]}
    return {"id": "1", "key": "WEB-1", "fields": {"project": {"key": "WEB", "name": "Website"}, **base, **fields}}


def change(created: Any, *items: dict[str, Any]) -> dict[str, Any]:
    return {"created": created, "items": list(items)}


def item(field_id: str | None, old: str | None, old_id: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if field_id is None else {"field": field_id, "fieldId": field_id, "fieldtype": "jira"}
    return {**named, "from": old_id, "fromString": old, **more}


def versions(present: dict[str, Any], *changes: dict[str, Any]) -> list[dict[str, Value]]:
    past = Past(FIELDS, Held.of(STATUSES, list(SITE_FIELDS)))
    records, rejected = issue_reading(FIELDS, ZoneInfo("Asia/Ho_Chi_Minh")).records(past.versions(present, changes))
    assert rejected == []
    return [dict(one.fields) for one in records]


def hanoi(day: int) -> datetime:
    return datetime(2026, 10, day, 2, 0, tzinfo=UTC)


def test_every_change_is_a_version() -> None:
    """From its creation, and from each change that is read; the present one is left to the search."""
    found = versions(
        issue(resolution={"name": "Done"}, resolutiondate="2026-10-05T09:00:00.000+0700"),
        change("2026-10-05T09:00:00.000+0700", item("status", "Doing", "2"), item("resolution", None)),
        change("2026-10-03T09:00:00.000+0700", item("status", "To Do", "1")),
        change("2026-10-04T09:00:00.000+0700", item("description", "x")),
    )
    assert [(one["updated_at"], one["status"], one["status_category"]) for one in found] == [
        (hanoi(1), "To Do", "new"),
        (hanoi(3), "Doing", "indeterminate"),
        (hanoi(5), "Done", "done"),
    ]
    assert [(one["resolution"], one["resolved_at"]) for one in found] == [
        (None, None),
        (None, None),
        ("Done", hanoi(5)),
    ]


def test_an_issue_that_never_changed() -> None:
    """It was always what it is: one version from its creation, since a comment may have moved its time of change."""
    (found,) = versions(issue(summary="Việc"))
    assert (found["updated_at"], found["summary"], found["status"]) == (hanoi(1), "Việc", "Done")
    assert versions(issue(updated=CREATED)) == []


def test_times_of_a_category() -> None:
    """The category's own time, not the status's: Doing to In review of the same category leaves it."""
    same = {**STATUSES[1], "id": "4", "name": "In review"}
    found = versions(
        issue(status=same, statuscategorychangedate="2026-10-03T09:00:00.000+0700"),
        change("2026-10-04T09:00:00.000+0700", item("status", "Doing", "2")),
        change("2026-10-03T09:00:00.000+0700", item("status", "To Do", "1")),
    )
    assert [one["status_changed_at"] for one in found] == [hanoi(1), hanoi(3), hanoi(3)]


def test_values_of_every_kind() -> None:
    """People and choices by what people see, days and numbers as such, labels apart, emptiness as missing."""
    custom = {"fieldtype": "custom"}
    before, _ = versions(
        issue(customfield_1=5, assignee={"displayName": "Lan"}, labels=["gấp"], duedate="2026-10-20"),
        change(
            "2026-10-02T09:00:00.000+0700",
            item("assignee", "", None),
            item("labels", "nội-dung kỹ-thuật"),
            item("duedate", "2026-10-10 00:00:00.0", "2026-10-10"),
            item("customfield_1", "3", **custom),
            item("customfield_2", "Miền Bắc", "10500", **custom),
            item("customfield_4", "Tuần 1, Tuần 2", "7, 8", **custom),
        ),
    )
    assert before["assignee"] is None
    assert before["labels"] == ["nội-dung", "kỹ-thuật"]
    assert before["due_on"] == date(2026, 10, 10)
    assert before["points"] == 3.0
    assert before["region"] == "Miền Bắc"
    assert (before["sprints"], before["sprint_ids"], before["active_sprint"]) == (
        ["Tuần 1", "Tuần 2"],
        ["7", "8"],
        None,
    )


def test_what_cannot_be_read_back_is_missing() -> None:
    """A number that is none, names that hold commas, a list of choices, a status that is gone: unknown, not as now."""
    before, _ = versions(
        issue(customfield_1=5, customfield_5=[{"value": "A"}], customfield_4=None),
        change(
            "2026-10-02T09:00:00.000+0700",
            item("customfield_1", "ba"),
            item("customfield_5", "A, B"),
            item("customfield_4", "Tết, 1", "7"),
            item("status", "Abolished", "99"),
        ),
    )
    assert [before[name] for name in ("points", "teams", "sprints", "status_category")] == [None, None, [], None]
    assert before["status"] == "Abolished"


def test_names_that_several_fields_have() -> None:
    """An old data center tells a custom field's name alone: by a name that two fields have, neither is known."""
    by_name = {"fieldtype": "custom"}
    before, _ = versions(
        issue(customfield_1=5, customfield_2={"value": "Miền Nam"}),
        change(
            "2026-10-02T09:00:00.000+0700",
            item(None, "3", field="Points", **by_name),
            item(None, "Miền Bắc", field="Region", **by_name),
        ),
    )
    assert (before["points"], before["region"]) == (3.0, None)


def test_moved_issue() -> None:
    """Before the move it had another key and another project; the order of the two changes does not matter."""
    key, project = item("issuekey", "SEO-9", field="Key"), item("project", "SEO & Content", "10002")
    for items in ((key, project), (project, key)):
        before, _ = versions(issue(), change("2026-10-02T09:00:00.000+0700", *items))
        assert (before["key"], before["project"], before["project_name"]) == ("SEO-9", "SEO", "SEO & Content")


@pytest.mark.parametrize("per_second", [1, 1000])
def test_times_as_numbers(per_second: int) -> None:
    """Seconds and milliseconds since 1970 are times, too."""
    moment = int(hanoi(3).timestamp()) * per_second
    found = versions(issue(), change(moment, item("summary", "cũ")))
    assert [(one["updated_at"], one["summary"]) for one in found] == [(hanoi(1), "cũ"), (hanoi(3), None)]


def test_history_cut_over_two_pages() -> None:
    """One issue's changes may come in parts."""
    parts = by_issue([[IssueHistory("1", [{"n": 1}])], [IssueHistory("1", [{"n": 2}]), IssueHistory("2", [])]])
    assert parts == {"1": [{"n": 1}, {"n": 2}], "2": []}


def test_changes_between_two_nights() -> None:
    """Of an issue that changed twice, both versions come; what came before the last read is not sent again."""
    now = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    agency = Agency.grow(1, now, 0, 0, 0)
    agency.create_issue("WEB", "một")
    agency.clock.advance(timedelta(hours=1))
    with stand_in(agency) as sandbox:
        first = read(sandbox, "issues", issues={"history": True})
        agency.clock.advance(timedelta(hours=1))
        agency.edit_issue("WEB-1", summary="hai")
        agency.clock.advance(timedelta(hours=1))
        agency.edit_issue("WEB-1", summary="ba")
        agency.clock.advance(timedelta(hours=1))
        requests = len(sandbox.requests)
        second = read(sandbox, "issues", first[-1].checkpoint, issues={"history": True})
        assert asked(sandbox, requests)[-4:] == ["search/jql", "changelog/bulkfetch", "status", "field"]
    assert [one.fields["summary"] for page in second for one in page.records] == ["hai", "ba"]


def test_change_that_the_index_was_late_to_learn() -> None:
    """The last read could not find it, and by now it is no longer the present: it comes as the past."""
    agency = Agency.grow(1, datetime(2026, 10, 5, 2, 0, tzinfo=UTC), 0, 0, 0)
    agency.create_issue("WEB", "một")
    agency.clock.advance(timedelta(hours=1))
    history = {"history": True}
    with stand_in(agency, index_lag=timedelta(minutes=9)) as sandbox:
        first = read(sandbox, "issues", issues=history)
        agency.clock.advance(timedelta(days=1))
        agency.edit_issue("WEB-1", summary="hai")
        agency.clock.advance(timedelta(minutes=8))
        second = read(sandbox, "issues", first[-1].checkpoint, issues=history)
        agency.clock.advance(timedelta(days=1))
        agency.edit_issue("WEB-1", summary="ba")
        agency.clock.advance(timedelta(minutes=10))
        third = read(sandbox, "issues", second[-1].checkpoint, issues=history)
    shown = [[one.fields["summary"] for page in pages for one in page.records] for pages in (first, second, third)]
    assert shown == [["một"], [], ["hai", "ba"]]


def test_history_without_a_time() -> None:
    """A change that cannot be dated fails the read, with what to do, and is not put at a time of our choice."""
    agency = Agency.grow(1, datetime(2026, 10, 5, 2, 0, tzinfo=UTC), 0, 0, 0)
    agency.create_issue("WEB", "một")
    agency.clock.advance(timedelta(hours=1))
    agency.edit_issue("WEB-1", summary="hai")

    def undated(_: Call, content: Json) -> Json:
        for log in content["issueChangeLogs"]:  # type: ignore[attr-defined, union-attr]
            for one in log["changeHistories"]:
                one["created"] = "hôm qua"
        return content

    fault = Fault(rewritten(undated), "/rest/api/3/changelog")
    with (
        stand_in(agency, fault) as sandbox,
        pytest.raises(IncompleteError, match=r"issue WEB-1 has .*'hôm qua'.*history: false"),
    ):
        read(sandbox, "issues", issues={"history": True})
