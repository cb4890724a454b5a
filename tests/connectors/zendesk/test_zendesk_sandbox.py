"""The connector against the sandbox's Zendesk: everything is read, nothing is lost, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
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
from okr_sync.sandbox.server import Options, Sandbox
from okr_sync.sandbox.systems.zendesk import faults as zendesk_faults
from okr_sync.sandbox.systems.zendesk.account import ZendeskOptions
from tests.conformance import needs_specs, zendesk
from tests.contract.cases.zendesk import CASE
from tests.contract.meeting import Meeting

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
            "streams": {"tickets": {"history": False}},
        }
    )
    with Zendesk(settings, Context("support", Path(), ZoneInfo("Asia/Ho_Chi_Minh"))) as connector:
        yield connector, {one.name: one for one in connector.connect()}


def read(sandbox: Sandbox, checkpoint: Checkpoint | None = None, stream: str = "tickets") -> list[Page]:
    with connected(sandbox) as (connector, streams):
        return list(connector.read(streams[stream], checkpoint))


def landed(pages: Sequence[Page], *key: str) -> dict[Any, Record]:
    """The last record of each key, which is the id where none is given."""
    names = key or ("id",)
    every = [one for page in pages for one in page.records]
    return {(one.fields["id"] if not key else tuple(one.fields[name] for name in names)): one for one in every}


def replies(agency: Agency) -> dict[str, tuple[datetime, datetime | None, datetime | None]]:
    """When the policy on replies was applied, broken for good and met, by ticket, as the agency's house rules say.

    An urgent question is answered within an hour, others within 2, 4 and 8; chats that wait five minutes longer get
    three times as long.
    """
    minutes = {"urgent": 60, "high": 120, "normal": 240, "low": 480}
    results: dict[str, tuple[datetime, datetime | None, datetime | None]] = {}
    for one in agency.tickets:
        if one.priority is None or one.status == "deleted":
            continue
        promise, seconds = timedelta(minutes=minutes[one.priority]), one.first_reply_seconds
        waited = agency.clock.now() - one.created_at if seconds is None else timedelta(seconds=seconds)
        applied_at = one.created_at
        if one.channel == "native_messaging" and waited > promise + timedelta(minutes=5):
            applied_at += promise + timedelta(minutes=5)
            promise *= 3
        broken_at = one.created_at + promise if waited > promise else None
        replied_at = None if seconds is None else one.created_at + timedelta(seconds=seconds)
        results[str(one.id)] = (applied_at, broken_at, replied_at)
    return results


def told_replies(pages: Sequence[Page]) -> dict[str, tuple[Any, ...]]:
    names = ("applied_at", "breached_at", "fulfilled_at")
    results = landed(pages, "ticket_id", "metric", "instance")
    return {
        ticket: tuple(one.fields[name] for name in names)
        for (ticket, metric, _), one in results.items()
        if metric == "reply_time"
    }


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
    zendesk().check_request("GET", "/api/v2/ticket_fields.json")


@needs_specs
@pytest.mark.parametrize("stream", ["sla_results", "satisfaction_ratings"])
def test_requests_for_lists_are_as_described(agency: Agency, stream: str) -> None:
    """So are those for events and ratings, the counts, and the links that lead from page to page."""
    options = Options(of_systems={"zendesk": ZendeskOptions(page_cap=50)})
    with Sandbox(agency, options=options, systems=["zendesk"]) as sandbox, connected(sandbox) as (connector, streams):
        list(connector.read(streams[stream], None))
        connector.count(streams[stream])
    assert len(sandbox.requests) > 4
    for one in sandbox.requests:
        zendesk().check_request(one.method, one.path, one.query, one.body)


def test_sla_results(agency: Agency) -> None:
    """Every promise about replies is told as the agency kept it, revoked breaches left out."""
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        agency.clock.advance(timedelta(minutes=5))
        pages = read(sandbox, stream="sla_results")
    expected = replies(agency)
    assert told_replies(pages) == expected
    # Enough of each kind for the comparison to mean something.
    assert len([one for one in expected.values() if one[1] is not None]) > 20
    assert len([one for one in expected.values() if one[2] is None]) > 2
    assert len([one for key, one in expected.items() if one[0] != agency.ticket(int(key)).created_at]) > 5


def test_sla_results_of_many_nights(agency: Agency) -> None:
    """A sync every fifth night, with replies in between, ends with the same results as one read of everything."""
    present: dict[Any, Record] = {}
    checkpoint: Checkpoint | None = None
    key = ("ticket_id", "metric", "instance")
    channels = ("email", "native_messaging")
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        asked = [agency.create_ticket("Hỏi", priority="high", channel=channels[n % 2]).id for n in range(6)]
        for answered in [*asked[:5], None, None]:  # the first after 5 days, the fifth after 25, the last never
            agency.clock.advance(timedelta(days=5))
            if answered is not None:
                waited = agency.clock.now() - agency.ticket(answered).created_at - timedelta(hours=1)
                agency.edit_ticket(answered, first_reply_seconds=int(waited.total_seconds()), status="open")
            pages = read(sandbox, checkpoint, "sla_results")
            present |= landed(pages, *key)
            checkpoint = json.loads(json.dumps(pages[-1].checkpoint))
        whole = landed(read(sandbox, stream="sla_results"), *key)
    assert {one: record.fields for one, record in present.items()} == {
        one: record.fields for one, record in whole.items()
    }
    assert [present[str(one), "reply_time", "1"].fields["is_open"] for one in asked] == [False] * 5 + [True]
    assert {present[str(one), "reply_time", "1"].fields["goal_hours"] for one in asked} == {2.0, 6.0}


def test_sla_night_with_nothing_new(agency: Agency) -> None:
    """A week without events costs two requests: account, and one empty page, though results are open."""
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        checkpoint = read(sandbox, stream="sla_results")[-1].checkpoint
        agency.clock.advance(timedelta(days=10))
        checkpoint = read(sandbox, checkpoint, "sla_results")[-1].checkpoint
        agency.clock.advance(timedelta(days=10))
        before = len(sandbox.requests)
        pages = read(sandbox, checkpoint, "sla_results")
        assert (sum(len(page.records) for page in pages), len(sandbox.requests) - before) == (0, 2)
    assert len(pages[-1].checkpoint["carried"]) > 2


def test_ratings(agency: Agency) -> None:
    """Every rating of the agency's tickets; one that is given later comes the next night."""
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        pages = read(sandbox, stream="satisfaction_ratings")
        told = sorted((one.fields["ticket_id"], one.fields["score"]) for one in landed(pages).values())
        rated = [one for one in agency.tickets if one.satisfaction != "unoffered"]
        assert told == sorted((str(one.id), one.satisfaction) for one in rated)
        offered = next(one for one in rated if one.satisfaction == "offered")
        agency.clock.advance(timedelta(days=9))
        agency.edit_ticket(offered.id, satisfaction="bad")
        agency.clock.advance(timedelta(hours=1))
        second = landed(read(sandbox, pages[-1].checkpoint, "satisfaction_ratings"))
    (late,) = [one for key, one in second.items() if key not in landed(pages)]
    a_week_before = NOW - timedelta(days=7, seconds=61)
    assert len(second) == 1 + sum(one.updated_at >= a_week_before for one in rated)  # those of a week come again
    assert (late.fields["ticket_id"], late.fields["score"]) == (str(offered.id), "bad")


