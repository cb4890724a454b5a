"""The kit for connectors: what is retried, what is refused, and that nothing secret is ever said."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stamina

from okr_sync.connector import AccessError, IncompleteError, SettingsError, SourceError, UnavailableError
from okr_sync.http import BusyError, Faults, PageGuard, RefusedError, checked_address, secret_forms
from okr_sync.http.client import Client
from okr_sync.http.faults import own_words
from okr_sync.http.headers import seconds_to_wait, server_time
from okr_sync.http.retry import PATIENCE, retrying, waited_seconds
from tests.loopback import Answer, Asked, Loopback, loopback

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
USER, TOKEN = "lan@agency.example", "tok/en+with=signs"


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=6):
        yield


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as one:
        yield one


@pytest.fixture
def client(server: Loopback) -> Iterator[Client]:
    one = Client(server.url, faults(), auth=(USER, TOKEN), read_seconds=0.3)
    yield one
    one.close()


def faults() -> Faults:
    return Faults("support", "make a new token", secret_forms(USER, TOKEN), lambda: NOON)


def test_json_object_is_returned_with_the_servers_time(server: Loopback, client: Client) -> None:
    """A GET gives the parsed object, and the client remembers the Date header."""
    server.script(Answer({"count": 0}))
    assert client.get_json("/things", {"page": 2}) == {"count": 0}
    assert client.server_time == datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    assert server.asked[0].one("page") == "2"
    assert server.asked[0].headers["authorization"].startswith("Basic ")


def test_post_sends_json(server: Loopback, client: Client) -> None:
    """A POST carries its body as JSON and gives the parsed object."""
    server.script(Answer({"ok": True}))
    assert client.post_json("/search", {"since": 0}) == {"ok": True}
    assert (server.asked[0].method, server.asked[0].body) == ("POST", b'{"since":0}')


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_busy_answers_are_tried_again(server: Loopback, client: Client, status: int) -> None:
    """An answer that says the source cannot answer now is followed by another try, and every try is counted."""
    server.script(Answer({"error": "busy"}, status), Answer({"error": "busy"}, status), Answer({"ok": 1}))
    assert client.get_json("/things") == {"ok": 1}
    assert client.request_count == 3


def test_tries_end(server: Loopback, client: Client) -> None:
    """After six tries the source counts as unavailable, with its own words in the message."""
    server.script(*[Answer({"message": "the database is down"}, 500)] * 6)
    with pytest.raises(UnavailableError, match="500 Internal Server Error: the database is down; try again later"):
        client.get_json("/things")
    assert client.request_count == 6


def test_caller_may_refuse_another_try(server: Loopback, client: Client) -> None:
    """A connector that can ask for less gets a time-out at once, marked as one."""
    server.script(Answer({}, 504))
    with pytest.raises(BusyError) as caught:
        client.get_json("/things", is_worth_it=lambda busy: not busy.is_timeout)
    assert caught.value.is_timeout
    assert client.request_count == 1


def test_long_wait_is_not_begun(server: Loopback, client: Client) -> None:
    """Asked to wait longer than a run can, the client gives up at once and says when to come back."""
    server.script(Answer({}, 429, {"Retry-After": "3600"}))
    with pytest.raises(UnavailableError, match="429 Too Many Requests; try again after 2026-10-05 13:00:00 UTC"):
        client.get_json("/things")
    assert client.request_count == 1


def test_waits_add_up(server: Loopback, client: Client) -> None:
    """Patience is for all waits of one call: two of 400 s fit into 900 s, the third does not."""
    assert timedelta(seconds=900) == PATIENCE
    server.script(*[Answer({}, 429, {"Retry-After": "400"})] * 6)
    with pytest.raises(UnavailableError):
        client.get_json("/things")
    assert client.request_count == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        ("0", 1.0),
        ("Mon, 05 Oct 2026 02:02:30 GMT", 150.0),
        ("Mon, 05 Oct 2026 01:00:00 GMT", 1.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("99999999999999", 365 * 86400.0),
    ],
)
def test_retry_after_forms(value: str, expected: float | None) -> None:
    """Retry-After counts in seconds or as a date by the server's own clock, never below a second."""
    headers = {"Retry-After": value, "Date": "Mon, 05 Oct 2026 02:00:00 GMT"}
    assert seconds_to_wait(headers, NOON) == expected


def test_retry_after_date_without_server_time() -> None:
    """Where the server does not say its time, ours is compared with the date it names."""
    assert seconds_to_wait({"Retry-After": "Mon, 05 Oct 2026 12:00:10 GMT"}, NOON) == 10.0


