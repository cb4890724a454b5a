"""Whether the range holds 8 of 10 outcomes: forecasts of made-up histories, of seeds that did not tune them."""

from __future__ import annotations

from functools import cache

import pytest

from tests.forecast.checking import KINDS, QUARTERS, Cell, cell

COUNT = 150
"""Histories of each name; with the three or four names of a kind, the share held is uncertain by 2 to 3 %."""


@cache
def pooled(kind: str, day: int) -> Cell:
    return Cell([one for name in KINDS[kind][1] for one in cell(kind, name, day, COUNT).checked])


@pytest.mark.parametrize("day", QUARTERS.values(), ids=QUARTERS)
@pytest.mark.parametrize("kind", KINDS)
def test_range_holds_about_8_of_10_outcomes(kind: str, day: int) -> None:
    """At a quarter, half and three quarters of the cycle, for every kind of metric."""
    assert 0.72 <= pooled(kind, day).held <= 0.90


@pytest.mark.parametrize("day", QUARTERS.values(), ids=QUARTERS)
@pytest.mark.parametrize("kind", KINDS)
def test_range_is_narrower_than_what_a_straight_line_needs(kind: str, day: int) -> None:
    """A range around the straight line through the start and now would have to be wider to hold as many outcomes."""
    found = pooled(kind, day)
    assert found.half_width < found.needed(lambda one: one.line)


@pytest.mark.parametrize("kind", KINDS)
def test_range_narrows_towards_the_end(kind: str) -> None:
    """The less is left of the cycle, the less can change."""
    widths = [pooled(kind, day).half_width for day in QUARTERS.values()]
    assert widths == sorted(widths, reverse=True)
