"""SLAs: one record for each cycle, hours by the SLA's own calendar, open cycles read again every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.jira.slas import READING, cycles_of
from okr_sync.connector import SettingsError, Value
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.systems.jira import faults as jira_faults
from okr_sync.sync import SourcePlan, Syncing, sync_source
from okr_sync.warehouse import open_warehouse
from tests.connectors.jira.stand_in import asked, connected, landed, read, stand_in

MONDAY = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 09:00 in Ho Chi Minh City, where work is from 08:30 to 18:00
RESPONSE, RESOLUTION = "Time to first response", "Time to resolution"
SELECT = {"select": "project = OPS"}


@pytest.fixture
def agency() -> Agency:
    return Agency(Clock(MONDAY))


def cycles(present: dict[str, dict[str, Any]], name: str) -> list[dict[str, Value]]:
    return [one for one in present.values() if one["name"] == name]


def test_life_of_a_request(agency: Agency) -> None:
    """Answered in time, waited for the client, resolved; reopened and resolved too late: two cycles, one breached."""
    key = agency.create_issue("OPS", "Đổi banner").key
    advance(agency, hours=3)
    agency.edit_issue(key, status="In Progress")  # after 3 working hours
    advance(agency, hours=3)
    agency.edit_issue(key, status="In Review")  # after 6: now the client's turn
    advance(agency, days=1)
    agency.edit_issue(key, status="Done", resolution="Done")  # still 6
    advance(agency, days=6)
    reopened = agency.edit_issue(key, status="Reopened", resolution=None)  # the next Monday, 15:00
    advance(agency, days=4)
    done = agency.edit_issue(key, status="Done", resolution="Done")  # Friday, 15:00: 4 days of 9.5 hours
    advance(agency, hours=1)
    with stand_in(agency) as sandbox:
        present = landed(read(sandbox, "slas", slas=SELECT))
    (response,) = cycles(present, RESPONSE)
    assert (response["elapsed_hours"], response["goal_hours"], response["is_breached"]) == (3.0, 4.0, False)
    assert (response["started_at"], response["stopped_at"]) == (MONDAY, MONDAY + timedelta(hours=3))
    first, second = cycles(present, RESOLUTION)
    assert (first["cycle_number"], first["elapsed_hours"], first["remaining_hours"]) == (1, 6.0, 18.0)
    assert (second["cycle_number"], second["elapsed_hours"], second["remaining_hours"]) == (2, 38.0, -14.0)
    assert (first["is_breached"], second["is_breached"]) == (False, True)
    assert (second["started_at"], second["stopped_at"]) == (reopened.updated_at, done.updated_at)
    # 3 hours are left of Monday, 9.5 each of Tuesday and Wednesday: the 24th is on Thursday, 2 hours after 08:30.
    assert second["breaches_at"] == datetime(2026, 10, 15, 3, 30, tzinfo=UTC)
    assert {one["is_open"] for one in present.values()} == {False}
    assert {one["is_paused"] for one in present.values()} == {None}


def advance(agency: Agency, **passed: float) -> None:
    agency.clock.advance(timedelta(**passed))


def test_open_cycles_are_read_again(agency: Agency) -> None:
    """The clock of a request runs on though nothing changes it; a closed one is left alone. Two requests a night."""
    waiting = agency.create_issue("OPS", "Chờ").key
    done = agency.create_issue("OPS", "Xong").key
    agency.edit_issue(done, status="Done", resolution="Done")
    paused = agency.create_issue("OPS", "Chờ khách").key
    agency.edit_issue(paused, status="In Review")
    with stand_in(agency) as sandbox:
        advance(agency, hours=1)
        checkpoint = read(sandbox, "slas", slas=SELECT)[-1].checkpoint
        before = len(sandbox.requests)
        advance(agency, days=1)
        pages = read(sandbox, "slas", checkpoint, slas=SELECT)
        assert asked(sandbox, before) == ["myself", "field", "search/jql"]
    present = landed(pages)
    assert {one["issue_key"] for one in present.values()} == {waiting, paused}
    (running,) = [one for one in cycles(present, RESPONSE) if one["issue_key"] == waiting]
    assert (running["is_open"], running["is_paused"], running["is_breached"]) == (True, False, True)
    assert (running["elapsed_hours"], running["remaining_hours"]) == (10.5, -6.5)
    (waits,) = [one for one in cycles(present, RESOLUTION) if one["issue_key"] == paused]
    assert (waits["is_open"], waits["is_paused"], waits["elapsed_hours"]) == (True, True, 0.0)
    assert (waits["breaches_at"], waits["stopped_at"]) == (None, None)


def test_open_cycle_closes_under_its_own_key(agency: Agency) -> None:
    """A cycle keeps its key when it is completed, so no open one stays behind."""
    key = agency.create_issue("OPS", "Chờ").key
    with stand_in(agency) as sandbox:
        advance(agency, hours=1)
        first = read(sandbox, "slas", slas=SELECT)
        agency.edit_issue(key, status="Done", resolution="Done")
        advance(agency, hours=1)
        present = landed(read(sandbox, "slas", first[-1].checkpoint, slas=SELECT), landed(first))
    assert len(landed(first)) == 2
    assert {one["id"]: one["is_open"] for one in present.values()} == dict.fromkeys(landed(first), False)


def test_other_issues_have_no_cycles(agency: Agency) -> None:
    """Neither an issue of another project (null) nor one of a type without a goal (an empty object) has a record."""
    agency.create_issue("WEB", "Trang chủ")
    agency.create_issue("OPS", "Dự án", issue_type="Project")
    advance(agency, hours=1)
    with stand_in(agency) as sandbox:
        assert landed(read(sandbox, "slas")) == {}


def test_deleted_request_ends_where_all_are_read(agency: Agency, tmp_path: Path) -> None:
    """With read_all every night lists every cycle, so the two of a deleted request end."""
    requests = [agency.create_issue("OPS", f"Yêu cầu {number}").key for number in range(12)]
    syncing = Syncing(open_warehouse("duckdb:///warehouse", tmp_path, ZoneInfo("UTC")), clock=agency.clock.now)
    advance(agency, hours=1)
    found = []
    with stand_in(agency) as sandbox:
        for _night in range(2):
            with connected(sandbox, slas={**SELECT, "read_all": True}) as (connector, _):
                (result,) = sync_source(SourcePlan("jira", connector, {"slas": "settings"}), syncing)
            found.append((result.error, result.read_count, result.deleted_count))
            agency.delete_issue(requests.pop())
    assert found == [(None, 24, 0), (None, 22, 2)]


def test_site_without_slas(agency: Agency) -> None:
    """A site that shows no SLA to this account is an error, not an empty stream; the other streams are read."""

    def hide(_: faults.Call, content: Any) -> Any:
        return [one for one in content if "sd-sla-field" not in str(one["schema"])]

    no_slas = faults.rewritten(hide)
    with stand_in(agency, faults.Fault(no_slas, "/rest/api/3/field")) as sandbox:
        with pytest.raises(SettingsError, match="stream slas: the site has no SLA that this account may see"):
            read(sandbox, "slas")
        assert read(sandbox, "issues")


def test_sla_that_jira_cannot_work_out(agency: Agency) -> None:
    """An SLA with an error in its place is rejected by name; the request's other SLA is there."""
    key = agency.create_issue("OPS", "Chờ").key
    advance(agency, hours=1)
    fault = faults.Fault(jira_faults.sla_error("customfield_10070"), "/rest/api/3/search/jql")
    with stand_in(agency, fault) as sandbox:
        (page,) = read(sandbox, "slas", slas=SELECT)
    assert [one.fields["name"] for one in page.records] == [RESOLUTION]
    assert [(one.record, one.reason) for one in page.rejected] == [
        (f"SLA 'Time to first response' of request {key}", "Jira says: The SLA could not be calculated.")
    ]