def test_wait_is_kept_in_full() -> None:
    """The wait before the next try is the one that was asked for, to the millisecond."""
    waits: list[float] = []
    left = [BusyError("busy", wait_seconds=0.012)]

    def call() -> str:
        if left:
            raise left.pop()
        return "done"

    before = waited_seconds()
    stamina.instrumentation.set_on_retry_hooks([lambda details: waits.append(details.wait_for)])
    try:
        with stamina.set_testing(False):
            assert retrying(call) == "done"
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert waits == [0.012]
    assert waited_seconds() - before >= 0.012


def test_other_errors_are_not_tried_again() -> None:
    """Only a busy source is worth another try."""
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise SettingsError("wrong")

    with pytest.raises(SettingsError):
        retrying(call)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"error": "Couldn't authenticate you"}, AccessError, "credentials refused, 401 Unauthorized: Couldn't"),
        (
            403,
            {"error": {"title": "Forbidden", "message": "no"}},
            AccessError,
            "not allowed, 403 Forbidden: Forbidden: no",
        ),
        (404, {}, RefusedError, "404 Not Found; check the address"),
        (410, {"errorMessages": ["CHANGE-2046"]}, RefusedError, "410 Gone: CHANGE-2046; .* update okr-sync"),
        (
            400,
            {"errorMessages": ["no field 'clint'"], "errors": {}},
            SettingsError,
            "400 Bad Request: no field 'clint'",
        ),
        (422, {"error": "TooOld", "description": "a"}, SettingsError, "422 Unprocessable .*: TooOld: a"),
        (302, {}, SettingsError, "302 Found to evil.example, which is not followed"),
    ],
)
def test_refusals_say_what_to_do(
    server: Loopback, client: Client, status: int, body: Any, kind: type[SourceError], words: str
) -> None:
    """A refusal is not tried again; its class and message say whose turn it is."""
    server.script(Answer(body, status, {"Location": "https://u:secret@evil.example/x?key=1"}))
    with pytest.raises(kind, match=f"^source support: GET http://127.0.0.1:\\d+/things: {words}") as caught:
        client.get_json("/things", {"api_key": "hidden"})
    assert client.request_count == 1
    assert "hidden" not in str(caught.value)
    assert "secret" not in str(caught.value)
    if kind is AccessError:
        assert "make a new token" in str(caught.value)


def test_refusal_keeps_status_and_reason(server: Loopback, client: Client) -> None:
    """A connector can tell refusals apart."""
    server.script(Answer({"error": "StartTimeTooRecent", "description": "too recent"}, 422))
    with pytest.raises(RefusedError) as caught:
        client.get_json("/things")
    assert (caught.value.status, caught.value.reason) == (422, "StartTimeTooRecent: too recent")


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("/login", "another address of the same host"),
        ("", "another address"),
        ("http://[", "something that is no address"),
    ],
)
def test_redirects_are_told(location: str, told: str) -> None:
    """Wherever a redirect leads, it is told without its query."""
    assert f"307 Temporary Redirect to {told}" in str(faults().of_answer("GET x", 307, {"Location": location}, None))


def test_unknown_status_is_a_refusal() -> None:
    """A status outside the standard keeps its number."""
    assert "418" in str(faults().of_answer("GET x", 418, {}, None))
    assert "499:" not in str(faults().of_answer("GET x", 499, {}, None))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"errorMessages": ["a", "b"], "errors": {"jql": "c"}}, "c: a, b"),
        ({"errorMessages": [], "errors": {}}, ""),
        (
            {"status": 401, "code": "unauthorized", "message": "API token is invalid."},
            "unauthorized: API token is invalid.",
        ),
        (None, ""),
        ([], ""),
        ({"error": 0}, ""),
    ],
)
def test_own_words(body: object, expected: str) -> None:
    """The source's own message is found in any of the usual shapes."""
    assert own_words(body) == expected


def test_html_is_no_answer(server: Loopback, client: Client) -> None:
    """A page for people with status 200 is an error, and not tried again."""
    server.script(Answer(text="<html>Log in</html>", content_type="text/html; charset=utf-8"))
    with pytest.raises(UnavailableError, match="answered with text/html; charset=utf-8 where a JSON object"):
        client.get_json("/things")
    assert client.request_count == 1


def test_html_of_an_error_is_not_quoted(server: Loopback, client: Client) -> None:
    """Of an error page only the status is told."""
    server.script(Answer(text="<html>" + "x" * 999, status=404, content_type="text/html"))
    with pytest.raises(RefusedError) as caught:
        client.get_json("/things")
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("body", [[], "text", 0])
def test_json_that_is_no_object(server: Loopback, client: Client, body: Any) -> None:
    """Every answer the kit reads is an object; anything else is named."""
    server.script(Answer(body))
    with pytest.raises(UnavailableError, match=f"a JSON {type(body).__name__}"):
        client.get_json("/things")


