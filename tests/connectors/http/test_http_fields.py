"""Values: typed as declared, never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from okr_sync.connector import IncompleteError, SettingsError
from tests.connectors.http.conftest import FIELDS, Api
from tests.loopback import Answer

NOON = datetime(2026, 10, 2, 5, 0, tzinfo=UTC)


def of(kind: dict[str, Any] | str, **stream: Any) -> dict[str, Any]:
    return {"fields": {"id": "text", "x": kind}, **stream}


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "a", "a"),
        ("text", 9007199254740993, "9007199254740993"),
        ("text", {"a": "ă"}, '{"a": "ă"}'),
        ("text", "", None),
        ("number", "12.50", 12.5),
        ("number", 0, 0.0),
        ("integer", "3", 3),
        ("integer", None, None),
        ("boolean", True, True),
        ("boolean", "False", False),
        ("date", "2026-10-02", date(2026, 10, 2)),
        ({"type": "date", "format": "%Y%m%d"}, "20261002", date(2026, 10, 2)),
        ("timestamp", "2026-10-02T12:00:00+07:00", NOON),
        ({"type": "timestamp", "format": "epoch"}, 1790917200, NOON),
        ({"type": "timestamp", "format": "epoch_ms"}, "1790917200000", NOON),
        ("list", ["a", 1], ["a", "1"]),
        ({"type": "number", "minor_units": "unit"}, 1250, 12.5),
    ],
)
def test_values(api: Api, kind: Any, raw: Any, value: Any) -> None:
    """Each type takes what APIs write for it; nothing is None, and zero is zero."""
    api.server.respond = lambda _: Answer([{"id": 1, "x": raw, "unit": "usd"}])
    assert api.only_value(of(kind), "x") == value


@pytest.mark.parametrize(
    ("unit", "value"), [("usd", 12.5), ("VND", 1250.0), ("jpy", 1250.0), ("KWD", 1.25), ("eur", 12.5)]
)
def test_minor_units(api: Api, unit: str, value: float) -> None:
    """1250 minor units are 12.50 dollars, 1,250 dong, 1.250 dinars (ISO 4217)."""
    api.server.respond = lambda _: Answer([{"id": 1, "x": 1250, "unit": unit}])
    assert api.only_value(of({"type": "number", "minor_units": "unit"}), "x") == value


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("number", "1.234,5", "could not convert string to float"),
        ("timestamp", "2026-10-02T12:00:00", "a time without its zone; write timezone: in the stream"),
        ("boolean", "yes", "neither true nor false"),
        ("date", "2026-13-01", "month must be in 1..12"),
        ("integer", 1.5, "not a whole number"),
        ({"type": "number", "minor_units": "unit"}, 1250, "None, which is no currency"),
    ],
)
def test_values_that_are_none(api: Api, kind: Any, raw: Any, reason: str) -> None:
    """What is not of its type is not made to be: the record is rejected by its key, the others land."""
    api.server.respond = lambda _: Answer([{"id": 7, "x": raw}, {"id": 8, "x": None}])
    (page,) = api.pages(of(kind))
    assert [record.fields["id"] for record in page.records] == ["8"]
    assert page.rejected[0].record == "record 7"
    assert reason in page.rejected[0].reason


@pytest.mark.parametrize(("zone", "hour"), [("project", 5), ("Europe/Berlin", 10), ("UTC", 12)])
def test_times_without_zone(api: Api, zone: str, hour: int) -> None:
    """They are read in the zone that the stream names, and in no other: noon in Hanoi, Berlin, London."""
    api.server.respond = lambda _: Answer([{"id": 1, "x": "2026-10-02 12:00:00"}])
    assert api.only_value(of("timestamp", timezone=zone), "x") == datetime(2026, 10, 2, hour, tzinfo=UTC)


def test_places(api: Api) -> None:
    """A field may lie anywhere in a record, and a record may say that it is deleted."""
    api.server.respond = lambda _: Answer(
        [{"id": 1, "attributes": {"tags": [{"n": "a"}, {"n": "b"}]}, "state": "gone"}]
    )
    stream = of({"type": "list", "at": "attributes.tags[].n"}, deleted="state == 'gone'")
    (record,) = api.records(stream)
    assert (record.fields["x"], record.is_deleted) == (["a", "b"], True)


def test_lists_of_values(api: Api) -> None:
    """Records may be lists of values, with their names beside them."""
    api.server.respond = lambda _: Answer({"columns": ["stars", "id"], "results": [[4, "a"], [5, "b"]]})
    found = api.records({"records": "results", "columns": "columns"})
    assert [dict(one.fields) for one in found] == [{"id": "a", "stars": 4.0}, {"id": "b", "stars": 5.0}]


def csv(text: str) -> Answer:
    return Answer(text=text, content_type="text/csv; charset=utf-8")


def test_csv(api: Api) -> None:
    """Values of a CSV are texts that are read as their fields' types; an empty one is missing."""
    api.server.respond = lambda _: csv('\ufeffid,stars,note\n1,4.5,"tốt, nhanh"\n2,,\n')
    fields = {**FIELDS, "note": "text"}
    assert [dict(one.fields) for one in api.records({"format": "csv", "fields": fields})] == [
        {"id": "1", "stars": 4.5, "note": "tốt, nhanh"},
        {"id": "2", "stars": None, "note": None},
    ]


