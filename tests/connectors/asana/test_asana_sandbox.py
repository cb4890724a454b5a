"""The connector against the sandbox's Asana: everything is read, nothing is lost, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.asana import Asana
from connectors.asana.settings import AsanaSettings
from okr_sync.connector import AccessError, Context, IncompleteError, Page, Record, Stream
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, ZONE
from okr_sync.sandbox.faults import Fault, meanwhile
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.server import Options, Sandbox
from okr_sync.sandbox.systems.asana import faults
from okr_sync.sandbox.systems.asana.workspace import AsanaOptions
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import SourceLog, Warehouse, open_warehouse
from tests.connectors.asana.description import API, asana, needs_specs

NOW = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
TASKS = f"{API}/tasks"
FIELDS = {
    "client": "Khách hàng",
    "points": "Điểm công việc",
    "labels": "Nhãn",
    "region": "Vùng",
    "delivered_on": "Ngày bàn giao",
    "reporters": "Người yêu cầu",
    "priority": 1206000000000008,  # of the project Website alone
}


@pytest.fixture
def agency() -> Agency:
    """At rest for five minutes: nothing of it happened while a read was under way."""
    agency = Agency.grow(7, NOW, issue_count=300, ticket_count=0).grow_business(7, visit_count=0, listing_count=0)
    agency.clock.advance(timedelta(minutes=5))
    return agency


def sandbox_of(agency: Agency, *plan: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, plan, Options(of_systems={"asana": AsanaOptions(**options)}), systems=["asana"])


def connector_of(sandbox: Sandbox, fields: dict[str, Any] | None = None, **settings: Any) -> Asana:
    named = sandbox.variables()
    written = {"connector": "asana", "url": named["ASANA_URL"], "token": named["ASANA_TOKEN"], **settings}
    written["streams"] = {"tasks": {"fields": fields or {}}}
    return Asana(AsanaSettings.model_validate(written), Context("work", Path(), ZoneInfo("Asia/Ho_Chi_Minh")))


@contextmanager
def connected(sandbox: Sandbox, **settings: Any) -> Iterator[tuple[Asana, dict[str, Stream]]]:
    with connector_of(sandbox, **settings) as connector:
        yield connector, {one.name: one for one in connector.connect()}


def read(sandbox: Sandbox, stream: str = "tasks", **settings: Any) -> list[Page]:
    with connected(sandbox, **settings) as (connector, streams):
        return list(connector.read(streams[stream], None))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each object."""
    return {str(one.fields["gid"]): one for page in pages for one in page.records}


def gid_of(issue: Issue) -> str:
    """Asana's id of an issue's task: the sandbox counts tasks from 1205 followed by twelve zeros."""
    return str(1_205_000_000_000_000 + issue.id)


def test_first_sync(agency: Agency) -> None:
    """Every issue is a task with what the agency knows of it."""
    with sandbox_of(agency) as sandbox:
        present = landed(read(sandbox, fields=FIELDS))
    assert set(present) == {gid_of(one) for one in agency.issues}
    for issue in agency.issues:
        fields = present[gid_of(issue)].fields
        is_done = CATEGORY_OF[issue.status] == "done"
        assert (fields["name"], fields["is_completed"], fields["due_on"]) == (issue.summary, is_done, issue.due_on)
        assert (fields["created_at"], fields["modified_at"]) == (issue.created_at, issue.updated_at)
        assert (fields["completed_at"] is not None) == is_done
        projects = [{"WEB": "Website", "SEO": "SEO & Content", "OPS": "Vận hành"}[issue.project]]
        assert fields["project"] == projects[0]
        assert fields["projects"] == projects + ([issue.client] if issue.client else [])
        assert (fields["client"], fields["points"]) == (issue.client, issue.story_points)
        assert (fields["labels"], fields["region"]) == (list(issue.labels), issue.region)
        delivered_on = None if issue.resolved_at is None else issue.resolved_at.astimezone(ZONE).date()
        assert fields["delivered_on"] == delivered_on
        assert fields["priority"] == (issue.priority if issue.project == "WEB" else None)


