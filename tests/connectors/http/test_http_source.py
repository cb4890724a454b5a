"""The source: signing in, where a read begins, and settings that are refused."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from okr_sync.connector import AccessError, SourceError
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
    [("iso", "2026-11-01T00:00:00Z"), ("epoch", "1793491200"), ("epoch_ms", "1793491200000"),
     ("%Y-%m-%d %H:%M%z", "2026-11-01 00:00+0000"), ("date", "2026-10-31"), ("%d/%m/%Y %H:%M", "31/10/2026 12:00")],
)  # fmt: skip
def test_forms_of_since(api: Api, form: str, written: str) -> None:
    """Where a read begins is written as the API wants it. A day, or an hour, whose zone nobody knows is the one that
    the last clock on earth shows (UTC-12): whichever zone the API means, nothing falls between two reads.
    """
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
        ({"streams": {"a": {"path": "/a", "key": "id", "fields": FIELDS, "cursor": {"lag": "5 min"}}}}, "such as 30s"),
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


@pytest.mark.parametrize(
    ("zone", "since", "written"),
    [
        ("Asia/Ho_Chi_Minh", "2026-11-01T18:00:00+00:00", "2026-11-02 01:00"),
        ("America/Los_Angeles", "2026-11-01T07:00:00+00:00", "2026-11-01 00:00"),
        ("America/Los_Angeles", "2026-11-01T09:30:00+00:00", "2026-11-01 00:30"),  # 01:30 for the second time
    ],
)
def test_since_in_the_zone_of_the_stream(api: Api, zone: str, since: str, written: str) -> None:
    """With the zone of its times, the API's own clock is written; of an hour that it shows twice, what is before."""
    api.server.respond = lambda _: Answer([])
    api.pages(CHANGES | {"cursor": {"format": "%Y-%m-%d %H:%M"}, "timezone": zone}, {"since": since})
    assert api.server.asked[0].one("updated_after") == written


@pytest.mark.parametrize(
    ("form", "zone", "written"),
    [("date", None, "2026-10-01"), ("date", "Asia/Ho_Chi_Minh", "2026-10-01"), ("iso", None, "2026-10-01T00:00:00Z"),
     ("iso", "Asia/Ho_Chi_Minh", "2026-09-30T17:00:00Z")],
)  # fmt: skip
def test_first_read_begins_with_the_first_day(api: Api, form: str, zone: str | None, written: str) -> None:
    """`first` is a day of the stream's zone."""
    api.server.respond = lambda _: Answer([])
    api.pages(CHANGES | {"cursor": {"format": form, "first": "2026-10-01"}, "timezone": zone})
    assert api.server.asked[0].one("updated_after") == written


def test_parameters_join_those_of_the_path(api: Api) -> None:
    """A filter that stands in the path goes with every request, whatever parameters, key and page come to it."""
    pages = iter([[{"id": 1}], []])
    api.server.respond = lambda _: Answer(next(pages))
    stream = {"path": "/reviews?status=approved", "params": {"q": "x"}, "paging": {"page": {}}}
    api.pages(stream, auth={"params": {"api_key": "t0p-secret"}})
    assert [(one.one("status"), one.one("q"), one.one("page"), one.one("api_key")) for one in api.server.asked] == [
        ("approved", "x", "1", "t0p-secret"),
        ("approved", "x", "2", "t0p-secret"),
    ]


@pytest.mark.parametrize("more", ["", "&api_key=t0p-secret"])
def test_key_in_the_address_joins_links(api: Api, more: str) -> None:
    """A link keeps its own parameters, and is given the key once, whether or not it carries one already."""
    api.server.script(
        Answer({"d": [{"id": 1}], "next": f"{api.server.url}/reviews?page=2{more}"}), Answer({"d": [{"id": 2}]})
    )
    (first, last) = api.pages({"records": "d", "paging": {"link": "next"}}, auth={"params": {"api_key": "t0p-secret"}})
    assert (api.server.asked[1].one("page"), api.server.asked[1].one("api_key")) == ("2", "t0p-secret")
    assert "t0p-secret" not in f"{first.checkpoint} {last.checkpoint}"


def test_first_token_is_hidden(api: Api) -> None:
    """A token that was fetched at the beginning is as secret as one that was given."""
    api.server.respond = lambda asked: (
        Answer({"access_token": "t0ken/1"})
        if asked.path == "/token"
        else Answer({"error": f"{asked.headers['authorization']} may not"}, 403)
    )
    auth = {"token_url": f"{api.server.url}/token", "client_id": "me", "client_secret": "t0p-secret"}
    with pytest.raises(AccessError, match=r"Bearer \*\*\* may not"):
        api.pages({}, auth={"client_credentials": auth})


def test_secret_parameter_is_hidden_as_addresses_write_it(api: Api) -> None:
    """An API that quotes the address shows a key with its signs escaped."""
    api.server.respond = lambda _: Answer({"error": "GET /reviews?api_key=a%2Fb%2Bc%3D+d refused"}, 403)
    with pytest.raises(AccessError) as caught:
        api.pages({}, auth={"params": {"api_key": "a/b+c= d"}})
    assert "a%2Fb" not in str(caught.value)


def test_credentials_in_a_link_are_not_shown(api: Api) -> None:
    """A link may name a user and a password before the host."""
    api.server.script(
        Answer({"d": [{"id": 1}], "next": api.server.url.replace("//", "//lan:t0p-secret@") + "/reviews?page=2"}),
        Answer({"error": "no"}, 400),
    )
    with pytest.raises(SourceError, match="/reviews: 400") as caught:
        api.pages({"records": "d", "paging": {"link": "next"}})
    assert "t0p-secret" not in str(caught.value)


def test_busy_by_a_status_of_its_own(api: Api) -> None:
    """420 means 429 to Statuspage, and is tried again."""
    answers = iter([Answer({"error": "calm"}, 420), Answer([{"id": 1}])])
    api.server.respond = lambda _: next(answers)
    assert len(api.records({})) == 1


def test_count_of_changes_asks_from_now_on(api: Api) -> None:
    """The doctor's look asks what an API can answer: {since} is a time, and no more than needed comes."""
    api.server.respond = lambda asked: Answer([]) if asked.one("updated_after") else Answer({"error": "no date"}, 400)
    with api.connector(CHANGES) as connector:
        assert connector.count(connector.connect()[0]) is None
    assert api.server.asked[0].one("updated_after") == "2026-11-18T03:00:00Z"


@pytest.mark.parametrize(
    "stream",
    [
        {"records": "data[?kind == 'review']", "paging": {"page": {}}},
        {"records": "data[?kind == 'review']", "total": "n"},
        {"records": "orders[].lines[]", "paging": {"offset": {}}},
        {"records": "orders[*].lines[]", "paging": {"last_key": {"param": "after"}}},
        {"records": "data[:10]", "paging": {"page": {}}},
    ],
)
def test_records_that_cannot_be_counted(api: Api, stream: dict[str, Any]) -> None:
    """A page of which the declaration drops all would look like the end, and offsets count what the API counts."""
    with pytest.raises(ValidationError, match="pages cannot be counted"), api.connector(stream):
        pass
    way = {"paging": {"token": {"param": "c", "at": "t"}}}
    with api.connector({"records": stream["records"], **way}) as connector:
        assert connector.declared_streams()
