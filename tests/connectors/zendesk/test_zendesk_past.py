"""What tickets were before: rebuilt from Zendesk's export of changes, by hand-made changes and by the sandbox's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.zendesk import Zendesk
from connectors.zendesk.changes import PATH
from connectors.zendesk.settings import ZendeskSettings
from okr_sync.connector import Checkpoint, Context, IncompleteError, Page, Value
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.faults import Fault, meanwhile, no_answer
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.zendesk.account import ZendeskOptions
from tests.conformance import needs_specs, zendesk
from tests.connectors.zendesk.conftest import Account, exported, ticket
from tests.loopback import Answer

CREATED = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
EXPORT = "/api/v2/incremental/tickets/cursor.json"
FIELDS = {"plan": 21938362, "escalated": 21938364, "areas": 21938366}
SINCE = {"cursor": "c0", "past_from": 1_780_000_000}  # 29 May 2026
HOUR = timedelta(hours=1)


def hours(count: float) -> datetime:
    """So many hours after the creation of the ticket."""
    return CREATED + count * HOUR


def update(after_hours: float, *children: dict[str, Any], number: int = 7) -> dict[str, Any]:
    at = int(hours(after_hours).timestamp())
    return {"id": at, "ticket_id": number, "timestamp": at, "event_type": "Audit", "child_events": list(children)}


def change(before: Any, **after: Any) -> dict[str, Any]:
    return {"event_type": "Change", "previous_value": before, **after}


def created(**values: Any) -> dict[str, Any]:
    """The update that a ticket begins with: one event for each field."""
    return update(0, *({"event_type": "Create", name: value} for name, value in values.items()))


def events(*updates: dict[str, Any]) -> Answer:
    return Answer({"ticket_events": list(updates), "end_of_stream": True, "count": len(updates), "next_page": None})


def past(account: Account, *updates: dict[str, Any], metrics: Any = None, **fields: Any) -> list[dict[str, Value]]:
    """The versions before the present one of a ticket that was last changed a day after its creation."""
    account.has_history = True
    account.pages = [
        exported(ticket(7, **fields), cursor="c1", metrics=[{"ticket_id": 7, **metrics}] if metrics else ())
    ]
    account.lists = {PATH: [events(*updates)]}
    (page,) = account.read(SINCE, FIELDS)
    assert not page.rejected
    *before, present = [dict(one.fields) for one in page.records]
    assert present["updated_at"] == hours(24)
    return before


def test_every_change_is_a_version(account: Account) -> None:
    """From its creation, and from each change on; ids are texts in changes, and a check is a 1."""
    unchecked = change("1", custom_ticket_fields={"21938364": "0"})
    versions = past(
        account,
        created(status="new", priority=None, assignee_id=None, tags=[]),
        update(1, change("new", status="open"), change(None, assignee_id="20"), unchecked),
        update(2, change([], tags=["vip"], added_tags=["vip"], removed_tags=[]), change(None, priority="high")),
        update(24, change("open", status="solved")),
        status="solved",
        priority="high",
        assignee_id=20,
        tags=["vip"],
        custom_fields=[{"id": 21938364, "value": False}],
    )  # fmt: skip
    names = ("updated_at", "status", "priority", "assignee_id", "tags", "escalated")
    assert [tuple(one[name] for name in names) for one in versions] == [
        (hours(0), "new", None, None, [], True),
        (hours(1), "open", None, "20", [], False),
        (hours(2), "open", "high", "20", ["vip"], False),
    ]


def test_a_field_that_never_changed(account: Account) -> None:
    """It was always what it is, as far back as changes are known."""
    (version,) = past(account, created(status="open"), status="open", priority="low")
    assert (version["updated_at"], version["status"], version["priority"]) == (hours(0), "open", "low")


def test_changes_that_do_not_meet(account: Account) -> None:
    """What one change left is not what the next one found: between them the field is missing, and not guessed."""
    versions = past(
        account,
        created(priority="low"),
        update(1, change("normal", priority="high")),
        update(2, change("x", subject="y")),
        priority="urgent",
        subject="y",
    )
    assert [(one["priority"], one["subject"]) for one in versions] == [(None, "x"), (None, "x"), (None, "y")]


def test_what_came_before_the_changes(account: Account) -> None:
    """A ticket older than the changes that are read begins with them: as the first change found it."""
    account.has_history = True
    old = ticket(7, created_at="2026-01-01T02:00:00Z", status="open")
    account.pages = [exported(old, cursor="c1")]
    account.lists = {PATH: [events(update(1, change("pending", status="open")))]}
    (page,) = account.read(SINCE)
    since = datetime.fromtimestamp(SINCE["past_from"], UTC)  # type: ignore[arg-type]
    known = [(one.fields["updated_at"], one.fields["status"]) for one in page.records]
    assert known == [(since, "pending"), (hours(1), "open"), (hours(24), "open")]


METRICS = {
    "reply_time_in_minutes": {"calendar": 60, "business": 30},
    "first_resolution_time_in_minutes": {"calendar": 180, "business": 90},
    "full_resolution_time_in_minutes": {"calendar": 480, "business": 240},
    "requester_wait_time_in_minutes": {"calendar": 300, "business": 150},
    "solved_at": hours(8).isoformat(),
    "assigned_at": hours(0).isoformat(),
    "reopens": 1,
    "replies": 2,
}
STATUSES = (
    created(status="new"),
    update(1, change("new", status="open"), {"event_type": "Comment", "comment_public": True}),
    update(3, change("open", status="solved")),
    update(5, change("solved", status="open"), {"event_type": "Comment", "comment_public": True}),
    update(8, change("open", status="solved"), {"event_type": "Comment", "comment_public": False}),
    update(24, change("solved", status="closed")),
)


def test_times_are_known_since_they_happened(account: Account) -> None:
    """The first reply and the first solution since they came; when it was solved by the last solution until then."""
    versions = past(account, *STATUSES, metrics=METRICS, status="closed")
    names = ("updated_at", "first_reply_hours", "first_resolution_hours", "solved_at")
    assert [tuple(one[name] for name in names) for one in versions] == [
        (hours(0), None, None, None),
        (hours(1), 1.0, None, None),
        (hours(3), 1.0, 3.0, hours(3)),
        (hours(5), 1.0, 3.0, hours(3)),
        (hours(8), 1.0, 3.0, hours(8)),
    ]


def test_counts_and_sums(account: Account) -> None:
    """A reopening is undone by its change; replies are none before the first one, and unknown while more may follow;
    waiting and the last solution are known since it was solved for good.
    """
    versions = past(account, *STATUSES, metrics=METRICS, status="closed")
    names = ("reopen_count", "reply_count", "full_resolution_hours", "requester_wait_hours")
    assert [tuple(one[name] for name in names) for one in versions] == [
        (0, 0, None, None),
        (0, None, None, None),
        (0, None, None, None),
        (1, 2, None, None),
        (1, 2, 8.0, 5.0),
    ]


def test_satisfaction(account: Account) -> None:
    """Who was never asked never was; of others only changes tell since when."""
    scored = {"satisfaction_rating": {"score": "good"}}
    asked = update(2, change("unoffered", satisfaction_score="offered"))
    answered = update(4, change("offered", satisfaction_score="good"))
    assert [one["satisfaction"] for one in past(account, update(2, change("a", subject="b")), **scored)] == [None, None]
    assert [one["satisfaction"] for one in past(account, asked, answered, **scored)] == ["unoffered", "offered", "good"]
    (never,) = past(account, satisfaction_rating={"score": "unoffered"})
    assert never["satisfaction"] == "unoffered"


def test_deleted_tickets_have_no_past(account: Account) -> None:
    """All that they held was taken away: they come as ended, and what changed in them is not asked for."""
    account.has_history = True
    account.pages = [exported(ticket(7, status="deleted"), cursor="c1")]
    (page,) = account.read(SINCE)
    assert [one.is_deleted for one in page.records] == [True]
    assert [one.path for one in account.exports] == [EXPORT]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"ticket_events": [{"id": 1, "ticket_id": 7, "timestamp": "soon"}]}, "update 1 of ticket 7"),
        ({"ticket_events": None}, "without ticket_events"),
        ({"ticket_events": [], "end_of_stream": False}, "but not where"),
    ],
)  # fmt: skip
def test_changes_that_are_not_the_whole(account: Account, answer: dict[str, Any], words: str) -> None:
    """The past is whole or none: the message says how to read tickets without it."""
    account.has_history = True
    account.pages = [exported(ticket(7), cursor="c1")]
    account.lists = {PATH: [Answer({"end_of_stream": True, **answer})]}
    with pytest.raises(IncompleteError, match=rf"{words}.*history: false under streams\.tickets"):
        account.read(SINCE)


def test_a_page_that_comes_again(account: Account) -> None:
    """More updates in a second than a page holds cannot be read on: an error, and no endless loop."""
    account.has_history = True
    again = {
        "ticket_events": [update(1)],
        "end_of_stream": False,
        "next_page": f"{account.server.url}{PATH}?start_time=5",
    }
    account.pages = [exported(ticket(7), cursor="c1")]
    account.lists = {PATH: [Answer(again), Answer(again), Answer(again)]}
    with pytest.raises(IncompleteError, match="came in one second"):
        account.read(SINCE)


@pytest.fixture
def agency() -> Agency:
    """81 tickets, of which nothing has happened for an hour."""
    grown = Agency.grow(7, datetime(2026, 10, 5, 2, 0, tzinfo=UTC), issue_count=0, ticket_count=80, survey_count=0)
    grown.create_ticket("Hỏi giá", status="open")
    grown.clock.advance(HOUR)
    return grown


def read(sandbox: Sandbox, checkpoint: Checkpoint | None = None, pages: int = 99, **settings: Any) -> list[Page]:
    named = sandbox.variables()
    account = {"url": named["ZENDESK_URL"], "email": named["ZENDESK_EMAIL"], "token": named["ZENDESK_API_TOKEN"]}
    written = {"connector": "zendesk", **account, "streams": {"tickets": settings}}
    context = Context("support", Path(), ZoneInfo("Asia/Ho_Chi_Minh"))
    with Zendesk(ZendeskSettings.model_validate(written), context) as connector:
        stream = connector.connect()[0]
        return [page for page, _ in zip(connector.read(stream, checkpoint), range(pages), strict=False)]


def served(agency: Agency, *faults: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, faults, Options(of_systems={"zendesk": ZendeskOptions(**options)}), ["zendesk"])


def versions_of(pages: list[Page], key: int) -> list[tuple[Value, Value]]:
    records = [one.fields for page in pages for one in page.records if one.fields["id"] == str(key)]
    return [(one["status"], one["updated_at"]) for one in records]


def told(agency: Agency, pages: list[Page]) -> dict[int, list[tuple[Value, Value]]]:
    return {one.id: versions_of(pages, one.id) for one in agency.tickets if one.status != "deleted"}


def expected(agency: Agency) -> dict[int, list[tuple[str, datetime]]]:
    since = (agency.clock.now() - timedelta(days=190)).replace(microsecond=0)
    found = {}
    for one in (one for one in agency.tickets if one.status != "deleted"):
        versions = agency.ticket_versions(one.id)
        earlier = [version for version in versions if version.updated_at <= since]
        begins = [(earlier[-1].status, since)] if earlier and versions[-1].updated_at > since else []
        known = [(version.status, version.updated_at) for version in versions if version.updated_at > since]
        found[one.id] = begins + known or [(one.status, one.updated_at)]
    return found


def test_first_read(agency: Agency) -> None:
    """Every version of the last 190 days, by two requests: one to each export."""
    with served(agency) as sandbox:
        assert told(agency, read(sandbox)) == expected(agency)
        assert [one.path for one in sandbox.requests][1:] == [EXPORT, PATH]


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Zendesk's own description knows each of them."""
    with served(agency, updates_cap=20) as sandbox:
        read(sandbox)
    for one in sandbox.requests:
        zendesk().check_request(one.method, one.path, one.query, one.body)


