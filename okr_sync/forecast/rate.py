"""What comes on the days ahead, by what came on the days so far: the sum's mean and variance.

Recent days count more: a day's weight halves every `HALF_LIFE` days. Weekdays differ by factors, drawn towards 1 while
few weeks are known. The rate itself may drift on the way, which `DRIFT` allows for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync.forecast.model import Ahead, Flow

HALF_LIFE = 28.0
"""In days. Tuned, with the others, by `python -m tests.benchmarks forecast`."""
DRIFT = 0.023
"""The standard deviation of the rate's drift within a day, as a part of the rate."""
_FULL_WEEKS = 14
"""Days from which weekdays are told apart."""
_PRIOR_WEEKS = 1.0
"""So many weeks without a pattern are mixed into every weekday's factor."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What comes a day at present, for an average day."""

    mean: float
    factors: Sequence[float]
    """By weekday."""
    variance: float
    """Of a day around what its weekday lets expect."""
    known_days: float
    """How many equally weighted days the mean is worth."""
    age: float
    """How old the days that made the mean are, on average."""

    def expected(self, weekday: int) -> float:
        return self.mean * self.factors[weekday]


def rate_of(flow: Flow) -> Rate:
    """The rate at the end of `flow`."""
    weights = recency(len(flow.changes))
    factors = _factors(flow)
    total = sum(weights)
    weighted = sum(weight * change for weight, change in zip(weights, flow.changes, strict=True))
    base = sum(weight * factors[day] for weight, day in zip(weights, flow.weekdays, strict=True))
    mean = weighted / base if base > 0 else 0.0
    residuals = [change - mean * factors[day] for change, day in zip(flow.changes, flow.weekdays, strict=True)]
    squares = sum(weight * residual * residual for weight, residual in zip(weights, residuals, strict=True))
    known_days = total * total / sum(weight * weight for weight in weights)
    freedom = max(1.0, known_days - 1 - (6 if _has_pattern(flow) else 0) * known_days / (known_days + 7 * _PRIOR_WEEKS))
    age = sum(weight * age for weight, age in zip(weights, range(len(weights), 0, -1), strict=True)) / total
    return Rate(mean, factors, squares / total * known_days / freedom, known_days, age)


def sum_ahead(rate: Rate, ahead: Ahead, day_variance: float) -> tuple[float, float]:
    """The mean and the variance of what comes on the days ahead, where a day varies by `day_variance`."""
    days = ahead.day_count
    expected = sum(share * rate.factors[day] for share, day in zip(ahead.shares, ahead.weekdays, strict=True))
    scale = expected / days if days > 0 else 1.0
    by_chance = day_variance * days * max(scale, 0.05)
    by_estimate = day_variance * expected * expected / rate.known_days
    return rate.mean * expected, by_chance + by_estimate + drift_variance(rate, ahead, expected)


def drift_variance(rate: Rate, ahead: Ahead, expected: float) -> float:
    """How far the sum may go astray since the rate drifts: from the days it was taken from, and on the days ahead."""
    steps = rate.age / 2 + ahead.gap + ahead.day_count / 3
    return (DRIFT * rate.mean * expected) ** 2 * steps


def recency(day_count: int) -> list[float]:
    """Weights of days, the oldest first; the newest has weight 1."""
    fading = 0.5 ** (1 / HALF_LIFE)
    return [math.pow(fading, age) for age in range(day_count - 1, -1, -1)]


def _has_pattern(flow: Flow) -> bool:
    return len(flow.changes) >= _FULL_WEEKS


def _factors(flow: Flow) -> list[float]:
    """Weekday factors whose mean over a week is 1; all 1 while they cannot be told, or where the sum does not grow."""
    total = sum(flow.changes)
    if not _has_pattern(flow) or total <= 0:
        return [1.0] * 7
    mean = total / len(flow.changes)
    sums, counts = [0.0] * 7, [0] * 7
    for change, day in zip(flow.changes, flow.weekdays, strict=True):
        sums[day] += change
        counts[day] += 1
    raw = [
        max(0.0, (one + _PRIOR_WEEKS * mean) / ((count + _PRIOR_WEEKS) * mean))
        for one, count in zip(sums, counts, strict=True)
    ]
    scale = sum(raw) / 7
    return [one / scale for one in raw]
