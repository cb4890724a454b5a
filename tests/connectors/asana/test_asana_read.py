"""Reading lists: page by page, begun anew where Asana forgot them, never less than the whole."""

from __future__ import annotations

from typing import Any

import pytest

from okr_sync.connector import AccessError, IncompleteError, Page, SettingsError, SourceError, UnavailableError
from tests.connectors.asana.conftest import SEO, TOKEN, WEB, Desk, failed, inside, listed, task
from tests.loopback import Answer, Asked

EXPIRED = failed(400, "offset: Your pagination token has expired.")


def gids(pages: list[Page]) -> list[list[str]]:
    """Of the pages that have any."""
    return [[str(one.fields["gid"]) for one in page.records] for page in pages if page.records]


def test_pages_are_followed_by_offset(desk: Desk) -> None:
    """Each page is asked for like the first, at most 100 at a time, with the offset that the one before gave."""
    desk.answers["/tasks"] = [listed(task("1"), task("2"), offset="o1"), listed(offset="o2"), listed(task("3"))]
    assert gids(desk.read(projects=[11])) == [["1", "2"], ["3"]]
    first, *others = desk.asked("/tasks")[:3]
    assert (first.one("project"), first.one("limit"), first.one("offset")) == ("11", "100", None)
    assert [one.one("offset") for one in others] == ["o1", "o2"]
    assert [{**one.query, "offset": []} for one in others] == [{**first.query, "offset": []}] * 2


def test_task_in_two_projects_comes_once(desk: Desk) -> None:
    """A task that the lists of several projects hold is one record."""
    both = task("1", memberships=[inside(WEB), inside(SEO)])
    desk.answers["/tasks"] = [listed(both, task("2")), listed(both, task("3", memberships=[inside(SEO)]))]
    assert gids(desk.read()) == [["1", "2"], ["3"]]


def test_task_that_moves_while_it_is_read(desk: Desk) -> None:
    """From a project still to be read into one already read: it is in no list; asking what changed finds it."""
    moved = task("2", memberships=[inside(WEB, "New")])
    desk.answers["/tasks"] = [listed(task("1")), listed(), listed(moved), listed()]
    assert gids(desk.read()) == [["1"], ["2"]]
    # The loopback's clock stands at 02:00; lists may be a minute behind.
    assert [(one.one("project"), one.one("modified_since")) for one in desk.asked("/tasks")] == [
        ("11", None),
        ("12", None),
        ("11", "2026-10-05T01:59:00Z"),
        ("12", "2026-10-05T01:59:00Z"),
    ]


def test_last_word_on_a_task_is_its_latest(desk: Desk) -> None:
    """A task that changed while it was read comes again, as it is now."""
    desk.answers["/tasks"] = [listed(task("1", name="Before")), listed(task("1", name="After"))]
    pages = desk.read(projects=[11])
    assert [one.fields["name"] for page in pages for one in page.records] == ["Before", "After"]


def test_forgotten_offset_begins_the_list_anew(desk: Desk) -> None:
    """Offsets expire: the list of that project alone is read again from its start, and nothing is lost or doubled."""
    desk.answers["/tasks"] = [
        listed(task("1"), offset="o1"),
        EXPIRED,
        listed(task("1"), offset="o2"),
        listed(task("2")),
        listed(task("3", memberships=[inside(SEO)])),
    ]
    assert gids(desk.read()) == [["1"], ["2"], ["3"]]
    assert [(one.one("project"), one.one("offset")) for one in desk.asked("/tasks")[:5]] == [
        ("11", None), ("11", "o1"), ("11", None), ("11", "o2"), ("12", None),
    ]  # fmt: skip


def test_list_that_is_always_forgotten(desk: Desk) -> None:
    """After three starts the read is given up as not complete, in Asana's own words."""
    desk.answers["/tasks"] = [listed(task("1"), offset="o1"), EXPIRED] * 4
    with pytest.raises(IncompleteError, match="Your pagination token has expired"):
        desk.read(projects=[11])
    assert len(desk.asked("/tasks")) == 6


@pytest.mark.parametrize(
    ("short", "missing"),
    [
        ({"gid": "2", "name": "x", "resource_type": "task"}, "completed, created_at, modified_at, memberships"),
        ({key: value for key, value in task("2").items() if key != "memberships"}, "memberships"),
    ],
)
def test_short_form_is_not_the_whole(desk: Desk, short: dict[str, Any], missing: str) -> None:
    """A task without what was asked for is not one whose fields are empty: the read fails and says what lacks."""
    desk.answers["/tasks"] = [listed(task("1"), short)]
    with pytest.raises(IncompleteError, match=f"stream tasks: Asana sent 2 in its short form, without {missing};"):
        desk.read()


