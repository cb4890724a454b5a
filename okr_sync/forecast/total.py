"""The closing value of a count or a sum: what is in, and what still comes."""

from __future__ import annotations

import math

from okr_sync.forecast.model import Ahead, Flow, Interval
from okr_sync.forecast.rate import Rate, rate_of, sum_ahead
from okr_sync.forecast.spread import positive, symmetric

_PRIOR = 0.5
"""Half an event is added to what was counted (Jeffreys), so that none so far does not mean none for ever."""


def total(kept: float, flow: Flow, ahead: Ahead, *, is_count: bool) -> Interval:
    """The forecast of `kept` plus what comes on the days ahead.

    A count varies at least as events that happen independently of each other do (Poisson), however even its days
    looked so far.
    """
    rate = rate_of(flow)
    if is_count:
        coming = _counted(rate, flow, ahead)
        return Interval(math.floor(kept + coming.low + 0.5), kept + coming.value, math.ceil(kept + coming.high - 0.5))
    coming = _spread(flow, *sum_ahead(rate, ahead, rate.variance), rate.known_days)
    return Interval(kept + coming.low, kept + coming.value, kept + coming.high)


def _counted(rate: Rate, flow: Flow, ahead: Ahead) -> Interval:
    events = sum(max(0.0, change) for change in flow.changes)
    by_chance = (events + _PRIOR) / len(flow.changes)
    mean, variance = sum_ahead(rate, ahead, max(rate.variance, by_chance))
    unseen = _PRIOR / rate.known_days * ahead.day_count
    found = _spread(flow, mean + unseen, variance, rate.known_days)
    return Interval(found.low, mean, found.high)


def _spread(flow: Flow, mean: float, variance: float, known_days: float) -> Interval:
    """Lopsided where things only add up, or nearly so; where they are also taken back, symmetric."""
    only_adds = all(change >= 0 for change in flow.changes) or mean * mean > variance
    spread = positive if only_adds and mean > 0 else symmetric
    return spread(mean, variance, known_days)
