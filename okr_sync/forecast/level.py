"""The closing value of a number that moves from where it is.

The number is taken for a level that wanders, with a steady drift, seen through noise. How much of a surprise stays in
the level (its memory: 1 is a random walk, near 0 is noise around a fixed level) is not decided: each possibility counts
with the probability that the past days give it. The drift is drawn towards none while few days speak for it, and fades
out on the way ahead. This is exponential smoothing with drift (Hyndman et al. 2008, chapters 4 and 6), averaged over
its models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync.forecast.model import Interval
from okr_sync.forecast.spread import symmetric

# Tuned by `python -m tests.benchmarks forecast`.
MEMORIES = (0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.0)
MEMORY_PRIOR = 0.3
"""The probability of a memory, before any day is seen, is its power with this exponent."""
DAMPING = 0.985
"""What a day's drift keeps the next day."""
DRIFT_OF_NOISE, DRIFT_OF_MEMORY = 0.02, 0.06
"""The standard deviation of the daily drift, before any day is seen, in daily surprises: the first, and the second
times the memory."""


@dataclass(frozen=True, slots=True)
class _Model:
    """One possibility, fitted to the past."""

    log_weight: float
    mean: float
    variance: float


@dataclass(slots=True)
class _Smoothing:
    """Smoothing with an unknown drift: each surprise is `own - drift * per_drift`, so the drift is a regression."""

    memory: float
    own: float
    per_drift: float
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0

    def see(self, value: float) -> None:
        """A day passes: the level moves by the drift, then by a part of the surprise."""
        per_drift, surprise = self.per_drift + 1.0, value - self.own
        self.xx += per_drift * per_drift
        self.xy += per_drift * surprise
        self.yy += surprise * surprise
        self.own += self.memory * surprise
        self.per_drift = per_drift * (1 - self.memory)


def level(values: Sequence[float], days_ahead: float) -> Interval:
    """The forecast from daily values, the last one present."""
    models = [_fitted(values, memory, days_ahead) for memory in MEMORIES]
    highest = max(one.log_weight for one in models)
    weights = [math.exp(one.log_weight - highest) for one in models]
    total = sum(weights)
    mean = sum(weight * one.mean for weight, one in zip(weights, models, strict=True)) / total
    variance = sum(
        weight * (one.variance + (one.mean - mean) ** 2) for weight, one in zip(weights, models, strict=True)
    )
    return symmetric(mean, variance / total, len(values) - 2)


def _fitted(values: Sequence[float], memory: float, days_ahead: float) -> _Model:
    smoothing = _begun(values, memory)
    for value in values:
        smoothing.see(value)
    count = len(values) - 1  # one went into the start
    spread = DRIFT_OF_NOISE + DRIFT_OF_MEMORY * memory
    information = smoothing.xx + 1 / spread**2
    drift = smoothing.xy / information
    squares = max(smoothing.yy - drift * smoothing.xy, 1e-12 * smoothing.yy)
    noise = squares / (count - 1)
    reach = DAMPING * (1 - DAMPING**days_ahead) / (1 - DAMPING)
    mean = smoothing.own + drift * (smoothing.per_drift + reach)
    by_wandering = noise * (1 + max(0.0, days_ahead - 1) * memory * memory)
    by_drift = noise / information * (smoothing.per_drift + reach) ** 2
    log_weight = MEMORY_PRIOR * math.log(memory) - count / 2 * math.log(squares)
    return _Model(log_weight - 0.5 * math.log(information * spread**2), mean, by_wandering + by_drift)


def _begun(values: Sequence[float], memory: float) -> _Smoothing:
    """The level right before the first value: the mean of as many first values as it remembers."""
    count = min(len(values), round(1 / memory))
    return _Smoothing(memory, sum(values[:count]) / count, -(count - 1) / 2 - 1.0)
