"""What only a scripted account answers: limits of the day, other accounts, parts that failed, broken records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hubspot.habits import judge
from okr_sync.connector import AccessError, IncompleteError, SettingsError, UnavailableError
from okr_sync.http import BusyError, Faults
from okr_sync.http.client import Reply
from tests.connectors.hubspot.conftest import NOW, TOKEN, Portal, connector, deal, found, landed
from tests.loopback import Answer

NOW_MS = int(NOW.timestamp() * 1000)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def filters(portal: Portal) -> list[list[dict[str, str]]]:
    return [json.loads(one.body)["filterGroups"][0]["filters"] for one in portal.asked]


def test_searches_in_full(portal: Portal) -> None:
    """A first search begins a second after 1970, since HubSpot fails at 1970 itself, and goes on behind the last id.

    The next one begins an hour before the last one began, by HubSpot's own clock.
    """
    portal.searches = [found(deal(7), deal(9), total=3), found(deal(11))]
    pages = portal.read()
    portal.read(checkpoint=pages[-1].checkpoint)

    def expected(since: int, after: str) -> list[dict[str, str]]:
        changed = {"propertyName": "hs_lastmodifieddate", "operator": "BETWEEN", "value": str(since)}
        return [
            changed | {"highValue": str(NOW_MS)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": after},
        ]

    assert filters(portal) == [expected(1000, "0"), expected(1000, "9"), expected(NOW_MS - HOUR_MS, "0")]
    bodies = [json.loads(one.body) for one in portal.asked]
    assert [body["limit"] for body in bodies] == [200, 200, 200]
    assert bodies[0]["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    assert pages[0].expected_count == 3


def test_limit_of_the_day(portal: Portal) -> None:
    """Requests that are used up until midnight are not asked for again: one answer, and when it is over."""
    body = {"status": "error", "message": "daily limit", "errorType": "RATE_LIMIT", "policyName": "DAILY"}
    portal.searches = [Answer(body, 429)] * 9
    with pytest.raises(UnavailableError, match=r"in a day are used up.*after midnight.*account, Asia/Tokyo"):
        portal.read()
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    ("policy", "headers", "wait"),
    [("TEN_SECONDLY_ROLLING", {}, 10.0), ("TEN_SECONDLY_ROLLING", {"Retry-After": "3"}, None), ("SECONDLY", {}, None)],
)
def test_waits_of_limits(policy: str, headers: dict[str, str], wait: float | None) -> None:
    """A limit of ten seconds is waited for that long, unless HubSpot says how long; others go by the usual rules."""
    error = judge(Faults("crm", "remedy"), lambda: None)("POST /", Reply(429, headers, {"policyName": policy}))
    assert (error.wait_seconds if isinstance(error, BusyError) else error) == wait


@pytest.mark.parametrize(("status", "words"), [(423, "has locked"), (477, "is moving the account")])
def test_passing_states(portal: Portal, status: int, words: str) -> None:
    """A lock, or a move to another data centre, is over after a while: asked again, and named where it lasts."""
    portal.searches = [Answer({"status": "error"}, status), found(deal(7))]
    assert set(landed(portal.read())) == {"7"}
    portal.searches = [Answer({"status": "error"}, status)] * 9
    with pytest.raises(UnavailableError, match=words):
        portal.read()


def test_long_move_is_not_sat_out(portal: Portal) -> None:
    """A move that takes a day is left for the next run."""
    portal.searches = [Answer({"status": "error"}, 477, {"Retry-After": "86400"})] * 9
    with pytest.raises(UnavailableError):
        portal.read()
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer({}),
        Answer({"results": []}),
        Answer({"total": 1, "results": [{"properties": {}}]}),
        Answer({"total": 2, "results": [deal(9), deal(9)]}),
        Answer({"total": 1, "results": []}),
    ],
)
def test_half_an_answer_is_no_end(portal: Portal, answer: Answer) -> None:
    """An answer without its total, its ids or its records never ends a read well."""
    portal.searches = [answer]
    with pytest.raises(IncompleteError, match=r"^source crm: stream deals: "):
        portal.read()


@pytest.mark.parametrize(
    ("names", "is_closed", "since"),
    [
        ({"s1": "Open"}, "false", 1_790_000_000_000),
        ({"s1": "Open", "gone": "Lost"}, "false", 1_790_000_000_000),
        ({"pipeline p": "Sales"}, "false", 1000),
        ({"s1": "New"}, "false", 1000),
        ({"s1": "Open"}, "true", 1000),
    ],
)
def test_names_that_are_others_now(portal: Portal, names: dict[str, str], is_closed: str, since: int) -> None:
    """Where a stage has another name, or counts as closed now, all is read again; a stage less changes no record.

    So it is with a new stage: the last read may have met it, made after its names were asked for, and not known it.
    """
    stage = {"id": "s1", "label": "Open", "metadata": {"isClosed": is_closed}}
    portal.pipelines = [{"id": "p", "label": "Sales", "stages": [stage]}]
    names = {"pipeline p": "Sales", **names}
    portal.read(checkpoint={"since_ms": 1_790_000_000_000, "account": 77, "names": names})
    assert filters(portal)[0][0]["value"] == str(since)


def test_archived_pages_in_a_circle(portal: Portal) -> None:
    """A list that is followed by itself is not read for ever."""
    portal.archived = [Answer({"results": [], "paging": {"next": {"after": "7"}}})] * 3
    with pytest.raises(IncompleteError, match="archived deals: the source gave the same page token twice"):
        portal.read()


def test_batch_that_failed_in_part(portal: Portal) -> None:
    """Of a batch, an id that does not exist is no failure; any other error is, although its status is 207."""
    failed = [
        {"category": "OBJECT_NOT_FOUND", "message": "gone"},
        {"category": "INTERNAL_ERROR", "message": "try again"},
    ]
    portal.other["/crm/v3/objects/deals/batch/read"] = Answer({"results": [deal(7)], "errors": failed}, 207)
    with connector(portal.server.url) as one, pytest.raises(IncompleteError, match="left records out: try again;"):
        list(one.fetch(one.connect()[0], ["7", "8", "9"]))


def test_records_that_cannot_be_read(portal: Portal) -> None:
    """A number that is none, and an archived record without its time, are named; the others land."""
    portal.searches = [found(deal(7, amount="a lot"), deal(8), {**deal(9), "updatedAt": None})]
    portal.archived = [Answer({"results": [deal(5), {**deal(6), "archivedAt": "2026-10-03T02:00:00Z"}]})]
    live, gone = portal.read()
    assert [record.fields["id"] for record in (*live.records, *gone.records)] == ["8", "6"]
    assert [one.record for one in (*live.rejected, *gone.rejected)] == ["deals 7", "deals 9", "archived record 5"]
    assert live.rejected[0].reason.startswith("amount cannot be read as number")


def test_account_that_is_another_one(portal: Portal) -> None:
    """A token of another account than the project names is refused before anything is read."""
    with pytest.raises(SettingsError, match="token is of account 77, and account is 78"):
        portal.read(account=78)
    assert len(portal.server.asked) == 1


@pytest.mark.parametrize("rest", [{}, {"until_ms": NOW_MS - 91 * DAY_MS, "after": "7"}])
def test_long_pause(portal: Portal, rest: dict[str, Any]) -> None:
    """Archived records are listed for 90 days: after a longer pause nobody tells of some, but a census."""
    since = 1000 if rest else NOW_MS - 91 * DAY_MS
    with pytest.raises(SettingsError, match=r"on 2026-07-06.* 90 days.*streams\.contacts: \{census: true\}"):
        portal.read("contacts", {"since_ms": since, **rest})
    portal.read("contacts", {"since_ms": NOW_MS - 89 * DAY_MS})
    portal.read("contacts", {"since_ms": since, **rest}, streams={"contacts": {"census": True}})


def test_token_of_another_account_later(portal: Portal) -> None:
    """What was read from one account is not gone on with in another one, whose records would join the first one's."""
    checkpoint = portal.read("contacts")[-1].checkpoint
    assert checkpoint == {"since_ms": NOW_MS - HOUR_MS, "account": 77}
    with pytest.raises(SettingsError, match="token is of account 77, and so far account 76 was read"):
        portal.read("contacts", checkpoint | {"account": 76})


