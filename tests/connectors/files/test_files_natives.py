"""Values that files hold by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connectors.files.natives import common_type, native_parser, type_of
from okr_sync.connector import FieldType, Value

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TEXT, INTEGER, NUMBER, BOOLEAN = FieldType.TEXT, FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN
DATE, TIMESTAMP, LIST = FieldType.DATE, FieldType.TIMESTAMP, FieldType.LIST

MIDNIGHT = datetime.fromisoformat("2026-10-01")
MORNING = datetime.fromisoformat("2026-10-01 08:30")
"""As workbooks hold times: without a zone."""


@pytest.mark.parametrize(
    ("kind", "native", "value"),
    [
        (TEXT, 1001.0, "1001"),
        (TEXT, 2.5, "2.5"),
        (TEXT, 0, "0"),
        (TEXT, False, "false"),
        (TEXT, date(2026, 10, 1), "2026-10-01"),
        (TEXT, time(8, 30), "08:30:00"),
        (TEXT, timedelta(hours=30), "1 day, 6:00:00"),
        (TEXT, b"plain", "plain"),
        (TEXT, ["a", 1], '["a", 1]'),
        (TEXT, {"tên": None}, '{"tên": null}'),
        (INTEGER, 3.0, 3),
        (INTEGER, -2, -2),
        (INTEGER, Decimal("4.00"), 4),
        (NUMBER, 0, 0.0),
        (NUMBER, Decimal("0.10"), 0.1),
        (BOOLEAN, True, True),
        (BOOLEAN, 0.0, False),
        (DATE, date(2026, 10, 1), date(2026, 10, 1)),
        (DATE, MIDNIGHT, date(2026, 10, 1)),
        # 17:00 in UTC is midnight of the next day in Hanoi.
        (DATE, datetime(2026, 9, 30, 17, 0, tzinfo=UTC), date(2026, 10, 1)),
        (TIMESTAMP, date(2026, 10, 1), datetime(2026, 9, 30, 17, 0, tzinfo=UTC)),
        (TIMESTAMP, MORNING, datetime(2026, 10, 1, 1, 30, tzinfo=UTC)),
        (
            TIMESTAMP,
            datetime(2026, 10, 1, 8, 30, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 10, 1, 6, 30, tzinfo=UTC),
        ),
        (LIST, [], []),
        (LIST, ["web", "seo"], ["web", "seo"]),
    ],
)
def test_native_value_becomes_its_type(kind: FieldType, native: object, value: Value) -> None:
    """A native value becomes the declared type where nothing is lost by it."""
    seen = native_parser(kind, HANOI)(native)
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(
    ("kind", "native"),
    [
        (INTEGER, 1.5),
        (INTEGER, True),
        (INTEGER, float("inf")),
        (INTEGER, 2**63),
        (INTEGER, timedelta(hours=1)),
        (NUMBER, False),
        (NUMBER, float("nan")),
        (NUMBER, 10**400),
        (NUMBER, [1]),
        (BOOLEAN, 2),
        (BOOLEAN, []),
        (DATE, MORNING),
        (DATE, 45_000.0),
        (TIMESTAMP, 45_000.0),
        (TIMESTAMP, time(8, 30)),
        (LIST, ["a", None]),
        (LIST, {"a": 1}),
    ],
)
def test_native_value_that_does_not_fit_is_refused(kind: FieldType, native: object) -> None:
    """What would lose something, or mean something else, is refused."""
    with pytest.raises((ValueError, ArithmeticError)):
        native_parser(kind, HANOI)(native)


@pytest.mark.parametrize(
    ("native", "kind"),
    [
        (None, None),
        ("?", None),
        ("x", TEXT),
        (True, BOOLEAN),
        (0, INTEGER),
        (0.0, NUMBER),
        (date(2026, 10, 1), DATE),
        (MIDNIGHT, TIMESTAMP),
        ([], LIST),
        (["a"], LIST),
        (["a", 1], TEXT),
        ({}, TEXT),
        (time(8), TEXT),
    ],
)
def test_native_value_has_a_type(native: object, kind: FieldType | None) -> None:
    """0 and False have a type like any other value; what is missing has none."""
    assert type_of(native, {"?"}) is kind


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ([], None),
        ([None], None),
        ([None, BOOLEAN], BOOLEAN),
        ([INTEGER, NUMBER], NUMBER),
        ([DATE, TIMESTAMP, None], TIMESTAMP),
        ([INTEGER, BOOLEAN], TEXT),
        ([INTEGER, NUMBER, TEXT], TEXT),
        ([DATE, NUMBER], TEXT),
    ],
)
def test_common_type_is_the_narrowest(types: list[FieldType | None], kind: FieldType | None) -> None:
    """Values of several types share the narrowest type that holds them all."""
    assert common_type(types) is kind