FIELD = {"id": "customfield_10070", "name": RESPONSE}


@pytest.mark.parametrize(
    "sla", [None, {}, {"id": "1", "name": RESPONSE}, {"completedCycles": [], "ongoingCycle": None}]
)
def test_slas_that_never_started(sla: Any) -> None:
    """Null, an empty object, no cycles: nothing began, so there is no record, and nothing is rejected."""
    issue = {"id": "1", "key": "SUP-1", "fields": {"customfield_10070": sla}}
    assert list(cycles_of(issue, [FIELD])) == []


def test_cycles_are_numbered_by_their_start() -> None:
    """Whatever order Jira lists them in; a duration that is not told stays missing; names are the SLA's own."""
    late, early = ({"startTime": {"epochMillis": moment}, "breached": True} for moment in (2_000_000_000_000, 5))
    sla = {"name": "Phản hồi", "completedCycles": [late, early]}
    issue = {"id": "1", "key": "SUP-1", "fields": {"customfield_10070": sla}}
    records, rejected = READING.records(cycles_of(issue, [FIELD]))
    assert rejected == []
    starts = [(one.fields["id"], one.fields["started_at"]) for one in records]
    assert starts == [
        ("1:10070:1", datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)),
        ("1:10070:2", datetime(2033, 5, 18, 3, 33, 20, tzinfo=UTC)),
    ]
    assert {(one.fields["name"], one.fields["elapsed_hours"], one.fields["stopped_at"]) for one in records} == {
        ("Phản hồi", None, None)
    }
