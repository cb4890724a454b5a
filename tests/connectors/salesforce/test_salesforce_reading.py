"""Reading changes: nothing is lost by ties, late commits, forgotten queries and crashes, and what it costs."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import islice

import pytest

from okr_sync.connector import AccessError, IncompleteError, SettingsError, UnavailableError
from okr_sync.sandbox import Agency, faults
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.systems.salesforce import faults as salesforce_faults
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from tests.connectors.salesforce.conftest import (
    API,
    QUERY,
    connected,
    landed,
    opportunity_ids,
    org,
    queries,
    read,
)


def test_first_read(agency: Agency) -> None:
    """Every opportunity comes; 120 in batches of 50 cost token, descriptions and three batches."""
    with org(agency, batch_cap=50) as sandbox:
        pages = read(sandbox)
    assert set(landed(pages)) == opportunity_ids(agency)
    assert [len(page.records) for page in pages] == [50, 50, 20]
    assert pages[0].expected_count == 120
    assert [one.path.rpartition("/")[2] for one in sandbox.requests[:2]] == ["token", "batch"]
    assert len(sandbox.requests) == 2 + 3


def test_checkpoint_is_the_start_of_the_read(agency: Agency) -> None:
    """The next read begins five minutes before this one did, by Salesforce's own clock: 2:00 is 1:55."""
    with org(agency) as sandbox:
        assert read(sandbox)[-1].checkpoint == {"since": "2026-10-05T01:55:00Z"}