def test_small_pages(agency: Agency) -> None:
    """However pages are cut: changes are read as far as each page of tickets needs them, each once."""
    with served(agency, page_cap=9, updates_cap=7) as sandbox:
        assert told(agency, read(sandbox)) == expected(agency)
        requests = [one.path for one in sandbox.requests][1:]
    assert requests[:2] == [EXPORT, PATH]
    assert len(set(requests[-10:])) == 2


def test_interrupted_first_read(agency: Agency) -> None:
    """What was read before a crash and what comes after it are together what one read gives."""
    with served(agency, page_cap=9) as sandbox:
        first = read(sandbox, pages=3)
        agency.clock.advance(3 * HOUR)
        rest = read(sandbox, first[-1].checkpoint)
    agency.clock.advance(-3 * HOUR)
    assert told(agency, [*first, *rest]) == expected(agency)


def test_only_what_is_new(agency: Agency) -> None:
    """A later read gives the versions since the last one, and one with nothing new asks for no changes."""
    open_one = next(one.id for one in agency.tickets if one.status == "open")
    with served(agency) as sandbox:
        checkpoint = read(sandbox)[-1].checkpoint
        moments = []
        for status in ("pending", "open", "solved"):
            agency.clock.advance(HOUR)
            moments.append((status, agency.edit_ticket(open_one, status=status).updated_at))
        agency.clock.advance(HOUR)
        pages = read(sandbox, checkpoint)
        assert versions_of(pages, open_one) == moments
        agency.clock.advance(HOUR)
        before = len(sandbox.requests)
        assert sum(len(page.records) for page in read(sandbox, pages[-1].checkpoint)) == 0
        assert [one.path for one in sandbox.requests][before + 1 :] == [EXPORT]


