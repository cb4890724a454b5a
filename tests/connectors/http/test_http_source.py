"""The source: signing in, where a read begins, and settings that are refused."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from okr_sync.connector import AccessError
from tests.connectors.http.conftest import DATE, FIELDS, Api
from tests.loopback import Answer, Asked

CHANGES: dict[str, Any] = {"params": {"updated_after": "{since}"}}


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"bearer": "t0p-secret"}, "authorization", "Bearer t0p-secret"),
        ({"headers": {"X-Api-Key": "t0p-secret"}}, "x-api-key", "t0p-secret"),
        ({"basic": {"user": "lan", "password": "t0p-secret"}}, "authorization",
         f"Basic {b64encode(b'lan:t0p-secret').decode()}"),
    ],
)  # fmt: skip
def test_ways_to_sign_in(api: Api, auth: dict[str, Any], header: str, value: str) -> None:
    """Each way sends its header, and hides its secret in the error that an API echoes."""
    api.server.respond = lambda asked: Answer({"error": f"{asked.headers[header]} is wrong"}, 401)
    with pytest.raises(AccessError, match="credentials refused") as caught:
        api.pages({}, auth=auth)
    assert api.server.asked[0].headers[header] == value
    assert "t0p-secret" not in str(caught.value)
    assert value.rpartition(" ")[2] not in str(caught.value)


def test_secret_parameter(api: Api) -> None:
    """A key in the address goes with every request, and into no error."""
    api.server.respond = lambda asked: Answer({"error": f"{asked.one('api_key')} is wrong"}, 403)
    with pytest.raises(AccessError) as caught:
        api.pages({"params": {"q": "x"}}, auth={"params": {"api_key": "t0p-secret"}})
    assert (api.server.asked[0].one("api_key"), api.server.asked[0].one("q")) == ("t0p-secret", "x")
    assert "t0p-secret" not in str(caught.value)


def test_client_credentials(api: Api) -> None:
    """A token is fetched once, and once more when it has run out."""
    tokens = iter(["old", "new"])

    def respond(asked: Asked) -> Answer:
        if asked.path == "/token":
            assert parse_qs(asked.body.decode()) == {
                "grant_type": ["client_credentials"], "client_id": ["me"], "client_secret": ["t0p-secret"],
                "scope": ["read"],
            }  # fmt: skip
            return Answer({"access_token": next(tokens)})
        is_new = asked.headers["authorization"] == "Bearer new"
        return Answer([{"id": 1}]) if is_new else Answer({"error": "expired"}, 401)

    api.server.respond = respond
    auth = {"token_url": f"{api.server.url}/token", "client_id": "me", "client_secret": "t0p-secret", "scope": "read"}
    assert len(api.records({}, auth={"client_credentials": auth})) == 1
    assert api.server.paths() == ["/token", "/reviews", "/token", "/reviews"]


def test_renewed_token_is_hidden(api: Api) -> None:
    """A token that was fetched in the middle of a run stays out of messages like the one before it."""

    def respond(asked: Asked) -> Answer:
        if asked.path == "/token":
            count = api.server.paths().count("/token")
            return Answer({"access_token": f"t0ken-{count}"})
        return Answer({"error": f"not allowed: {asked.headers['authorization']}"}, 401)

    api.server.respond = respond
    auth = {"token_url": f"{api.server.url}/token", "client_id": "me", "client_secret": "t0p-secret"}
    with pytest.raises(AccessError, match=r"not allowed: Bearer \*\*\*") as caught:
        api.pages({}, auth={"client_credentials": auth})
    assert "t0ken" not in str(caught.value)


def test_read_goes_on_from_the_clock_of_the_api(api: Api) -> None:
    """The next read begins at the API's time of the first page, less lag and overlap: 03:30 less 5 and 10 minutes."""
    api.server.respond = lambda _: Answer([{"id": 1}], headers=DATE)
    (page,) = api.pages(CHANGES)
    assert page.checkpoint == {"since": "2026-11-18T03:15:00+00:00"}
    api.pages(CHANGES, page.checkpoint)
    assert [one.one("updated_after") for one in api.server.asked] == ["1970-01-01T00:00:00Z", "2026-11-18T03:15:00Z"]


