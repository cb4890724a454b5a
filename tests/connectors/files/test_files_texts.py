"""Texts of cells into values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.files.texts import Notation, text_parser
from okr_sync.connector import FieldType, Value

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NEW_YORK = ZoneInfo("America/New_York")
INTEGER, NUMBER, BOOLEAN = FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN
DATE, TIMESTAMP = FieldType.DATE, FieldType.TIMESTAMP


def parse(kind: FieldType, text: str, zone: ZoneInfo = HANOI, decimal: str = ".", form: str | None = None) -> Value:
    return text_parser(kind, Notation(zone, decimal, form, "." if decimal == "," else None))(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldType.TEXT, " as it is ", " as it is "),
        (INTEGER, "0", 0),
        (INTEGER, " -12 ", -12),
        (INTEGER, "+7", 7),
        (INTEGER, "3.00", 3),
        (INTEGER, "9223372036854775807", 2**63 - 1),
        (INTEGER, "-9223372036854775808", -(2**63)),
        (NUMBER, "0", 0.0),
        (NUMBER, "-1.5", -1.5),
        (NUMBER, ".5", 0.5),
        (NUMBER, "1e-05", 0.00001),
        (NUMBER, "12%", 0.12),
        (NUMBER, "0.7%", 0.007),
        (NUMBER, "-3 %", -0.03),
        (NUMBER, "0%", 0.0),
        (BOOLEAN, "TRUE", True),
        (BOOLEAN, "yes", True),
        (BOOLEAN, "1", True),
        (BOOLEAN, " False ", False),
        (BOOLEAN, "no", False),
        (BOOLEAN, "0", False),
        (DATE, "2016-02-29", date(2016, 2, 29)),
        (DATE, "2016-02-29 00:00:00", date(2016, 2, 29)),
    ],
)
def test_text_is_read_as_its_type(kind: FieldType, text: str, value: Value) -> None:
    """A text that fits its type becomes a value of exactly that type; 0 and False are values."""
    seen = parse(kind, text)
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((INTEGER, text) for text in ("", "x", "1.5", "1,234", "1_000", "1e3", "12%", "9223372036854775808")),
        *((NUMBER, text) for text in ("", "x", "1,5", "1,234.5", "1_000", "nan", "inf", "1e999", "x%", "%", "5 VND")),
        *((BOOLEAN, text) for text in ("", "2", "-1", "y", "maybe")),
        *((DATE, text) for text in ("", "29-02-2016", "2015-02-29", "2016-02-29 10:00", "2016-02")),
        *((TIMESTAMP, text) for text in ("", "now", "1456704960", "2016-02-29 25:00", "0001-01-01 00:00")),
        (FieldType.LIST, "a, b"),
    ],
)
def test_text_that_does_not_fit_is_refused(kind: FieldType, text: str) -> None:
    """Nothing is guessed: thousands, words, other notations, days that do not exist."""
    with pytest.raises((ValueError, ArithmeticError)):
        parse(kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (NUMBER, "1.234,5", 1234.5),
        (NUMBER, "1.234.567", 1234567.0),
        (NUMBER, "-0,5", -0.5),
        (NUMBER, "1234", 1234.0),
        (NUMBER, "12,5%", 0.125),
        (INTEGER, "1.234", 1234),
        (INTEGER, "0", 0),
        (INTEGER, "2,0", 2),
    ],
)
def test_comma_begins_the_fraction(kind: FieldType, text: str, value: Value) -> None:
    """With `decimal: ","` a point separates thousands."""
    assert parse(kind, text, decimal=",") == value


@pytest.mark.parametrize("text", ["1.5", "12.34", "1,234.5", "1.23.456", ",5", "1,5,5", "0.123", "012.345"])
def test_comma_refuses_other_notations(text: str) -> None:
    """With `decimal: ","` a point in any place but between thousands is not guessed at: 1.5 is neither 1.5 nor 15."""
    with pytest.raises(ValueError, match=text):
        parse(NUMBER, text, decimal=",")


@pytest.mark.parametrize(
    ("zone", "text", "form", "moment"),
    [
        # Hanoi is at +07:00, New York at -05:00 in winter and at -04:00 in summer.
        (HANOI, "2016-02-29 01:16", None, datetime(2016, 2, 28, 18, 16, tzinfo=UTC)),
        (HANOI, "2016-02-29", None, datetime(2016, 2, 28, 17, 0, tzinfo=UTC)),
        (HANOI, "2016-02-29T01:16:00.250Z", None, datetime(2016, 2, 29, 1, 16, 0, 250_000, tzinfo=UTC)),
        (HANOI, "2016-02-29T01:16:00-03:00", None, datetime(2016, 2, 29, 4, 16, tzinfo=UTC)),
        (HANOI, "29-02-2016 01:16", "%d-%m-%Y %H:%M", datetime(2016, 2, 28, 18, 16, tzinfo=UTC)),
        (HANOI, " 1/3/2016 ", "%d/%m/%Y", datetime(2016, 2, 29, 17, 0, tzinfo=UTC)),
        (HANOI, "29-Feb-16 01:16 AM", "%d-%b-%y %I:%M %p", datetime(2016, 2, 28, 18, 16, tzinfo=UTC)),
        (HANOI, "29.02.2016 01:16 +0000", "%d.%m.%Y %H:%M %z", datetime(2016, 2, 29, 1, 16, tzinfo=UTC)),
        (HANOI, "9999-12-31 23:59:59", None, datetime(9999, 12, 31, 16, 59, 59, tzinfo=UTC)),
        (NEW_YORK, "2026-03-08 01:59", None, datetime(2026, 3, 8, 6, 59, tzinfo=UTC)),
        (NEW_YORK, "2026-03-08 03:00", None, datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        # Shown twice in the night to 1 November; the first of the two is still in summer time.
        (NEW_YORK, "2026-11-01 01:30", None, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_time_is_an_instant(zone: ZoneInfo, text: str, form: str | None, moment: datetime) -> None:
    """A time without a zone is on the wall clock of the stream's zone; a day alone is its first instant there."""
    seen = parse(TIMESTAMP, text, zone, form=form)
    assert seen == moment
    assert isinstance(seen, datetime)
    assert seen.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["02-29-2016 01:16", "29-02-2016", "29-02-2016 01:16:00", "31-02-2016 01:16", "29-02-16 1"]
)
def test_time_in_another_format_is_refused(text: str) -> None:
    """A format is kept to the letter."""
    with pytest.raises(ValueError):
        parse(TIMESTAMP, text, form="%d-%m-%Y %H:%M")


def test_date_with_a_format() -> None:
    """A date may have a format; a time of day in it would be lost, so it is refused."""
    assert parse(DATE, "29/02/2016", form="%d/%m/%Y") == date(2016, 2, 29)
    with pytest.raises(ValueError, match="29/02/2016 08:00"):
        parse(DATE, "29/02/2016 08:00", form="%d/%m/%Y %H:%M")
