"""Pages: every way to the next one, and every way in which they may not be the whole."""

from __future__ import annotations

from typing import Any

import pytest

from okr_sync.connector import IncompleteError, SettingsError, SourceError, UnavailableError
from tests.connectors.http.conftest import Api
from tests.loopback import Answer, Asked


def reviews(*numbers: int) -> list[dict[str, int]]:
    return [{"id": number} for number in numbers]


PAGES = [reviews(1, 2), reviews(3, 4), reviews(5)]


def test_token(api: Api) -> None:
    """The token of an answer is the parameter of the next request; none is the end."""
    api.server.script(
        Answer({"items": PAGES[0], "meta": {"next": "a"}}),
        Answer({"items": PAGES[1], "meta": {"next": "b"}}),
        Answer({"items": PAGES[2], "meta": {"next": None}}),
    )
    stream = {"records": "items", "params": {"sort": "id"}, "paging": {"token": {"param": "cursor", "at": "meta.next"}}}
    assert api.ids(stream) == ["1", "2", "3", "4", "5"]
    assert [(one.one("sort"), one.one("cursor")) for one in api.server.asked] == [
        ("id", None),
        ("id", "a"),
        ("id", "b"),
    ]


def test_offset_counts_what_came(api: Api) -> None:
    """The next offset is the number of records read, even where a page is shorter than asked; an empty page ends it."""
    api.server.script(*(Answer(page) for page in [*PAGES, []]))
    assert api.ids({"paging": {"offset": {"size": 2}}}) == ["1", "2", "3", "4", "5"]
    assert [one.one("offset") for one in api.server.asked] == ["0", "2", "4", "5"]
    assert {one.one("limit") for one in api.server.asked} == {"2"}


def test_offset_ends_at_the_total(api: Api) -> None:
    """Where the answers count, no page more than needed is asked for."""
    api.server.script(*(Answer({"total": 5, "items": page}) for page in PAGES))
    assert len(api.ids({"records": "items", "total": "total", "paging": {"offset": {"size": 2}}})) == 5


def test_page_number(api: Api) -> None:
    """Pages are asked for by number until one is empty."""
    api.server.script(*(Answer(page) for page in [*PAGES, []]))
    assert len(api.ids({"paging": {"page": {"param": "p", "first": 0}}})) == 5
    assert [one.one("p") for one in api.server.asked] == ["0", "1", "2", "3"]


def test_last_key(api: Api) -> None:
    """The next page follows the last record of this one."""
    api.server.script(Answer({"data": PAGES[0], "has_more": True}), Answer({"data": PAGES[1], "has_more": False}))
    assert len(api.ids({"records": "data", "paging": {"last_key": {"param": "starting_after"}}})) == 4
    assert [one.one("starting_after") for one in api.server.asked] == [None, "2"]


@pytest.mark.parametrize("link", ["{url}/reviews?page=2", "/reviews?page=2", "?page=2", "reviews?page=2"])
def test_link(api: Api, link: str) -> None:
    """The address of the next page may be whole or relative; the stream's own parameters are in it or are not."""
    api.server.script(
        Answer({"data": PAGES[0], "next": link.format(url=api.server.url)}), Answer({"data": PAGES[1], "next": None})
    )
    assert len(api.ids({"records": "data", "params": {"size": 2}, "paging": {"link": "next"}})) == 4
    assert [(one.path, one.one("page"), one.one("size")) for one in api.server.asked] == [
        ("/reviews", None, "2"),
        ("/reviews", "2", None),
    ]


def test_link_header(api: Api) -> None:
    """RFC 8288: the address is the one with rel=next, wherever it stands among others."""
    header = f'<{api.server.url}/reviews?page=1>; rel="prev", <{api.server.url}/reviews?page=3>; rel="next"'
    api.server.script(Answer(PAGES[0], headers={"Link": header}), Answer(PAGES[1]))
    assert len(api.ids({"paging": {"link_header": True}})) == 4
    assert api.server.asked[1].one("page") == "3"


