"""Made-up histories of metrics, day by day over a cycle of 92 days, for which the closing value is known.

Every history comes from the chance it is given, so a seed decides all of it. Days begin on Thursday, 1 October 2026.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

DAYS = 92
FIRST_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class History:
    """Changes of the numerator and the denominator by day (of a total, the denominator is empty), or daily levels."""

    over: list[float]
    under: list[float]


Maker = Callable[[Random], History]


def weekday(day: int) -> int:
    return (FIRST_WEEKDAY + day) % 7


def poisson(chance: Random, mean: float) -> int:
    """By counting exponential waits for small means, by a rounded normal for large ones."""
    if mean <= 0:
        return 0
    if mean > 60:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    bound, count, product = math.exp(-mean), 0, chance.random()
    while product > bound:
        product *= chance.random()
        count += 1
    return count


def volumes(chance: Random, dispersion: float | None = None) -> list[float]:
    """Counts a day: quieter weekends or none at all, a rate that grows or shrinks and wanders a little."""
    rate = math.exp(chance.uniform(math.log(0.3), math.log(30)))
    growth = chance.gauss(0, 0.25) / DAYS
    weekend = chance.choice([0.0, 0.2, 0.6, 1.0])
    wander, counts = 0.0, []
    for day in range(DAYS):
        wander += chance.gauss(0, 0.015)
        mean = rate * math.exp(growth * day + wander) * (weekend if weekday(day) >= 5 else 1.0)
        if dispersion is not None:
            mean = chance.gammavariate(dispersion, mean / dispersion) if mean > 0 else 0.0
        counts.append(float(poisson(chance, mean)))
    return counts


def steady_count(chance: Random) -> History:
    return History(volumes(chance), [])


def uneven_count(chance: Random) -> History:
    """Overdispersed: busy days and idle ones."""
    return History(volumes(chance, chance.uniform(0.5, 3)), [])


def reopened_count(chance: Random) -> History:
    """Of what is solved on a day, a part is taken back some days later."""
    counts = volumes(chance)
    share = chance.uniform(0.05, 0.25)
    changes = list(counts)
    for day, count in enumerate(counts):
        for _ in range(int(count)):
            later = day + 1 + int(chance.expovariate(1 / 4))
            if chance.random() < share and later < DAYS:
                changes[later] -= 1
    return History(changes, [])


def late_count(chance: Random) -> History:
    """What happens on a day is entered on that day or some days later."""
    counts = volumes(chance)
    changes = [0.0] * DAYS
    for day, count in enumerate(counts):
        for _ in range(int(count)):
            entered = day + (int(chance.expovariate(1 / 2)) if chance.random() < 0.5 else 0)
            if entered < DAYS:
                changes[entered] += 1
    return History(changes, [])


def amounts(chance: Random) -> History:
    """Deals of very different amounts."""
    spread = chance.uniform(0.4, 1.1)
    return History(
        [sum(100 * chance.lognormvariate(0, spread) for _ in range(int(n))) for n in volumes(chance, 2.0)], []
    )


def drifting_share(chance: Random, volume: list[float] | None = None) -> History:
    """A share whose probability wanders and drifts."""
    counts = volumes(chance, chance.uniform(1, 4)) if volume is None else volume
    odds = chance.uniform(-2.5, 2.0)
    drift = chance.gauss(0, 0.4) / DAYS
    over = []
    for count in counts:
        odds += drift + chance.gauss(0, 0.02)
        p = 1 / (1 + math.exp(-odds))
        over.append(float(sum(chance.random() < p for _ in range(int(count)))))
    return History(over, counts)


def clustered_share(chance: Random) -> History:
    """A share whose cases of one day go together: a bad day is bad for many."""
    counts = volumes(chance, chance.uniform(1, 4))
    odds, over = chance.uniform(-2.0, 2.0), []
    spread = chance.uniform(0.3, 0.8)
    for count in counts:
        odds += chance.gauss(0, 0.02)
        p = 1 / (1 + math.exp(-(odds + chance.gauss(0, spread))))
        over.append(float(sum(chance.random() < p for _ in range(int(count)))))
    return History(over, counts)


def mean_hours(chance: Random) -> History:
    """The mean of durations with a long tail, which wanders."""
    counts = volumes(chance, 2.0)
    spread, typical, over = chance.uniform(0.5, 1.0), math.log(2.0) + chance.gauss(0, 0.5), []
    for count in counts:
        typical += chance.gauss(0, 0.01)
        over.append(sum(chance.lognormvariate(typical, spread) for _ in range(int(count))))
    return History(over, counts)


def noisy_level(chance: Random) -> History:
    """Noise around a level that stays, or drifts over the cycle by some of its noise."""
    drift = chance.gauss(0, 2.0) / DAYS
    return History([50 + 5 * (drift * day + chance.gauss(0, 1)) for day in range(DAYS)], [])


def wandering_level(chance: Random) -> History:
    """A random walk, with noise on top and a drift."""
    noise, drift, level, values = chance.uniform(0, 2), chance.gauss(0, 0.08), 100.0, []
    for _ in range(DAYS):
        level += drift + chance.gauss(0, 1)
        values.append(level + chance.gauss(0, noise))
    return History(values, [])


def stepping_level(chance: Random) -> History:
    """A level that jumps now and then, with noise."""
    level, values = 20.0, []
    for _ in range(DAYS):
        if chance.random() < 0.06:
            level += chance.gauss(0, 4)
        values.append(level + chance.gauss(0, 1))
    return History(values, [])


def backlog(chance: Random) -> History:
    """Open tickets: what comes in less what is solved, of which there is more where more are open."""
    arrivals = volumes(chance)
    level = 30 + 60 * chance.random()
    pull = chance.uniform(0.02, 0.1)
    values = []
    for count in arrivals:
        level += count - min(level, poisson(chance, pull * level))
        values.append(level)
    return History(values, [])