def test_requests_of_a_sync(agency: Agency) -> None:
    """A night costs what the first sync cost: person, projects, each page of tasks, and each project once more."""
    sizes = [sum(one.project == key for one in agency.issues) for key in ("WEB", "SEO", "OPS")]
    sizes += [sum(one.client == client.name for one in agency.issues) for client in CLIENTS]
    page_count = sum(-(-size // 100) for size in sizes)
    with sandbox_of(agency) as sandbox:
        read(sandbox)
        assert len(sandbox.requests) == 2 + page_count + 13
        agency.clock.advance(timedelta(days=1))
        first, second = len(sandbox.requests), read(sandbox)
        assert len(sandbox.requests) == 2 * first
        assert sum(len(page.records) for page in second) == 300  # each once
        for stream, count in (("projects", 2), ("goals", 2), ("portfolios", 4)):
            before = len(sandbox.requests)
            read(sandbox, stream)
            assert len(sandbox.requests) - before == count


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Every request is one that Asana's own description knows, to its parameters, fields and their types."""
    with sandbox_of(agency, page_cap=50) as sandbox:
        for stream in ("tasks", "projects", "portfolios", "goals"):
            read(sandbox, stream, fields=FIELDS, projects=["Website", 1202000000010003])
        read(sandbox, "projects", projects=[1202000000010003])
    for one in sandbox.requests:
        asana().check_request(one.method, one.path.removeprefix(API), one.query, one.body)


def sync(agency: Agency, folder: Path, *plan: Fault, **settings: Any) -> StreamSync:
    with sandbox_of(agency, *plan, page_cap=20) as sandbox:
        source = SourcePlan("work", connector_of(sandbox, **settings), {"tasks": "settings"})
        (result,) = sync_source(source, Syncing(warehouse_of(folder), agency.clock.now))
    return result


def warehouse_of(folder: Path) -> Warehouse:
    return open_warehouse("duckdb:///warehouse", folder, ZoneInfo("Asia/Ho_Chi_Minh"))


def test_what_happens_to_tasks(agency: Agency, tmp_path: Path) -> None:
    """Of what was edited there is a version more; what was deleted, or left the source's projects, has ended."""
    inside = [one for one in agency.issues if one.client == "Trà Cỏ Bồng"]
    assert sync(agency, tmp_path, projects=["Trà Cỏ Bồng"]).error is None
    agency.clock.advance(timedelta(days=1))
    agency.edit_issue(inside[0].key, summary="Việc khác")
    agency.edit_issue(inside[1].key, client=None)
    agency.delete_issue(inside[2].key)
    result = sync(agency, tmp_path, projects=["Trà Cỏ Bồng"])
    assert (result.error, result.new_count, result.deleted_count) == (None, 1, 2)
    (described,) = SourceLog(warehouse_of(tmp_path), "work").describe()
    assert described.record_count == len(inside) - 2
    agency.edit_issue(inside[1].key, client="Trà Cỏ Bồng")  # it comes back
    result = sync(agency, tmp_path, projects=["Trà Cỏ Bồng"])
    assert (result.error, result.new_count, result.deleted_count) == (None, 1, 0)


def test_membership_that_modified_at_does_not_show(agency: Agency, tmp_path: Path) -> None:
    """A task that is taken out of one of its projects is a new version, although its time of change stays."""
    one = next(issue for issue in agency.issues if issue.project == "WEB" and issue.client == "Trà Cỏ Bồng")
    assert sync(agency, tmp_path).error is None

    def take_out(task: dict[str, Any]) -> dict[str, Any]:
        return task | {"memberships": task["memberships"][:1]} if task["gid"] == gid_of(one) else task

    result = sync(agency, tmp_path, Fault(faults.changed(take_out), TASKS))
    assert (result.error, result.new_count, result.deleted_count) == (None, 1, 0)


def test_task_that_moves_while_it_is_read(agency: Agency) -> None:
    """It moved from the second project to the first, after the first was read: it is read, and once."""
    one = next(issue for issue in agency.issues if issue.project == "OPS" and issue.client is None)
    move = Fault(meanwhile(lambda: agency.move_issue(one.key, "WEB")), TASKS, requests=(1,))
    web = [issue for issue in agency.issues if issue.project == "WEB"]
    assert one.id < web[99].id  # the page that it would be on is the one that was read
    with sandbox_of(agency, move) as sandbox:
        present = landed(read(sandbox, projects=["Website", "Vận hành"]))
    assert present[gid_of(one)].fields["project"] == "Website"


def test_offset_that_expires(agency: Agency) -> None:
    """The clock goes on by a quarter of an hour between two pages: that list is read anew, and nothing is missing."""
    wait = Fault(meanwhile(lambda: agency.clock.advance(timedelta(minutes=15))), TASKS, requests=(2,))
    with sandbox_of(agency, wait, page_cap=20) as sandbox:
        present = landed(read(sandbox))
    assert set(present) == {gid_of(one) for one in agency.issues}
    assert [one.status for one in sandbox.requests if one.path == TASKS].count(400) == 1


def test_offsets_that_never_last(agency: Agency) -> None:
    """Where every offset is forgotten at once, the read is not complete."""
    with sandbox_of(agency, Fault(faults.forgotten_offset(), TASKS)) as sandbox, pytest.raises(IncompleteError):
        read(sandbox, projects=["Website"])


@pytest.mark.parametrize("deed", [faults.short_form(), faults.without("memberships")])
def test_short_form(agency: Agency, tmp_path: Path, deed: Any) -> None:
    """Tasks in Asana's short form, or without their projects, end nothing and change nothing."""
    assert sync(agency, tmp_path).error is None
    result = sync(agency, tmp_path, Fault(deed, TASKS))
    assert "in its short form" in (result.error or "")
    assert (result.new_count, result.deleted_count) == (0, 0)


def test_free_workspace(agency: Agency) -> None:
    """Without a paid plan goals and portfolios fail, each with the reason; tasks and projects are read."""
    with sandbox_of(agency, is_paid=False) as sandbox:
        assert len(landed(read(sandbox))) == 300
        assert len(landed(read(sandbox, "projects"))) == 13
        for stream in ("goals", "portfolios"):
            with pytest.raises(AccessError, match=r"402 Payment Required: .* are not available for free users"):
                read(sandbox, stream)


def test_limit_of_a_free_workspace(agency: Agency) -> None:
    """The request that is one too many is told how long to wait; the read goes on where it was."""
    waits = iter(range(1))

    def pass_time() -> None:
        if next(waits, None) is not None:
            agency.clock.advance(timedelta(minutes=1))

    with sandbox_of(agency, Fault(_after_refusal(pass_time), API), requests_per_minute=20) as sandbox:
        assert len(landed(read(sandbox))) == 300
    assert [one.status for one in sandbox.requests].count(429) == 1


def _after_refusal(happens: Any) -> Any:
    """`happens` once a request was refused for being one too many."""

    async def deed(_: Any, forward: Any) -> Any:
        answer = await forward()
        if answer.status == 429:
            happens()
        return answer

    return deed


def test_goals(agency: Agency) -> None:
    """The agency's own goals: NPS by its survey, and a goal without a metric that has no value."""
    scores = [one.score for one in agency.surveys.all]
    nps = 100 * (len([one for one in scores if one >= 9]) - len([one for one in scores if one <= 6])) / len(scores)
    with sandbox_of(agency) as sandbox:
        goals = {str(one.fields["name"]): one.fields for one in landed(read(sandbox, "goals")).values()}
    found = goals["Tăng NPS"]
    assert (found["initial_value"], found["target_value"], found["status"]) == (30, 45, "on_track")
    assert found["current_value"] == pytest.approx(nps)
    assert (found["time_period"], str(found["period_end_on"])) == ("Q4 FY26", "2026-12-31")
    assert goals["Chuẩn hoá checklist nghiệm thu"]["current_value"] is None


def test_portfolios(agency: Agency) -> None:
    """Two portfolios hold the 3 projects of departments and the 10 of clients."""
    with sandbox_of(agency) as sandbox:
        portfolios = landed(read(sandbox, "portfolios")).values()
        projects = landed(read(sandbox, "projects"))
    items = {str(one.fields["name"]): one.fields["item_ids"] for one in portfolios}
    assert {name: len(gids) for name, gids in items.items()} == {"Phòng ban": 3, "Khách hàng": 10}  # type: ignore[arg-type]
    assert {gid for gids in items.values() for gid in gids} == set(projects)  # type: ignore[union-attr]
