"""A row as a record: every type of value, what is empty, days and times with zones, what Notion did not work out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.notion.values import read_property
from okr_sync.connector import FieldType, Value
from tests.connectors.notion.conftest import TITLE, Workspace, page, prop, rows, scored, text, value
from tests.connectors.notion.test_notion_properties import RELATION, ROLLUP

USER = {"object": "user", "id": "u7", "name": "Lan"}


def read(workspace: Workspace, kind: str, content: Any, *, config: Any = None, **settings: Any) -> Value:
    """The value of a single property of type `kind`."""
    workspace.properties = [TITLE, RELATION, prop("x", "X", kind, **(config or {}))]
    row = page(1, value("x", kind, content), value("rel1", "relation", [], has_more=False))
    return workspace.only(row, fields={"mine": {"property": "X", **settings}}, only_fields=True).fields["mine"]


def test_standard_fields(workspace: Workspace) -> None:
    """Every row has its id, times to the minute, address, author and title; an archived row is no deleted one."""
    workspace.properties = [TITLE]
    row = page(7, is_archived=True)
    row["properties"] = {"Tên": value("title", "title", text("Khách ", "A"))}
    record = workspace.only(row)
    assert not record.is_deleted
    assert dict(record.fields) == {
        "id": "row-7",
        "created_at": datetime(2026, 10, 1, 2, 0, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 2, 2, 0, tzinfo=UTC),
        "url": "https://www.notion.so/row-7",
        "created_by": "u1",
        "is_archived": True,
        "title": "Khách A",
    }


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("number", 9, 9.0),
        ("number", 0, 0.0),
        ("number", -0.25, -0.25),
        ("number", None, None),
        ("checkbox", False, False),
        ("select", {"id": "1", "name": "Bếp Ổi Xanh", "color": "red"}, "Bếp Ổi Xanh"),
        ("select", None, None),
        ("status", {"id": "1", "name": "Xong", "color": "red"}, "Xong"),
        ("rich_text", text("Rất ", "tốt"), "Rất tốt"),
        ("rich_text", [], None),
        ("multi_select", [{"name": "a"}, {"name": "b"}], ["a", "b"]),
        ("multi_select", [], []),
        ("people", [USER, {"object": "user", "id": "u8"}], ["Lan", "u8"]),
        ("relation", [{"id": "p1"}, {"id": "p2"}], ["p1", "p2"]),
        ("files", [{"name": "a.pdf", "type": "file", "file": {"url": "https://s3/?X-Sig=1"}}], ["a.pdf"]),
        ("url", "https://agency.example", "https://agency.example"),
        ("email", "", None),
        ("phone_number", None, None),
        ("unique_id", {"prefix": "PRJ", "number": 12}, "PRJ-12"),
        ("unique_id", {"prefix": None, "number": 12}, "12"),
        ("unique_id", {"prefix": "PRJ", "number": None}, None),
        ("last_edited_by", USER, "Lan"),
        ("verification", {"state": "unverified"}, "unverified"),
    ],
)
def test_values(workspace: Workspace, kind: str, content: Any, expected: Value) -> None:
    """Each type of value is what people see in Notion; what is empty is missing, and never 0 or false."""
    assert read(workspace, kind, content) == expected


DAY = {"start": "2026-10-05", "end": None, "time_zone": None}
RANGE = {"start": "2026-10-05", "end": "2026-10-07", "time_zone": None}
TIME = {"start": "2026-10-05T23:30:00.000+07:00", "end": None, "time_zone": None}
IN_BERLIN = {"start": "2026-10-05T23:30:00", "end": "2026-10-06T01:00:00", "time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("content", "settings", "expected"),
    [
        (None, {}, None),
        (DAY, {}, datetime(2026, 10, 4, 17, 0, tzinfo=UTC)),
        (DAY, {"part": "end"}, datetime(2026, 10, 5, 16, 59, 59, 999999, tzinfo=UTC)),
        (DAY, {"type": "date"}, date(2026, 10, 5)),
        (RANGE, {"part": "end"}, datetime(2026, 10, 7, 16, 59, 59, 999999, tzinfo=UTC)),
        (RANGE, {"part": "end", "type": "date"}, date(2026, 10, 7)),
        (TIME, {}, datetime(2026, 10, 5, 16, 30, tzinfo=UTC)),
        (TIME, {"part": "end"}, datetime(2026, 10, 5, 16, 30, tzinfo=UTC)),
        (TIME, {"type": "date"}, date(2026, 10, 5)),
        (IN_BERLIN, {}, datetime(2026, 10, 5, 21, 30, tzinfo=UTC)),
        (IN_BERLIN, {"part": "end"}, datetime(2026, 10, 5, 23, 0, tzinfo=UTC)),
        (IN_BERLIN, {"type": "date"}, date(2026, 10, 6)),
    ],
)
def test_dates(workspace: Workspace, content: Any, settings: dict[str, str], expected: Value) -> None:
    """A day begins and ends in the project's zone (UTC+7), a time in its own; an end that is not set is the start's."""
    assert read(workspace, "date", content, **settings) == expected


def test_day_that_stands_for_never() -> None:
    """The last day of the calendar has an end also where clocks are behind UTC, and its record is not rejected."""
    never = {"type": "date", "date": {"start": "9999-12-31", "end": None, "time_zone": None}}
    moment = read_property(never, FieldType.TIMESTAMP, ZoneInfo("America/New_York"), "end")
    assert moment == datetime.max.replace(tzinfo=UTC)


def formula(kind: str, result: Any) -> dict[str, Any]:
    return {"type": kind, kind: result}


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (formula("string", "promoter"), "text", "promoter"),
        (formula("string", None), "text", None),
        (formula("number", 3), "integer", 3),
        (formula("boolean", True), "boolean", True),
        (formula("boolean", True), "text", "true"),
        (formula("date", DAY), "date", date(2026, 10, 5)),
        (formula("date", None), "timestamp", None),
    ],
)
def test_formulas(workspace: Workspace, content: Any, kind: str, expected: Value) -> None:
    """A formula's result is read as the type that the project tells."""
    assert read(workspace, "formula", content, type=kind) == expected