def test_a_ticket_that_changes_while_it_is_read(agency: Agency) -> None:
    """It comes twice, and each of its versions once, in the order of time."""
    key = next(one.id for one in agency.tickets if one.status == "open")
    before = len(agency.ticket_versions(key))

    def edit() -> None:
        agency.clock.advance(timedelta(minutes=5))
        agency.edit_ticket(key, status="pending")
        agency.clock.advance(timedelta(minutes=5))
        agency.edit_ticket(key, status="solved")
        agency.clock.advance(timedelta(minutes=5))

    with served(agency, Fault(meanwhile(edit), EXPORT, (1,)), page_cap=40) as sandbox:
        known = versions_of(read(sandbox), key)
    assert known == [(one.status, one.updated_at) for one in agency.ticket_versions(key)]
    assert len(known) == before + 2


def test_history_days(agency: Agency) -> None:
    """The past goes back as far as the project wishes."""
    with served(agency) as sandbox:
        pages = read(sandbox, history_days=30)
        starts = [one.query for one in sandbox.requests if one.path == PATH]
    assert starts == [f"start_time={int((agency.clock.now() - timedelta(days=30)).timestamp())}"]
    times = [one.fields["updated_at"] for page in pages for one in page.records]
    assert len(times) > 80


def test_crash_among_changes(agency: Agency) -> None:
    """Where the changes cannot be read, the page of tickets does not land either."""
    with (
        served(agency, Fault(no_answer(), PATH)) as sandbox,
        pytest.raises(Exception, match=r"connection was closed|no connection"),
    ):
        read(sandbox)
