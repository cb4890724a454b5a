"""JSON Schema to fields: types, names, paths, and values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.singer.names import field_name
from connectors.singer.schema import find, type_of
from connectors.singer.values import reader
from okr_sync.connector import FieldType, Value
from tests.connectors.singer.conftest import HANOI

TEXT, INTEGER, NUMBER, BOOLEAN = FieldType.TEXT, FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN
DATE, TIMESTAMP, LIST = FieldType.DATE, FieldType.TIMESTAMP, FieldType.LIST
TIME = {"type": "string", "format": "date-time"}
BIG = 9_007_199_254_740_993
"""2 to the power of 53, and 1: the first whole number that a float rounds."""


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, TEXT),
        ({"type": ["null", "string"]}, TEXT),
        ({"type": ["null", "integer"]}, INTEGER),
        ({"type": ["null", "number"], "multipleOf": 0.01}, NUMBER),
        ({"type": ["integer", "number"]}, NUMBER),
        ({"type": ["null", "boolean"]}, BOOLEAN),
        ({"type": ["null", "string"], "format": "date-time"}, TIMESTAMP),
        ({"type": ["null", "string"], "format": "date"}, DATE),
        ({"type": ["null", "string"], "format": "time"}, TEXT),
        ({"type": ["null", "string"], "format": "singer.decimal"}, NUMBER),
        ({"type": ["null", "number", "string"], "format": "x-singer.decimal"}, NUMBER),
        ({"anyOf": [TIME, {"type": "null"}]}, TIMESTAMP),
        ({"anyOf": [TIME, {"type": ["string", "null"]}]}, TIMESTAMP),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, TEXT),
        ({"type": ["null", "integer", "string"]}, TEXT),
        ({"type": "array", "items": {"type": ["null", "string"]}}, LIST),
        ({"type": "array", "items": {"type": "integer"}}, LIST),
        ({"type": "array", "items": {"type": "object"}}, TEXT),
        ({"type": "array"}, TEXT),
        ({"type": ["null", "object"], "properties": {"a": TIME}}, TEXT),
        ({"type": "null"}, TEXT),
        ({}, TEXT),
    ],
)
def test_type_of_a_schema(schema: dict[str, Any], kind: FieldType) -> None:
    """Null widens nothing; what has no type of its own is text; times that may be any text are times."""
    assert type_of(schema) is kind


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("updated_at", "updated_at"),
        ("closedAt", "closed_at"),
        ("LastModifiedDate", "last_modified_date"),
        ("HTTPStatus", "http_status"),
        ("Close Date", "close_date"),
        ("user.login", "user_login"),
        ("_sdc_line_number", "sdc_line_number"),
        ("Ngày Đóng", "ngay_dong"),
        ("1st", "field_1st"),
        ("数", "field"),
    ],
)
def test_name_of_a_field(name: str, field: str) -> None:
    """Fields are named in lower case with `_`, and a name that is so already stays."""
    assert field_name(name) == field
    assert field_name(field) == field


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("id", ("id",)),
        ("closed_at", ("closedAt",)),
        ("user.login", ("user", "login")),
        ("user.Home.city", ("user", "home", "city")),
        ("owner.name", ("owner", "name")),  # inside one of several alternatives
        ("a.b", ("a.b",)),  # a property whose own name has a dot
        ("user_login", None),
        ("user.nothing", None),
        ("id.x", None),
    ],
)
def test_path_of_a_name(name: str, path: tuple[str, ...] | None) -> None:
    """A name is that of a property, or a path into objects; none is guessed."""
    home = {"type": "object", "properties": {"city": {"type": "string"}}}
    user = {"type": "object", "properties": {"login": {"type": "string"}, "home": home}}
    owner = {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"name": {"type": "string"}}}]}
    schema = {"properties": {"id": {}, "closedAt": {}, "user": user, "owner": owner, "a.b": {}, "a": {}}}
    found = find(schema, name)
    assert (found and found[0]) == path


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (TEXT, "", None),
        (TEXT, None, None),
        (TEXT, "0", "0"),
        (TEXT, BIG, str(BIG)),
        (TEXT, 4711.0, "4711"),
        (TEXT, 0.5, "0.5"),
        (TEXT, False, "false"),
        (TEXT, {"tên": [1, None]}, '{"tên": [1, null]}'),
        (INTEGER, 0, 0),
        (INTEGER, -3.0, -3),
        (INTEGER, str(BIG), BIG),
        (INTEGER, f"{BIG}.00", BIG),
        (INTEGER, "", None),
        (NUMBER, 0, 0.0),
        (NUMBER, "-12.50", -12.5),
        (NUMBER, "1E+2", 100.0),
        (BOOLEAN, False, False),
        (DATE, "2026-10-01", date(2026, 10, 1)),
        (DATE, "2026-10-01T00:00:00Z", date(2026, 10, 1)),
        (TIMESTAMP, "2026-10-01T07:00:00.123456789+07:00", datetime(2026, 10, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        (TIMESTAMP, "2026-10-01t00:00:00z", datetime(2026, 10, 1, tzinfo=UTC)),
        # Taps that leave the offset out mean UTC; a day alone begins in the project's zone, seven hours before UTC.
        (TIMESTAMP, "2026-10-01 00:00:00", datetime(2026, 10, 1, tzinfo=UTC)),
        (TIMESTAMP, "2026-10-01", datetime(2026, 9, 30, 17, tzinfo=UTC)),
        (LIST, ["a", None, 1, BIG], ["a", "1", str(BIG)]),
        (LIST, [], []),
    ],
)
def test_value_of_a_type(kind: FieldType, raw: Any, value: Value) -> None:
    """A value that fits is exactly itself; an empty text is a missing value, and 0 and false are values."""
    seen = reader(kind, HANOI)(raw)
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        *((INTEGER, raw) for raw in (True, 1.5, "x", "1_000", 2**63, -(2**63) - 1, "1.5", "9" * 30, [])),
        *((NUMBER, raw) for raw in (True, "x", "1_000", "nan", "Infinity", {})),
        *((BOOLEAN, raw) for raw in (0, 1, "true")),
        *((DATE, raw) for raw in ("2026-02-30", "2026-10-01T08:00:00Z", 20261001, "soon")),
        *((TIMESTAMP, raw) for raw in (1790000000, "soon", "2026-10-01T25:00:00Z", "0000-00-00 00:00:00")),
        *((LIST, raw) for raw in ("a", {"a": 1})),
    ],
)
def test_value_that_does_not_fit_is_refused(kind: FieldType, raw: Any) -> None:
    """Nothing is guessed, rounded or cut."""
    with pytest.raises(ValueError):
        reader(kind, HANOI)(raw)
