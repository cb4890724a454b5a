"""Values that a query gives in part, and the whole ones from the address of a single property."""

from __future__ import annotations

from typing import Any

import pytest

from okr_sync.connector import IncompleteError, Value
from tests.connectors.notion.conftest import TITLE, Workspace, page, prop, rows, value
from tests.connectors.notion.test_notion_properties import ROLLUP
from tests.loopback import Answer

RELATION = prop("r<l", "Khách", "relation", data_source_id="d")
PEOPLE = prop("p", "Người", "people")
SUM = prop("s", "Tổng", "rollup", function="sum", **(ROLLUP | {"relation_property_id": "r%3Cl"}))
FORMULA = prop("f", "Công thức", "formula", expression="x")
COUNT = {"formula": {"property": "Công thức", "type": "number"}}


def links(first: int, last: int) -> list[dict[str, Any]]:
    return [{"id": f"p{number}"} for number in range(first, last + 1)]


def items(raw_id: str, kind: str, members: list[Any], cursor: str | None = None, rollup: Any = None) -> Answer:
    """A page of the items of a property."""
    listed = [{"object": "property_item", "id": raw_id, "type": kind, kind: one} for one in members]
    described = {"id": raw_id, "type": "rollup", "rollup": rollup} if rollup else {"id": raw_id, "type": kind, kind: {}}
    more = {"has_more": cursor is not None, "next_cursor": cursor, "next_url": "https://evil.example/"}
    return Answer({"object": "list", "type": "property_item", "results": listed, "property_item": described, **more})


def asked(workspace: Workspace) -> list[tuple[str, str | None]]:
    prefix = "/v1/pages/row-1/properties/"
    found = [one for one in workspace.server.asked if one.path.startswith(prefix)]
    return [(one.path.removeprefix(prefix), one.one("start_cursor")) for one in found]


def single(workspace: Workspace, *values: dict[str, Any], **stream: Any) -> dict[str, Value]:
    return dict(workspace.only(page(1, *values), **stream).fields)


@pytest.mark.parametrize("more", [{"has_more": True}, {}])
def test_relation_of_26(workspace: Workspace, more: dict[str, bool]) -> None:
    """A relation of which 25 come is asked for as a whole, whether or not the answer says that there are more."""
    workspace.properties = [TITLE, RELATION]
    workspace.items = [items("r%3Cl", "relation", links(1, 20), cursor="c1"), items("r%3Cl", "relation", links(21, 26))]
    record = single(workspace, value("r<l", "relation", links(1, 25), **more))
    assert record["khach"] == [f"p{number}" for number in range(1, 27)]
    assert asked(workspace) == [("r%3Cl", None), ("r%3Cl", "c1")]


@pytest.mark.parametrize(
    ("count", "more"), [(24, {}), (25, {"has_more": False}), (0, {}), (3, {"has_more": False})]
)  # fmt: skip
def test_relation_that_is_whole(workspace: Workspace, count: int, more: dict[str, bool]) -> None:
    """Fewer than 25, or 25 that are said to be all, cost no further request."""
    workspace.properties = [TITLE, RELATION]
    record = single(workspace, value("r<l", "relation", links(1, count), **more))
    assert record["khach"] == [f"p{number}" for number in range(1, count + 1)]
    assert asked(workspace) == []


def test_people_of_26(workspace: Workspace) -> None:
    """People are cut like relations."""
    workspace.properties = [TITLE, PEOPLE]
    people = [{"object": "user", "id": f"u{number}", "name": f"N{number}"} for number in range(1, 27)]
    workspace.items = [items("p", "people", people)]
    record = single(workspace, value("p", "people", people[:25]))
    assert record["nguoi"] == [f"N{number}" for number in range(1, 27)]


def test_text_with_25_mentions(workspace: Workspace) -> None:
    """A title with 25 mentions may have more behind them; one with 25 plain parts has not."""
    workspace.properties = [TITLE]
    mentions = [{"type": "mention", "plain_text": f"@{number} "} for number in range(26)]
    plain = [{"type": "text", "plain_text": "x"}] * 40
    workspace.items = [items("title", "title", mentions)]
    assert str(single(workspace, value("title", "title", mentions[:25]))["title"]).endswith("@25 ")
    assert single(workspace, value("title", "title", plain))["title"] == "x" * 40
    assert asked(workspace) == [("title", None)]


