"""Reading: what is asked for, what is kept, past the cap of a query, the trash, and what Notion refuses."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from okr_sync.connector import (
    AccessError,
    Checkpoint,
    IncompleteError,
    Page,
    SettingsError,
    SourceError,
    UnavailableError,
)
from tests.connectors.notion.conftest import (
    ID,
    QUERY,
    SCORE,
    TITLE,
    TOKEN,
    Workspace,
    cut,
    page,
    prop,
    rows,
    scored,
)
from tests.loopback import Answer

ORDER = [{"timestamp": "created_time", "direction": "ascending"}]


def ids(pages: list[Page]) -> list[str]:
    return [str(one.fields["id"]) for page in pages for one in page.records]


def since(kind: str, moment: str) -> dict[str, Any]:
    return {"timestamp": kind, kind: {"on_or_after": moment}}


def created(number: int, minute: int) -> dict[str, Any]:
    return scored(number, created_time=f"2026-10-01T02:{minute:02}:00.000Z")


def last_checkpoint(workspace: Workspace) -> Checkpoint:
    workspace.pages = [rows(scored(1))]
    return workspace.read()[-1].checkpoint


def test_first_read(workspace: Workspace) -> None:
    """Without a checkpoint every row is asked for, in the order of creation, and then what is in the trash."""
    workspace.pages = [rows(scored(1), cursor="c1"), rows(scored(2))]
    found = workspace.read()
    assert ids(found) == ["row-1", "row-2"]
    assert workspace.bodies() == [
        {"sorts": ORDER, "page_size": 100},
        {"sorts": ORDER, "page_size": 100, "start_cursor": "c1"},
    ]
    assert workspace.bodies(is_trash=True) == [{"sorts": ORDER, "page_size": 100, "in_trash": True}]
    assert found[-1].checkpoint["since"] == "2026-10-05T01:58:00+00:00"  # Notion's clock less two minutes


def test_next_read(workspace: Workspace) -> None:
    """The next read goes back two minutes more, to the minute, since a second edit within it leaves no trace."""
    checkpoint = last_checkpoint(workspace)
    workspace.server.asked.clear()
    workspace.read(checkpoint)
    limits = [since("last_edited_time", "2026-10-05T01:56:00+00:00")]
    assert workspace.bodies() == [{"sorts": ORDER, "page_size": 100, "filter": {"and": limits}}]


def test_requests_of_a_night_with_nothing_new(workspace: Workspace) -> None:
    """A sync with nothing new costs three requests: the schema, what was edited, and the trash."""
    checkpoint = last_checkpoint(workspace)
    workspace.server.asked.clear()
    workspace.read(checkpoint)
    assert [f"{one.method} {one.path}" for one in workspace.server.asked] == [
        f"GET /v1/data_sources/{ID}",
        f"POST {QUERY}",
        f"POST {QUERY}",
    ]


def test_every_request_names_its_version(workspace: Workspace) -> None:
    """The version is pinned, so that Notion's next one changes nothing here; the token goes along."""
    workspace.read()
    assert {one.headers["notion-version"] for one in workspace.server.asked} == {"2025-09-03"}
    assert {one.headers["authorization"] for one in workspace.server.asked} == {f"Bearer {TOKEN}"}


def test_only_what_is_wanted(workspace: Workspace) -> None:
    """With only_fields, no other property is asked for; ids go as they are, encoded once."""
    workspace.read(fields={"score": "Điểm NPS"}, only_fields=True)
    asked = [one.query.get("filter_properties") for one in workspace.server.asked if one.path == QUERY]
    assert asked == [["title", ":UPp"], ["title"]]
    workspace.server.asked.clear()
    workspace.read()
    assert [one.query for one in workspace.server.asked if one.path == QUERY] == [{}, {"filter_properties": ["title"]}]


