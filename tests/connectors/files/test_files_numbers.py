"""Numbers as a sheet shows them to people."""

from __future__ import annotations

import pytest

from connectors.files.texts import Notation, text_parser
from okr_sync.connector import FieldType
from tests.connectors.files.conftest import HANOI

VIETNAMESE = {"decimal": ",", "thousands": "."}
ENGLISH = {"decimal": ".", "thousands": ","}
FRENCH = {"decimal": ",", "thousands": " "}
UNDECLARED = {"decimal": None, "thousands": None}


def number(text: str, *, decimal: str | None, thousands: str | None, unit: str | None = None) -> object:
    notation = Notation(HANOI, decimal=decimal, thousands=thousands, unit=unit, is_sheet=True)
    return text_parser(FieldType.NUMBER, notation)(text)


@pytest.mark.parametrize(
    ("text", "notation", "value"),
    [
        ("0", UNDECLARED, 0.0),
        ("-1234", UNDECLARED, -1234.0),
        ("12%", UNDECLARED, 0.12),
        ("1.234,5", VIETNAMESE, 1234.5),
        ("1.234", VIETNAMESE, 1234.0),
        ("12,5 %", VIETNAMESE, 0.125),
        ("\u22121.234,5", VIETNAMESE, -1234.5),
        ("1.234", ENGLISH, 1.234),
        ("1,234,567.25", ENGLISH, 1234567.25),
        ("1\u202f234,5", FRENCH, 1234.5),
        ("1\u00a0234", FRENCH, 1234.0),
        ("1'234.5", {"decimal": ".", "thousands": "'"}, 1234.5),
        ("1\u2019234.5", {"decimal": ".", "thousands": "'"}, 1234.5),
    ],
)
def test_number_is_read_in_its_notation(text: str, notation: dict[str, str | None], value: float) -> None:
    """The same digits are another number in another notation; blanks and minus may be those of print."""
    assert number(text, **notation) == value


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        # A thousand or a little more than one; five tenths or none: what the notation would have to say.
        *((text, UNDECLARED) for text in ("1.234", "1,234", "0.5", "1,5", "12,5%", "1 234", "1E+05")),
        *((text, VIETNAMESE) for text in ("1,234.5", "0.123", "1.23", "1 234", "1.234.56", "1.234,", ",5")),
        *((text, ENGLISH) for text in ("1.234,5", "0,123", "1,23", "12,34,567", "1.23457E+15", "1_000")),
        ("1.234", FRENCH),
        ("1.23457E+15", {"decimal": ".", "thousands": None}),
    ],
)
def test_number_in_another_notation_is_refused(text: str, notation: dict[str, str | None]) -> None:
    """A number that is not written as declared, or of which nothing is declared, is never guessed at."""
    with pytest.raises(ValueError):
        number(text, **notation)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("₫ 1.200.000", 1200000.0),
        ("1.200.000\u00a0₫", 1200000.0),
        ("₫1.200.000", 1200000.0),
        ("-₫ 1,5", -1.5),
        ("₫ -1,5", -1.5),
        ("1.200", 1200.0),
    ],
)
def test_unit_stands_on_either_side(text: str, value: float) -> None:
    """The declared unit is passed over wherever a sheet puts it, and may be left out."""
    assert number(text, **VIETNAMESE, unit="₫") == value


@pytest.mark.parametrize("text", ["$ 1.200", "1.200 USD", "1.200 k", "₫", "₫ 1.200 ₫", "-₫ -5", "5 ₫%", "(₫ 5)", ""])
def test_other_units_are_refused(text: str) -> None:
    """Dollars among đồng, or thousands among ones, would be added up to a wrong number."""
    with pytest.raises(ValueError):
        number(text, **VIETNAMESE, unit="₫")


def test_unit_that_nobody_declared_is_refused() -> None:
    """A sign of money means nothing until the project says which one it is."""
    with pytest.raises(ValueError):
        number("₫ 1.200.000", **VIETNAMESE)


def test_whole_number_is_read_in_its_notation() -> None:
    """Whole numbers follow the same notation; a fraction is refused, not cut off."""
    parse = text_parser(FieldType.INTEGER, Notation(HANOI, is_sheet=True, **VIETNAMESE))
    assert parse("1.200.000") == 1200000
    with pytest.raises(ValueError, match=r"1200\.5"):
        parse("1.200,5")
