"""Reading conversations: borders that exclude, cursors, the open ones again, the deleted ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from okr_sync.connector import AccessError, Budget, IncompleteError, SettingsError, UnavailableError
from tests.connectors.intercom.conftest import DELETED, NOW, TOKEN, Account, connector, conversation, found, landed
from tests.loopback import Answer

SECOND = int(NOW.timestamp())


def gone(*seconds: int, more: bool = False) -> Answer:
    """A page of the list of deleted conversations; each is named after the second it was deleted in."""
    listed = [{"type": "conversation", "id": str(one), "deleted_at": one} for one in seconds]
    return Answer({"conversations": listed, "pages": {"next": "https://evil.example/?page=2" if more else None}})


def test_first_search(account: Account) -> None:
    """All that changed since the start of 2011, oldest change first, by whole seconds; the version is pinned."""
    account.searches = [found(conversation(1))]
    pages = account.read()
    start = int(datetime(2010, 12, 31, 17, tzinfo=UTC).timestamp())  # 2011-01-01 in UTC+7
    assert account.asked == [
        {
            "query": {"field": "updated_at", "operator": ">", "value": start - 1},
            "sort": {"field": "updated_at", "order": "ascending"},
            "pagination": {"per_page": 150},
        }
    ]
    assert {one.headers["intercom-version"] for one in account.server.asked} == {"2.16"}
    assert pages[-1].checkpoint == {"since": SECOND - 180}
    assert set(landed(pages)) == {"1"}


def test_later_search_includes_its_border(account: Account) -> None:
    """Intercom knows no "from", only "after": one second is taken off. The open rest is read as well."""
    account.read({"since": 1790000000})
    changed, still_open = account.asked
    assert changed["query"] == {"field": "updated_at", "operator": ">", "value": 1789999999}
    assert still_open["query"] == {
        "operator": "AND",
        "value": [
            {"field": "state", "operator": "!=", "value": "closed"},
            {"field": "updated_at", "operator": "<", "value": 1790000000},
        ],
    }


def test_pages_are_followed_by_cursor(account: Account) -> None:
    """The query stays, the cursor moves on, and each page's checkpoint names the next one."""
    account.searches = [
        found(conversation(1), cursor="c1"),
        found(conversation(2), cursor="c2"),
        found(conversation(3)),
    ]
    pages = account.read({"since": 1790000000})
    assert [one["pagination"].get("starting_after") for one in account.asked] == [None, "c1", "c2", None]
    mid = {"since": 1790000000, "next_since": SECOND - 180}
    assert [page.checkpoint for page in pages[:3]] == [mid | {"cursor": "c1"}, *[mid | {"cursor": "c2"}] * 2]
    assert pages[-1].checkpoint == {"since": SECOND - 180}


def test_crash_in_the_middle_resumes(account: Account) -> None:
    """The read goes on at its cursor, and ends where the one that broke off would have ended."""
    account.searches = [found(conversation(2))]
    pages = account.read({"since": 1790000000, "next_since": 1790100000, "cursor": "c1"})
    assert account.asked[0]["pagination"]["starting_after"] == "c1"
    assert account.asked[0]["query"]["value"] == 1789999999
    assert pages[-1].checkpoint == {"since": 1790100000}


