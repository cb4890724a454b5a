"""Forecasts of made-up histories against what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import median
from zlib import crc32

from okr_sync.forecast import Ahead, Flow, Interval, Quotient
from okr_sync.forecast.level import level
from okr_sync.forecast.ratio import ratio
from okr_sync.forecast.total import total
from tests.forecast import histories
from tests.forecast.histories import DAYS, History, Maker, weekday

QUARTERS = {"25 %": 23, "50 %": 46, "75 %": 69}
"""Days that are over, by how much of the cycle that is."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A forecast, what came, and what two simpler ways would have said."""

    interval: Interval
    came: float
    stays: float
    """As it is now; of a total, nothing more comes."""
    line: float
    """On the straight line through the start and now."""
    scale: float
    """What errors are measured in, so that histories of all sizes count alike."""


Check = Callable[[History, int], Checked | None]


def check_count(history: History, day: int) -> Checked | None:
    return _total(history, day, is_count=True)


def check_sum(history: History, day: int) -> Checked | None:
    return _total(history, day, is_count=False)


def _total(history: History, day: int, *, is_count: bool) -> Checked | None:
    so_far, came = sum(history.over[:day]), sum(history.over)
    interval = total(so_far, _flow(history.over, day), _ahead(day), is_count=is_count)
    return Checked(interval, came, so_far, so_far * DAYS / day, abs(came)) if came else None


def check_ratio(history: History, day: int) -> Checked | None:
    quotients = [_quotient(history, end) for end in (day // 2, day, DAYS)]
    given = Quotient(
        sum(history.over[:day]), sum(history.under[:day]), _flow(history.over, day), _flow(history.under, day)
    )
    interval = ratio(given, _ahead(day))
    early, now, came = quotients
    if interval is None or early is None or now is None or not came:
        return None
    return Checked(interval, came, now, now + (now - early) / (day - day // 2) * (DAYS - day), abs(came))


def check_level(history: History, day: int) -> Checked | None:
    values = history.over[:day]
    line = values[-1] + (values[-1] - values[0]) / (day - 1) * (DAYS - day)
    return Checked(level(values, DAYS - day), history.over[-1], values[-1], line, 1.0)


KINDS: Mapping[str, tuple[Check, Mapping[str, Maker]]] = {
    "count": (
        check_count,
        {
            "steady": histories.steady_count,
            "busy and idle days": histories.uneven_count,
            "some are re-opened": histories.reopened_count,
            "entered late": histories.late_count,
        },
    ),
    "sum": (check_sum, {"deals of any size": histories.amounts}),
    "ratio": (
        check_ratio,
        {
            "drifting share": histories.drifting_share,
            "good and bad days": histories.clustered_share,
            "mean of hours": histories.mean_hours,
        },
    ),
    "level": (
        check_level,
        {
            "noise and drift": histories.noisy_level,
            "wandering": histories.wandering_level,
            "jumps": histories.stepping_level,
            "backlog": histories.backlog,
        },
    ),
}
"""By kind: how it is checked, and its histories by name."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of many forecasts made on one day."""

    checked: list[Checked]

    @property
    def held(self) -> float:
        return sum(one.interval.holds(one.came) for one in self.checked) / len(self.checked)

    @property
    def half_width(self) -> float:
        return median((one.interval.high - one.interval.low) / one.scale for one in self.checked) / 2

    def needed(self, naive: Callable[[Checked], float]) -> float:
        """The error that 8 of 10 of these forecasts stay below: half the width of the range that they would need."""
        return sorted(abs(naive(one) - one.came) / one.scale for one in self.checked)[int(0.8 * len(self.checked))]


def cell(kind: str, name: str, day: int, count: int) -> Cell:
    """Forecasts of `count` histories, each from a seed of its own."""
    check, makers = KINDS[kind]
    chance = Random(crc32(f"{kind} {name} {day}".encode()))  # noqa: S311 - no secrets
    checked = [check(makers[name](chance), day) for _ in range(count)]
    return Cell([one for one in checked if one is not None])


def _quotient(history: History, end: int) -> float | None:
    under = sum(history.under[:end])
    return sum(history.over[:end]) / under if under else None


def _flow(changes: list[float], day: int) -> Flow:
    return Flow(changes[:day], [weekday(one) for one in range(day)])


def _ahead(day: int) -> Ahead:
    return Ahead([1.0] * (DAYS - day), [weekday(one) for one in range(day, DAYS)])
