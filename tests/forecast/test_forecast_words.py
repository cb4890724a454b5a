"""A forecast in words, and back from what is stored."""

from __future__ import annotations

from datetime import date

import pytest

from okr_sync.forecast import Forecast, Interval, Kind, NoForecast, Outlook, Track, heading, method, record

CLOSES = date(2026, 12, 31)


def outlook(low: float, value: float, high: float, track: Track | None = None) -> Outlook:
    made = Forecast(Interval(low, value, high), Kind.TOTAL, 58, 34, track or Track(8, 7, 34))
    return Outlook.of(made, CLOSES)


@pytest.mark.parametrize(
    ("interval", "unit", "words"),
    [
        ((38, 43.4, 47), None, "heading for 43.4 (38 to 47) by 31 Dec"),
        ((380, 434.6, 470), "count", "heading for 435 (380 to 470) by 31 Dec"),
        ((0.081, 0.1334, 0.194), "percent", "heading for 13 % (8 % to 19 %) by 31 Dec"),
        ((1_234_567, 2_345_678, 3_456_789), "VND", "heading for 2,300,000 VND (1,200,000 to 3,500,000) by 31 Dec"),
        ((1.731, 1.894, 2.058), "hours", "heading for 1.89 hours (1.73 to 2.06) by 31 Dec"),
        ((-1.2, 0.0, 1.2), "points", "heading for 0 points (-1.2 to 1.2) by 31 Dec"),
    ],
)
def test_numbers_have_the_digits_that_the_range_gives_a_meaning(
    interval: tuple[float, float, float], unit: str | None, words: str
) -> None:
    """Two digits of the range's width, the same for all three, and the unit once."""
    assert heading(outlook(*interval), unit) == words


def test_record_says_how_such_forecasts_did() -> None:
    """The number made, how far ahead, the number held, and what to expect of them."""
    assert record(outlook(1, 2, 3)) == (
        "of 8 made in the same way on earlier days, 34 days ahead, 7 held what came; 8 of 10 should"
    )


def test_record_says_that_nothing_was_tested() -> None:
    """No track record is not a good one."""
    assert record(outlook(1, 2, 3, Track(0, 0, 0))) == (
        "untested here: too little history to check such forecasts against what came"
    )


def test_method_names_the_kind_and_the_days() -> None:
    """The days it was made from, and those that are left."""
    assert method(outlook(1, 2, 3)) == (
        "total: what is in, and what the days left bring if they are like the days so far (58 days; 34 left)"
    )


def test_no_forecast_has_no_words_but_its_reason() -> None:
    """Nothing is said of numbers that are not there."""
    none = Outlook.of(NoForecast("the cycle is over"), CLOSES)
    assert (heading(none, None), method(none), record(none)) == (None, None, None)
    assert none.basis == {"reason": "the cycle is over"}


@pytest.mark.parametrize("one", [outlook(1, 2, 3), Outlook.of(NoForecast("why"), CLOSES)])
def test_what_is_stored_is_read_back(one: Outlook) -> None:
    """The three numbers and the rest make the same outlook again."""
    assert Outlook.read((one.value, one.low, one.high), one.basis) == one
