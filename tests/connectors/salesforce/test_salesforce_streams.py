"""What the streams hold: the agency's deals and tickets as Salesforce has them, and what is odd about each object."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from okr_sync.connector import FieldType
from okr_sync.sandbox import Agency
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from tests.connectors.salesforce.conftest import connected, landed, opportunity_ids, org, read

STAGES = {
    "lead": ("Prospecting", 10),
    "qualified": ("Qualification", 20),
    "proposal": ("Proposal/Price Quote", 65),
    "contract": ("Negotiation/Review", 90),
    "won": ("Closed Won", 100),
    "lost": ("Closed Lost", 0),
}


def whole(moment: datetime) -> datetime:
    """Salesforce keeps seconds."""
    return moment.replace(microsecond=0)


def test_opportunities(agency: Agency) -> None:
    """Each deal comes with its stage, its times to the second, and no amount where nobody has made an offer."""
    with org(agency) as sandbox:
        records = landed(read(sandbox))
    assert set(records) == opportunity_ids(agency)
    for deal in agency.deals.all:
        fields = records[salesforce_id("Opportunity", deal.id)].fields
        assert (fields["name"], fields["amount"]) == (deal.name, deal.amount)
        assert (fields["stage"], fields["probability_percent"]) == STAGES[deal.stage]
        assert (fields["is_closed"], fields["is_won"]) == (deal.closed_at is not None, deal.stage == "won")
        assert (fields["created_at"], fields["updated_at"]) == (whole(deal.created_at), whole(deal.updated_at))
        assert deal.closed_at is None or fields["closes_on"] == deal.closed_at.date()
        assert fields["stage_changed_at"] == (whole(deal.stages[-1][1]) if len(deal.stages) > 1 else None)
    assert {fields.fields["owner"] for fields in records.values()} == {"Account team A", "Account team B"}


def test_leads_and_their_conversion(agency: Agency) -> None:
    """A lead is converted by the day on which it got an offer, to the opportunity of the same deal."""
    with org(agency) as sandbox:
        records = landed(read(sandbox, "leads"))
    began = [deal for deal in agency.deals.all if deal.stages[0][0] == "lead"]
    assert set(records) == {salesforce_id("Lead", deal.id) for deal in began}
    for deal in began:
        fields = records[salesforce_id("Lead", deal.id)].fields
        offered_at = deal.entered("proposal")
        assert fields["is_converted"] == (offered_at is not None)
        assert fields["converted_on"] == (None if offered_at is None else offered_at.date())
        own = None if offered_at is None else salesforce_id("Opportunity", deal.id)
        assert fields["converted_opportunity_id"] == own


def test_accounts(agency: Agency) -> None:
    """The agency's ten clients; what nobody filled in is missing."""
    with org(agency) as sandbox:
        records = landed(read(sandbox, "accounts"))
    assert len(records) == 10
    travel = next(one.fields for one in records.values() if one.fields["name"] == "Du lịch Bè Chuối")
    assert (travel["industry"], travel["annual_revenue"], travel["employee_count"]) == ("Travel", None, 12)


def test_cases(agency: Agency) -> None:
    """Tickets are cases; one that waits belongs to a queue, one that was deleted there is a tombstone."""
    with org(agency) as sandbox:
        records = landed(read(sandbox, "cases"))
    for ticket in agency.tickets:
        record = records[salesforce_id("Case", ticket.id)]
        assert record.is_deleted == (ticket.status == "deleted")
        if not record.is_deleted:
            is_closed = ticket.status in ("solved", "closed")
            assert (record.fields["is_closed"], record.fields["subject"]) == (is_closed, ticket.subject)
            assert record.fields["closed_at"] == (ticket.solved_at if is_closed else None)
            assert (record.fields["owner"] == "Hỗ trợ khách hàng") == (ticket.assignee_id is None)