def test_schedules(agency: Agency) -> None:
    """The agency's hours, day by day, as a calendar may use them."""
    with Sandbox(agency, systems=["zendesk"]) as sandbox:
        office, weekend = landed(read(sandbox, stream="schedules")).values()
    assert office.fields["hours"] == [
        f"{day} {hours}" for day in ("mon", "tue", "wed", "thu", "fri") for hours in ("08:30-12:00", "13:30-18:00")
    ]
    assert weekend.fields["hours"] == ["sat 20:00-24:00"]


def test_who_and_how_many(agency: Agency) -> None:
    """We are the administrator of the token; counts are those of the agency; headers tell what is left to ask."""
    with Sandbox(agency, systems=["zendesk"]) as sandbox, connected(sandbox) as (connector, streams):
        assert connector.identity().name == "okr-bot@agency.example"
        assert connector.count(streams["tickets"]) == sum(one.status != "deleted" for one in agency.tickets)
        rated = sum(one.satisfaction != "unoffered" for one in agency.tickets)
        assert connector.count(streams["satisfaction_ratings"]) == rated
        budget = connector.vitals.budget
        assert budget is not None
        assert (budget.left, budget.limit) == (697, 700)  # users/me and two counts


def test_ten_exports_a_minute(agency: Agency) -> None:
    """The eleventh page within a minute is refused and asked for again; here time stands still, so it is given up."""
    options = Options(of_systems={"zendesk": ZendeskOptions(exports_per_minute=10, page_cap=100)})
    agency.clock.advance(timedelta(minutes=5))
    minute = faults.meanwhile(lambda: agency.clock.advance(timedelta(seconds=60)))
    wait = [faults.Fault(minute, EXPORT, requests=(11,))]
    for plan, tickets in (([], None), (wait, 1200)):
        with Sandbox(agency, plan, options, systems=["zendesk"]) as sandbox:
            if tickets is None:
                with pytest.raises(UnavailableError, match="429"):
                    read(sandbox)
            else:
                assert len(landed(read(sandbox))) == tickets
                assert [one.status for one in sandbox.requests].count(429) == 1


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


@pytest.mark.parametrize(
    ("stream", "edited"),
    [("sla_results", {"first_reply_seconds": 90_000}), ("satisfaction_ratings", {"satisfaction": "bad"})],
)
def test_nights_in_the_warehouse(tmp_path: Path, stream: str, edited: Any) -> None:
    """What is read again lands nothing, though pages of five cut it; one change is one version, in its own time."""
    case = replace(CASE, stream=stream, options=ZendeskOptions(page_cap=5))
    meeting = Meeting(case, tmp_path)
    # The last hours of the agency's own past come with the first nights.
    meeting.agency.clock.advance(timedelta(days=30))
    assert meeting.sync().error is None
    asked = meeting.agency.create_ticket("Hỏi", priority="low", first_reply_seconds=None)
    meeting.agency.clock.advance(timedelta(days=2))
    meeting.sync()
    meeting.next_night()
    before = meeting.versions()
    again = meeting.sync()
    assert (again.error, again.new_count, meeting.versions()) == (None, 0, before)
    meeting.agency.edit_ticket(asked.id, **edited)
    meeting.next_night()
    changed = meeting.sync()
    assert (changed.error, changed.new_count, changed.deleted_count) == (None, 1, 0)
