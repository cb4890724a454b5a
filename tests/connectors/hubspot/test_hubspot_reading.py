"""The connector against the sandbox's HubSpot: nothing lost, nothing twice, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from okr_sync.connector import AccessError, IncompleteError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Fault, meanwhile, no_answer
from okr_sync.sandbox.records import Contact
from okr_sync.sandbox.systems.hubspot import faults
from tests.conformance import needs_specs
from tests.connectors.hubspot.conftest import NOW, account, connected, landed, paths, read
from tests.connectors.hubspot.description import hubspot, is_described
from tests.contract.cases.hubspot import CASE
from tests.contract.meeting import Meeting

DEALS = "/crm/v3/objects/deals"
SEARCH = f"{DEALS}/search"
SIGN_IN = 5
"""The account; pipelines and properties of deals and of tickets."""
DAY = timedelta(days=1)


def test_first_sync_of_deals(agency: Agency) -> None:
    """Every deal as the agency has it: pipeline and stage by name, won or not, and when each stage was entered.

    300 deals cost two searches, six requests for their histories, and one for the archived ones.
    """
    with account(agency) as sandbox:
        present = landed(read(sandbox, "deals"))
        histories = [f"POST {DEALS}/batch/read"]
        first, second = [f"POST {SEARCH}", *histories * 4], [f"POST {SEARCH}", *histories * 2]
        assert paths(sandbox)[SIGN_IN:] == [*first, *second, f"GET {DEALS}"]
    assert set(present) == {str(one.id) for one in agency.deals.all}
    for one in agency.deals.all:
        fields = present[str(one.id)].fields
        assert (fields["name"], fields["pipeline"], fields["stage"]) == (one.name, one.pipeline, one.stage)
        assert (fields["is_won"], fields["is_closed"]) == (one.stage == "won", one.stage in ("won", "lost"))
        assert (fields["amount"], fields["closes_at"]) == (one.amount, one.closed_at)
        assert (fields["created_at"], fields["updated_at"]) == (one.created_at, one.updated_at)
        for stage in ("lead", "qualified", "proposal", "contract", "won", "lost"):
            assert fields[f"entered_{stage}_at"] == one.entered(stage)


def test_every_stream(agency: Agency) -> None:
    """Each object is read from what the agency has: its clients, its contacts, its tickets, its offers, its surveys."""
    with account(agency) as sandbox, connected(sandbox) as (one, streams):
        counts = {
            name: sum(not record.is_deleted for record in landed(list(one.read(stream, None))).values())
            for name, stream in streams.items()
        }
    offers = [one for one in agency.deals.all if one.amount is not None]
    quotes = [one for one in offers if one.stage == "proposal"]
    assert counts == {
        "deals": 300,
        "contacts": 30,
        "companies": 10,
        "tickets": sum(one.status != "deleted" for one in agency.tickets),
        "line_items": len(offers) + len(quotes),
        "feedback_submissions": 50,
    }


def test_renewal_rate(agency: Agency) -> None:
    """What a key result asks of deals can be told: renewals that were won, by the day on which their contracts end."""
    named = {"deals": {"fields": {"contract_ends_at": "contract_ends_on"}}}
    with account(agency) as sandbox:
        present = [one.fields for one in landed(read(sandbox, "deals", streams=named)).values()]
    due = {one["id"]: (one["contract_ends_at"], one["is_won"]) for one in present if one["pipeline"] == "renewal"}
    renewals = [one for one in agency.deals.all if one.pipeline == "renewal"]
    assert due == {str(one.id): (one.contract_ends_on, one.stage == "won") for one in renewals}
    assert sum(one.stage == "won" for one in renewals) > 20


def test_night_with_nothing_new(agency: Agency) -> None:
    """A day later two requests for each stream find nothing: a search, and the list of the archived."""
    with account(agency) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
        agency.clock.advance(DAY)
        before = len(sandbox.requests)
        pages = read(sandbox, "deals", checkpoint)
        assert len(sandbox.requests) - before == SIGN_IN + 2
    assert [len(page.records) for page in pages] == [0, 0]


def test_night_with_changes(agency: Agency) -> None:
    """What changed comes, and nothing else: three deals of 300 cost a request more than none, for their histories."""
    with account(agency) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
        agency.clock.advance(timedelta(hours=5))
        changed = {str(agency.deals.edit(one.id, amount=1).id) for one in agency.deals.all[10:13]}
        agency.clock.advance(DAY)
        before = len(sandbox.requests)
        assert set(landed(read(sandbox, "deals", checkpoint))) == changed
        assert len(sandbox.requests) - before == SIGN_IN + 3


def test_ten_thousand_of_one_stamp(agency: Agency) -> None:
    """10,001 contacts that an import changed in one instant are read by id, where a search ends at 10,000."""
    at = NOW - timedelta(hours=1)
    for number in range(10_001 - len(agency.contacts)):
        agency.contacts.add(Contact(1_000_000 + number, "Khách", "k@client.example", "tra_co_bong", False, at, at))
    for one in list(agency.contacts.all)[:30]:
        agency.contacts.add(replace(one, updated_at=at))
    with account(agency) as sandbox:
        assert len(landed(read(sandbox, "contacts"))) == 10_001
        assert paths(sandbox).count("POST /crm/v3/objects/contacts/search") == 51  # 50 of 200, and one of 1


def test_crash_in_the_middle(agency: Agency) -> None:
    """After a crash the search goes on behind the last page that landed, and then reads what came meanwhile."""
    with account(agency, Fault(no_answer(), SEARCH, range(3, 9)), page_cap=50) as sandbox:
        with connected(sandbox) as (one, streams):
            pages = one.read(streams["deals"], None)
            first, second = next(pages), next(pages)
            with pytest.raises(Exception, match="connection was closed"):
                next(pages)
        agency.clock.advance(timedelta(hours=3))
        changed = str(agency.deals.edit(agency.deals.all[0].id, amount=5).id)
        agency.clock.advance(timedelta(hours=3))
        rest = landed(read(sandbox, "deals", second.checkpoint))
    early = set(landed([first, second]))
    assert len(early) == 100
    assert set(rest) == {str(one.id) for one in agency.deals.all} - early | {changed}


def test_change_behind_the_reader(agency: Agency) -> None:
    """A deal that changes while its page is still to come moves no other deal, and comes with the next read."""
    last = agency.deals.all[-1].id
    agency.clock.advance(timedelta(seconds=1))

    def edit() -> None:
        agency.clock.advance(timedelta(minutes=5))
        agency.deals.edit(last, amount=5)
        agency.clock.advance(timedelta(minutes=5))

    with account(agency, Fault(meanwhile(edit), SEARCH, (1,)), page_cap=100) as sandbox:
        first = read(sandbox, "deals")
        agency.clock.advance(DAY)
        second = read(sandbox, "deals", first[-1].checkpoint)
    everything = {str(one.id) for one in agency.deals.all}
    assert set(landed(first)) | set(landed(second)) == everything
    assert landed(second)[str(last)].fields["amount"] == 5


def test_search_that_lags(agency: Agency) -> None:
    """What the search does not know yet comes with the next read, which goes back an hour before the last one."""
    with account(agency, index_lag=timedelta(minutes=50)) as sandbox:
        fresh = agency.deals.edit(agency.deals.all[0].id, amount=1)
        new = agency.deals.add(replace(agency.deals.all[1], id=79_999, created_at=NOW, updated_at=NOW))
        agency.clock.advance(timedelta(minutes=1))
        first = read(sandbox, "deals")
        agency.clock.advance(DAY)
        second = landed(read(sandbox, "deals", first[-1].checkpoint))
    assert str(new.id) not in landed(first)
    assert set(second) == {str(fresh.id), str(new.id)}


def test_contacts_have_another_cursor(agency: Agency) -> None:
    """Contacts are searched by `lastmodifieddate`; by the others' cursor HubSpot would find none, and not say so."""
    with account(agency) as sandbox:
        checkpoint = read(sandbox, "contacts")[-1].checkpoint
        agency.clock.advance(timedelta(hours=5))
        changed = agency.contacts.edit(agency.contacts.all[3].id, is_customer=False)
        agency.clock.advance(DAY)
        present = landed(read(sandbox, "contacts", checkpoint))
    assert {key: one.fields["lifecycle_stage"] for key, one in present.items()} == {str(changed.id): "lead"}


