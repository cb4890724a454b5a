"""SLA results: what the events of a ticket amount to, over pages and over nights."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.zendesk import sla
from okr_sync.connector import Checkpoint, IncompleteError, Page, Record
from tests.connectors.zendesk.conftest import Account, listing
from tests.loopback import Answer

EVENTS = "/api/v2/incremental/ticket_metric_events"
POLICY = {"id": 7, "title": "Gold", "description": None}
TWO_HOURS = {"target": 120, "target_in_seconds": 7200, "business_hours": True, "policy": POLICY}
READ_TO = datetime(2026, 10, 5, 1, 58, 59, tzinfo=UTC)  # 61 s before the server's time
WINDOW = timedelta(days=7)


def at(clock: str, day: int = 4) -> datetime:
    return datetime.fromisoformat(f"2026-10-{day:02}T{clock}:00+00:00")


def event(kind: str, moment: datetime, ticket: int = 1, **more: Any) -> dict[str, Any]:
    base = {"id": 900, "ticket_id": ticket, "metric": "reply_time", "instance_id": 1, "type": kind}
    return {**base, "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}", **more}


def read(account: Account, *pages: list[dict[str, Any]], checkpoint: Checkpoint | None = None) -> list[Page]:
    """The pages of one read; the checkpoint goes through JSON, as in the warehouse."""
    links = [f"{account.server.url}{EVENTS}?page={number}" for number in range(1, len(pages))]
    account.lists[EVENTS] = [
        listing("ticket_metric_events", *raws, after=after) for raws, after in zip(pages, [*links, None], strict=True)
    ]
    return account.read_stream("sla_results", None if checkpoint is None else json.loads(json.dumps(checkpoint)))


def last(pages: list[Page]) -> dict[str, Record]:
    return {str(one.fields["ticket_id"]): one for page in pages for one in page.records}


def starts(account: Account) -> list[str | None]:
    return [one.one("start_time") for one in account.server.asked if one.path == EVENTS]


def test_one_result(account: Account) -> None:
    """All of one result: goal in the clock of the policy, breached after two hours, answered late."""
    pages = read(
        account,
        [
            event("measure", at("01:00"), instance_id=0),
            event("activate", at("01:00")),
            event("apply_sla", at("01:00"), sla=TWO_HOURS),
            event("breach", at("03:00"), deleted=False),
            event("fulfill", at("04:30")),
            event("update_status", at("04:30"), status={"calendar": 210, "business": 90}),
        ],
    )
    (record,) = [one for page in pages for one in page.records]
    assert dict(record.fields) == {
        "ticket_id": "1",
        "metric": "reply_time",
        "instance": "1",
        "policy": "Gold",
        "goal_hours": 2.0,
        "is_goal_in_business_hours": True,
        "applied_at": at("01:00"),
        "breached_at": at("03:00"),
        "fulfilled_at": at("04:30"),
        "is_breached": True,
        "is_open": False,
        "changed_at": at("04:30"),
    }
    (asked,) = [one for one in account.server.asked if one.path == EVENTS]
    assert asked.query == {
        "start_time": [str(int(datetime(2006, 12, 31, 17, 0, tzinfo=UTC).timestamp()))],
        "page[size]": ["100"],
    }


@pytest.mark.parametrize(
    ("breaches", "breached_at"),
    [
        ([], None),
        ([("03:00", False)], "03:00"),
        ([("03:00", False), ("05:00", False)], "03:00"),
        ([("03:00", True)], None),  # revoked
        ([("03:00", False), ("03:00", True)], None),  # revoked later, under the same time
        ([("03:00", True), ("05:00", False)], "05:00"),  # a longer goal, missed as well
        ([("03:00", False), ("05:00", True)], "03:00"),  # a shorter goal; the longer one never came due
    ],
)
def test_breaches(account: Account, breaches: list[tuple[str, bool]], breached_at: str | None) -> None:
    """A breach counts from its time on, unless it was revoked."""
    told = [event("breach", at(clock), deleted=revoked) for clock, revoked in breaches]
    record = last(read(account, [event("apply_sla", at("01:00"), sla=TWO_HOURS), *told]))["1"]
    expected = None if breached_at is None else at(breached_at)
    assert (record.fields["is_breached"], record.fields["breached_at"]) == (expected is not None, expected)
    assert record.fields["is_open"] is True


def test_breach_in_the_future(account: Account) -> None:
    """A breach that is told before it happens has not happened, and counts in the night after it did."""
    apply, breach = event("apply_sla", at("01:00"), sla=TWO_HOURS), event("breach", at("09:00", day=5), deleted=False)
    first = read(account, [apply, breach])
    assert last(first)["1"].fields["is_breached"] is False
    checkpoint = first[-1].checkpoint
    assert checkpoint["since"] < int(at("09:00", day=5).timestamp())
    night_after = at("02:00", day=6)
    pages = list(sla.SlaResults(checkpoint, night_after, WINDOW).pages(iter([[breach]])))
    assert last(pages)["1"].fields["breached_at"] == at("09:00", day=5)


def test_last_policy_counts(account: Account) -> None:
    """A policy applied later replaces the goal; minutes are taken where there are no seconds."""
    longer = {"target": 240, "business_hours": False, "policy": {"title": "Silver"}}
    events = [event("apply_sla", at("01:00"), sla=TWO_HOURS), event("apply_sla", at("02:00"), sla=longer)]
    fields = last(read(account, events))["1"].fields
    assert (fields["policy"], fields["goal_hours"], fields["is_goal_in_business_hours"]) == ("Silver", 4.0, False)
    assert fields["applied_at"] == at("02:00")


def test_group_policy(account: Account) -> None:
    """The policy of a group is one too."""
    one = event("apply_group_sla", at("01:00"), metric="group_ownership_time", group_sla=TWO_HOURS)
    fields = last(read(account, [one]))["1"].fields
    assert (fields["metric"], fields["policy"]) == ("group_ownership_time", "Gold")


@pytest.mark.parametrize("nothing", [None, {"target": None, "policy": None}])
def test_policy_taken_away(account: Account, nothing: Any) -> None:
    """Where no policy applies any more there is no result: the record ends."""
    events = [event("apply_sla", at("01:00"), sla=TWO_HOURS), event("apply_sla", at("02:00"), sla=nothing)]
    assert last(read(account, events))["1"].is_deleted


def test_without_a_policy(account: Account) -> None:
    """Metrics are told for every ticket; one under no policy has no result."""
    assert last(read(account, [event("activate", at("01:00")), event("fulfill", at("02:00"))])) == {}


def test_activated_again(account: Account) -> None:
    """A metric that runs again after it was fulfilled is open; another instance is another result."""
    events = [
        event("apply_sla", at("01:00"), sla=TWO_HOURS),
        event("fulfill", at("02:00")),
        event("activate", at("03:00")),
        event("apply_sla", at("04:00"), instance_id=2, sla=TWO_HOURS),
        event("fulfill", at("05:00"), instance_id=2),
    ]
    records = [one.fields for page in read(account, events) for one in page.records]
    assert [(one["instance"], one["is_open"]) for one in records] == [("1", True), ("2", False)]


def test_events_over_two_pages(account: Account) -> None:
    """A result whose events are cut by a page is built from all of them, and the list is followed by its link."""
    pages = read(account, [event("apply_sla", at("01:00"), sla=TWO_HOURS)], [event("fulfill", at("02:00"))])
    fields = last(pages)["1"].fields
    assert (fields["policy"], fields["fulfilled_at"]) == ("Gold", at("02:00"))
    assert starts(account)[1:] == [None]


def test_events_over_two_nights(account: Account) -> None:
    """A result that was open is finished by an event alone, however long ago its policy was applied."""
    applied = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    checkpoint = read(account, [event("apply_sla", applied, sla=TWO_HOURS)])[-1].checkpoint
    assert checkpoint["since"] == int((READ_TO - WINDOW).timestamp())
    pages = read(account, [event("fulfill", at("01:30", day=5))], checkpoint=checkpoint)
    assert starts(account)[-1] == str(checkpoint["since"])
    fields = last(pages)["1"].fields
    assert (fields["policy"], fields["applied_at"], fields["is_open"]) == ("Gold", applied, False)
    assert pages[-1].checkpoint["since"] == checkpoint["since"]  # the server's time stands still


def test_same_events_again(account: Account) -> None:
    """The events of the last days come every night and change nothing, wherever a page cuts them."""
    events = [
        event("activate", at("01:00")),
        event("apply_sla", at("01:00"), sla=TWO_HOURS),
        event("breach", at("03:00")),
        event("fulfill", at("04:00")),
    ]
    first = read(account, events)
    again = read(account, *([one] for one in events), checkpoint=first[-1].checkpoint)
    assert last(again)["1"] == last(first)["1"]
    assert len([one for page in again for one in page.records]) == 1
    assert again[-1].checkpoint == first[-1].checkpoint
    assert {page.checkpoint["read_to"] for page in again} == {int(READ_TO.timestamp())}


def test_revoked_the_next_night(account: Account) -> None:
    """A breach that is revoked afterwards is taken back, although its result was carried over with it."""
    apply = event("apply_sla", at("01:00"), sla=TWO_HOURS)
    first = read(account, [apply, event("breach", at("03:00"), deleted=False)])
    assert last(first)["1"].fields["is_breached"] is True
    second = read(account, [apply, event("breach", at("03:00"), deleted=True)], checkpoint=first[-1].checkpoint)
    assert last(second)["1"].fields["is_breached"] is False


def test_final_results_are_forgotten(account: Account) -> None:
    """What was fulfilled before the last days is not carried; part of its events makes no record of its own."""
    old = [
        event("apply_sla", at("01:00", day=1) - WINDOW, sla=TWO_HOURS),
        event("fulfill", at("02:00", day=1) - WINDOW),
    ]
    checkpoint = read(account, old)[-1].checkpoint
    since = int((READ_TO - WINDOW).timestamp())
    assert checkpoint == {"since": since, "read_to": int(READ_TO.timestamp()), "carried": []}
    assert last(read(account, [event("update_status", at("02:00"))], checkpoint=checkpoint)) == {}


def test_checkpoint_is_bounded(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more results are carried than the limit; beyond it the next read begins where the oldest other one began."""
    monkeypatch.setattr(sla, "MOST_CARRIED", 2)
    begun = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4)]
    opened = [event("apply_sla", moment, ticket=number, sla=TWO_HOURS) for number, moment in enumerate(begun, 1)]
    checkpoint = read(account, opened)[-1].checkpoint
    assert [one["instance"][0] for one in checkpoint["carried"]] == ["1", "2"]
    assert checkpoint["since"] == int(begun[2].timestamp())
    done = [event("fulfill", at("01:00"), ticket=number) for number in (1, 2, 3, 4)]
    present = last(read(account, [*opened[2:], *done], checkpoint=checkpoint))
    assert {key: (one.fields["policy"], one.fields["is_open"]) for key, one in present.items()} == dict.fromkeys(
        "1234", ("Gold", False)
    )