def test_night_with_nothing_new(agency: Agency) -> None:
    """A day later, with nothing changed, three requests find nothing and move the checkpoint."""
    with org(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        before = len(sandbox.requests)
        (page,) = read(sandbox, checkpoint=checkpoint)
    assert (list(page.records), page.checkpoint) == ([], {"since": "2026-10-06T01:55:00Z"})
    assert len(sandbox.requests) - before == 3


def test_changes_come_alone(agency: Agency) -> None:
    """Of 120 opportunities the one that moved comes, by one query."""
    with org(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        deal = agency.deals.all[5]
        agency.move_deal(deal.id, "won")
        agency.clock.advance(timedelta(minutes=1))
        (record,) = landed(read(sandbox, checkpoint=checkpoint)).values()
    assert record.fields["id"] == salesforce_id("Opportunity", deal.id)
    assert (record.fields["stage"], record.fields["is_won"]) == ("Closed Won", True)


@pytest.mark.parametrize("age", [timedelta(minutes=1), timedelta(minutes=14)])
def test_late_commit_with_an_earlier_time(agency: Agency, age: timedelta) -> None:
    """What a long transaction commits after a read, with a time of up to 15 minutes before it, comes with the next."""
    with org(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        late = agency.deals.edit(agency.deals.all[0].id, amount=1, updated_at=agency.clock.now() - age)
        agency.clock.advance(timedelta(hours=1))
        assert set(landed(read(sandbox, checkpoint=checkpoint))) == {salesforce_id("Opportunity", late.id)}


def in_one_second(agency: Agency) -> None:
    """What a data loader leaves behind: every deal has the same time of change."""
    for deal in agency.deals.all:
        agency.deals.edit(deal.id, is_upsell=True)
    agency.clock.advance(timedelta(minutes=1))


def test_tie_over_the_border_of_a_batch(agency: Agency) -> None:
    """A query forgotten between batches is asked anew behind the last id, though all share one second."""
    in_one_second(agency)
    stale = Fault(salesforce_faults.stale_query(), QUERY, requests=(2, 4))
    with org(agency, stale, batch_cap=50) as sandbox:
        pages = read(sandbox)
    ids = [record.fields["id"] for page in pages for record in page.records]
    assert ids == sorted(opportunity_ids(agency))
    assert queries(sandbox) == [200, 400, 200, 400, 200]


def test_crash_between_ties(agency: Agency) -> None:
    """A read that broke off in the middle of one second goes on behind its last id, and then reads what came since."""
    in_one_second(agency)
    with org(agency, batch_cap=50) as sandbox:
        with connected(sandbox) as (one, streams):
            (page,) = islice(one.read(streams["opportunities"], None), 1)
        checkpoint = json.loads(json.dumps(page.checkpoint))
        agency.clock.advance(timedelta(hours=5))
        rest = read(sandbox, checkpoint=checkpoint)
    seen = [str(record.fields["id"]) for one in (page, *rest) for record in one.records]
    assert seen[:120] == sorted(opportunity_ids(agency))
    assert rest[1].checkpoint == {"since": "2026-10-05T01:56:00Z"}  # the first read began at 2:01
    assert rest[-1].checkpoint == {"since": "2026-10-05T06:56:00Z"}  # and this one five hours later


def test_edit_while_batches_are_read(agency: Agency) -> None:
    """A record that changes behind the reader's back comes with the next read."""
    deal = agency.deals.all[0]
    meanwhile = Fault(faults.meanwhile(lambda: agency.deals.edit(deal.id, amount=7)), QUERY, requests=(1,))
    with org(agency, meanwhile, batch_cap=50) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(hours=1))
        (record,) = landed(read(sandbox, checkpoint=checkpoint)).values()
    assert record.fields["amount"] == 7


def test_query_that_is_forgotten_at_once(agency: Agency) -> None:
    """A query that leads nowhere is not asked for ever."""
    with org(agency, Fault(salesforce_faults.stale_query(), QUERY)) as sandbox, pytest.raises(IncompleteError):
        read(sandbox)
    assert queries(sandbox) == [400]


def test_deleted_and_restored(agency: Agency) -> None:
    """A record in the recycle bin is a tombstone with its key; taken back, it is there again."""
    deal = agency.deals.all[3]
    key = salesforce_id("Opportunity", deal.id)
    with org(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        agency.deals.delete(deal.id)
        agency.clock.advance(timedelta(minutes=1))
        pages = read(sandbox, checkpoint=checkpoint)
        (gone,) = landed(pages).values()
        agency.clock.advance(timedelta(days=1))
        agency.deals.restore(deal.id)
        agency.clock.advance(timedelta(minutes=1))
        (back,) = landed(read(sandbox, checkpoint=pages[-1].checkpoint)).values()
    assert (gone.fields["id"], gone.is_deleted) == (key, True)
    assert gone.fields["updated_at"] == agency.clock.now() - timedelta(days=1, minutes=2)
    assert (back.fields["id"], back.is_deleted) == (key, False)


@pytest.mark.parametrize("broken_off", [False, True])
def test_bin_that_was_emptied_meanwhile(agency: Agency, broken_off: bool) -> None:
    """Deleted records leave the recycle bin after 15 days: after a longer pause nobody tells of some, but a census."""
    streams = {"opportunities": {"census": True}}
    with org(agency, batch_cap=50) as sandbox:
        pages = read(sandbox)
        checkpoint = pages[0 if broken_off else -1].checkpoint
        agency.clock.advance(timedelta(days=14))
        assert read(sandbox, checkpoint=checkpoint)[-1].checkpoint == {"since": "2026-10-19T01:55:00Z"}
        agency.clock.advance(timedelta(days=2))
        with pytest.raises(
            SettingsError, match=r"last whole read.* on 2026-10-05.*15 days.*opportunities: \{census: t"
        ):
            read(sandbox, checkpoint=checkpoint)
        read(sandbox, checkpoint=checkpoint, streams=streams)


def test_session_that_ends(agency: Agency) -> None:
    """A token that Salesforce no longer takes is renewed once, in the middle of a read, and nothing is missing."""
    late = Fault(faults.meanwhile(lambda: agency.clock.advance(timedelta(hours=3))), QUERY, requests=(1,))
    with org(agency, late, batch_cap=50) as sandbox, connected(sandbox) as (one, streams):
        pages = list(one.read(streams["opportunities"], None))
        count = one.request_count
    assert set(landed(pages)) == opportunity_ids(agency)
    assert queries(sandbox) == [200, 401, 200, 200]
    assert [one.path for one in sandbox.requests].count("/services/oauth2/token") == 2
    assert count == len(sandbox.requests)


def test_session_that_is_never_taken(agency: Agency) -> None:
    """A new token that is refused, too, is an error of access: two tokens, two refusals."""
    refused = Fault(salesforce_faults.expired_session(), QUERY)
    with org(agency, refused) as sandbox, pytest.raises(AccessError, match=r"refused.*Session expired or invalid"):
        read(sandbox)
    assert queries(sandbox) == [401, 401]


def test_requests_used_up(agency: Agency) -> None:
    """The org's daily requests have no Retry-After: the run stops at once, and says what to do."""
    used_up = Fault(salesforce_faults.requests_used_up(), QUERY, requests=range(2, 99))
    with org(agency, used_up, batch_cap=50) as sandbox:
        with pytest.raises(UnavailableError, match=r"TotalRequests Limit exceeded.*24 hours.*Company Information"):
            read(sandbox)
        assert queries(sandbox) == [200, 403]


def test_org_counts_for_itself(agency: Agency) -> None:
    """Seven descriptions and their batch count, too: of ten requests two are left, and the third batch is refused."""
    with org(agency, batch_cap=50, daily_requests=10) as sandbox, connected(sandbox) as (one, streams):
        pages = one.read(streams["opportunities"], None)
        next(pages)
        assert one.vitals.budget is not None
        assert (one.vitals.budget.left, one.vitals.budget.limit) == (1, 10)
        next(pages)
        with pytest.raises(UnavailableError, match="TotalRequests"):
            next(pages)


@pytest.mark.parametrize("deed", [salesforce_faults.too_many_at_once(), salesforce_faults.slow_query()])
def test_passing_refusals(agency: Agency, deed: faults.Deed) -> None:
    """Too many requests at once, and a query that took too long, are tried again."""
    with org(agency, Fault(deed, QUERY, requests=(1, 2))) as sandbox:
        assert set(landed(read(sandbox))) == opportunity_ids(agency)
    assert queries(sandbox)[2:] == [200]


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (salesforce_faults.nothing_next(), "more records follow, but not where"),
        (salesforce_faults.repeated_token(), "same page token twice"),
    ],
)
def test_half_an_answer_is_no_end(agency: Agency, deed: faults.Deed, words: str) -> None:
    """done=false without a next address, and batches in a circle, never end a read well."""
    with org(agency, Fault(deed, QUERY), batch_cap=50) as sandbox, pytest.raises(IncompleteError, match=words):
        read(sandbox)


def test_fewer_than_counted(agency: Agency) -> None:
    """An answer that ends before all that it counted has come is not the whole."""
    empty = Fault(salesforce_faults.empty_batch(), QUERY, requests=(3,))
    with org(agency, empty, batch_cap=50) as sandbox, pytest.raises(IncompleteError, match="120 records and gave 100"):
        read(sandbox)


def test_condition_stands_alone(agency: Agency) -> None:
    """A condition with OR is not torn apart by what is added to it."""
    where = "StageName = 'Closed Won' OR StageName = 'Closed Lost'"
    with org(agency, batch_cap=10) as sandbox:
        stale = read(sandbox, streams={"opportunities": {"where": where}})
        again = read(sandbox, checkpoint=stale[1].checkpoint, streams={"opportunities": {"where": where}})
    closed = {salesforce_id("Opportunity", one.id) for one in agency.deals.all if one.stage in ("won", "lost")}
    assert set(landed(stale)) == closed
    assert set(landed(again)) < closed


def test_census_of_a_condition(agency: Agency) -> None:
    """A record that no longer fits `where` is told by a census of ids; those it knows and we do not can be fetched."""
    streams = {"opportunities": {"where": "IsClosed = false"}}
    is_open = {salesforce_id("Opportunity", one.id) for one in agency.deals.all if one.stage not in ("won", "lost")}
    with org(agency, batch_cap=5) as sandbox, connected(sandbox, streams=streams) as (one, offered):
        stream = offered["opportunities"]
        assert (stream.has_census, offered["leads"].has_census) == (True, False)
        assert {key for keys in one.census(stream) for key in keys} == is_open
        assert one.count(stream) == len(is_open)
        wanted = sorted(is_open)[:7]
        assert [record.fields["id"] for records in one.fetch(stream, wanted) for record in records] == wanted


def test_secrets_stay_out_of_messages(agency: Agency) -> None:
    """Neither the secret nor a token that an error echoes is in a message, and settings do not show the secret."""

    def echoed(token: str, secret: str) -> Fault:
        return Fault(salesforce_faults.refusal(403, "FORBIDDEN", f"{token} and {secret}"), QUERY)

    token, secret = "00D5g0000000001!sandbox.session.1", "sandbox-salesforce"
    with org(agency, echoed(token, secret)) as sandbox, connected(sandbox) as (one, streams):
        with pytest.raises(AccessError, match=r"\*\*\* and \*\*\*") as caught:
            list(one.read(streams["opportunities"], None))
        assert secret not in str(caught.value) + repr(one.settings)


def test_who_am_i(agency: Agency) -> None:
    """The account is known by its user name."""
    with org(agency) as sandbox, connected(sandbox) as (one, _):
        identity = one.identity()
        assert identity is not None
        assert (identity.name, identity.missing) == ("okr-bot@agency.example", ())
    assert sandbox.requests[-1].path == f"{API}/query"