def test_archived_and_restored(agency: Agency) -> None:
    """An archived deal ends when it was archived, though no search tells; one that was restored is back."""
    one, other = agency.deals.all[5].id, agency.deals.all[6].id
    with account(agency) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
        agency.clock.advance(timedelta(hours=5))
        agency.deals.delete(one)
        agency.deals.delete(other)
        archived_at = agency.clock.now()
        agency.clock.advance(DAY)
        ended = read(sandbox, "deals", checkpoint)
        agency.deals.restore(other)
        agency.clock.advance(DAY)
        back = landed(read(sandbox, "deals", ended[-1].checkpoint))
    assert {key: (one.is_deleted, one.fields["updated_at"]) for key, one in landed(ended).items()} == {
        str(one): (True, archived_at),
        str(other): (True, archived_at),
    }
    assert (back[str(one)].is_deleted, back[str(other)].is_deleted) == (True, False)


def test_many_archived(agency: Agency) -> None:
    """The list of the archived is read to its end: 250 are three pages of 100."""
    for one in agency.deals.all[:250]:
        agency.deals.delete(one.id)
    with account(agency) as sandbox:
        present = landed(read(sandbox, "deals"))
        assert paths(sandbox).count(f"GET {DEALS}") == 3
    assert sum(one.is_deleted for one in present.values()) == 250


