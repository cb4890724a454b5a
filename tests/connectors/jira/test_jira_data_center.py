"""Jira in a data center: an access token, pages by offset that move, histories inside of issues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from connectors.jira.settings import JiraSettings
from okr_sync.connector import AccessError, IncompleteError, UnavailableError
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.server import Sandbox
from okr_sync.sync import SourcePlan, Syncing, sync_source
from okr_sync.warehouse import open_warehouse
from tests.connectors.jira.stand_in import asked, connected, landed, read, stand_in

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
SEARCH = "/rest/api/2/search"


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=7, now=NOW, issue_count=250, ticket_count=0, survey_count=0)


def data_center(agency: Agency, *plan: faults.Fault, **options: Any) -> Sandbox:
    return stand_in(agency, *plan, is_data_center=True, **options)


def test_first_sync(agency: Agency) -> None:
    """Every issue by pages of a hundred: who am I, the fields, and three pages that overlap by one issue."""
    with data_center(agency) as sandbox:
        pages = read(sandbox, "issues", issues={"fields": {"client": "Client"}, "sprints": "auto"})
    present = landed(pages)
    assert asked(sandbox) == ["myself", "field", "search", "search", "search"]
    assert [len(page.records) for page in pages] == [100, 100, 52]
    assert pages[0].expected_count == 250
    epics = {one.key for one in agency.issues if one.issue_type == "Epic"}
    for issue in agency.issues:
        record = present[str(issue.id)]
        assert (record["key"], record["status"], record["client"]) == (issue.key, issue.status, issue.client)
        assert (record["updated_at"], record["resolved_at"]) == (issue.updated_at, issue.resolved_at)
        assert record["epic_key"] == (issue.parent if issue.parent in epics else None)
    assert any(one["epic_key"] for one in present.values())
    assert any(one["sprints"] for one in present.values())


@pytest.mark.parametrize("deleted_count", [1, 2, 40, 150])
def test_deletions_while_pages_are_read(agency: Agency, deleted_count: int) -> None:
    """Deleted issues move all that follow up, over the border of the page; whatever is left is read."""
    oldest = [one.key for one in sorted(agency.issues, key=lambda one: one.created_at)[:deleted_count]]

    def delete() -> None:
        for key in oldest:
            agency.delete_issue(key)

    with data_center(agency, faults.Fault(faults.meanwhile(delete), SEARCH, (2,))) as sandbox:
        present = landed(read(sandbox, "issues"))
    assert {str(one.id) for one in agency.issues} <= present.keys()


def test_moved_pages_cost_one_page_each(agency: Agency) -> None:
    """Where a page begins too late the one before is read again, not the whole list: two requests more than three."""
    first = min(agency.issues, key=lambda one: one.created_at)
    happens = faults.meanwhile(lambda: agency.delete_issue(first.key))
    with data_center(agency, faults.Fault(happens, SEARCH, (2,))) as sandbox:
        read(sandbox, "issues")
    starts = [parse_qs(one.query)["startAt"] for one in sandbox.requests if one.path == SEARCH]
    assert starts == [["0"], ["99"], ["198"], ["98"], ["197"]]


def test_census_pages_overlap_too(agency: Agency) -> None:
    """A census asks for the time of creation besides ids, by which it can tell a page that moved."""
    first = min(agency.issues, key=lambda one: one.created_at)
    happens = faults.meanwhile(lambda: agency.delete_issue(first.key))
    with data_center(agency, faults.Fault(happens, SEARCH, (2,))) as sandbox:
        with connected(sandbox) as (connector, streams):
            keys = {key for page in connector.census(streams["issues"]) for key in page}
        starts = [parse_qs(one.query)["startAt"][0] for one in sandbox.requests if one.path == SEARCH]
    assert {str(one.id) for one in agency.issues} <= keys
    assert starts == ["0", "99", "198", "98", "197"]


def test_new_arrivals_while_pages_are_read(agency: Agency) -> None:
    """Issues that enter the search before the page being read move the rest down: they come twice, none is lost."""
    with data_center(agency) as sandbox:
        checkpoint = read(sandbox, "issues")[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        for one in agency.issues[120:240]:
            agency.edit_issue(one.key, summary="Đổi")
        late = [one.key for one in agency.issues[:20]]
        agency.clock.advance(timedelta(hours=1))
    happens = faults.meanwhile(lambda: [agency.edit_issue(key, summary="Muộn") for key in late])
    with data_center(agency, faults.Fault(happens, SEARCH, (1,))) as sandbox:
        present = landed(read(sandbox, "issues", checkpoint))
    assert {str(one.id) for one in agency.issues[120:240]} <= present.keys()


def test_interrupted_read_goes_on(agency: Agency) -> None:
    """A read that breaks off goes on at its page, also where issues before it were deleted in the meantime."""
    plan = faults.Fault(faults.server_error(500), SEARCH, requests=range(3, 9))
    with data_center(agency, plan) as sandbox:
        pages = []
        with connected(sandbox) as (connector, streams), pytest.raises(UnavailableError):
            for page in connector.read(streams["issues"], None):
                pages.append(page)  # noqa: PERF402 - those before the error count
        assert len(landed(pages)) == 199
        for one in agency.issues[:30]:
            agency.delete_issue(one.key)
        rest = read(sandbox, "issues", pages[-1].checkpoint)
    assert {str(one.id) for one in agency.issues} <= landed(rest, landed(pages)).keys()


def test_census_fetch_and_count(agency: Agency, tmp_path: Path) -> None:
    """Deleted issues end by the census; ids that are gone by the time they are fetched are left out."""
    syncing = Syncing(open_warehouse("duckdb:///warehouse", tmp_path, ZoneInfo("UTC")), clock=agency.clock.now)
    results = []
    with data_center(agency) as sandbox:
        for key in ("WEB-1", "WEB-2"):
            with connected(sandbox) as (connector, _):
                (result,) = sync_source(SourcePlan("jira", connector, {"issues": "settings"}), syncing)
            results.append((result.error, result.deleted_count))
            agency.clock.advance(timedelta(days=1))
            agency.delete_issue(key)
        assert results == [(None, 0), (None, 1)]
        with connected(sandbox) as (connector, streams):
            assert connector.count(streams["issues"]) == 248
            ids = [str(one.id) for one in agency.issues[:2]]
            (records,) = connector.fetch(streams["issues"], [*ids, "999999"])
    assert [one.fields["id"] for one in records] == ids


@pytest.mark.parametrize("history_cap", [None, 2])
def test_changelog(agency: Agency, history_cap: int | None) -> None:
    """Changes come inside of issues; where a search cuts them off, the rest of an issue's is asked for."""
    with data_center(agency, history_cap=history_cap, page_cap=1000) as sandbox:
        present = landed(read(sandbox, "changelog"))
    expected = {
        (str(issue.id), after.updated_at, before.status, after.status)
        for issue in agency.issues
        for before, after in pairwise(agency.issue_versions(issue.id))
        if before.status != after.status
    }
    changes = [one for one in present.values() if one["field_id"] == "status"]
    assert {(one["issue_id"], one["changed_at"], one["from_text"], one["to_text"]) for one in changes} == expected
    assert all(str(one["author_id"]).startswith("JIRAUSER") for one in changes)