def test_refused_cursor_begins_anew(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    """A cursor that Intercom takes no more is no lasting error: the read begins again, once, and says so."""
    refusal = Answer({"type": "error.list", "errors": [{"code": "parameter_invalid", "message": "bad cursor"}]}, 400)
    account.searches = [refusal, found(conversation(1))]
    assert set(landed(account.read({"since": 5, "next_since": 6, "cursor": "old"}))) == {"1"}
    assert "the cursor of the read before was refused" in caplog.text
    account.searches = [refusal, refusal]
    with pytest.raises(SettingsError, match="bad cursor"):
        account.read({"since": 5, "next_since": 6, "cursor": "old"})


def test_deleted_conversations_end_the_read(account: Account) -> None:
    """They come last, at the time of their deletion, whatever the search still gave."""
    account.searches = [found(conversation(1790000500))]
    account.deleted = [gone(1790000500, 1789999000)]
    record = landed(account.read({"since": 1790000000}))["1790000500"]
    assert record.is_deleted
    assert record.fields["updated_at"] == datetime(2026, 9, 21, 14, 21, 40, tzinfo=UTC)  # 1790000500


@pytest.mark.parametrize(
    ("pages", "count"),
    [
        ([gone(1790000009, 1790000003, more=True), gone(1790000000, more=True), gone(1789999999, more=True)], 3),
        ([gone(1790000003, 1789999999, more=True)], 1),
        # Ordered by something else, id perhaps: read to its end.
        ([gone(1789999990, 1790000003, 1789999999, more=True), gone(1790000002)], 2),
        ([gone()], 1),
    ],
)
def test_deleted_conversations_are_read_as_far_as_needed(account: Account, pages: list[Answer], count: int) -> None:
    """Newest first: reading ends behind the border's second, and only where the page is in that order."""
    listed = [one for page in pages[:count] for one in page.body["conversations"]]
    expected = {one["id"] for one in listed if one["deleted_at"] >= 1790000000}
    account.deleted = list(pages)
    assert set(landed(account.read({"since": 1790000000}))) == expected
    asked = [one for one in account.server.asked if one.path == DELETED]
    assert [one.one("page") for one in asked] == [str(number + 1) for number in range(count)]
    assert {one.one("per_page") for one in asked} == {"60"}


def test_deleted_list_without_an_end(account: Account) -> None:
    """Pages of nothing that promise more are an error."""
    account.deleted = [gone(more=True)]
    with pytest.raises(IncompleteError, match="deleted conversations has no end"):
        account.read()


def test_version_without_a_list_of_deleted_ones(account: Account) -> None:
    """The error names the setting that helps; with it, the list is not asked for, and a census is offered."""
    body = {"type": "error.list", "errors": [{"code": "intercom_version_invalid", "message": "not available"}]}
    account.deleted = [Answer(body, 400)]
    with pytest.raises(SettingsError, match=r"intercom_version_invalid.*write `deletions: census`"):
        account.read(api_version="2.11")
    before = len(account.server.asked)
    account.read(streams={"conversations": {"deletions": "census"}})
    assert DELETED not in [one.path for one in account.server.asked[before:]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (found(*[conversation(n) for n in range(3)], page=1, per_page=3, total_pages=2), "page 1 of 2 does not say"),
        (Answer({"type": "conversation.list", "pages": {}}), "an answer without conversations"),
    ],
)
def test_answers_that_are_not_the_whole(account: Account, answer: Answer, words: str) -> None:
    """A full page that promises more and does not lead there, and an answer without its list, end no read well."""
    account.searches = [answer]
    with pytest.raises(IncompleteError, match=f"^source chat: stream conversations: {words}"):
        account.read()


def test_circle_is_an_error(account: Account) -> None:
    """The same cursor twice has no end."""
    account.searches = [found(conversation(1), cursor="c1"), found(conversation(1), cursor="c1")]
    with pytest.raises(IncompleteError, match="same page token twice"):
        account.read()


def test_limit_without_retry_after(account: Account) -> None:
    """429 says when the limit begins anew by the second; an hour is not sat out, ten seconds are waited for."""
    limits = {"X-RateLimit-Limit": "1666", "X-RateLimit-Remaining": "0"}
    body = {"type": "error.list", "errors": [{"code": "rate_limit_exceeded", "message": "Exceeded rate limit"}]}
    account.searches = [
        Answer(body, 429, {**limits, "X-RateLimit-Reset": str(SECOND + 10)}),
        found(conversation(1)),
    ]
    with connector(account.server.url, TOKEN) as one:
        assert set(landed(list(one.read(one.connect()[0], None)))) == {"1"}
        assert one.vitals.budget == Budget(0, 1666, datetime.fromtimestamp(SECOND + 10, UTC))
    account.searches = [Answer(body, 429, {**limits, "X-RateLimit-Reset": str(SECOND + 3600)})]
    with pytest.raises(UnavailableError, match=r"rate_limit_exceeded.*try again after 2026-10-05 03:00:00 UTC"):
        account.read()


def test_wrong_region(account: Account) -> None:
    """A token of another region is refused like a wrong one: the remedy names both, and nobody is asked twice."""
    body = {"type": "error.list", "errors": [{"code": "unauthorized", "message": f"Access Token Invalid {TOKEN}"}]}
    account.server.respond = lambda _: Answer(body, 401)
    with pytest.raises(AccessError, match=r"Access Token Invalid \*\*\*; check token and region") as caught:
        account.read()
    assert TOKEN not in str(caught.value)
    assert len(account.server.asked) == 1


def test_census_and_fetch(account: Account) -> None:
    """A census lists the ids of all; one that a fetch finds no more is left out, a bad one is an error."""
    account.searches = [found(conversation(1), cursor="c1"), found(conversation(2))]
    respond = account.respond
    known: dict[str, Any] = {"/conversations/1": conversation(1), "/conversations/3": conversation(3, created_at="x")}
    account.server.respond = lambda asked: Answer(known[asked.path]) if asked.path in known else respond(asked)
    with connector(account.server.url, TOKEN, streams={"conversations": {"deletions": "census"}}) as one:
        stream = one.connect()[0]
        assert stream.has_census
        assert [key for keys in one.census(stream) for key in keys] == ["1", "2"]
        assert [record.fields["id"] for records in one.fetch(stream, ["1", "2"]) for record in records] == ["1"]
        with pytest.raises(IncompleteError, match="conversation 3: created_at"):
            list(one.fetch(stream, ["3"]))
