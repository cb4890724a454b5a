"""Forecasts by kind, for histories whose forecast can be worked out by hand, and when there is none."""

from __future__ import annotations

import pytest

from okr_sync.forecast import (
    Ahead,
    Bounds,
    Flow,
    Forecast,
    Interval,
    Kind,
    NoForecast,
    Quotient,
    of_level,
    of_ratio,
    of_total,
)

MONDAY = 0


def flow(*changes: float) -> Flow:
    """Days from a Monday on."""
    return Flow(changes, [(MONDAY + day) % 7 for day in range(len(changes))])


def ahead(*weekdays: int) -> Ahead:
    return Ahead([1.0] * len(weekdays), weekdays)


def given(found: Forecast | NoForecast) -> Interval:
    assert isinstance(found, Forecast)
    return found.interval


def reason(found: Forecast | NoForecast) -> str:
    assert isinstance(found, NoForecast)
    return found.reason


def test_an_even_sum_goes_on_evenly() -> None:
    """56 are in, 2 came every day, 10 days are left: 76; a range stays, since the rate may change."""
    found = of_total(56, flow(*[2.0] * 28), ahead(*[day % 7 for day in range(10)]), is_count=False)
    assert isinstance(found, Forecast)
    assert (found.kind, found.day_count, found.days_left) == (Kind.TOTAL, 28, 10)
    assert found.interval.value == pytest.approx(76)
    assert found.interval.low < 76 < found.interval.high


def test_a_count_varies_at_least_by_chance() -> None:
    """Events at a steady 2 a day would spread like Poisson: 20 +- 1.28 * sqrt(20), 14 to 26, however even they came."""
    found = given(of_total(0, flow(*[2.0] * 28), ahead(*[day % 7 for day in range(10)]), is_count=True))
    assert found.low <= 14
    assert found.high >= 26
    assert (found.low % 1, found.high % 1) == (0, 0)


def test_none_so_far_does_not_mean_none_for_ever() -> None:
    """Of a count without an event in 28 days, none comes in as many with 71 %, one with 18 % (Jeffreys): 0 to 1."""
    found = given(of_total(0, flow(*[0.0] * 28), ahead(*[day % 7 for day in range(28)]), is_count=True))
    assert found.value == 0
    assert (found.low, found.high) == (0, 1)


def test_weekdays_count_as_what_they_bring() -> None:
    """Where weekends bring nothing, a Saturday and a Sunday ahead bring far less than a Monday and a Tuesday."""
    week = (5.0, 5.0, 5.0, 5.0, 5.0, 0.0, 0.0)
    weekend = given(of_total(0, flow(*week * 4), ahead(5, 6), is_count=False)).value
    workdays = given(of_total(0, flow(*week * 4), ahead(0, 1), is_count=False)).value
    assert workdays == pytest.approx(10, rel=0.15)
    assert weekend < workdays / 4


def test_what_is_left_of_today_counts_as_a_part_of_a_day() -> None:
    """A quarter of a day at 2 a day: half of one."""
    found = given(of_total(0, flow(*[2.0] * 28), Ahead([0.25], [0]), is_count=False))
    assert found.value == pytest.approx(0.5)


def test_a_share_mixes_what_is_in_with_what_comes() -> None:
    """30 of 60 are in and 1 of 2 came a day, so the share stays a half; half as many days ahead, a narrower range."""
    quotient = Quotient(30, 60, flow(*[1.0] * 30), flow(*[2.0] * 30))
    far = of_ratio(quotient, ahead(*[day % 7 for day in range(30)]), 30)
    near = of_ratio(quotient, ahead(*[day % 7 for day in range(15)]), 30)
    assert given(far).value == pytest.approx(0.5)
    assert isinstance(far, Forecast)
    assert far.kind is Kind.RATIO
    assert given(far).low < given(near).low < 0.5 < given(near).high < given(far).high


def test_a_share_that_turned_closes_between_then_and_now() -> None:
    """All of the first 20 and none of the last 20: the mix so far is a half, what comes is expected below it."""
    found = given(of_ratio(Quotient(20, 40, flow(*[1.0] * 20, *[0.0] * 20), flow(*[1.0] * 40)),
                           ahead(*[day % 7 for day in range(40)]), 40))  # fmt: skip
    assert 0 < found.value < 0.5
    assert found.low >= 0