def test_merged(agency: Agency) -> None:
    """A deal that was merged into another one leaves no trace but its id there, and ends with that."""
    loser, winner = agency.deals.all[5].id, agency.deals.all[6].id
    with account(agency, merged={loser: winner}) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
        agency.clock.advance(timedelta(hours=5))
        agency.deals.delete(loser)
        merged_at = agency.deals.edit(winner).updated_at
        agency.clock.advance(DAY)
        present = landed(read(sandbox, "deals", checkpoint))
    assert set(present) == {str(loser), str(winner)}
    assert not present[str(winner)].is_deleted
    assert dict(present[str(loser)].fields) == {"id": str(loser), "updated_at": merged_at}
    assert present[str(loser)].is_deleted


def test_merged_into_one_that_was_archived(agency: Agency) -> None:
    """Where the winner of a merge is archived before anybody reads it, it tells of the loser all the same."""
    loser, winner = agency.deals.all[5].id, agency.deals.all[6].id
    with account(agency, merged={loser: winner}) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
        agency.clock.advance(timedelta(hours=5))
        agency.deals.delete(loser)
        agency.deals.edit(winner)
        agency.deals.delete(winner)
        agency.clock.advance(DAY)
        present = landed(read(sandbox, "deals", checkpoint))
    assert {key: one.is_deleted for key, one in present.items()} == {str(loser): True, str(winner): True}


def test_deleted_for_good(agency: Agency) -> None:
    """What was deleted for good is not archived either: a census lists what is left; none is taken unless asked for."""
    gone = agency.deals.all[5].id
    with account(agency, purged=[gone]) as sandbox:
        agency.deals.delete(gone)
        assert str(gone) not in landed(read(sandbox, "deals"))
        with connected(sandbox, streams={"deals": {"census": True}}) as (one, streams):
            listed = [key for keys in one.census(streams["deals"]) for key in keys]
            assert (streams["deals"].has_census, streams["tickets"].has_census) == (True, False)
    assert sorted(listed) == sorted(str(one.id) for one in agency.deals.all)


def test_restored_without_a_change(tmp_path: Path) -> None:
    """To archive a deal changes no time of it, and to restore it may change none either: a census finds it again."""
    settings = CASE.settings
    meeting = Meeting(
        replace(CASE, settings=lambda named: settings(named) | {"streams": {"deals": {"census": True}}}), tmp_path
    )
    deal = meeting.agency.deals.all[5]
    assert meeting.sync().error is None
    meeting.next_night()
    meeting.agency.deals.delete(deal.id)
    meeting.next_night()
    assert meeting.sync().error is None
    assert str(deal.id) not in meeting.present()
    meeting.agency.deals.restore(deal.id)
    meeting.agency.deals.edit(deal.id, updated_at=deal.updated_at)
    meeting.next_night()
    assert meeting.sync().error is None
    assert meeting.present() == CASE.keys(meeting.agency)


def test_fetch_leaves_out_what_is_gone(agency: Agency) -> None:
    """Records are fetched by 100 ids a request; an id that does not exist comes as a part of the answer, with 207."""
    wanted = [str(one.id) for one in agency.deals.all[:150]]
    with account(agency) as sandbox, connected(sandbox) as (one, streams):
        batches = list(one.fetch(streams["deals"], [*wanted, "999999999"]))
        statuses = [one.status for one in sandbox.requests if one.path.endswith("batch/read")]
    assert [str(record.fields["id"]) for records in batches for record in records] == wanted
    assert statuses == [200, 207]