def test_rollup_over_a_relation_of_26(workspace: Workspace) -> None:
    """A sum over 25 of 26 rows looks whole and is too small: the final one comes on the last page."""
    workspace.properties = [TITLE, RELATION, SUM]
    partial = {"type": "incomplete", "incomplete": {}, "function": "sum"}
    final = {"type": "number", "number": 260, "function": "sum"}
    workspace.items = [
        items("s", "relation", links(1, 20), cursor="c1", rollup=partial),
        items("s", "relation", links(21, 26), rollup=final),
    ]
    cut_relation = value("r<l", "relation", links(1, 25), has_more=True)
    cut_sum = value("s", "rollup", {"type": "number", "number": 250, "function": "sum"})
    record = single(workspace, cut_relation, cut_sum, fields={"total": "Tổng"}, only_fields=True)
    assert record["total"] == 260
    assert asked(workspace) == [("s", None), ("s", "c1")]
    assert workspace.server.asked[1].query["filter_properties"] == ["title", "s", "r<l"]


def test_rollup_that_is_incomplete(workspace: Workspace) -> None:
    """A rollup that says it is incomplete is asked for, whatever its relation; still incomplete, it rejects the row."""
    workspace.properties = [TITLE, RELATION, SUM]
    incomplete = {"type": "incomplete", "incomplete": {}, "function": "sum"}
    few = value("r<l", "relation", links(1, 3), has_more=False)
    workspace.items = [items("s", "relation", links(1, 3), rollup={"type": "number", "number": 30})]
    assert single(workspace, few, value("s", "rollup", incomplete))["tong"] == 30
    workspace.items = [items("s", "relation", links(1, 3), rollup=incomplete)]
    workspace.pages = [rows(page(1, few, value("s", "rollup", incomplete)))]
    (rejected,) = workspace.read()[0].rejected
    assert rejected.reason.endswith("it is a rollup over more rows than Notion has gone through")


def test_rollup_that_shows_values(workspace: Workspace) -> None:
    """Of 26 values shown, the items of all pages count, for the answer's own list is empty; parts of texts do not."""
    shown = prop("s", "Tổng", "rollup", function="show_original", relation_property_id="r%3Cl", rollup_property_id="x")
    workspace.properties = [TITLE, RELATION, shown]
    named: dict[str, Any] = {"fields": {"all": {"property": "Tổng", "type": "list"}}, "only_fields": True}
    values = [{"type": "number", "number": number} for number in range(25)]
    row = [
        value("r<l", "relation", links(1, 25), has_more=True),
        value("s", "rollup", {"type": "array", "array": values}),
    ]
    empty = {"type": "array", "array": [], "function": "show_original"}
    workspace.items = [items("s", "number", list(range(26)), rollup=empty)]
    assert single(workspace, *row, **named)["all"] == [str(number) for number in range(26)]
    parts = [{"type": "text", "plain_text": "Gốm "}, {"type": "text", "plain_text": "Lá Sen"}]
    workspace.items = [items("s", "title", parts, rollup=empty)]
    workspace.pages = [rows(page(1, *row))]
    (rejected,) = workspace.read(**named)[0].rejected
    assert "a result that Notion does not work out" in rejected.reason


def test_formula_beside_a_relation_of_26(workspace: Workspace) -> None:
    """A formula may count 25 of more: its own address has the result over all. Beside a whole relation it is right."""
    workspace.properties = [TITLE, RELATION, FORMULA]
    formula = value("f", "formula", {"type": "number", "number": 25})
    whole = {"object": "property_item", "id": "f", "type": "formula", "formula": {"type": "number", "number": 26}}
    workspace.items = [Answer(whole)]
    cut_relation = value("r<l", "relation", links(1, 25), has_more=True)
    assert single(workspace, cut_relation, formula, fields=COUNT, only_fields=True)["formula"] == 26
    few = value("r<l", "relation", links(1, 3))
    assert single(workspace, few, formula, fields=COUNT, only_fields=True)["formula"] == 25
    assert asked(workspace) == [("f", None)]


def test_what_nobody_takes_is_not_asked_for(workspace: Workspace) -> None:
    """A relation of 26 that is no field costs nothing."""
    workspace.properties = [TITLE, RELATION, PEOPLE]
    row = value("r<l", "relation", links(1, 25), has_more=True), value("p", "people", [])
    single(workspace, *row, fields={"people": "Người"}, only_fields=True)
    assert asked(workspace) == []


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([items("r%3Cl", "relation", links(1, 2), cursor="c1")] * 2, "same page token twice"),
        ([items("r%3Cl", "relation", links(1, 2), cursor="")], "says that more values follow, but not where"),
        ([Answer({"object": "list", "results": []})], "an answer without results, has_more or property_item"),
    ],
)
def test_items_without_an_end(workspace: Workspace, answers: list[Answer], words: str) -> None:
    """Pages of items in circles, or that lead nowhere, are no shorter list."""
    workspace.properties = [TITLE, RELATION]
    workspace.items = [*answers]
    workspace.pages = [rows(page(1, value("r<l", "relation", links(1, 25), has_more=True)))]
    with pytest.raises(IncompleteError, match=rf"stream nps: row https://.*/row-1: property r%3Cl: .*{words}"):
        workspace.read()
