"""From a mean and a variance to the range that holds 8 of 10 outcomes, by the shape that the outcomes have."""

from __future__ import annotations

import math

from okr_sync.forecast.model import Interval

Z = 1.2815515655446004
"""A normal outcome is below mean + Z standard deviations in 9 of 10 cases."""
_SMALLEST_SHAPE = 0.35
"""Below it, the approximation of the gamma distribution's quantiles goes astray (its lower one turns negative)."""


def symmetric(mean: float, variance: float, freedom: float = math.inf) -> Interval:
    """Of a normal outcome, whose variance was estimated from `freedom` independent differences (Student's t)."""
    reach = _student(freedom) * math.sqrt(variance)
    return Interval(mean - reach, mean, mean + reach)


def positive(mean: float, variance: float, freedom: float = math.inf) -> Interval:
    """Of a sum of things that only add up: a gamma distribution, by the cube-root rule of Wilson and Hilferty (1931).

    It stands in for the negative binomial of counts and for compound sums of amounts alike.
    """
    if mean <= 0 or variance <= 0:
        return Interval(mean, mean, mean)
    shape = max(_SMALLEST_SHAPE, mean * mean / variance)
    centre, reach = 1 - 1 / (9 * shape), _student(freedom) / (3 * math.sqrt(shape))
    return Interval(mean * max(0.0, centre - reach) ** 3, mean, mean * (centre + reach) ** 3)


def between_0_and_1(mean: float, variance: float, freedom: float = math.inf) -> Interval:
    """Of a share: normal on the scale of log odds, so that neither end leaves 0 to 1."""
    middle = min(1 - 1e-6, max(1e-6, mean))
    odds = math.log(middle / (1 - middle))
    reach = _student(freedom) * math.sqrt(variance) / (middle * (1 - middle))
    reach = min(reach, 12.0)
    return Interval(_share(odds - reach), mean, _share(odds + reach))


def _share(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _student(freedom: float) -> float:
    """The same quantile of Student's distribution, by the first terms of its expansion in 1 / freedom."""
    if math.isinf(freedom):
        return Z
    freedom = max(2.0, freedom)
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    return Z + first / freedom + second / freedom**2