@pytest.mark.parametrize("text", ["id,stars\n1\n", "id,stars\n1,2,3\n", 'id,stars\n1,"4', "", "\n"])
def test_csv_that_is_cut(api: Api, text: str) -> None:
    """A line with too few or too many values, and one that is broken off, make the read incomplete."""
    api.server.respond = lambda _: csv(text)
    with pytest.raises(IncompleteError):
        api.records({"format": "csv"})


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("id;stars", "field id: the CSV has no column 'id'; it has 'id;stars'"),
        ("id,Stars", "field stars: the CSV has no column 'stars'; it has 'id', 'Stars'"),
        ("id,stars,stars", "several columns 'stars'"),
    ],
)
def test_csv_with_other_columns(api: Api, header: str, message: str) -> None:
    """A column that is not there, or there twice, is not one without values."""
    api.server.respond = lambda _: csv(f"{header}\n{header.replace('id', '1')}\n")
    with pytest.raises(SettingsError, match=message):
        api.records({"format": "csv"})


def test_csv_pages_end_without_a_header(api: Api) -> None:
    """Behind the last page of a CSV there may be nothing at all."""
    api.server.script(csv("id,stars\n1,2\n"), csv(""))
    assert len(api.records({"format": "csv", "paging": {"page": {}}})) == 1


@pytest.mark.parametrize(
    ("raw", "is_deleted"),
    [(True, True), (False, False), (0, False), (1, True), ("", False), ("false", False), ("False", False), ("0", False),
     ("no", False), ("true", True), ("1", True), ("2026-11-01", True), (None, False), ([], False)],
)  # fmt: skip
def test_deleted(api: Api, raw: Any, is_deleted: bool) -> None:
    """A text that says no is no deletion: a CSV has no other way to say it."""
    api.server.respond = lambda _: Answer([{"id": 1, "gone": raw}])
    assert api.records({"deleted": "gone"})[0].is_deleted is is_deleted


def test_record_without_key_or_time_of_change(api: Api) -> None:
    """It is rejected by itself; the others land."""
    api.server.respond = lambda _: Answer([{"id": "", "x": "2026-11-01T00:00:00Z"}, {"id": 2}, {"id": 3, "x": 4}])
    (page,) = api.pages(of({"type": "timestamp", "format": "epoch"}, version_at="x"))
    assert [one.fields["id"] for one in page.records] == ["3"]
    assert [one.record for one in page.rejected] == ["record ", "record 2"]
    assert "missing, and no record can be without it" in page.rejected[1].reason


@pytest.mark.parametrize("raw", [2**53 + 1, str(2**53 + 1)])
def test_long_whole_numbers(api: Api, raw: Any) -> None:
    """2^53 + 1 stays odd, as a text too: floats end before it."""
    api.server.respond = lambda _: Answer([{"id": 1, "x": raw}])
    assert api.only_value(of("integer"), "x") == 9007199254740993


@pytest.mark.parametrize("raw", [2**63, str(2**63), 1e30])
def test_whole_numbers_that_are_too_long(api: Api, raw: Any) -> None:
    """What 64 bits do not hold is rejected, and the rest of the page lands."""
    api.server.respond = lambda _: Answer([{"id": 1, "x": raw}])
    assert "64 bits do not hold" in api.rejected(of("integer"))[0].reason