def test_past_the_cap(workspace: Workspace) -> None:
    """Where a query stops at its cap, the next one begins at the minute of the last row, whose others come again."""
    workspace.pages = [
        rows(created(1, 0), cursor="c1"),
        cut(created(2, 1), created(3, 2)),
        rows(created(3, 2), created(4, 2), created(5, 3)),
    ]
    assert ids(workspace.read()) == ["row-1", "row-2", "row-3", "row-3", "row-4", "row-5"]
    limits = {"and": [since("created_time", "2026-10-01T02:02:00.000Z")]}
    assert [one.get("filter") for one in workspace.bodies()] == [None, None, limits]
    assert [one.get("start_cursor") for one in workspace.bodies()] == [None, "c1", None]


def test_cap_told_before_the_last_page(workspace: Workspace) -> None:
    """A query is cut if any of its pages says so, whichever it is."""
    first = rows(created(1, 0), cursor="c1", request_status={"type": "incomplete", "incomplete_reason": CAP})
    workspace.pages = [first, rows(created(2, 1)), rows(created(2, 1), created(3, 2))]
    assert ids(workspace.read()) == ["row-1", "row-2", "row-2", "row-3"]


CAP = "query_result_limit_reached"


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        (
            [cut(created(1, 0), created(2, 2)), cut(created(3, 2))],
            r"created at 2026-10-01T02:02:00.000Z.*one query may",
        ),
        ([cut(scored(1), reason="other")], "left rows out, for the reason 'other'"),
        ([cut()], "only some of the rows"),
        ([rows(scored(1), cursor="c1"), rows(scored(2), cursor="c1")], "same page token twice"),
        ([rows(scored(1), has_more=True)], "says that more rows follow, but not where"),
        ([Answer({"object": "list", "has_more": False})], "an answer without results or has_more"),
        ([Answer({"object": "list", "results": []})], "an answer without results or has_more"),
        ([rows(cursor=f"c{number}") for number in range(60)], "50 pages in a row without records"),
    ],
)
def test_what_is_not_the_whole(workspace: Workspace, pages: list[Answer], words: str) -> None:
    """Rows that no query reaches, circles and half answers are errors that leave the checkpoint where it was."""
    workspace.pages = pages
    with pytest.raises(IncompleteError, match=f"^source docs: stream nps: .*{words}"):
        workspace.read()


def test_interrupted_read_goes_on(workspace: Workspace) -> None:
    """After a crash the read goes on where it stood, with its own end, and then reads what was edited since."""
    workspace.pages = [rows(created(1, 0), created(2, 1), cursor="c1"), *[Answer({}, 500)] * 6]
    with workspace.connector() as connector:
        pages = connector.read(connector.connect()[0], None)
        checkpoint = next(pages).checkpoint
        with pytest.raises(UnavailableError):
            next(pages)
    workspace.server.asked.clear()
    workspace.pages = [rows(created(2, 1), created(3, 2))]
    found = workspace.read(checkpoint)
    assert ids(found) == ["row-2", "row-3"]
    assert [one["filter"]["and"] for one in workspace.bodies()] == [
        [since("created_time", "2026-10-01T02:01:00.000Z")],
        [since("last_edited_time", "2026-10-05T01:56:00+00:00")],
    ]


def choice(name: str) -> dict[str, Any]:
    return prop("s", "Khách", "select", options=[{"id": "1", "name": name}])


@pytest.mark.parametrize(
    ("before", "after", "is_anew"),
    [
        ([SCORE], [SCORE], False),
        ([SCORE], [SCORE, prop("n", "Mới", "number")], True),
        ([SCORE], [prop(":UPp", "Score", "number", format="number")], True),
        ([choice("Tên cũ")], [choice("Tên mới")], True),
    ],
)
def test_other_properties_begin_anew(workspace: Workspace, before: Any, after: Any, is_anew: bool) -> None:
    """A property that is new or renamed, or an option of another name, changes rows without an edit: all are read."""
    workspace.properties = [TITLE, *before]
    checkpoint = workspace.read()[-1].checkpoint
    workspace.server.asked.clear()
    workspace.properties = [TITLE, *after]
    workspace.read(checkpoint)
    assert ("filter" not in workspace.bodies()[0]) is is_anew