def test_pages_of_a_post(api: Api) -> None:
    """Of a POST, the page is asked for in the body, beside what the stream sends."""
    api.server.script(Answer({"rows": PAGES[0], "n": 3}), Answer({"rows": PAGES[2], "n": 3}))
    stream = {
        "method": "POST",
        "body": {"q": {"a": 1}},
        "records": "rows",
        "total": "n",
        "paging": {"offset": {"size": 2}},
    }
    assert len(api.ids(stream)) == 3
    assert [one.body for one in api.server.asked] == [
        b'{"q":{"a":1},"offset":0,"limit":2}',
        b'{"q":{"a":1},"offset":2,"limit":2}',
    ]


def test_link_to_another_host(api: Api) -> None:
    """Credentials do not follow a link to where they do not belong."""
    api.server.script(Answer({"data": PAGES[0], "next": "https://evil.example/reviews?page=2"}))
    with pytest.raises(UnavailableError, match=r"link to another host, https://evil\.example, which is not followed"):
        api.ids({"records": "data", "paging": {"link": "next"}})


WHOLE: dict[str, Any] = {"records": "data"}
LAST_KEY: dict[str, Any] = {"paging": {"last_key": {"param": "starting_after"}}}


@pytest.mark.parametrize(
    ("stream", "answer", "message"),
    [
        (WHOLE, {"data": PAGES[0], "has_more": True}, "has_more says that more follows; declare the stream's paging"),
        (WHOLE, {"data": PAGES[0], "nextPageToken": "x"}, "nextPageToken says that more follows"),
        (
            WHOLE | {"total": "count"},
            {"data": PAGES[0], "count": 3},
            "2 records came, and the API says that there are 3",
        ),
        (WHOLE | {"cut_short": "truncated"}, {"data": PAGES[0], "truncated": True}, "truncated says so"),
        (WHOLE | {"paging": {"token": {"param": "c", "at": "t"}}}, {"data": PAGES[0], "t": "x"}, "the same"),
        (WHOLE | {"paging": {"token": {"param": "c", "at": "t"}}}, {"data": [], "t": "x"}, "twice"),
        (WHOLE | {"paging": {"page": {}}}, {"data": PAGES[0]}, "two pages in a row are the same"),
        (WHOLE, {"data": PAGES[0], "links": {"next": "/reviews?page=2"}}, "links.next says that more follows"),
        (WHOLE, {"data": PAGES[0], "meta": {"next_cursor": "x"}}, "meta.next_cursor says that more follows"),
        (
            WHOLE | {"paging": {"token": {"param": "c", "at": "meta.nxt"}}},  # misspelled
            {"data": PAGES[0], "meta": {"next_cursor": "x"}},
            "meta.next_cursor says that more follows; declare the stream's paging as the API has it",
        ),
        (WHOLE | LAST_KEY, {"data": [], "has_more": True}, "more follow, but there is no 'id' to follow"),
        (WHOLE | LAST_KEY, {"data": [{"nr": 1}], "has_more": True}, "more follow, but there is no 'id' to follow"),
        (WHOLE | LAST_KEY, {"data": PAGES[0], "hasMore": True}, "the answer has no 'has_more' to say if more follow"),
        (WHOLE | {"total": "n"}, {"data": PAGES[0], "n": "3"}, "the API says that there are 3"),
        (
            WHOLE | {"total": "n"},
            {"data": [*PAGES[0], *PAGES[0]], "n": 4},
            r"4 records came \(2 of them again, under a key that had come already\), and the API says that there are 4",
        ),
    ],
)
def test_what_is_not_the_whole(api: Api, stream: dict[str, Any], answer: dict[str, Any], message: str) -> None:
    """A page that says more follows, a total that was not reached, a token or a page that comes again: failures."""
    api.server.respond = lambda _: Answer(answer)
    with pytest.raises(IncompleteError, match=message):
        api.ids(stream)