def test_checkpoint_moves_with_the_last_page_only(api: Api) -> None:
    """A read that breaks off between pages begins anew where it began."""
    api.server.script(Answer({"d": [{"id": 1}], "t": "x"}, headers=DATE), Answer({"d": [{"id": 2}]}, headers=DATE))
    stream = CHANGES | {"records": "d", "paging": {"token": {"param": "c", "at": "t"}}}
    first, last = api.pages(stream, {"since": "2026-11-01T00:00:00+00:00"})
    assert first.checkpoint == {"since": "2026-11-01T00:00:00+00:00"}
    assert last.checkpoint == {"since": "2026-11-18T03:15:00+00:00"}


@pytest.mark.parametrize(
    ("form", "written"),
    [("iso", "2026-11-01T00:00:00Z"), ("date", "2026-11-01"), ("epoch", "1793491200"), ("epoch_ms", "1793491200000"),
     ("%d/%m/%Y", "01/11/2026")],
)  # fmt: skip
def test_forms_of_since(api: Api, form: str, written: str) -> None:
    """Where a read begins is written as the API wants it, in path, parameters and bodies alike."""
    api.server.respond = lambda _: Answer([])
    api.pages(CHANGES | {"cursor": {"format": form}}, {"since": "2026-11-01T00:00:00+00:00"})
    assert api.server.asked[0].one("updated_after") == written


def test_values_and_check(api: Api) -> None:
    """Values fill path and parameters; braces of others stay; the check is asked before anything is read."""
    api.server.respond = lambda _: Answer([])
    stream = {"path": "/shops/{shop}/reviews", "params": {"filter": '{"a": {}}', "shop": "{shop}", "all": True}}
    api.pages(stream, values={"shop": "hà-nội"}, check="/me/{shop}")
    check, read = api.server.asked
    assert check.path == "/me/h%C3%A0-n%E1%BB%99i"
    assert (read.one("filter"), read.one("shop"), read.one("all")) == ('{"a": {}}', "hà-nội", "true")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "streams is missing"),
        ({"use": "betterstak"}, "'betterstak' is not ready-made; there are betterstack, ga4"),
        ({"use": "betterstack"}, r"auth is missing; write auth: \{bearer"),
        ({"use": "statuspage", "auth": {"bearer": "x"}}, "values: page_id missing"),
        ({"auth": {"bearer": "x", "params": {"a": "b"}}}, "exactly one of bearer, headers"),
        ({"streams": {"a": {"path": "/a", "fields": FIELDS}}}, "streams.a: key is missing"),
        ({"streams": {"a": {"path": "/a", "key": "nr", "fields": FIELDS}}}, "'nr' is not among its fields: id, stars"),
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": {"id": "txt"}}}}, "Input should be 'text', 'integer'"),
        ({"streams": {"a": {"path": "/a", "key": "id", "version_at": "id", "fields": FIELDS}}}, "id is text"),
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": FIELDS, "body": {}}}}, "a GET has no body"),
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": FIELDS, "cursor": {}}}}, r"\{since\} stands nowhere"),
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": FIELDS, "records": "a["}}}, "is not a JMESPath"),
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": FIELDS, "paging": {}}}}, "exactly one of token"),
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": FIELDS, "cursor": {"lag": "5 min"}}}}, "write 90s"),
    ],
)  # fmt: skip
def test_settings_that_are_refused(api: Api, source: dict[str, Any], message: str) -> None:
    """What is missing or contradicts itself is named before anything is asked."""
    with pytest.raises(ValidationError, match=message), api.connector(None, **source):
        pass


def test_count_asks_in_any_case(api: Api) -> None:
    """Where an API counts, the doctor is told; where it does not, a page is asked for all the same."""
    api.server.script(Answer({"d": [], "n": 12}), Answer([]))
    for stream, count in (({"records": "d", "total": "n"}, 12), ({}, None)):
        with api.connector(stream) as connector:
            assert connector.count(connector.connect()[0]) == count
    assert len(api.server.asked) == 2