def test_end_of_an_archived_record(portal: Portal) -> None:
    """A record that was still stamped while it was archived ends behind that stamp, which the search may have shown."""
    late = {"archivedAt": "2026-10-03T02:00:00Z", "updatedAt": "2026-10-03T02:00:00.250Z"}
    early = {"archivedAt": "2026-10-03T02:00:00Z", "updatedAt": "2026-10-01T02:00:00Z"}
    portal.searches = [found({**deal(5), **late})]
    portal.archived = [Answer({"results": [{**deal(5), **late}, {**deal(6), **early}]})]
    live, gone = portal.read()
    assert live.records[0].fields["updated_at"] == datetime(2026, 10, 3, 2, 0, 0, 250_000, UTC)
    assert [record.fields["updated_at"] for record in gone.records] == [
        datetime(2026, 10, 3, 2, 0, 0, 250_000, UTC),
        datetime(2026, 10, 3, 2, tzinfo=UTC),
    ]


def test_total_that_is_too_small(portal: Portal) -> None:
    """Where a page says that another one follows, it is not the last, whatever the total is."""
    first = {"total": 1, "results": [deal(7)], "paging": {"next": {"after": "1"}}}
    portal.searches = [Answer(first), found(deal(8))]
    assert set(landed(portal.read())) == {"7", "8"}