def test_stage_history(agency: Agency) -> None:
    """Every stage that a deal ever entered has its time, from before the first sync, too."""
    with org(agency) as sandbox:
        records = landed(read(sandbox, "opportunity_history"))
    assert len(records) == sum(len(deal.stages) for deal in agency.deals.all)
    deal = next(one for one in agency.deals.all if one.stage == "won")
    own = [
        one.fields for one in records.values() if one.fields["opportunity_id"] == salesforce_id("Opportunity", deal.id)
    ]
    own.sort(key=lambda one: str(one["id"]))
    assert [(one["stage"], one["created_at"]) for one in own] == [
        (STAGES[stage][0], whole(at)) for stage, at in deal.stages
    ]
    assert own[-1]["amount"] == deal.amount


def test_field_history(agency: Agency) -> None:
    """Changes of tracked fields come by the time of their creation, which is all the time they have."""
    with org(agency) as sandbox:
        first = read(sandbox, "opportunity_field_history")
        agency.clock.advance(timedelta(days=1))
        deal = next(one for one in agency.deals.all if one.stage == "proposal")
        agency.move_deal(deal.id, "contract")
        agency.clock.advance(timedelta(hours=1))
        (change,) = landed(read(sandbox, "opportunity_field_history", first[-1].checkpoint)).values()
    assert len(landed(first)) == sum(len(one.stages) for one in agency.deals.all) - 1
    fields = change.fields
    assert (fields["field"], fields["old_value"], fields["new_value"]) == (
        "StageName",
        "Proposal/Price Quote",
        "Negotiation/Review",
    )
    assert fields["created_at"] == fields["updated_at"] == agency.clock.now() - timedelta(hours=1)


def test_milestone_that_runs_past_its_target(agency: Agency) -> None:
    """Nothing of a milestone changes when its target passes: it is read again, and changed at its target."""
    asked_at = datetime(2026, 10, 5, 1, 30, tzinfo=UTC)
    agency.clock.advance(asked_at - agency.clock.now())
    ticket = agency.create_ticket("Web không vào được")
    key = salesforce_id("CaseMilestone", ticket.id * 2)
    with org(agency) as sandbox:
        agency.clock.advance(timedelta(hours=1))
        early = read(sandbox, "case_milestones")
        agency.clock.advance(timedelta(hours=8))
        late = landed(read(sandbox, "case_milestones", early[-1].checkpoint))
    waiting, violated = landed(early)[key].fields, late[key].fields
    target = asked_at + timedelta(hours=2)
    assert (waiting["milestone"], waiting["target_business_hours"], waiting["target_at"]) == (
        "First Response",
        2,
        target,
    )
    assert (waiting["is_violated"], waiting["updated_at"]) == (False, asked_at)
    assert (violated["is_violated"], violated["is_completed"], violated["updated_at"]) == (True, False, target)
    is_open = {one.id for one in agency.tickets if one.first_reply_seconds is None or one.solved_at is None}
    assert {one.fields["case_id"] for one in late.values()} <= {salesforce_id("Case", one) for one in is_open}


def test_milestone_behind_which_a_read_broke_off(agency: Agency) -> None:
    """A read that goes on behind a waiting milestone looks at it again, since its target may have passed."""
    asked_at = datetime(2026, 10, 5, 1, 30, tzinfo=UTC)
    agency.clock.advance(asked_at - agency.clock.now())
    ticket = agency.create_ticket("Web không vào được")
    later = [agency.create_ticket(f"Việc {number}") for number in range(3)]
    key = salesforce_id("CaseMilestone", ticket.id * 2)
    with org(agency, batch_cap=4) as sandbox:
        agency.clock.advance(timedelta(hours=1))
        with connected(sandbox) as (one, streams):
            pages = one.read(streams["case_milestones"], None)
            begun = next(page for page in pages if key in {record.fields["id"] for record in page.records})
        agency.clock.advance(timedelta(hours=8))
        rest = landed(read(sandbox, "case_milestones", begun.checkpoint))
    assert len(later) == 3
    assert rest[key].fields["is_violated"] is True


def test_milestone_that_was_met_late(agency: Agency) -> None:
    """One that was completed after its target is violated, and was changed when Salesforce says so."""
    ticket = next(one for one in agency.tickets if (one.first_reply_seconds or 0) > 2 * 3600)
    with org(agency) as sandbox:
        fields = landed(read(sandbox, "case_milestones"))[salesforce_id("CaseMilestone", ticket.id * 2)].fields
    replied_at = ticket.created_at + timedelta(seconds=ticket.first_reply_seconds or 0)
    assert (fields["is_violated"], fields["is_completed"], fields["completed_at"]) == (True, True, replied_at)
    assert fields["updated_at"] == ticket.generated_at


