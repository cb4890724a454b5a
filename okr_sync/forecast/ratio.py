"""The closing value of a share or a mean: what is in, mixed with what still comes by their volumes.

The more of the volume is in, the less the rest can change, so the range narrows as the cycle goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

from okr_sync.forecast.model import Ahead, Flow, Interval
from okr_sync.forecast.rate import rate_of, recency, sum_ahead
from okr_sync.forecast.spread import between_0_and_1, symmetric

SHARE_DRIFT = 0.027
"""The standard deviation of a share's drift within a day, in log odds."""
MEAN_DRIFT = 0.016
"""The standard deviation of any other quotient's drift within a day, as a part of itself."""
_PRIOR = 0.5
"""Half a case of each outcome is added to a share, so that 0 of 12 does not mean never."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """A numerator and a denominator that add up side by side: what of them is in for sure, and their flows."""

    kept_over: float
    kept_under: float
    over: Flow
    under: Flow
    factor: float = 1.0
    """A share written in other units, such as 100 * count_if(...) / count(*), is a share times this."""


@dataclass(frozen=True, slots=True)
class _Coming:
    """What the days so far let expect of the quotient of what comes."""

    quotient: float
    unit_variance: float
    """Of the quotient of a single unit of volume."""
    known_volume: float
    """The volume that the quotient is known from, where every unit counts alike."""
    freedom: float


def ratio(given: Quotient, ahead: Ahead) -> Interval | None:
    """The forecast, or None where no volume came from which a quotient could be taken."""
    is_share = _is_share(given)
    coming = _coming(given, is_share=is_share)
    rate = rate_of(given.under)
    volume, volume_variance = sum_ahead(rate, ahead, rate.variance)
    volume = max(0.0, volume)
    whole = given.kept_under + volume
    if coming is None or whole <= 0:
        return None
    size = SHARE_DRIFT * coming.quotient * (1 - coming.quotient) if is_share else MEAN_DRIFT * coming.quotient
    steps = rate.age / 2 + ahead.gap + ahead.day_count / 3
    drift = size**2 * steps
    chance = coming.unit_variance * (1 / max(volume, 1e-9) + 1 / coming.known_volume)
    part = volume / whole
    kept_quotient = given.kept_over / given.kept_under if given.kept_under > 0 else coming.quotient
    by_volume = ((coming.quotient - kept_quotient) * given.kept_under / whole**2) ** 2 * volume_variance
    value = (given.kept_over + coming.quotient * volume) / whole
    variance = part * part * (chance + drift) + by_volume
    spread = between_0_and_1 if is_share else symmetric
    found = spread(value, variance, coming.freedom)
    return _in_units(found, given.factor)


def _coming(given: Quotient, *, is_share: bool) -> _Coming | None:
    weights = recency(len(given.under.changes))
    pairs = list(zip(weights, given.over.changes, given.under.changes, strict=True))
    over, under = sum(w * s for w, s, _ in pairs), sum(w * n for w, _, n in pairs)
    if under <= 0:
        return None
    prior = _PRIOR if is_share else 0.0
    quotient = (over + prior) / (under + 2 * prior)
    squares = sum(w * (s - quotient * n) ** 2 for w, s, n in pairs)
    days = sum(weights) ** 2 / sum(w * w for w in weights)
    unit_variance = squares / under * days / max(1.0, days - 1)
    if is_share:
        unit_variance = max(unit_variance, quotient * (1 - quotient))
    known_volume = under * under / max(1e-9, sum(w * w * abs(n) for w, _, n in pairs))
    return _Coming(quotient, unit_variance, known_volume, days)


def _in_units(found: Interval, factor: float) -> Interval:
    low, high = sorted((found.low * factor, found.high * factor))
    return Interval(low, found.value * factor, high)


def _is_share(given: Quotient) -> bool:
    """Whether the numerator counts a part of what the denominator counts."""
    return 0 <= given.kept_over <= given.kept_under and all(
        0 <= s <= n for s, n in zip(given.over.changes, given.under.changes, strict=True)
    )