def test_a_share_never_leaves_0_to_1() -> None:
    """49 of 50 are in: the range ends below 1; times 100, below 100."""
    over, under = flow(*[1.0] * 49, 0.0), flow(*[1.0] * 50)
    found = given(of_ratio(Quotient(49, 50, over, under, 100.0), ahead(*[day % 7 for day in range(40)]), 50))
    assert 80 < found.low < found.value < found.high < 100


def test_a_falling_factor_turns_the_range_around() -> None:
    """Minus a share lies between -1 and 0, its low end first."""
    found = given(of_ratio(Quotient(15, 30, flow(*[0.5] * 30), flow(*[1.0] * 30), -1.0), ahead(0, 1, 2), 30))
    assert -1 < found.low < found.value < found.high < 0


def test_a_level_with_a_steady_drift_goes_on_with_it_and_slows_down() -> None:
    """From 0 by 1 a day for 40 days, with 10 left: above the present 40, not above 50."""
    wiggle = [0.2, -0.2, 0.1, -0.1]
    found = given(of_level([day + wiggle[day % 4] for day in range(41)], 10))
    assert 41 < found.value < 50


def test_a_level_stays_within_what_is_possible() -> None:
    """A backlog that fell to 1 cannot fall below 0."""
    found = given(of_level([20.0 - day + (day % 3) / 4 for day in range(20)], 30, Bounds(0.0)))
    assert found.low == 0


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (of_total(5, flow(*[1.0] * 13), ahead(0), is_count=True), "13 days of history so far; a forecast needs 14"),
        (
            of_total(5, flow(*[0.0] * 16, *[1.0] * 4), ahead(0), is_count=False),
            "something came on 4 days so far; a forecast needs 5",
        ),
        (
            of_ratio(Quotient(1, 9, flow(*[0.0] * 19, 1.0), flow(*[0.0] * 11, *[1.0] * 9)), ahead(0), 20),
            "9 cases on 9 days so far; a forecast needs 10 on 5 days",
        ),
        (of_level([3.0] * 20, 10), "it has been the same for 20 days, so nothing shows how it moves"),
        (of_level([], 10), "0 days of history so far; a forecast needs 14"),
        (
            of_ratio(Quotient(0, 20, flow(*[0.0] * 20), flow(*[1.0] * 20), 0.0), ahead(0, 1), 20),
            "nothing has varied so far, so nothing shows how it moves",
        ),
    ],
)
def test_too_little_gives_no_forecast_and_says_why(found: Forecast | NoForecast, why: str) -> None:
    """Nothing is made up: the reason names what there is and what is needed."""
    assert reason(found) == why


def test_hindcasts_are_made_a_week_apart_as_far_ahead_as_asked() -> None:
    """With 60 days of a steady count and 10 left: made after 50, 43, 36, 29, 22 and 15 days, all of them held."""
    found = of_total(0, flow(*[2.0] * 60), ahead(*[day % 7 for day in range(10)]), is_count=True)
    assert isinstance(found, Forecast)
    assert (found.track.made, found.track.held, found.track.days_ahead) == (6, 6, 10)


def test_hindcasts_look_less_far_ahead_where_history_is_short() -> None:
    """With 40 days and 50 left, three forecasts a week apart from day 14 on leave 12 days to look ahead."""
    found = of_total(0, flow(*[2.0] * 40), ahead(*[day % 7 for day in range(50)]), is_count=True)
    assert isinstance(found, Forecast)
    assert (found.track.made, found.track.days_ahead) == (3, 12)


def test_short_history_leaves_a_forecast_untested() -> None:
    """With 20 days, no three forecasts could have been checked."""
    found = of_total(0, flow(*[2.0] * 20), ahead(*[day % 7 for day in range(50)]), is_count=True)
    assert isinstance(found, Forecast)
    assert found.track.made == 0


def test_hindcasts_tell_of_a_break() -> None:
    """Nothing for 30 days and 10 a day since: forecasts made before the break did not hold what came."""
    found = of_total(0, flow(*[0.0] * 30, *[10.0] * 30), ahead(*[day % 7 for day in range(10)]), is_count=True)
    assert isinstance(found, Forecast)
    assert found.track.held < found.track.made