def test_fields_of_the_project(agency: Agency) -> None:
    """A project's own fields have the types that the org says; a parent's are found through their relationship."""
    fields = {
        "services": "Service__c",
        "contract_ends_on": "contract_ends_on__c",
        "is_upsell": "Is_Upsell__c",
        "client": "Account.Client_Tag__c",
        "account_head": "Account.Owner.Name",
    }
    with org(agency) as sandbox, connected(sandbox, streams={"opportunities": {"fields": fields}}) as (one, streams):
        stream = streams["opportunities"]
        records = landed(list(one.read(stream, None)))
    types = {field.name: field.type for field in stream.fields}
    assert [types[name] for name in fields] == [
        FieldType.LIST,
        FieldType.DATE,
        FieldType.BOOLEAN,
        FieldType.TEXT,
        FieldType.TEXT,
    ]
    for deal in agency.deals.all:
        own = records[salesforce_id("Opportunity", deal.id)].fields
        assert (own["services"], own["client"], own["is_upsell"]) == ([deal.service], deal.client, deal.is_upsell)
        assert (own["contract_ends_on"], own["account_head"]) == (deal.contract_ends_on, "Account team A")


def test_computed_fields_are_read_every_time(agency: Agency) -> None:
    """A formula's value moves with the days and changes no time of its record, so all records are read again."""
    streams = {"opportunities": {"fields": {"days_left": "Days_To_Contract_End__c"}}}
    deal = next(one for one in agency.deals.all if one.contract_ends_on is not None)
    key = salesforce_id("Opportunity", deal.id)
    with org(agency) as sandbox:
        first = read(sandbox, streams=streams)
        agency.clock.advance(timedelta(days=3))
        second = read(sandbox, checkpoint=first[-1].checkpoint, streams=streams)
    assert deal.contract_ends_on is not None
    days = (deal.contract_ends_on - date(2026, 10, 5)).days
    assert landed(first)[key].fields["days_left"] == days
    assert landed(second)[key].fields["days_left"] == days - 3
    assert len(landed(second)) == 120


def test_fields_of_parents_are_read_every_time(agency: Agency) -> None:
    """A parent changes without its children, so a stream with a field of one is read whole."""
    streams = {"opportunities": {"fields": {"client": "Account.Client_Tag__c"}}}
    with org(agency) as sandbox:
        checkpoint = read(sandbox, streams=streams)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        assert len(landed(read(sandbox, checkpoint=checkpoint, streams=streams))) == 120


def test_object_of_the_project(agency: Agency) -> None:
    """Any other object is a stream by its API name, with id, times and the fields that are named."""
    streams = {
        "people": {"object": "User", "fields": {"name": "Name"}},
        "changes": {"object": "OpportunityFieldHistory", "fields": {"new_value": "NewValue"}},
    }
    with org(agency) as sandbox, connected(sandbox, streams=streams) as (one, offered):
        people = landed(list(one.read(offered["people"], None)))
        changes = list(one.read(offered["changes"], None))
    assert {str(record.fields["name"]) for record in people.values()} > {"Nhóm SEO", "OKR bot"}
    assert [field.name for field in offered["people"].fields] == ["id", "created_at", "updated_at", "name"]
    # The rows of a history never change: the time of their creation orders them.
    assert {one.fields["updated_at"] == one.fields["created_at"] for one in landed(changes).values()} == {True}
    assert "ORDER+BY+CreatedDate" in sandbox.requests[-1].query


@pytest.mark.parametrize("name", ["opportunities", "leads", "cases", "case_milestones", "opportunity_history"])
def test_links_lead_to_the_record(agency: Agency, name: str) -> None:
    """A record's page is its id behind the org's address; a milestone's is its case, a change's its opportunity."""
    with org(agency) as sandbox, connected(sandbox) as (_, streams):
        of_parent = {"case_milestones": "{case_id}", "opportunity_history": "{opportunity_id}"}
        assert streams[name].link == f"{sandbox.url('salesforce')}/{of_parent.get(name, '{id}')}"