def test_custom_fields_that_are_left_out(desk: Desk) -> None:
    """Where custom fields are wanted, a task without the list of them is a short form too."""
    desk.answers["/tasks"] = [listed(task("1"))]
    with pytest.raises(IncompleteError, match="without custom_fields"):
        desk.read(streams={"tasks": {"fields": {"client": "Client"}}})


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([Answer({"next_page": None})], "/tasks was answered without data"),
        ([Answer({"data": {"gid": "1"}})], "/tasks was answered without data"),
        ([Answer({"data": [], "next_page": {"path": "/x"}})], "more of /tasks follows, but not where"),
        ([listed(task("1"), offset="o1"), listed(task("1"), offset="o1")], "same page token twice"),
        ([listed(offset=f"o{n}") for n in range(60)], "50 pages in a row without records"),
    ],
)
def test_half_an_answer_is_no_end(desk: Desk, pages: list[Answer], words: str) -> None:
    """Pages without data, in circles, or without an end never end a read well."""
    desk.answers["/tasks"] = pages
    with pytest.raises(IncompleteError, match=f"^source work: stream tasks: .*{words}"):
        desk.read()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            failed(401, "Not Authorized"),
            AccessError,
            "credentials refused, 401 Unauthorized: Not Authorized; check token",
        ),
        (failed(403, "You do not have access"), AccessError, "You do not have access; check token of the source"),
        (failed(404, "project: Unknown object: 11"), SettingsError, "project: Unknown object: 11; check the address"),
        (failed(400, "limit: Not a number"), SettingsError, "limit: Not a number"),
        (Answer(text="<html>", content_type="text/html"), UnavailableError, "text/html"),
    ],
)
def test_refusals(desk: Desk, answer: Answer, kind: type[SourceError], words: str) -> None:
    """A refusal is told once, in Asana's words."""
    desk.answers["/tasks"] = [answer]
    with pytest.raises(kind, match=f"^source work: GET {desk.server.url}/api/1.0/tasks: .*{words}"):
        desk.read()
    assert len(desk.asked("/tasks")) == 1


def test_limit_is_waited_for(desk: Desk) -> None:
    """429 says how long to wait, and the page is asked for again."""
    desk.answers["/tasks"] = [failed(429, "Too many requests", **{"Retry-After": "30"}), listed(task("1"))]
    assert gids(desk.read(projects=[11])) == [["1"]]


def test_stream_outside_the_plan(desk: Desk) -> None:
    """Goals cost money: without them that stream fails, says why and what to do, and the tasks are read."""
    desk.answers["/goals"] = [failed(402, "Goals are not available for free users.")]
    desk.answers["/tasks"] = [listed(task("1"))]
    with desk.connector() as connector:
        offered = {one.name: one for one in connector.connect()}
        with pytest.raises(AccessError, match=r"402 Payment Required: Goals are not .*plan of the workspace does not"):
            list(connector.read(offered["goals"], None))
        assert gids(list(connector.read(offered["tasks"], None))) == [["1"]]


def test_custom_fields_outside_the_plan(desk: Desk) -> None:
    """Without custom fields, the stream that wants some fails, and the others are read."""
    desk.answers["/workspaces/1/custom_fields"] = [failed(402, "Custom Fields are not available.")]
    with desk.connector({"tasks": {"fields": {"client": "Client"}}}) as connector:
        offered = {one.name: one for one in connector.connect()}
        assert (offered["tasks"].is_open, offered["projects"].is_open) == (True, False)
        assert offered["tasks"].field("client") is None
        with pytest.raises(AccessError, match="402 Payment Required"):
            connector.count(offered["tasks"])
        with pytest.raises(AccessError, match=r"402 Payment Required: Custom Fields.*leave the stream, or its custom"):
            list(connector.read(offered["tasks"], None))
        assert gids(list(connector.read(offered["projects"], None))) == [["11", "12"]]


def test_secrets_stay_out_of_messages(desk: Desk) -> None:
    """A token that is echoed is hidden, and settings do not show it."""

    def echo(asked: Asked) -> Answer:
        return failed(401, f"{TOKEN} {asked.headers['authorization']}")

    desk.server.respond = echo
    with desk.connector() as connector, pytest.raises(AccessError, match=r"\*\*\* Bearer \*\*\*") as caught:
        connector.connect()
    assert TOKEN not in str(caught.value) + repr(connector.settings)
