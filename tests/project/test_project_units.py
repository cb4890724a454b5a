"""Quantities as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okr_sync.project.units import Quantity, UnitError


@pytest.mark.parametrize(
    ("raw", "quantity", "text"),
    [
        (0, Quantity(0.0), "0"),
        (-1.5, Quantity(-1.5), "-1.5"),
        ("0", Quantity(0.0), "0"),
        ("25%", Quantity(25.0, "percent"), "25%"),
        ("25 %", Quantity(25.0, "percent"), "25%"),
        ("-2.5%", Quantity(-2.5, "percent"), "-2.5%"),
        ("2h", Quantity(2.0, "hours"), "2 hours"),
        ("90min", Quantity(90.0, "minutes"), "90 minutes"),
        ("3 days", Quantity(3.0, "days"), "3 days"),
        ("12_000 VND", Quantity(12000.0, "VND"), "12000 VND"),
        ("5 points", Quantity(5.0, "points"), "5 points"),
    ],
)
def test_a_number_keeps_the_unit_it_was_written_in(raw: object, quantity: Quantity, text: str) -> None:
    """A bare number has no unit."""
    assert (Quantity.parse(raw), str(quantity)) == (quantity, text)


@pytest.mark.parametrize(
    "raw", [None, True, "", "%", "1,5", "1h30m", "h2", "2 vnd", "+5", "+5%", " +5", [1], "--1", "1e5"]
)
def test_anything_else_is_refused(raw: object) -> None:
    """A number is never guessed; a change such as +300 is not the number 300."""
    with pytest.raises(UnitError):
        Quantity.parse(raw)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("25%", "percent", 0.25),
        ("0%", "percent", 0.0),
        ("0.25", "percent", 0.25),
        ("2h", "minutes", 120.0),
        ("90min", "hours", 1.5),
        ("1w", "days", 7.0),
        ("500 VND", "VND", 500.0),
        ("7", None, 7.0),
        ("7", "VND", 7.0),
    ],
)
def test_a_quantity_in_a_metric_s_unit(text: str, unit: str | None, number: float) -> None:
    """Spans of time are converted, a percentage becomes a fraction, a bare number stays."""
    assert Quantity.parse(text).to(unit) == number


@pytest.mark.parametrize(
    ("text", "unit"), [("25%", None), ("25%", "hours"), ("2h", "percent"), ("5 VND", "USD"), ("5 USD", None)]
)
def test_units_of_different_things_do_not_mix(text: str, unit: str | None) -> None:
    """No rate between currencies is assumed, and no percentage of something."""
    with pytest.raises(UnitError, match="does not fit a metric in"):
        Quantity.parse(text).to(unit)


def test_spans_of_time() -> None:
    """Hours and days are spans, a bare number is not."""
    assert Quantity.parse("36h").duration() == timedelta(days=1, hours=12)
    with pytest.raises(UnitError, match="36 is not a span of time"):
        Quantity.parse("36").duration()
