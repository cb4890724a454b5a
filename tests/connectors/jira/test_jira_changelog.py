"""Changes of issues: every field of every change, whole where pages cut them, and only of issues that changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from connectors.jira.answers import IssueHistory
from connectors.jira.changelog import READING, changes_of
from okr_sync.connector import IncompleteError, Page, UnavailableError
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import MEMBERS, STATUSES
from okr_sync.sandbox.server import Sandbox
from tests.connectors.jira.stand_in import asked, connected, landed, read, stand_in

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
BULK = "/rest/api/3/changelog/bulkfetch"


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=7, now=NOW, issue_count=250, ticket_count=0, survey_count=0)


def changes_in(agency: Agency, field: str) -> set[tuple[Any, ...]]:
    """(issue id, when, before, since) of a field of the agency's own versions."""
    found = set()
    for issue in agency.issues:
        for before, after in pairwise(agency.issue_versions(issue.id)):
            old, new = getattr(before, field), getattr(after, field)
            if old != new:
                found.add((str(issue.id), after.updated_at, old, new))
    return found


def read_changes(present: dict[str, dict[str, Any]], field_id: str) -> set[tuple[Any, ...]]:
    return {
        (one["issue_id"], one["changed_at"], one["from_text"], one["to_text"])
        for one in present.values()
        if one["field_id"] == field_id
    }


def reading(sandbox: Sandbox) -> Iterator[Page]:
    with connected(sandbox) as (connector, streams):
        yield from connector.read(streams["changelog"], None)


@pytest.mark.parametrize("options", [{}, {"list_cap": 7}, {"history_times": "milliseconds"}])
def test_every_change_is_read(agency: Agency, options: dict[str, Any]) -> None:
    """Every change of status and assignee is there, though pages of seven cut the changes of one issue in two."""
    agency.clock.advance(timedelta(hours=1))
    moved = agency.edit_issue("WEB-1", status="Reopened", resolution=None)
    with stand_in(agency, **options) as sandbox:
        present = landed(read(sandbox, "changelog"))
    assert read_changes(present, "status") == changes_in(agency, "status")
    assert read_changes(present, "resolution") == changes_in(agency, "resolution")
    names = {one.handle: one.name for one in MEMBERS} | {None: None}
    assert read_changes(present, "assignee") == {
        (issue, at, names[old], names[new]) for issue, at, old, new in changes_in(agency, "assignee")
    }
    (last,) = [one for one in present.values() if one["issue_id"] == str(moved.id) and one["to_text"] == "Reopened"]
    assert last["to_id"] == next(one.id for one in STATUSES if one.name == "Reopened")
    assert (last["issue_key"], last["field_name"], last["changed_at"]) == ("WEB-1", "status", moved.updated_at)
    assert last["author_id"] in {one.account_id for one in MEMBERS}


def test_whole_seconds(agency: Agency) -> None:
    """A time in seconds since 1970, as one of Jira's own examples has it, is the same time without its milliseconds."""
    with stand_in(agency, history_times="seconds") as sandbox:
        present = landed(read(sandbox, "changelog"))
    expected = {(issue, at.replace(microsecond=0), *rest) for issue, at, *rest in changes_in(agency, "status")}
    assert read_changes(present, "status") == expected


def test_only_changed_issues_are_asked_for(agency: Agency) -> None:
    """A night with nothing new costs the account and one search; one issue changed costs one request more."""
    with stand_in(agency) as sandbox:
        checkpoint = read(sandbox, "changelog")[-1].checkpoint
        assert asked(sandbox) == ["myself", "search/jql", "changelog/bulkfetch"]
        agency.clock.advance(timedelta(days=1))
        checkpoint = read(sandbox, "changelog", checkpoint)[-1].checkpoint
        assert asked(sandbox, 3) == ["myself", "search/jql"]
        agency.edit_issue("SEO-2", summary="Tên mới")
        agency.clock.advance(timedelta(days=1))
        pages = read(sandbox, "changelog", checkpoint)
        assert asked(sandbox, 5) == ["myself", "search/jql", "changelog/bulkfetch"]
    assert {one["issue_key"] for one in landed(pages).values()} == {"SEO-2"}
    assert "Tên mới" in {one["to_text"] for one in landed(pages).values()}


def test_checkpoint_waits_for_all_pages_of_its_issues(agency: Agency) -> None:
    """A read that breaks off between two pages of changes begins with the same issues again."""
    broken = faults.Fault(faults.server_error(500), BULK, requests=range(2, 9))
    pages = []
    with stand_in(agency, broken, list_cap=300) as sandbox:
        with pytest.raises(UnavailableError):
            for page in reading(sandbox):
                pages.append(page)  # noqa: PERF402 - those before the error count
        assert pages[-1].checkpoint == {"since_ms": 0}
        whole = landed(read(sandbox, "changelog", pages[-1].checkpoint))
    assert read_changes(whole, "status") == changes_in(agency, "status")


@pytest.mark.parametrize(
    "answer", [{}, {"issueChangeLogs": [], "nextPageToken": "0"}], ids=["nothing", "the same token for ever"]
)
def test_answers_that_are_not_the_whole(agency: Agency, answer: dict[str, Any]) -> None:
    """An answer without changes, or pages in a circle, end the read as incomplete."""
    deed = faults.rewritten(lambda _, __: answer)
    with stand_in(agency, faults.Fault(deed, BULK)) as sandbox, pytest.raises(IncompleteError):
        read(sandbox, "changelog")


def test_deleted_issue_is_passed_over(agency: Agency) -> None:
    """An issue that is deleted between the search and the request for its changes is left out by Jira."""
    happens = faults.meanwhile(lambda: agency.delete_issue("WEB-1"))
    with stand_in(agency, faults.Fault(happens, "/rest/api/3/search/jql", (1,))) as sandbox:
        present = landed(read(sandbox, "changelog"))
    assert read_changes(present, "status") == changes_in(agency, "status")
    assert "WEB-1" not in {one["issue_key"] for one in present.values()}


def history(*items: dict[str, Any], **more: Any) -> IssueHistory:
    return IssueHistory("10001", [{"id": "7", "created": "2026-10-01T09:00:00.000+0700", "items": [*items], **more}])


def test_fields_that_change_twice_at_once() -> None:
    """Two links added in one go are two records; what is empty is missing, in whichever way it is written."""
    raw = history(
        {"field": "Link", "fieldtype": "jira", "from": None, "fromString": None, "to": "A-1", "toString": "blocks A-1"},
        {"field": "Link", "fieldtype": "jira", "from": None, "fromString": None, "to": "A-2", "toString": "blocks A-2"},
        {"field": "labels", "fieldtype": "jira", "fieldId": "labels", "from": None, "fromString": "", "toString": "x"},
    )
    records, rejected = READING.records(changes_of(raw, "WEB-1"))
    assert rejected == []
    assert [one.fields["id"] for one in records] == ["7:Link", "7:Link:2", "7:labels"]
    labels = records[2].fields
    assert [labels[name] for name in ("from_id", "from_text", "to_id", "to_text")] == [None, None, None, "x"]
    assert (labels["author"], labels["author_id"]) == (None, None)
    assert labels["changed_at"] == datetime(2026, 10, 1, 2, 0, tzinfo=UTC)


def test_change_that_cannot_be_read() -> None:
    """A change without a time that is one is rejected by its number."""
    raw = history({"field": "status", "fieldId": "status"}, created="yesterday")
    records, (rejected,) = READING.records(changes_of(raw, "WEB-1"))
    assert records == []
    assert rejected.record == "change 7 of issue WEB-1"
    assert "changed_at" in rejected.reason
