"""Reading tickets: where the export begins, how it is followed, and which cursor is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from okr_sync.connector import (
    AccessError,
    IncompleteError,
    Page,
    SettingsError,
    SourceError,
    UnavailableError,
)
from tests.connectors.zendesk.conftest import TOKEN, Account, exported, ticket
from tests.loopback import Answer, Asked

SERVER_NOW = int(datetime(2026, 10, 5, 2, 0, tzinfo=UTC).timestamp())


def ids(pages: list[Page]) -> list[list[str]]:
    return [[str(one.fields["id"]) for one in page.records] for page in pages]


def test_first_export_begins_at_the_beginning(account: Account) -> None:
    """Without a checkpoint the export begins before Zendesk did, with the metric sets of every ticket."""
    account.pages = [exported(ticket(1), cursor="c1")]
    pages = account.read()
    assert account.exports[0].query == {
        "start_time": [str(int(datetime(2006, 12, 31, 17, 0, tzinfo=UTC).timestamp()))],  # 2007-01-01 in UTC+7
        "include": ["metric_sets"],
        "per_page": ["1000"],
    }
    assert (ids(pages), pages[0].checkpoint) == ([["1"]], {"cursor": "c1"})


def test_export_is_followed_by_cursor_only(account: Account) -> None:
    """Later pages and later runs ask by cursor; the link to another host in the answer is left alone."""
    account.pages = [
        exported(ticket(1), cursor="c1", end=False),
        exported(cursor="c2", end=False),
        exported(ticket(3), cursor="c3"),
    ]
    pages = account.read()
    assert ids(pages) == [["1"], [], ["3"]]
    assert [one.one("cursor") for one in account.exports] == [None, "c1", "c2"]
    assert [one.one("start_time") for one in account.exports[1:]] == [None, None]
    assert {one.one("include") for one in account.exports} == {"metric_sets"}
    assert pages[-1].checkpoint == {"cursor": "c3"}


def test_cursor_at_the_end_is_kept(account: Account) -> None:
    """With nothing new the export gives the same cursor back, which is an end and not a circle."""
    account.pages = [exported(cursor="c3")]
    pages = account.read({"cursor": "c3"})
    assert [page.checkpoint for page in pages] == [{"cursor": "c3"}]


def test_end_without_a_cursor_keeps_the_last_one(account: Account) -> None:
    """An answer that ends without a cursor does not throw the known one away; an empty account has none yet."""
    account.pages = [exported(cursor=None), exported(cursor=None)]
    assert account.read({"cursor": "c3"})[0].checkpoint == {"cursor": "c3"}
    assert account.read()[0].checkpoint == {}


def test_requests_of_a_night_with_nothing_new(account: Account) -> None:
    """A sync with nothing new costs two requests: who am I, and one page."""
    account.pages = [exported(cursor="c3")]
    with account.connector() as connector:
        list(connector.read(connector.connect()[0], {"cursor": "c3"}))
        assert connector.request_count == 2


def test_crash_in_the_middle_resumes(account: Account) -> None:
    """After a crash the export goes on behind the last page that landed."""
    account.pages = [exported(ticket(1), cursor="c1", end=False), *[Answer({}, 500)] * 6]
    with account.connector() as connector, pytest.raises(UnavailableError):
        pages = connector.read(connector.connect()[0], None)
        checkpoint = next(pages).checkpoint
        next(pages)
    account.pages = [exported(ticket(2), cursor="c2")]
    assert ids(account.read(checkpoint)) == [["2"]]
    assert account.exports[-1].one("cursor") == "c1"


def test_old_changes_are_kept(account: Account) -> None:
    """A ticket whose time of change lies before the start comes with the export, and is read."""
    account.pages = [exported(ticket(1, updated_at="2019-01-01T00:00:00Z"), cursor="c1")]
    assert ids(account.read(start="2026-01-01")) == [["1"]]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-01-01", int(datetime(2025, 12, 31, 17, 0, tzinfo=UTC).timestamp())),
        ("2026-10-05", int(datetime(2026, 10, 4, 17, 0, tzinfo=UTC).timestamp())),
        ("2026-10-06", SERVER_NOW - 61),
    ],
)
def test_start_is_never_too_recent(account: Account, start: str, expected: int) -> None:
    """The export begins with the day in the project's zone, and 61 s before the server's time at the latest."""
    account.pages = [exported(cursor="c1")]
    account.read(start=start)
    assert account.exports[0].one("start_time") == str(expected)


@pytest.mark.parametrize("status", [400, 422])
def test_start_that_is_too_recent_is_moved(account: Account, status: int) -> None:
    """A start that Zendesk still takes for too recent is moved back, which leaves nothing out."""
    too_recent = Answer({"error": "StartTimeTooRecent", "description": "Too recent start_time."}, status)
    account.pages = [too_recent, exported(ticket(1), cursor="c1")]
    assert ids(account.read(start="2026-10-06")) == [["1"]]
    assert account.exports[1].one("start_time") == str(SERVER_NOW - 61 - 300)


def test_slow_pages_are_halved(account: Account) -> None:
    """A page that times out at Zendesk is asked for at half the size, at once, and the size stays."""
    account.pages = [
        Answer(text="upstream timeout", status=504, content_type="text/plain"),
        Answer({}, 504),
        exported(ticket(1), cursor="c1", end=False),
        exported(ticket(2), cursor="c2"),
    ]
    assert ids(account.read({"cursor": "c0"})) == [["1"], ["2"]]
    assert [one.one("per_page") for one in account.exports] == ["1000", "500", "250", "250"]


def test_smallest_page_is_tried_again(account: Account) -> None:
    """At the smallest size the page is tried again like any other, and then given up: 5 sizes and 6 tries."""
    account.pages = [Answer({}, 504)] * 20
    with pytest.raises(UnavailableError, match="504 Gateway Timeout"):
        account.read({"cursor": "c0"})
    assert [one.one("per_page") for one in account.exports] == ["1000", "500", "250", "125", "62", *["50"] * 6]


def test_busy_account_is_tried_again(account: Account) -> None:
    """Ten exports a minute are allowed to an account: a 429 is waited for."""
    account.pages = [Answer({"error": "TooManyRequests"}, 429, {"Retry-After": "41"}), exported(ticket(1), cursor="c1")]
    assert ids(account.read({"cursor": "c0"})) == [["1"]]


def test_circle_is_an_error(account: Account) -> None:
    """The cursor that was asked with, given back without an end, is a circle."""
    account.pages = [exported(ticket(1), cursor="c1", end=False), exported(ticket(1), cursor="c1", end=False)]
    with pytest.raises(IncompleteError, match="same page token twice"):
        account.read()
    account.pages = [exported(ticket(1), cursor="c0", end=False)]
    with pytest.raises(IncompleteError, match="same page token twice"):
        account.read({"cursor": "c0"})


@pytest.mark.parametrize(
    "body",
    [
        {"tickets": [], "after_cursor": None, "end_of_stream": False},
        {"tickets": [], "after_cursor": "c1"},
        {"after_cursor": "c1", "end_of_stream": True},
        {},
    ],
)
def test_half_an_answer_is_no_end(account: Account, body: Any) -> None:
    """An answer that does not say whether it is the last, or has no tickets, never ends a read well."""
    account.pages = [Answer(body)]
    with pytest.raises(IncompleteError):
        account.read()


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"id": None, "role": "end-user"}, "anonymous: credentials refused; check email and token"),
        ({"id": 7, "role": "agent"}, "has the role 'agent'; .*only administrators may export tickets"),
    ],
)
def test_only_administrators(account: Account, user: dict[str, Any], words: str) -> None:
    """An answer to nobody, or to an agent, is told before the export refuses."""
    account.user = user
    with pytest.raises(AccessError, match=words):
        account.read()
    assert account.exports == []


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer({"error": "Couldn't authenticate you"}, 401), AccessError, "Couldn't authenticate you; check email"),
        (Answer({"error": {"title": "Forbidden", "message": "no"}}, 403), AccessError, "only administrators"),
        (Answer({"error": "InvalidEndpoint"}, 404), SettingsError, "InvalidEndpoint; check the address"),
        (Answer({"error": "RecordGone"}, 410), SettingsError, "RecordGone"),
        (Answer(text="<html>", content_type="text/html"), UnavailableError, "text/html"),
    ],
)
def test_refusals(account: Account, answer: Answer, kind: type[SourceError], words: str) -> None:
    """A refusal is told once, in the words of Zendesk."""
    account.pages = [answer]
    with pytest.raises(kind, match=f"^source support: GET {account.server.url}/api/v2/incremental/.*{words}"):
        account.read({"cursor": "c0"})
    assert len(account.exports) == 1


@pytest.mark.parametrize("status", [400, 422])
def test_refused_cursor(account: Account, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """A kept cursor that Zendesk does not take any more makes the read begin anew, once, and a line says so."""
    account.pages = [Answer({"error": "InvalidCursor"}, status), exported(ticket(1), cursor="c9")]
    pages = account.read({"cursor": "old"}, start="2026-01-01")
    assert (ids(pages), pages[-1].checkpoint) == ([["1"]], {"cursor": "c9"})
    start_time = str(int(datetime(2025, 12, 31, 17, 0, tzinfo=UTC).timestamp()))
    assert [(one.one("cursor"), one.one("start_time")) for one in account.exports] == [
        ("old", None),
        (None, start_time),
    ]
    (line,) = [one.getMessage() for one in caplog.records if one.name == "connectors.zendesk.export"]
    assert line.startswith("source support: stream tickets: Zendesk refused the cursor; all tickets are read again")


def test_cursor_refused_in_the_middle(account: Account) -> None:
    """A cursor that Zendesk gave a moment ago and refuses now is an error, not a circle of new beginnings."""
    refused = Answer({"error": "InvalidCursor"}, 400)
    account.pages = [refused, exported(ticket(1), cursor="c1", end=False), refused, exported(ticket(1), cursor="c2")]
    with pytest.raises(SettingsError, match="InvalidCursor"):
        account.read({"cursor": "old"})
    assert len(account.exports) == 3


def test_secrets_stay_out_of_messages(account: Account) -> None:
    """Credentials that an account echoes are hidden, and settings do not show the token."""

    def echo(asked: Asked) -> Answer:
        return Answer({"error": f"{TOKEN} {asked.headers['authorization']}"}, 401)

    account.server.respond = echo
    with account.connector() as connector, pytest.raises(AccessError, match=r"\*\*\* Basic \*\*\*") as caught:
        connector.connect()
    assert TOKEN not in str(caught.value) + repr(connector.settings)


def test_ticket_that_cannot_be_read(account: Account) -> None:
    """A value that is not of its type names ticket and field."""
    account.pages = [exported(ticket(8), ticket(9, created_at="yesterday"), cursor="c1")]
    (page,) = account.read()
    assert [record.fields["id"] for record in page.records] == ["8"]
    (bad,) = page.rejected
    assert bad.record == "ticket 9"
    assert bad.reason.startswith("created_at cannot be read as timestamp")