@pytest.mark.parametrize("cut", [Answer({"tickets": []}, missing_bytes=3), Answer(text='{"tickets": [')])
def test_cut_answer_is_tried_again(server: Loopback, client: Client, cut: Answer) -> None:
    """Half an answer is asked for again, whether or not its length tells."""
    server.script(cut, Answer({"tickets": []}))
    assert client.get_json("/things") == {"tickets": []}


def test_cut_answers_end(server: Loopback, client: Client) -> None:
    """A source that only sends half answers is unavailable."""
    server.script(*[Answer(text='{"tickets": [')] * 6)
    with pytest.raises(UnavailableError, match="the answer was cut off"):
        client.get_json("/things")


def test_silence_is_a_time_out(server: Loopback, client: Client) -> None:
    """A server that accepts and never answers is a time-out: asking for less may help."""
    release = threading.Event()

    def hang(_: Asked) -> Answer:
        release.wait(5)
        return Answer({})

    server.respond = hang
    with pytest.raises(BusyError, match=r"no answer in 0\.3 s") as caught:
        client.get_json("/things", is_worth_it=lambda _: False)
    release.set()
    assert caught.value.is_timeout


def test_nobody_listens() -> None:
    """A host that does not answer is unavailable, and the message says where."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", faults())
    with pytest.raises(UnavailableError, match=f"GET http://127.0.0.1:{port}/things: no connection"):
        client.get_json("/things")
    assert client.request_count == 6
    client.close()


def test_links_stay_on_the_host(server: Loopback, client: Client) -> None:
    """A link of the same host is followed, one to another host or port is not: credentials would go with it."""
    server.script(Answer({"page": 2}))
    assert client.get_json(f"{server.url}/things?page=2") == {"page": 2}
    assert server.asked[0].one("page") == "2"
    for link in ("https://evil.example/things", "http://127.0.0.1:9/things"):
        with pytest.raises(UnavailableError, match="link to another host"):
            client.get_json(link)
    assert client.request_count == 1


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_echoed_secrets_are_hidden(server: Loopback, client: Client, status: int) -> None:
    """A server that echoes the credentials does not get them into a message, in whichever form."""

    def echo(asked: Asked) -> Answer:
        return Answer({"message": f"bad {TOKEN} {asked.headers['authorization']} tok%2Fen%2Bwith%3Dsigns"}, status)

    server.respond = echo
    with pytest.raises(SourceError) as caught:
        client.get_json("/things")
    message = str(caught.value)
    assert "bad *** Basic *** ***" in message
    assert repr(TOKEN) not in repr(faults())


def test_header_that_cannot_be_written(server: Loopback) -> None:
    """A token with a line break is a setting to repair, and is not quoted."""
    client = Client(server.url, faults(), headers={"Authorization": "Bearer two\nlines"})
    with pytest.raises(SettingsError, match="line breaks") as caught:
        client.get_json("/things")
    assert "two" not in str(caught.value)
    client.close()


def test_guard_stops_circles() -> None:
    """A token that comes a second time ends the read as incomplete, even pages later."""
    guard = PageGuard("source jira: stream issues")
    guard.check("a", 10)
    guard.check("b", 10)
    with pytest.raises(IncompleteError, match=r"source jira: stream issues: .* same page token twice"):
        guard.check("a", 10)


def test_guard_stops_empty_pages() -> None:
    """Fifty pages in a row without a record end the read; one record among them begins the count anew."""
    guard = PageGuard("source jira: stream issues")
    for number in range(49):
        guard.check(f"first {number}", 0)
    guard.check("a page with one record", 1)
    for number in range(49):
        guard.check(f"second {number}", 0)
    with pytest.raises(IncompleteError, match="50 pages in a row without records"):
        guard.check("one too many", 0)


@pytest.mark.parametrize(
    "url", ["", "agency.atlassian.net", "ftp://agency.example", "https://", "https://a.b:x", "https://a.b?c=d"]
)
def test_addresses_are_checked(url: str) -> None:
    """What is no address of a host is refused with an example, before anything is sent."""
    with pytest.raises(SettingsError, match=r"source jira: url .* write one such as https://agency"):
        checked_address("jira", url, "https://agency.example")


def test_credentials_in_an_address_are_not_quoted() -> None:
    """An address with a password in it is refused without repeating it."""
    with pytest.raises(SettingsError) as caught:
        checked_address("jira", "https://lan:s3cret@agency.example", "https://agency.example")
    assert "s3cret" not in str(caught.value)


def test_address_loses_its_last_slash() -> None:
    """Paths are put behind the address with their own slash."""
    assert checked_address("jira", "https://agency.example/jira/", "") == "https://agency.example/jira"


def test_server_time_is_missing() -> None:
    """No Date header, no time: never a guess."""
    assert server_time({}) is None
    assert server_time({"Date": "yesterday"}) is None
