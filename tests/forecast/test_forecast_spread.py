"""Ranges from a mean and a variance, against tables of the distributions."""

from __future__ import annotations

import pytest

from okr_sync.forecast.spread import between_0_and_1, positive, symmetric


def test_normal() -> None:
    """The 10 % and 90 % points of a normal distribution lie 1.28155 standard deviations from its mean."""
    found = symmetric(10, 4)
    assert (found.low, found.value, found.high) == pytest.approx((10 - 2 * 1.28155, 10, 10 + 2 * 1.28155), rel=1e-5)


@pytest.mark.parametrize(("freedom", "quantile"), [(5, 1.476), (10, 1.372), (30, 1.310)])
def test_few_days_widen_the_range(freedom: float, quantile: float) -> None:
    """The 90 % points of Student's distribution, from the printed tables."""
    assert symmetric(0, 1, freedom).high == pytest.approx(quantile, rel=0.003)


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [
        # Half of the 10 % and 90 % points of chi-squared with 2, 8 and 20 degrees of freedom, from the printed tables.
        (1, 0.211 / 2, 4.605 / 2),
        (4, 3.490 / 2, 13.362 / 2),
        (10, 12.443 / 2, 28.412 / 2),
    ],
)
def test_sums_that_only_add_up(shape: float, low: float, high: float) -> None:
    """A gamma distribution of scale 1: mean and variance are its shape; the range is not symmetric."""
    found = positive(shape, shape)
    assert found.low == pytest.approx(low, rel=0.13)
    assert found.high == pytest.approx(high, rel=0.02)


def test_sums_that_only_add_up_are_never_negative() -> None:
    """However uncertain, nothing less than nothing comes."""
    assert positive(0.1, 5).low >= 0
    assert (positive(0, 0).low, positive(0, 0).high) == (0, 0)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_shares_stay_shares(share: float) -> None:
    """The range of a share lies within 0 and 1 and holds it, up to the millionth that the ends are kept away."""
    found = between_0_and_1(share, 0.04)
    assert 0 <= found.low <= share + 1e-6
    assert share - 1e-6 <= found.high <= 1
