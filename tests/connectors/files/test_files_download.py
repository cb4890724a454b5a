"""Files at an address, over real HTTP on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from okr_sync.connector import AccessError, DataError, SettingsError, UnavailableError
from tests.connectors.files.conftest import Desk
from tests.loopback import Answer, Loopback, loopback

CSV = Answer(text="id,n\n1,0\n2,\n", content_type="text/csv")
RECORDS = [{"id": "1", "n": "0"}, {"id": "2", "n": None}]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as one:
        yield one


def test_file_is_fetched_once(desk: Desk, server: Loopback) -> None:
    """A run fetches an address once, however often its streams are read, and counts its requests."""
    server.script(CSV)
    with desk.connector(path=f"{server.url}/export.csv?token=secret") as files:
        assert files.request_count == 0
        (stream,) = files.connect()
        for _ in range(2):
            assert [dict(record.fields) for page in files.read(stream, None) for record in page.records] == RECORDS
        assert files.request_count == 1
    assert server.asked[0].one("token") == "secret"
    assert server.asked[0].headers["user-agent"] == "okr-sync"


def test_addresses_and_paths_together(desk: Desk, server: Loopback) -> None:
    """A stream may have files at addresses and in the project's folder, each in the format its name tells."""
    server.script(Answer(text='{"id": "2", "n": "5"}\n'))
    desk.write("a.csv", "id,n\n1,0\n")
    assert desk.read(path=["a.csv", f"{server.url}/b.jsonl"]) == [{"id": "1", "n": "0"}, {"id": "2", "n": "5"}]


def test_redirect_on_the_same_host_is_followed(desk: Desk, server: Loopback) -> None:
    """An address may lead to another on the same host."""
    server.script(Answer(status=302, headers={"Location": "/files/7"}, text=""), CSV)
    assert desk.read(path=f"{server.url}/export.csv") == RECORDS
    assert server.paths() == ["/export.csv", "/files/7"]


def test_redirect_to_another_host_is_refused(desk: Desk, server: Loopback) -> None:
    """No other host is asked, whatever the first one says; the message names the host, never the query."""
    with loopback() as other:
        server.script(Answer(status=302, headers={"Location": f"{other.url}/a.csv?token=secret"}, text=""))
        message = desk.refusal(SettingsError, path=f"{server.url}/export.csv")
        assert other.asked == []
        assert "302 Found to 127.0.0.1, which is not followed" in message
        assert "secret" not in message


def test_redirects_without_end_are_refused(desk: Desk, server: Loopback) -> None:
    """Redirects that go round in circles end in an error."""
    server.respond = lambda _: Answer(status=301, headers={"Location": "/export.csv"}, text="")
    desk.refusal(SettingsError, path=f"{server.url}/export.csv")
    assert len(server.asked) == 6


def test_web_page_is_refused(desk: Desk, server: Loopback) -> None:
    """A page of HTML with status 200 is a log-in page, not a file."""
    server.script(Answer(text="<html>Sign in</html>", content_type="text/html; charset=utf-8"))
    message = desk.refusal(UnavailableError, path=f"{server.url}/export.csv")
    assert f"source desk: GET {server.url}/export.csv: answered with a web page (text/html)" in message
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AccessError), (403, AccessError), (404, SettingsError), (410, SettingsError)],
)
def test_refusals_are_not_repeated(
    desk: Desk, server: Loopback, status: int, kind: type[AccessError | SettingsError]
) -> None:
    """What a person must repair is asked once, and the message does not say what is secret in the address."""
    server.script(Answer(status=status, text="no"))
    url = server.url.replace("//", "//lan:pass-word@")
    message = desk.refusal(kind, path=f"{url}/export.csv?token=secret")
    assert f"{server.url}/export.csv: " in message
    assert "secret" not in message
    assert "pass-word" not in message
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=503, text="busy"),
        Answer(status=429, text="slow down"),
        Answer(text=CSV.text, content_type="text/csv", missing_bytes=4),
    ],
)
def test_passing_faults_are_tried_again(desk: Desk, server: Loopback, fault: Answer) -> None:
    """A busy server, or an answer shorter than announced, is asked again and then gives the whole file."""
    server.script(fault, CSV)
    assert desk.read(path=f"{server.url}/export.csv") == RECORDS
    assert len(server.asked) == 2


def test_short_answer_is_never_a_file(desk: Desk, server: Loopback) -> None:
    """An answer that is shorter than announced every time is an error after six tries."""
    server.respond = lambda _: Answer(text=CSV.text, content_type="text/csv", missing_bytes=4)
    message = desk.refusal(UnavailableError, path=f"{server.url}/export.csv?token=secret")
    assert f"source desk: GET {server.url}/export.csv: no whole answer" in message
    assert "secret" not in message
    assert len(server.asked) == 6


def test_host_that_does_not_answer(desk: Desk) -> None:
    """A host where nobody listens is an error that says where and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        message = desk.refusal(UnavailableError, path=f"http://127.0.0.1:{port}/export.csv")
    assert f"source desk: GET http://127.0.0.1:{port}/export.csv: no whole answer" in message
    assert "try again later" in message


def test_empty_answer_is_not_a_stream_without_records(desk: Desk, server: Loopback) -> None:
    """An empty body is an empty file, which has no header."""
    server.script(Answer(text="", content_type="text/csv"))
    message = desk.refusal(DataError, path=f"{server.url}/export.csv?token=secret")
    assert message.startswith(f"desk.incidents: {server.url}/export.csv: the file is empty")


def test_address_that_is_none(desk: Desk) -> None:
    """An address that no request can be made of is an error of the settings."""
    message = desk.refusal(SettingsError, path="http://example.invalid:port/a.csv")
    assert "correct `path:`" in message