def test_final_result_seen_in_part(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that begins early for the sake of another ticket meets parts of what is final: they make no record."""
    monkeypatch.setattr(sla, "MOST_CARRIED", 0)
    january, february, march = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    final = [
        event("apply_sla", january, sla=TWO_HOURS),
        event("breach", january + timedelta(hours=2)),
        event("apply_sla", march, sla=TWO_HOURS),
        event("fulfill", march),
    ]
    pinning = event("apply_sla", february, ticket=2, sla=TWO_HOURS)
    checkpoint = read(account, [*final[:2], pinning, *final[2:]])[-1].checkpoint
    assert (checkpoint["since"], checkpoint["carried"]) == (int(february.timestamp()), [])
    again = read(account, [pinning, *final[2:], event("fulfill", at("01:00"), ticket=2)], checkpoint=checkpoint)
    assert set(last(again)) == {"2"}


def test_interrupted_first_read(account: Account) -> None:
    """A read that broke off goes on behind its last page, less the days of the window, with what was open by then."""
    applied, later = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    first = read(
        account,
        [event("apply_sla", applied, sla=TWO_HOURS), event("activate", later, ticket=2)],
        [event("activate", at("01:00"), ticket=3)],
    )
    checkpoint = first[0].checkpoint
    assert checkpoint["since"] == int((later - WINDOW).timestamp())
    present = last(read(account, [event("fulfill", at("01:00"))], checkpoint=checkpoint))
    assert present["1"].fields["policy"] == "Gold"


def test_event_that_cannot_be_read(account: Account) -> None:
    """It is named, and the others are read."""
    bad = event("breach", at("03:00"), ticket=2, id=77) | {"time": "soon"}
    pages = read(account, [event("apply_sla", at("01:00"), sla=TWO_HOURS), bad])
    assert set(last(pages)) == {"1"}
    (rejection,) = pages[0].rejected
    assert (rejection.record, "it cannot be read" in rejection.reason) == ("metric event 77", True)


@pytest.mark.parametrize(
    "body",
    [
        {"ticket_metric_events": [], "count": 0, "next_page": "x", "end_of_stream": True},
        {"ticket_metric_events": [], "meta": {"has_more": True}, "links": {"next": None}},
        {"meta": {"has_more": False}},
        {},
    ],
)
def test_half_an_answer(account: Account, body: Any) -> None:
    """An answer that does not say whether it is the last never ends a read well."""
    account.lists[EVENTS] = [Answer(body)]
    with pytest.raises(IncompleteError, match="source support: stream sla_results"):
        account.read_stream("sla_results")


def test_circle(account: Account) -> None:
    """A page that is followed by itself is an error."""
    link = f"{account.server.url}{EVENTS}?page=1"
    account.lists[EVENTS] = [listing("ticket_metric_events", after=link)] * 3
    with pytest.raises(IncompleteError, match="same page token twice"):
        account.read_stream("sla_results")


def test_start_too_recent(account: Account) -> None:
    """A start that Zendesk takes for too recent is moved back."""
    refused = Answer({"error": "StartTimeTooRecent"}, 422)
    account.lists[EVENTS] = [refused, listing("ticket_metric_events")]
    account.read_stream("sla_results", start="2026-10-06")
    assert [int(one or 0) for one in starts(account)] == [
        int(READ_TO.timestamp()),
        int(READ_TO.timestamp()) - 300,
    ]


def test_start_is_kept(account: Account) -> None:
    """Neither the days of the window nor a checkpoint make a read begin before the day that the project names."""
    account.lists[EVENTS] = [listing("ticket_metric_events")]
    since = int((READ_TO - WINDOW).timestamp())
    account.read_stream("sla_results", {"since": since, "read_to": since, "carried": []}, start="2026-10-01")
    assert starts(account)[-1] == str(int(datetime(2026, 9, 30, 17, 0, tzinfo=UTC).timestamp()))  # midnight in UTC+7


def test_changed_at_is_the_latest(account: Account) -> None:
    """A breach that is told late, under its own earlier time, does not make the result older."""
    events = [
        event("apply_sla", at("01:00"), sla=TWO_HOURS),
        event("fulfill", at("04:00")),
        event("breach", at("03:00")),
    ]
    assert last(read(account, events))["1"].fields["changed_at"] == at("04:00")