TWO_NUMBERS = [{"type": "number", "number": 3}, {"type": "number", "number": None}, {"type": "number", "number": 10}]
TITLES = [{"type": "title", "title": text("Gốm ", "Lá Sen")}]


@pytest.mark.parametrize(
    ("function", "content", "settings", "expected"),
    [
        ("sum", {"type": "number", "number": 12.5}, {}, 12.5),
        ("average", {"type": "number", "number": None}, {}, None),
        ("latest_date", {"type": "date", "date": DAY}, {}, datetime(2026, 10, 4, 17, 0, tzinfo=UTC)),
        ("show_original", {"type": "array", "array": TWO_NUMBERS}, {"type": "list"}, ["3", "10"]),
        ("show_original", {"type": "array", "array": TITLES}, {"type": "text"}, "Gốm Lá Sen"),
        ("show_original", {"type": "array", "array": []}, {"type": "number"}, None),
        (
            "show_original",
            {"type": "array", "array": [{"type": "multi_select", "multi_select": [{"name": "a"}, {"name": "b"}]}]},
            {"type": "list"},
            ["a", "b"],
        ),
    ],
)
def test_rollups(workspace: Workspace, function: str, content: Any, settings: dict[str, str], expected: Value) -> None:
    """A rollup is read by what its function tells; one that shows another row's values is a list, or looks one up."""
    config = {"function": function, **ROLLUP}
    assert read(workspace, "rollup", content | {"function": function}, config=config, **settings) == expected


@pytest.mark.parametrize(
    ("kind", "content", "settings", "words"),
    [
        ("number", "nine", {}, "number: it is could not convert"),
        ("number", 1.5, {"type": "integer"}, "integer: it is not a whole number"),
        ("date", {"start": "2026-02-30", "end": None}, {}, "timestamp: it is day is out of range"),
        ("date", {"start": "2026-10-05T10:00:00", "end": None}, {}, "a time without its zone"),
        ("date", {**IN_BERLIN, "time_zone": "Europe/Bielefeld"}, {}, "in an unknown zone, 'Europe/Bielefeld'"),
        ("select", {"id": "1"}, {}, "not written as a select"),
        ("multi_select", [{"name": "a"}, {"name": "b"}], {"type": "text"}, "2 values where one is wanted"),
        ("formula", formula("unsupported", {}), {"type": "number"}, "a result that Notion does not work out"),
        ("formula", formula("string", "many"), {"type": "number"}, "number: it is could not convert"),
        ("rollup", {"type": "unsupported", "unsupported": {}}, {}, "a result that Notion does not work out"),
        ("rollup", {"type": "nebula", "nebula": 1}, {}, "of the type 'nebula', which okr-sync cannot read"),
    ],
)
def test_what_cannot_be_read(
    workspace: Workspace, kind: str, content: Any, settings: dict[str, str], words: str
) -> None:
    """A value that is not of its type, or that Notion did not work out, rejects its row: it is never 0 or missing."""
    config = {"rollup": {"function": "sum", **ROLLUP}}.get(kind)
    workspace.properties = [TITLE, RELATION, prop("x", "X", kind, **(config or {}))]
    workspace.pages = [rows(page(1, value("x", kind, content), value("rel1", "relation", [], has_more=False)))]
    found = workspace.read(fields={"mine": {"property": "X", **settings}}, only_fields=True)
    (rejected,) = [one for each in found for one in each.rejected]
    assert rejected.record == "row https://www.notion.so/row-1"
    assert rejected.reason.startswith("mine cannot be read as ")
    assert words in rejected.reason
    assert [one for each in found for one in each.records] == []


def test_other_rows_of_the_page_land(workspace: Workspace) -> None:
    """A row that cannot be read stops no other."""
    workspace.pages = [rows(scored(1), scored(2, "nine"), scored(3, None))]
    first = workspace.read()[0]
    assert [(one.fields["id"], one.fields["diem_nps"]) for one in first.records] == [("row-1", 9.0), ("row-3", None)]
    assert len(first.rejected) == 1


def test_computed_values_make_a_full_read(workspace: Workspace) -> None:
    """Rollups and formulas change without their row: all is read each time, and such a change holds from that read."""
    workspace.properties = [TITLE, RELATION, prop("x", "X", "rollup", function="sum", **ROLLUP)]
    stream = workspace.stream()
    assert (stream.is_full_read, stream.changes_silently) == (True, True)
    plain = workspace.stream(fields={"khach": "Khách"}, only_fields=True)
    assert (plain.is_full_read, plain.changes_silently) == (False, False)
    whole = workspace.stream(fields={"khach": "Khách"}, only_fields=True, read="everything")
    assert (whole.is_full_read, whole.changes_silently) == (True, True)
    found = stream.field("x")
    assert found is not None
    assert (found.type, found.description) == (FieldType.NUMBER, "X (rollup, worked out by Notion; id x)")