def test_links(portal: Portal) -> None:
    """A record's page is at the account's own address; before anybody is asked, where the account is known."""
    with connector(portal.server.url, account=77) as one:
        declared = {stream.name: stream.link for stream in one.declared_streams()}
        links = {stream.name: stream.link for stream in one.connect()}
    assert declared["deals"] == "https://app.hubspot.com/contacts/77/record/0-3/{id}"
    assert links["deals"] == "https://app-eu1.hubspot.com/contacts/77/record/0-3/{id}"
    assert links["feedback_submissions"] is None
    own = {"rooms": {"object": "2-123456"}, "rents": {"object": "p77_rents"}}
    with connector(portal.server.url, account=77, streams=own) as one:
        links = {stream.name: stream.link for stream in one.declared_streams()}
    assert links["rooms"] == "https://app.hubspot.com/contacts/77/record/2-123456/{id}"
    assert links["rents"] is None  # its pages are known by its type id alone
    assert {stream.link for stream in connector(portal.server.url).declared_streams()} == {None}


def test_service_key_without_scopes(portal: Portal) -> None:
    """Where HubSpot does not tell a token's scopes, the account is named all the same."""
    portal.other["/oauth/v2/private-apps/get/access-token-info"] = Answer({"message": "no private app"}, 404)
    with connector(portal.server.url) as one:
        one.connect()
        identity = one.identity()
    assert (identity.name, identity.unneeded) == ("account 77 on app-eu1.hubspot.com", ())


def test_secrets_stay_out_of_messages(portal: Portal) -> None:
    """A token that is echoed is hidden, and settings do not show it."""
    refused: Any = {"message": f"bad token {TOKEN}", "category": "INVALID_AUTHENTICATION"}
    portal.other["/account-info/v3/details"] = Answer(refused, 401)
    with (
        connector(portal.server.url) as one,
        pytest.raises(AccessError, match=r"bad token \*\*\*; check the token") as caught,
    ):
        one.connect()
    assert TOKEN not in str(caught.value) + repr(one.settings)
    assert portal.server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