def test_line_items_know_their_deals(agency: Agency) -> None:
    """A line item tells its deal by an association; the item of a quote has none, which HubSpot answers with 207."""
    with account(agency) as sandbox:
        present = landed(read(sandbox, "line_items"))
        associations = [one for one in sandbox.requests if "associations" in one.path]
    offers = {str(one.id): one for one in agency.deals.all if one.amount is not None}
    by_deal = {str(one.fields["deal_id"]): one for one in present.values() if one.fields["deal_id"] is not None}
    assert {key: one.fields["amount"] for key, one in by_deal.items()} == {
        key: one.amount for key, one in offers.items()
    }
    assert len(present) - len(by_deal) == sum(one.stage == "proposal" for one in offers.values()) > 0
    assert 207 in {one.status for one in associations}


def test_renamed_stage(agency: Agency) -> None:
    """Records show stages by name, so all are read again where one is renamed, and only then."""
    with account(agency) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
    agency.clock.advance(DAY)
    with account(agency, labels={"closedwon": "Đã ký"}) as sandbox:
        pages = read(sandbox, "deals", checkpoint)
        won = [one for one in agency.deals.all if one.stage == "won" and one.pipeline == "new"]
        renamed = {key for key, one in landed(pages).items() if one.fields["stage"] == "Đã ký"}
        assert renamed == {str(one.id) for one in won}
        assert len(landed(pages)) == 300
        assert landed(pages)[str(won[0].id)].fields["entered_da_ky_at"] == won[0].entered("won")
        assert landed(read(sandbox, "deals", pages[-1].checkpoint)) == {}


def test_token_that_may_not_read_everything(agency: Agency) -> None:
    """A token without the scope of tickets and surveys reads deals all the same, and says so of the others."""
    with account(agency, refused=["tickets", "feedback_submissions"]) as sandbox, connected(sandbox) as (one, streams):
        assert len(landed(list(one.read(streams["deals"], None)))) == 300
        for name in ("tickets", "feedback_submissions"):
            with pytest.raises(AccessError, match=r"required scopes.*needs the scope crm\.objects"):
                list(one.read(streams[name], None))
            with pytest.raises(AccessError):
                one.count(streams[name])


@pytest.mark.parametrize("policy", ["SECONDLY", "TEN_SECONDLY_ROLLING"])
def test_short_limits_are_waited_for(agency: Agency, policy: str) -> None:
    """All programs of an account share five searches a second: one too many is asked again, and nothing is missing."""
    with account(agency, Fault(faults.limit_reached(policy), SEARCH, (2, 3))) as sandbox:
        assert len(landed(read(sandbox, "deals"))) == 300
        assert [one.status for one in sandbox.requests if one.path == SEARCH] == [200, 429, 429, 200]


@pytest.mark.parametrize("deed", [faults.repeated_page(), faults.empty_page(), faults.out_of_order()])
def test_pages_that_are_not_the_whole(agency: Agency, deed: object) -> None:
    """A page again, a page without records and a page in another order are failures, and no smaller number."""
    with account(agency, Fault(deed, DEALS), page_cap=50) as sandbox, pytest.raises(IncompleteError):  # type: ignore[arg-type]
        read(sandbox, "deals")


def test_identity_and_count(agency: Agency) -> None:
    """The account is named, a permission to write is told as more than is needed, and records are counted."""
    with account(agency) as sandbox, connected(sandbox) as (one, streams):
        identity = one.identity()
        assert identity.name == "account 4410001 on app.hubspot.com"
        assert (identity.missing, identity.unneeded) == ((), ("crm.objects.deals.write",))
        assert one.count(streams["deals"]) == 300
        budget = one.vitals.budget
    assert budget is not None
    assert (budget.limit, budget.left) == (650_000, 650_000 - 6)  # searches do not say


def test_dated_version(agency: Agency) -> None:
    """By a dated version of the API the same is read at other addresses."""
    with account(agency) as sandbox:
        classic = landed(read(sandbox, "line_items"))
        before = len(sandbox.requests)
        assert landed(read(sandbox, "line_items", api_version="2026-09")) == classic
        dated = {one.path for one in sandbox.requests[before:]}
    assert "/crm/objects/2026-09/line_items/search" in dated
    assert "/crm/associations/2026-09/line_items/deals/batch/read" in dated
    assert [one for one in dated if "/v3/" in one or "/v4/" in one] == []


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Every request to objects and pipelines is one that HubSpot's own description knows."""
    with account(agency) as sandbox, connected(sandbox) as (one, streams):
        for stream in streams.values():
            list(one.read(stream, None))
        list(one.census(streams["deals"]))
        list(one.fetch(streams["deals"], ["70001"]))
        one.count(streams["deals"])
        described = [one for one in sandbox.requests if is_described(one.path)]
    assert len(described) > 20
    for asked in described:
        hubspot(asked.path).check_request(asked.method, asked.path, asked.query, asked.body)
