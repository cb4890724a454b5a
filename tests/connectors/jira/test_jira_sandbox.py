"""The connector against the sandbox's Jira: everything is read, nothing is lost, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from okr_sync.connector import Checkpoint, IncompleteError, Page, SettingsError, UnavailableError
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.server import Sandbox
from okr_sync.sandbox.systems.jira import faults as jira_faults
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import SourceLog, open_warehouse
from tests.conformance import needs_specs
from tests.connectors.jira.description import described
from tests.connectors.jira.stand_in import connected, landed, stand_in
from tests.connectors.jira.stand_in import read as read_stream

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
SEARCH = "/rest/api/3/search/jql"


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=7, now=NOW, issue_count=250, ticket_count=0, survey_count=0)


def read(sandbox: Sandbox, checkpoint: Checkpoint | None = None, **issues: Any) -> list[Page]:
    return read_stream(sandbox, "issues", checkpoint, issues=issues)


def test_first_sync(agency: Agency) -> None:
    """Every issue is read as it is in Jira; 250 of them cost 5 requests: account, count, and three pages of 100."""
    with stand_in(agency) as sandbox:
        pages = read(sandbox)
    present = landed(pages)
    assert len(sandbox.requests) == 5
    assert pages[0].expected_count == 250
    assert {one["key"] for one in present.values()} == {one.key for one in agency.issues}
    for issue in agency.issues:
        record = present[str(issue.id)]
        assert (record["summary"], record["status"], record["issue_type"]) == (
            issue.summary,
            issue.status,
            issue.issue_type,
        )
        assert (record["resolution"], record["parent_key"]) == (issue.resolution, issue.parent)
        assert (record["created_at"], record["updated_at"]) == (issue.created_at, issue.updated_at)
        assert (record["resolved_at"], record["due_on"]) == (issue.resolved_at, issue.due_on)
        assert (record["labels"], record["resolution"]) == (list(issue.labels), issue.resolution)


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Every request to the platform is one that Atlassian's description knows, to its parameters and their types."""
    issues = {"select": "project = WEB", "fields": {"client": "Client"}}
    with stand_in(agency, list_cap=200, board_cap=2) as sandbox, connected(sandbox, issues=issues) as (one, streams):
        for stream in streams.values():
            checkpoint = list(one.read(stream, None))[-1].checkpoint
            list(one.read(stream, checkpoint))
        ids = next(one.census(streams["issues"]))
        assert len(next(one.fetch(streams["issues"], ids[:2]))) == 2
        one.identity()
    platform = [one for one in sandbox.requests if not one.path.startswith("/rest/agile/")]
    for request in platform:
        described().check_request(request.method, request.path, request.query, request.body)
    assert {one.path.removeprefix("/rest/api/3/") for one in platform} == {
        "myself",
        "mypermissions",
        "field",
        "search/jql",
        "search/approximate-count",
        "issue/bulkfetch",
        "changelog/bulkfetch",
        "worklog/updated",
        "worklog/deleted",
        "worklog/list",
        "project/search",
    }


