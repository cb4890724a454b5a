"""What records were before: rebuilt from the histories that the org keeps, as far as the account may see them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from okr_sync.connector import Page, Value
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.growth.past import past_of_deal
from okr_sync.sandbox.records import Deal
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.sales import STAGES, to_second
from tests.connectors.salesforce.conftest import API, NOW, QUERY, connector, landed, org

HOUR = timedelta(hours=1)
KEPT = f"{API}/query"


def read(sandbox: Sandbox, stream: str = "opportunities", checkpoint: Any = None, **settings: Any) -> list[Page]:
    with connector(sandbox.variables(), has_history=True, **settings) as one:
        streams = {stream.name: stream for stream in one.connect()}
        return list(one.read(streams[stream], checkpoint))


def versions_of(pages: list[Page], key: str, *names: str) -> list[tuple[Value, ...]]:
    assert [page.rejected for page in pages if page.rejected] == []
    records = [one.fields for page in pages for one in page.records if one.fields["id"] == key]
    return [tuple(one[name] for name in names) for one in records]


def lived(agency: Agency) -> Deal:
    """A deal that was moved, priced, handed over and moved back, an hour between each."""
    deal = next(one for one in agency.deals.all if one.stage == "proposal" and one.pipeline == "new")
    other = next(one.owner for one in agency.deals.all if one.owner != deal.owner)
    for change in ({"stage": "won"}, {"amount": 7_000_000}, {"owner": other}, {"stage": "contract"}):
        agency.clock.advance(HOUR)
        if "stage" in change:
            agency.move_deal(deal.id, str(change["stage"]))
        else:
            agency.deals.edit(deal.id, **change)
    agency.clock.advance(HOUR)
    return agency.deals[deal.id]


def every_version(agency: Agency, deal: Deal) -> list[Deal]:
    first, *later = (*agency.deals.earlier(deal.id), deal)
    return [*past_of_deal(first), *later]


def test_every_change_is_a_version(agency: Agency) -> None:
    """Stage, amount and owner as they were, and what follows from the stage: won, closed, and where a forecast counts
    it.
    """
    deal = lived(agency)
    with org(agency) as sandbox:
        pages = read(sandbox)
    names = ("updated_at", "stage", "amount", "is_won", "is_closed", "forecast_category")
    expected = [
        (
            to_second(one.updated_at),
            STAGES[one.stage][0],
            one.amount,
            one.stage == "won",
            one.stage in ("won", "lost"),
            STAGES[one.stage][2],
        )
        for one in every_version(agency, deal)
    ]
    assert versions_of(pages, salesforce_id("Opportunity", deal.id), *names) == expected
    owners = [owner for (owner,) in versions_of(pages, salesforce_id("Opportunity", deal.id), "owner")]
    assert len(set(owners)) == 2
    assert owners[-3] != owners[-2] == owners[-1]


def test_when_the_stage_changed(agency: Agency) -> None:
    """Since when the stage was what it was; none while it never changed."""
    deal = lived(agency)
    with org(agency) as sandbox:
        found = versions_of(read(sandbox), salesforce_id("Opportunity", deal.id), "stage_changed_at")
    expected = [None if len(one.stages) == 1 else to_second(one.stages[-1][1]) for one in every_version(agency, deal)]
    assert [at for (at,) in found] == expected


def test_what_the_org_does_not_track_is_missing(agency: Agency) -> None:
    """A field without a history is known of the present alone; one that is tracked was always what it is."""
    deal = lived(agency)
    with org(agency) as sandbox:
        found = versions_of(read(sandbox), salesforce_id("Opportunity", deal.id), "lead_source", "name")
    assert {source for source, _ in found[:-1]} == {None}
    assert found[-1][0] is not None
    assert {name for _, name in found} == {deal.name}


def test_cases(agency: Agency) -> None:
    """Status and priority by the history of cases; closed by what the org says of the status."""
    ticket = agency.create_ticket("Hỏi giá", status="open")
    agency.clock.advance(HOUR)
    agency.edit_ticket(ticket.id, priority="urgent")
    agency.clock.advance(HOUR)
    solved_at = agency.clock.now().replace(microsecond=0)
    agency.edit_ticket(ticket.id, status="solved", solved_at=solved_at)
    agency.clock.advance(HOUR)
    agency.edit_ticket(ticket.id, subject="Đổi tên")
    agency.clock.advance(HOUR)
    with org(agency) as sandbox:
        pages = read(sandbox, "cases")
    names = ("status", "priority", "is_closed", "closed_at")
    found = versions_of(pages, salesforce_id("Case", ticket.id), *names)
    priority = None if ticket.priority is None else ticket.priority.capitalize()
    assert found[-4:] == [
        ("Working", priority, False, None),
        ("Working", "Urgent", False, None),
        ("Closed", "Urgent", True, solved_at),
        ("Closed", "Urgent", True, solved_at),
    ]


def test_what_it_costs(agency: Agency) -> None:
    """Two requests for 200 records, and two for what the org says of its fields and its stages."""
    with org(agency) as sandbox:
        pages = read(sandbox)
        assert [one.path for one in sandbox.requests if one.path.startswith(QUERY)] == [QUERY]
        assert len([one for one in sandbox.requests if one.path == KEPT]) == 4
        before = len(sandbox.requests)
        agency.clock.advance(HOUR)
        assert sum(len(page.records) for page in read(sandbox, checkpoint=pages[-1].checkpoint)) == 0
        assert [one.path for one in sandbox.requests][before:][-1] == QUERY


def test_only_what_is_new(agency: Agency) -> None:
    """A later read gives the versions since the last one."""
    with org(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(HOUR)
        deal = lived(agency)
        pages = read(sandbox, checkpoint=checkpoint)
    moments = [at for (at,) in versions_of(pages, salesforce_id("Opportunity", deal.id), "updated_at")]
    assert moments == [to_second(one.updated_at) for one in every_version(agency, deal)][-4:]
    assert isinstance(moments[0], datetime)
    assert moments[0] > NOW


@pytest.mark.parametrize(
    ("hidden", "has_past"),
    [({"OpportunityFieldHistory"}, False), ({"FieldDefinition"}, True), ({"OpportunityHistory"}, True)],
)
def test_histories_that_the_account_may_not_see(agency: Agency, hidden: set[str], has_past: bool) -> None:
    """The stream is read all the same: without its past, or with as much of it as the account may see."""
    deal = agency.deals.all[0]
    agency.clock.advance(HOUR)
    agency.move_deal(deal.id, "lost" if deal.stage != "lost" else "won")
    agency.clock.advance(HOUR)
    with org(agency, hidden=frozenset(hidden)) as sandbox:
        pages = read(sandbox)
    assert set(landed(pages)) == {salesforce_id("Opportunity", one.id) for one in agency.deals.all}
    found = versions_of(pages, salesforce_id("Opportunity", deal.id), "stage")
    assert (len(found) > 1) == has_past
    assert found[-1] == (STAGES["lost" if deal.stage != "lost" else "won"][0],)
    if has_past:
        assert found[-2] == (STAGES[deal.stage][0],)


def test_where_all_is_read_every_time(agency: Agency) -> None:
    """A formula changes without its record, so only the present state of each is kept, and no history is asked for."""
    formula = {"opportunities": {"fields": {"days_left": "Days_To_Contract_End__c"}}}
    with org(agency) as sandbox:
        pages = read(sandbox, streams=formula)
        assert [one for one in sandbox.requests if one.path == KEPT] == []
    assert sum(len(page.records) for page in pages) == len(agency.deals.all)


def test_by_a_bulk_job(agency: Agency) -> None:
    """The results of a job are texts, and lead to the same past."""
    with org(agency) as sandbox:
        by_pages = [one.fields for page in read(sandbox) for one in page.records]
        by_job = [one.fields for page in read(sandbox, bulk_above=0) for one in page.records]
    assert sorted(by_job, key=_place) == sorted(by_pages, key=_place)


def _place(fields: Any) -> tuple[str, datetime]:
    return str(fields["id"]), fields["updated_at"]
