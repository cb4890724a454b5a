"""The connector against the sandbox's Zendesk: everything is read, nothing is lost, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.zendesk import Zendesk
from connectors.zendesk.settings import ZendeskSettings
from okr_sync.connector import Checkpoint, Context, IncompleteError, Page, Record, UnavailableError
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.server import Sandbox
from okr_sync.sandbox.systems.zendesk import faults as zendesk_faults
from tests.conformance import needs_specs, zendesk

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
EXPORT = "/api/v2/incremental"


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=7, now=NOW, issue_count=0, ticket_count=1200, survey_count=0)


@contextmanager
def connected(sandbox: Sandbox) -> Iterator[tuple[Zendesk, Any]]:
    named = sandbox.variables()
    settings = ZendeskSettings.model_validate(
        {
            "connector": "zendesk",
            "url": named["ZENDESK_URL"],
            "email": named["ZENDESK_EMAIL"],
            "token": named["ZENDESK_API_TOKEN"],
        }
    )
    with Zendesk(settings, Context("support", Path(), ZoneInfo("Asia/Ho_Chi_Minh"))) as connector:
        yield connector, connector.connect()[0]


def read(sandbox: Sandbox, checkpoint: Checkpoint | None = None) -> list[Page]:
    with connected(sandbox) as (connector, stream):
        return list(connector.read(stream, checkpoint))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each ticket."""
    return {str(one.fields["id"]): one for page in pages for one in page.records}


def test_first_sync(agency: Agency) -> None:
    """Every ticket is read as it is in Zendesk; 1,200 of them cost 3 requests: account, and two pages of 1,000."""
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        present = landed(read(sandbox))
    assert len(sandbox.requests) == 3
    assert set(present) == {str(one.id) for one in agency.tickets}
    for ticket in agency.tickets:
        record = present[str(ticket.id)]
        assert record.is_deleted == (ticket.status == "deleted")
        assert (record.fields["status"], record.fields["subject"]) == (ticket.status, ticket.subject)
        assert (record.fields["created_at"], record.fields["updated_at"]) == (ticket.created_at, ticket.updated_at)
        assert (record.fields["solved_at"], record.fields["reopen_count"]) == (ticket.solved_at, ticket.reopen_count)
        assert record.fields["is_merged"] == ("closed_by_merge" in ticket.tags)
        replied_at, seconds = record.fields["first_replied_at"], ticket.first_reply_seconds
        if seconds is None:
            assert replied_at is None
        else:
            assert isinstance(replied_at, datetime)
            late = ticket.created_at + timedelta(seconds=seconds) - replied_at
            assert timedelta(0) <= late < timedelta(minutes=1)  # Zendesk counts whole minutes


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Every request is one that Zendesk's own description of the API knows, to its parameters and their types."""
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        read(sandbox)
    for one in sandbox.requests:
        zendesk().check_request(one.method, one.path, one.query, one.body)
    zendesk().check_request("GET", "/api/v2/ticket_fields.json")  # the sandbox has none


def test_night_with_nothing_new(agency: Agency) -> None:
    """A day later, with nothing changed, two requests find nothing and keep the cursor."""
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        pages = read(sandbox, checkpoint)
        assert ([len(page.records) for page in pages], pages[-1].checkpoint) == ([0], checkpoint)
    assert len(sandbox.requests) == 3 + 2


def test_last_minute_comes_next_time(agency: Agency) -> None:
    """Zendesk leaves out the last minute; what happened in it comes with the next sync, by the cursor that was kept."""
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        fresh = agency.create_ticket("Vừa gửi")
        first = read(sandbox)
        agency.clock.advance(timedelta(minutes=2))
        second = read(sandbox, first[-1].checkpoint)
    assert str(fresh.id) not in landed(first)
    assert set(landed(second)) == {str(fresh.id)}


def test_what_happens_to_tickets(agency: Agency) -> None:
    """Edits, merges, deletions and the touch of a job all come with the next sync; the touch brings an old time."""
    agency.clock.advance(timedelta(minutes=5))
    ids = [one.id for one in agency.tickets if one.status in ("open", "solved")][:4]
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        agency.clock.advance(timedelta(hours=1))
        agency.edit_ticket(ids[0], priority="urgent")
        agency.merge_ticket(ids[1])
        agency.delete_ticket(ids[2])
        touched = agency.touch_ticket(ids[3])
        agency.clock.advance(timedelta(hours=1))
        present = landed(read(sandbox, checkpoint))
    assert set(present) == {str(one) for one in ids}
    assert present[str(ids[0])].fields["priority"] == "urgent"
    assert present[str(ids[1])].fields["is_merged"]
    assert present[str(ids[2])].is_deleted
    assert present[str(ids[3])].fields["updated_at"] == touched.updated_at
    assert touched.updated_at < NOW


def test_slow_pages(agency: Agency) -> None:
    """Where Zendesk only manages 250 tickets a page, pages are halved until it does: 1000, 500, then five of 250."""
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(
        agency, [faults.Fault(zendesk_faults.gateway_timeout(above=250), EXPORT)], systems=["zendesk"]
    ) as sandbox:
        assert len(landed(read(sandbox))) == 1200
    assert [one.status for one in sandbox.requests if one.path.startswith(EXPORT)] == [504, 504, *[200] * 5]


@pytest.mark.parametrize(
    "deed",
    [faults.too_many_requests(retry_after=41), faults.server_error(502), faults.cut_body(), faults.no_answer()],
)
def test_passing_troubles(agency: Agency, deed: faults.Deed) -> None:
    """A page that is refused, cut or never sent twice is read at the third try, and nothing is missing."""
    agency.clock.advance(timedelta(minutes=5))
    with Sandbox(agency, [faults.Fault(deed, EXPORT, requests=(2, 3))], systems=["zendesk"]) as sandbox:
        assert len(landed(read(sandbox))) == 1200
    assert len(sandbox.requests) == 5


def test_answers_that_are_not_the_whole(agency: Agency) -> None:
    """A page that is followed by itself, and a page for people, are errors."""
    agency.clock.advance(timedelta(minutes=5))
    for deed, kind in ((zendesk_faults.repeated_token(), IncompleteError), (faults.web_page(), UnavailableError)):
        with (
            Sandbox(agency, [faults.Fault(deed, EXPORT, requests=(2,))], systems=["zendesk"]) as sandbox,
            pytest.raises(kind),
        ):
            read(sandbox)
