"""The connector against the sandbox's Intercom: everything as it is there, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okr_sync.connector import AccessError, SettingsError, UnavailableError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Fault, web_page
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.systems.intercom import faults
from okr_sync.sandbox.systems.intercom.conversations import conversation_id
from tests.connectors.intercom.conftest import NOW, SEARCH, connected, landed, read, workspace
from tests.connectors.intercom.description import intercom, needs_specs

OPEN = ("new", "open", "pending", "hold")


def present(agency: Agency) -> list[Ticket]:
    return [one for one in agency.tickets if one.status != "deleted"]


def test_conversations_are_as_they_are_there(agency: Agency) -> None:
    """Facts of the agency against fields: times, hours, SLA of two hours, ratings."""
    with workspace(agency) as sandbox:
        known = landed(read(sandbox))
        assert len(sandbox.requests) == 5  # me, teams, two pages of 150, deleted ones
    tickets = {conversation_id(one.id): one for one in present(agency)}
    assert {key for key, one in known.items() if not one.is_deleted} == set(tickets)
    replied = {True: "hit", False: "missed"}
    for key, ticket in tickets.items():
        fields, seconds = known[key].fields, ticket.first_reply_seconds
        assert (fields["created_at"], fields["updated_at"]) == (ticket.created_at, ticket.updated_at)
        assert (fields["first_closed_at"], fields["reopen_count"]) == (ticket.solved_at, ticket.reopen_count)
        assert fields["rating"] == {"good": 5, "bad": 1}.get(ticket.satisfaction)
        assert fields["sla_status"] == ("active" if seconds is None else replied[seconds <= 7200])
        if seconds is None:
            assert fields["first_reply_hours"] is None
        else:
            assert fields["first_reply_hours"] == pytest.approx(seconds / 3600)
    assert {record.fields["sla_status"] for key, record in known.items() if key in tickets} == {
        "hit", "missed", "active",
    }  # fmt: skip


def test_night_with_nothing_new(agency: Agency) -> None:
    """Five requests: me, teams, what changed, the open ones, the deleted ones; only open ones come again."""
    with workspace(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        assert checkpoint == {"since": int(NOW.timestamp()) - 180}
        agency.clock.advance(timedelta(days=1))
        before = len(sandbox.requests)
        again = landed(read(sandbox, checkpoint))
        assert len(sandbox.requests) - before == 5
    still_open = {conversation_id(one.id) for one in present(agency) if one.status in OPEN}
    assert {key for key, one in again.items() if not one.is_deleted} == still_open


def test_night_with_changes(agency: Agency) -> None:
    """What changed comes, what was deleted comes as deleted."""
    edited, deleted = [one.id for one in agency.tickets if one.status == "closed"][:2]
    with workspace(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(hours=1))
        agency.edit_ticket(edited, priority="urgent")
        agency.delete_ticket(deleted)
        agency.clock.advance(timedelta(hours=1))
        known = landed(read(sandbox, checkpoint))
    assert known[conversation_id(edited)].fields["priority"] == "urgent"
    assert known[conversation_id(deleted)].is_deleted


def test_change_in_the_border_second(agency: Agency) -> None:
    """A change in the very second that the next read begins with is read, though "after" would leave it out."""
    with workspace(agency) as sandbox:
        border = agency.edit_ticket(agency.tickets[5].id, priority="urgent")
        agency.clock.advance(timedelta(minutes=10))
        since = int(border.updated_at.timestamp())
        assert conversation_id(border.id) in landed(read(sandbox, {"since": since}))


def test_change_that_search_does_not_know_yet(agency: Agency) -> None:
    """What search finds only a minute later is read the next time: the checkpoint lies before the lag."""
    with workspace(agency, index_lag=timedelta(seconds=90)) as sandbox:
        fresh = agency.create_ticket("Vừa gửi", organization_id=41_001, client="bep_oi_xanh")
        agency.clock.advance(timedelta(seconds=30))
        first = read(sandbox)
        agency.clock.advance(timedelta(minutes=2))
        second = read(sandbox, first[-1].checkpoint)
    assert conversation_id(fresh.id) not in landed(first)
    assert conversation_id(fresh.id) in landed(second)


def test_missed_comes_late(agency: Agency) -> None:
    """An SLA that is judged after the reply, without a change of the conversation, is found while that is open."""
    asked = agency.create_ticket("Gấp", status="open", organization_id=41_001, client="bep_oi_xanh")
    agency.clock.advance(timedelta(hours=3))
    agency.edit_ticket(asked.id, first_reply_seconds=3 * 3600)
    agency.clock.advance(timedelta(minutes=30))
    key = conversation_id(asked.id)
    with workspace(agency, sla_lag=timedelta(hours=6)) as sandbox:
        first = read(sandbox)
        assert landed(first)[key].fields["sla_status"] == "active"
        agency.clock.advance(timedelta(hours=12))
        second = landed(read(sandbox, first[-1].checkpoint))
        with connected(sandbox) as (_, stream):
            assert stream.changes_silently
    assert second[key].fields["sla_status"] == "missed"
    assert second[key].fields["updated_at"] == landed(first)[key].fields["updated_at"]


def test_no_conversation_is_lost_while_pages_are_read(agency: Agency) -> None:
    """A conversation of the first page changes while it is read, and nothing behind it slips away."""
    oldest = min((one for one in present(agency) if one.status == "closed"), key=lambda one: one.updated_at)
    with workspace(agency, page_cap=40) as sandbox, connected(sandbox) as (one, stream):
        pages = one.read(stream, None)
        first = next(pages)
        agency.edit_ticket(oldest.id, priority="urgent")
        known = landed([first, *pages])
    assert {conversation_id(ticket.id) for ticket in present(agency)} <= set(known)


def test_wrong_region(agency: Agency) -> None:
    """A host that does not know the token is told from a fault that passes."""
    with workspace(agency, Fault(faults.wrong_region())) as sandbox, pytest.raises(AccessError, match="region"):
        read(sandbox)
    assert len(sandbox.requests) == 1


def test_limit_of_ten_seconds(agency: Agency) -> None:
    """429 with a second to come back at is waited for; nothing is missing."""
    busy = Fault(faults.too_many_until(NOW + timedelta(seconds=8)), SEARCH, (1, 2))
    with workspace(agency, busy) as sandbox:
        assert {conversation_id(one.id) for one in present(agency)} <= set(landed(read(sandbox)))


def test_older_version(agency: Agency) -> None:
    """Version 2.11 has no list of deleted conversations: the setting that helps is named, and then it reads."""
    with workspace(agency) as sandbox:
        with pytest.raises(SettingsError, match="deletions: census"):
            read(sandbox, api_version="2.11")
        with connected(sandbox, api_version="2.11", streams={"conversations": {"deletions": "census"}}) as (
            one,
            stream,
        ):
            list(one.read(stream, None))
            listed = {key for keys in one.census(stream) for key in keys}
            assert listed == {conversation_id(ticket.id) for ticket in present(agency)}
            assert one.count(stream) == len(listed)


def test_page_for_people(agency: Agency) -> None:
    """200 with a web page is no answer."""
    with workspace(agency, Fault(web_page(), SEARCH)) as sandbox, pytest.raises(UnavailableError, match="text/html"):
        read(sandbox)


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Every request is one that Intercom's own description of the API knows, to its parameters and its body."""
    with workspace(agency, page_cap=100) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        read(sandbox, checkpoint)
        with connected(sandbox) as (one, stream):
            one.count(stream)
            list(one.fetch(stream, [conversation_id(present(agency)[0].id)]))
    asked = {(one.method, one.path) for one in sandbox.requests}
    assert len(asked) == 5
    for one_request in sandbox.requests:
        intercom().check_request(one_request.method, one_request.path, one_request.query, one_request.body)
