"""The connector against the sandbox's Freshdesk: everything as it is there, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okr_sync.connector import Budget, IncompleteError, UnavailableError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Fault, too_many_requests, web_page
from okr_sync.sandbox.systems.freshdesk import faults
from okr_sync.sandbox.systems.freshdesk.tickets import freshdesk_id
from tests.connectors.freshdesk.conftest import NOW, TICKETS, connected, helpdesk, landed, read


def test_tickets_are_as_they_are_there(agency: Agency) -> None:
    """Facts of the agency against fields: times, hours, and whether the reply came within the two hours promised."""
    with helpdesk(agency) as sandbox:
        present = landed(read(sandbox, streams={"tickets": {"fields": {"client": "Client"}}}))
    checked = 0
    for ticket in (one for one in agency.tickets if one.status != "deleted"):
        fields = present[str(freshdesk_id(ticket.id))].fields
        assert (fields["subject"], fields["client"]) == (ticket.subject, ticket.client)
        assert (fields["created_at"], fields["updated_at"]) == (ticket.created_at, ticket.updated_at)
        assert fields["resolved_at"] == ticket.solved_at
        seconds = ticket.first_reply_seconds
        if seconds is None:
            assert (fields["first_reply_hours"], fields["is_first_reply_in_time"]) == (None, None)
        else:
            assert fields["first_reply_hours"] == pytest.approx(seconds / 3600)
            assert fields["is_first_reply_in_time"] == (seconds <= 7200)
            checked += 1
    assert checked > 200


def test_names_come_from_the_account(agency: Agency) -> None:
    """A ticket on hold is in the account's own status; its agent and group have their names."""
    one = next(one for one in agency.tickets if one.status == "closed" and one.assignee_id == 21_004)
    agency.edit_ticket(one.id, status="hold", priority="urgent", group_id=31_002)
    agency.clock.advance(timedelta(minutes=5))
    with helpdesk(agency) as sandbox:
        fields = landed(read(sandbox))[str(freshdesk_id(one.id))].fields
    assert (fields["status"], fields["priority"]) == ("Chờ bên thứ ba", "Urgent")
    assert (fields["agent"], fields["group"]) == ("Nhóm lập trình", "Kỹ thuật")


def test_night_with_nothing_new(agency: Agency) -> None:
    """Four requests: the names, and one page of each list; the checkpoint moves on with the server's clock."""
    with helpdesk(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        before = len(sandbox.requests)
        pages = read(sandbox, checkpoint)
        assert len(sandbox.requests) - before == 4
    assert landed(pages) == {}
    expected = (NOW + timedelta(days=1, minutes=-2)).isoformat()
    assert pages[-1].checkpoint == {"tickets": expected, "deleted": expected, "spam": expected}


def test_night_with_changes(agency: Agency) -> None:
    """What changed comes, what was deleted or is spam comes as deleted, and nothing else does."""
    edited, deleted, spam = [one.id for one in agency.tickets if one.status == "closed"][:3]
    with helpdesk(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(hours=1))
        agency.edit_ticket(edited, priority="urgent")
        agency.delete_ticket(deleted)
        agency.edit_ticket(spam, tags=("spam",))
        agency.clock.advance(timedelta(hours=1))
        before = len(sandbox.requests)
        present = landed(read(sandbox, checkpoint))
        assert len(sandbox.requests) - before == 4
        agency.edit_ticket(spam, tags=())
        agency.clock.advance(timedelta(hours=1))
        back = landed(read(sandbox, checkpoint))
    assert {key: one.is_deleted for key, one in present.items()} == {
        str(freshdesk_id(edited)): False,
        str(freshdesk_id(deleted)): True,
        str(freshdesk_id(spam)): True,
    }
    assert not back[str(freshdesk_id(spam))].is_deleted


def test_first_sync_reads_no_old_trash(agency: Agency) -> None:
    """What was deleted before the first sync was never here: only what is deleted meanwhile matters."""
    assert any(one.status == "deleted" for one in agency.tickets)
    with helpdesk(agency) as sandbox:
        assert [one for one in landed(read(sandbox)).values() if one.is_deleted] == []


def test_deleted_while_it_is_read(agency: Agency) -> None:
    """A ticket that was read and is then deleted, in the same first sync, ends as deleted."""
    one = min((one for one in agency.tickets if one.status == "closed"), key=lambda one: one.updated_at)
    with helpdesk(agency, page_cap=50) as sandbox, connected(sandbox) as (connector, stream):
        pages = connector.read(stream, None)
        first = next(pages)
        agency.delete_ticket(one.id)
        present = landed([first, *pages])
    assert present[str(freshdesk_id(one.id))].is_deleted


def test_limit_is_waited_for(agency: Agency) -> None:
    """429 with `Retry-After` is waited for; nothing is missing."""
    with helpdesk(agency, Fault(too_many_requests(41), TICKETS, (2, 3))) as sandbox:
        assert len(landed(read(sandbox))) == sum(one.status != "deleted" for one in agency.tickets)


def test_vitals_and_identity(agency: Agency) -> None:
    """The rest of the minute's requests by Freshdesk's own header names; an agent of a group lacks the global scope."""
    with helpdesk(agency, requests_per_minute=50) as sandbox, connected(sandbox) as (connector, _):
        assert connector.vitals.budget == Budget(left=49, limit=50)
        identity = connector.identity()
        assert identity is not None
        assert (identity.name, identity.missing) == ("okr-bot@agency.example", ())
    with helpdesk(agency, ticket_scope=2) as sandbox, connected(sandbox) as (connector, _):
        identity = connector.identity()
        assert identity is not None
        assert identity.missing == ("global ticket scope",)


def test_answers_that_are_not_the_whole(agency: Agency) -> None:
    """Pages without an end, without statistics, and for people are errors."""
    for deed, kind in (
        (faults.endless(), IncompleteError),
        (faults.empty_page(), IncompleteError),
        (faults.without_statistics(), IncompleteError),
        (web_page(), UnavailableError),
    ):
        with helpdesk(agency, Fault(deed, TICKETS)) as sandbox, pytest.raises(kind):
            read(sandbox)