def test_cut_changelog_without_the_rest(agency: Agency) -> None:
    """An issue's changes that are cut off, and refused one by one, are not the whole."""
    plan = faults.Fault(faults.server_error(404), "/rest/api/2/issue/")
    words = r"Jira gave 1 of the \d changes of issue \w+-\d+ and refused the rest"
    with data_center(agency, plan, history_cap=1) as sandbox, pytest.raises(IncompleteError, match=words):
        read(sandbox, "changelog")


def test_worklogs_and_slas(agency: Agency) -> None:
    """Worklogs and SLAs come as from the cloud."""
    assert len(agency.worklogs) > 500
    agency.clock.advance(timedelta(hours=1))
    with data_center(agency, page_cap=1000) as sandbox:
        assert len(landed(read(sandbox, "worklogs"))) == len(agency.worklogs)
        slas = landed(read(sandbox, "slas", slas={"select": "project = OPS"}))
    requests = {one.key for one in agency.issues if one.project == "OPS" and one.issue_type in ("Task", "Bug")}
    assert {one["issue_key"] for one in slas.values()} == requests


def test_identity_and_wrong_token(agency: Agency) -> None:
    """A token alone tells who we are; a wrong one says where tokens are made."""
    with data_center(agency, is_admin=True) as sandbox, connected(sandbox) as (connector, _):
        identity = connector.identity()
        assert identity is not None
        assert (identity.name, identity.missing, identity.unneeded) == ("okr-bot@agency.example", (), ("ADMINISTER",))
        connector.settings.token = type(connector.settings.token)("other")
        with pytest.raises(AccessError, match=r"credentials refused.*personal access tokens are made"):
            connector.connect()


@pytest.mark.parametrize(
    ("written", "is_cloud"),
    [
        ({"url": "https://jira.agency.example", "token": "x"}, False),
        ({"url": "https://jira.agency.example", "token": "x", "email": "a@b.c"}, True),
        ({"url": "https://jira.agency.example", "token": "x", "email": "bot", "deployment": "data_center"}, False),
        ({"url": "https://agency.atlassian.net", "token": "x"}, None),
        ({"url": "https://jira.agency.example", "token": "x", "deployment": "cloud"}, None),
    ],
)
def test_deployment(written: dict[str, str], is_cloud: bool | None) -> None:
    """A token without an email belongs to a data center; on a cloud address the email was forgotten."""
    if is_cloud is None:
        with pytest.raises(ValidationError, match="email is missing"):
            JiraSettings.model_validate({"connector": "jira", **written})
    else:
        assert JiraSettings.model_validate({"connector": "jira", **written}).is_cloud is is_cloud


@pytest.mark.parametrize("change", [{"total": None}, {"issues": None}])
def test_answers_that_are_not_the_whole(agency: Agency, change: dict[str, Any]) -> None:
    """A page without issues, or that does not tell how many there are, is not taken."""
    deed = faults.rewritten(lambda _, content: content | change)
    refused = pytest.raises((IncompleteError, UnavailableError))
    with data_center(agency, faults.Fault(deed, SEARCH)) as sandbox, refused:
        read(sandbox, "issues")


def test_pages_of_one_issue_do_not_go_on_for_ever(agency: Agency) -> None:
    """A site that gives one issue a page leaves no room for the overlap: an error, not an endless read."""
    with data_center(agency, page_cap=1) as sandbox, pytest.raises(IncompleteError, match="same page token twice"):
        read(sandbox, "issues")