def test_after_a_full_read(workspace: Workspace) -> None:
    """A stream that was read whole and is now read by its changes has no checkpoint yet."""
    workspace.read({})
    assert "filter" not in workspace.bodies()[0]


@pytest.mark.parametrize("broken_off", [False, True])
def test_long_pause(workspace: Workspace, broken_off: bool) -> None:
    """The trash is emptied after 30 days: after a longer pause nobody tells of some rows but a read of everything."""
    shape = last_checkpoint(workspace)["shape"]
    moments = {"next_since": "2026-08-30T02:00:00+00:00"} if broken_off else {"since": "2026-08-30T02:00:00+00:00"}
    with pytest.raises(SettingsError, match=r"on 2026-08-30, .* trash keeps rows for 30 days.*read: everything"):
        workspace.read({"shape": shape, **moments})
    assert workspace.read({"shape": shape, "since": "2026-09-06T02:00:00+00:00"})


def test_other_data_source_in_the_same_database(workspace: Workspace) -> None:
    """A data source that took another one's place in a database is read from its beginning."""
    checkpoint = last_checkpoint(workspace)
    workspace.server.asked.clear()
    workspace.source = {"id": ID.replace("a", "b")}
    workspace.read(checkpoint)
    (body,) = [json.loads(one.body) for one in workspace.server.asked if one.path.endswith("b/query")][:1]
    assert "filter" not in body


def test_trash(workspace: Workspace) -> None:
    """What is in the trash ends, when it was last edited; rows that Notion lists there though they live do not."""
    gone = {"in_trash": True, "last_edited_time": "2026-10-04T08:15:00.000Z"}
    workspace.trash = [rows(scored(1, **gone), scored(2), page(3, archived=True))]
    found = workspace.read()
    assert {str(one.fields["id"]): one.is_deleted for each in found for one in each.records} == {
        "row-1": True,
        "row-3": True,
    }
    (first, *_) = [one for each in found for one in each.records]
    assert set(first.fields) == {"id", "created_at", "updated_at"}
    assert f"{first.fields['updated_at']:%d %H:%M}" == "04 08:15"


def test_trash_that_cannot_be_read(workspace: Workspace) -> None:
    """A row in the trash whose time is none is rejected like any other, and stops nobody else's end."""
    workspace.trash = [rows(scored(1, in_trash=True, last_edited_time="yesterday"), scored(2, in_trash=True))]
    found = workspace.read()
    assert ids(found) == ["row-2"]
    assert [one.record for each in found for one in each.rejected] == ["row https://www.notion.so/row-1"]


def test_data_sources_among_rows(workspace: Workspace) -> None:
    """A wiki lists data sources among its pages; they are no rows."""
    workspace.pages = [rows(scored(1), {"object": "data_source", "id": "d1", "created_time": "2026-10-01T02:00:00Z"})]
    assert ids(workspace.read()) == ["row-1"]


def error(status: int, code: str, **headers: str) -> Answer:
    return Answer({"object": "error", "status": status, "code": code, "message": "Words."}, status, headers)


@pytest.mark.parametrize(
    "answer",
    [
        error(429, "rate_limited", **{"Retry-After": "120"}),
        error(529, "service_overload", **{"Retry-After": "30"}),
        error(529, "service_overload"),
        error(503, "service_unavailable"),
        error(504, "gateway_timeout"),
        Answer(text="<html>", status=502, content_type="text/html"),
        Answer({"results": []}, missing_bytes=4),
    ],
)
def test_passing_troubles(workspace: Workspace, answer: Answer) -> None:
    """A query that is refused for now is asked again, although it is a POST: twice, and then once more."""
    workspace.pages = [answer, answer, rows(scored(1))]
    assert ids(workspace.read()) == ["row-1"]
    assert len(workspace.bodies()) == 3