@pytest.mark.parametrize(
    ("total", "message"),
    [("cuont", "no answer has a total at 'cuont'"), ("data", "total 'data' is a list, not a count")],
)
def test_total_that_is_none(api: Api, total: str, message: str) -> None:
    """A total that is not where it is declared to be would let every short read pass."""
    api.server.respond = lambda _: Answer({"data": PAGES[0], "count": 3})
    with pytest.raises(SettingsError, match=message):
        api.ids(WHOLE | {"total": total})


def test_record_that_goes_while_pages_are_counted(api: Api) -> None:
    """1 goes, all others move up, and 3 is on the page that was read already: it must not look deleted."""
    api.server.script(
        Answer({"n": 5, "data": reviews(1, 2)}), Answer({"n": 4, "data": reviews(4, 5)}), Answer({"n": 4, "data": []})
    )
    with pytest.raises(IncompleteError, match="of 5 records 4 are left while they are read"):
        api.ids(WHOLE | {"total": "n", "paging": {"offset": {"size": 2}}})


def test_record_that_comes_twice_hides_one_that_never_came(api: Api) -> None:
    """A list without a firm order gives 2 on both pages and 3 on none; it counts to 4 all the same."""
    api.server.script(Answer({"n": 4, "data": reviews(1, 2)}), Answer({"n": 4, "data": reviews(2, 4)}))
    with pytest.raises(IncompleteError, match=r"4 records came .1 of them again.*there are 4"):
        api.ids(WHOLE | {"total": "n", "paging": {"offset": {"size": 2}}})


def test_no_written_as_a_text(api: Api) -> None:
    """Some APIs write false as a text, which is the end all the same."""
    api.server.script(Answer({"data": PAGES[0], "has_more": "true"}), Answer({"data": PAGES[1], "has_more": "false"}))
    assert len(api.ids(WHOLE | LAST_KEY | {"cut_short": "has_moore"})) == 4


def test_link_that_is_no_address(api: Api) -> None:
    """What leads nowhere is a read that is not whole, not a defect of ours."""
    for link in ("http://[::1/reviews", "http://127.0.0.1:port/reviews"):
        api.server.script(Answer({"data": PAGES[0], "next": link}))
        with pytest.raises(SourceError, match="is no address"):
            api.ids(WHOLE | {"paging": {"link": "next"}})


def test_link_header_without_paging(api: Api) -> None:
    """A header may be the only one to say that more follows."""
    api.server.respond = lambda _: Answer(PAGES[0], headers={"Link": '</reviews?page=2>; rel="next"'})
    with pytest.raises(IncompleteError, match="the header Link says that more follows"):
        api.ids({})


@pytest.mark.parametrize(
    ("stream", "answer", "message"),
    [
        ({"records": "data"}, {"items": [], "n": 0}, "records 'data' is missing, not a list; the answer has items, n"),
        ({}, {"error": "none"}, "the answer itself is a dict, not a list"),
        ({}, [1, 2], "a record is a int, not an object"),
        ({"records": "sum(data)"}, {"data": ["x"]}, r"'sum\(data\)'"),
    ],
)  # fmt: skip
def test_records_that_are_not_there(api: Api, stream: dict[str, Any], answer: Any, message: str) -> None:
    """Records that are not where they are declared to be are no empty read."""
    api.server.respond = lambda _: Answer(answer)
    with pytest.raises(SettingsError, match=message):
        api.ids(stream)


def test_read_is_whole_without_since(api: Api) -> None:
    """A stream whose request does not change from night to night lists everything: what vanishes has ended."""
    with api.connector({}) as connector:
        assert connector.declared_streams()[0].is_full_read
    with api.connector({"params": {"after": "{since}"}}) as connector:
        assert not connector.declared_streams()[0].is_full_read


def test_page_for_people(api: Api) -> None:
    """200 with HTML is no answer."""

    def respond(_: Asked) -> Answer:
        return Answer(text="<html>", content_type="text/html")

    api.server.respond = respond
    with pytest.raises(UnavailableError, match="answered with text/html where a JSON object was expected"):
        api.ids({})