def test_night_with_nothing_new(agency: Agency) -> None:
    """A day later, with nothing changed, two requests find nothing."""
    with stand_in(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        first_count = len(sandbox.requests)
        agency.clock.advance(timedelta(days=1))
        assert [len(page.records) for page in read(sandbox, checkpoint)] == [0]
        assert len(sandbox.requests) - first_count == 2


def synced(sandbox: Sandbox, syncing: Syncing, **issues: Any) -> StreamSync:
    """One sync of the issues through the engine."""
    with connected(sandbox, issues=issues) as (connector, _):
        (result,) = sync_source(SourcePlan("jira", connector, {"issues": "settings"}), syncing)
    return result


def keys_held(syncing: Syncing) -> set[str]:
    """The keys of the issues that the warehouse holds as present."""
    streams = {"jira.issues": SourceLog(syncing.warehouse, "jira").streams()[0]}
    with syncing.warehouse.history(streams, {"jira.issues": ["key"]}) as history:
        rows = history.query("SELECT key FROM \"jira.issues\" WHERE _valid_to = 'infinity'").rows
    return {key for (key,) in rows}


def test_issues_that_are_deleted_or_leave_the_search_end(agency: Agency, tmp_path: Path) -> None:
    """Jira reports neither a deletion nor a move out of `select`; a census of ids finds both, and a return."""
    syncing = Syncing(open_warehouse("duckdb:///warehouse", tmp_path, ZoneInfo("UTC")), clock=agency.clock.now)
    in_web = [one for one in agency.issues if one.project == "WEB"]
    deleted, moved = in_web[0].key, in_web[1].key
    with stand_in(agency) as sandbox:
        synced(sandbox, syncing, select="project = WEB")
        agency.clock.advance(timedelta(days=1))
        agency.delete_issue(deleted)
        moved_to = agency.move_issue(moved, "SEO").key
        agency.clock.advance(timedelta(hours=1))
        result = synced(sandbox, syncing, select="project = WEB")
        assert (result.error, result.deleted_count) == (None, 2)
        assert keys_held(syncing) == {one.key for one in in_web} - {deleted, moved}
        agency.move_issue(moved_to, "WEB")
        agency.clock.advance(timedelta(hours=1))
        assert synced(sandbox, syncing, select="project = WEB").error is None
    assert len(keys_held(syncing)) == len(in_web) - 1


def test_issue_that_is_seen_again_is_fetched(agency: Agency, tmp_path: Path) -> None:
    """An issue whose permission came back has no new time of change; it is fetched by its id and holds again."""
    syncing = Syncing(open_warehouse("duckdb:///warehouse", tmp_path, ZoneInfo("UTC")), clock=agency.clock.now)
    with stand_in(agency) as sandbox:
        synced(sandbox, syncing)
        agency.clock.advance(timedelta(days=1))
        before = keys_held(syncing)
        stream = SourceLog(syncing.warehouse, "jira").streams()[0]
        hidden = pa.chunked_array([pa.array([str(one.id) for one in agency.issues[3:]])])
        SourceLog(syncing.warehouse, "jira").take_census(stream, hidden, agency.clock.now())
        assert len(keys_held(syncing)) == len(before) - 3
        requests_before = len(sandbox.requests)
        result = synced(sandbox, syncing)
        sent = [one.path.rpartition("/")[2] for one in sandbox.requests[requests_before:]]
    assert (result.error, result.new_count) == (None, 3)
    assert sent == ["myself", "myself", "jql", "jql", "bulkfetch"]
    assert keys_held(syncing) == before


def test_fetched_issue_that_cannot_be_read(agency: Agency) -> None:
    """Nobody counts rejections of what a census found: one of them makes the sync incomplete."""
    spoil = faults.rewritten(lambda _, content: {"issues": [{"id": "1", "fields": {"duedate": "soon"}}]})
    with (
        stand_in(agency, faults.Fault(spoil, "/rest/api/3/issue/bulkfetch")) as sandbox,
        connected(sandbox) as (connector, streams),
        pytest.raises(IncompleteError, match="source jira: issue 1: key cannot be read"),
    ):
        list(connector.fetch(streams["issues"], ["1"]))


def test_changes_while_reading_are_not_lost(agency: Agency) -> None:
    """An issue of the first page that is edited before the last page is read comes with the next sync."""
    with stand_in(agency) as sandbox:
        with connected(sandbox) as (connector, streams):
            pages = [next(reading := connector.read(streams["issues"], None))]
            agency.clock.advance(timedelta(minutes=3))
            edited = agency.edit_issue(agency.issues[0].key, summary="Đổi tên")
            pages += list(reading)
        agency.clock.advance(timedelta(days=1))
        after_first = landed(pages)
        after_second = landed(read(sandbox, pages[-1].checkpoint), after_first)
    assert after_first[str(edited.id)]["summary"] != "Đổi tên"
    assert after_second[str(edited.id)]["summary"] == "Đổi tên"


def test_late_index_loses_nothing(agency: Agency) -> None:
    """A change that Jira's index learns of only after a sync comes with the next one."""
    with stand_in(agency, index_lag=timedelta(minutes=12)) as sandbox:
        agency.clock.advance(timedelta(days=1))
        checkpoint = read(sandbox)[-1].checkpoint
        edited = agency.edit_issue(agency.issues[3].key, summary="Chậm")
        agency.clock.advance(timedelta(minutes=10))
        second = read(sandbox, checkpoint)
        agency.clock.advance(timedelta(minutes=10))
        third = read(sandbox, second[-1].checkpoint)
    assert str(edited.id) not in landed(second)
    assert landed(third)[str(edited.id)]["summary"] == "Chậm"


def test_moved_issue_keeps_its_id(agency: Agency) -> None:
    """An issue that moves to another project is the same record with another key."""
    with stand_in(agency) as sandbox:
        pages = read(sandbox)
        agency.clock.advance(timedelta(hours=1))
        moved = agency.move_issue(agency.issues[0].key, "OPS")
        present = landed(read(sandbox, pages[-1].checkpoint), landed(pages))
    assert len(present) == 250
    assert (present[str(moved.id)]["key"], present[str(moved.id)]["project"]) == (moved.key, "OPS")


def test_select_and_fields(agency: Agency) -> None:
    """Only the selected issues are read, with the fields that the project adds."""
    declared = {"client": "Client", "points": "customfield_10016"}
    with stand_in(agency) as sandbox:
        present = landed(read(sandbox, select="project = WEB or project = SEO", fields=declared))
        with pytest.raises(SettingsError, match=r"2 fields are called 'Region'.*customfield_10061 \(project 10003\)"):
            read(sandbox, fields={"region": "Region"})
    chosen = {str(one.id): one for one in agency.issues if one.project in ("WEB", "SEO")}
    assert {issue_id: one["client"] for issue_id, one in present.items()} == {
        issue_id: one.client for issue_id, one in chosen.items()
    }
    assert {issue_id: one["points"] for issue_id, one in present.items()} == {
        issue_id: one.story_points for issue_id, one in chosen.items()
    }


@pytest.mark.parametrize(
    "deed",
    [
        faults.too_many_requests(retry_after=30),
        faults.server_error(503),
        faults.cut_body(),
        faults.cut_body(0.0),
        faults.no_answer(),
    ],
)
def test_passing_troubles(agency: Agency, deed: faults.Deed) -> None:
    """A page that is refused, cut or never sent twice is read at the third try, and nothing is missing."""
    with stand_in(agency, faults.Fault(deed, SEARCH, requests=(2, 3))) as sandbox:
        assert len(landed(read(sandbox))) == 250
    assert len(sandbox.requests) == 7


def test_crash_and_resume(agency: Agency) -> None:
    """Cut off in the middle and started again, the pages join to the whole."""
    plan = faults.Fault(faults.server_error(500), SEARCH, requests=range(3, 9))
    with stand_in(agency, plan) as sandbox:
        pages: list[Page] = []
        with connected(sandbox) as (connector, streams), pytest.raises(UnavailableError):
            for page in connector.read(streams["issues"], None):
                pages.append(page)  # noqa: PERF402 - those before the error count
        assert len(landed(pages)) == 200
        pages += read(sandbox, pages[-1].checkpoint)
    assert len(landed(pages)) == 250


@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        (jira_faults.warnings(), IncompleteError),
        (jira_faults.repeated_token(), IncompleteError),
        (jira_faults.empty_page(), None),
        (faults.web_page(), UnavailableError),
    ],
)
def test_answers_that_are_not_the_whole(agency: Agency, deed: faults.Deed, kind: type[Exception] | None) -> None:
    """Less than everything is an error; one empty page with a token is only an empty page."""
    with stand_in(agency, faults.Fault(deed, SEARCH, requests=(2, 3, 4))) as sandbox:
        if kind is None:
            assert len(read(sandbox)) == 3
        else:
            with pytest.raises(kind):
                read(sandbox)