@pytest.mark.parametrize(("seconds", "count"), [(120, 6), (300, 4), (3600, 1)])
def test_long_waits_are_kept(workspace: Workspace, seconds: int, count: int) -> None:
    """A wait counts in full against the 15 minutes a run has: three of 300 s fit, where the package waits 60 s each."""
    workspace.pages = [error(429, "rate_limited", **{"Retry-After": str(seconds)})] * 9
    with pytest.raises(UnavailableError, match=r"429 Too Many Requests: rate_limited: Words\.; try again after 20"):
        workspace.read()
    assert len(workspace.bodies()) == count


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error(401, "unauthorized"), AccessError, "credentials refused, 401 Unauthorized: unauthorized: Words.; check"),
        (
            error(403, "restricted_resource"),
            AccessError,
            "not allowed, 403 Forbidden: restricted_resource.*read content",
        ),
        (error(400, "validation_error"), SettingsError, "400 Bad Request: validation_error: Words."),
        (error(404, "object_not_found"), SettingsError, "404 Not Found: object_not_found"),
        (Answer(text="<html>", content_type="text/html"), UnavailableError, "answered with text/html"),
        (Answer([]), UnavailableError, "answered with a JSON list"),
        (
            Answer({}, 302, {"Location": "https://evil.example/?t=1"}),
            SettingsError,
            "to evil.example, which is not fol",
        ),
    ],
)
def test_refusals(workspace: Workspace, answer: Answer, kind: type[SourceError], words: str) -> None:
    """A refusal is told once, in Notion's words, with the request and what to do."""
    workspace.pages = [answer]
    with pytest.raises(kind, match=f"^source docs: POST {workspace.server.url}{QUERY}: .*{words}"):
        workspace.read()
    assert len(workspace.bodies()) == 1


def test_bad_data_source_spares_the_others(workspace: Workspace) -> None:
    """One stream that cannot be described says so when it is read; the others are read all the same."""
    with workspace.connector() as connector:
        bad = connector.settings.streams["nps"].model_copy(update={"data_source": ID.replace("a", "b")})
        connector.settings.streams["bad"] = bad
        good, other = connector.connect()
        workspace.pages = [rows(scored(1))]
        assert ids(list(connector.read(good, None))) == ["row-1"]
        assert other.is_open
        for call in (lambda: list(connector.read(other, None)), lambda: connector.count(other)):
            with pytest.raises(SettingsError, match=r"^source docs: streams\.bad: no data source"):
                call()


def test_secrets_stay_secret(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A token that Notion echoes is hidden in the error, and the package's own logger prints nothing."""
    workspace.pages = [Answer({"code": "unauthorized", "message": f"Bearer {TOKEN} is no good"}, 401)]
    with workspace.connector() as connector, pytest.raises(AccessError, match=r"Bearer \*\*\* is no good") as caught:
        list(connector.read(connector.connect()[0], None))
    assert TOKEN not in f"{caught.value!r} {connector.settings!r}"
    assert capsys.readouterr() == ("", "")
    assert logging.getLogger("notion_client").handlers == []


def test_token_that_cannot_be_sent(workspace: Workspace) -> None:
    """A line break in the token is told without the token, before anything is sent."""
    with workspace.connector() as connector:
        connector.settings.token = type(connector.settings.token)(f"{TOKEN}\nX-Evil: 1")
        with pytest.raises(SettingsError, match="the request cannot be written") as caught:
            connector.connect()
    assert TOKEN not in str(caught.value)
    assert workspace.server.asked == []


def test_identity(workspace: Workspace) -> None:
    """Who we are: the integration, and its workspace where Notion tells."""
    user = {"object": "user", "name": "OKR bot", "bot": {"workspace_name": "Agency"}}
    workspace.server.respond = lambda _: Answer({**user, "id": ID, "properties": {}})
    with workspace.connector() as connector:
        connector.connect()
        identity = connector.identity()
        assert identity is not None
        assert identity.name == 'integration "OKR bot" of the workspace "Agency"'
        assert connector.request_count == 2
        assert connector.vitals.clock_difference is not None
