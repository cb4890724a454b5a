"""Dated exchange rates as a relation: for each currency and day, what a unit of it is worth in the target currency.

The rate of a day is its own or, for as many days as the project allows, the last one before it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from okr_sync.errors import OkrSyncError, Problem, ProjectError
from okr_sync.project.units import is_currency
from okr_sync.project.wording import shown

COLUMNS = ("day", "currency", "rate")
_DAY = timedelta(days=1)
Rate = tuple[date, str, float]


class RateError(OkrSyncError, ValueError):
    """A rate that cannot be used."""


@dataclass(frozen=True)
class Rates:
    """What a unit of a currency is worth in the base currency, by currency and day."""

    base: str
    gap_days: int
    by_currency: Mapping[str, Mapping[date, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: str, gap_days: int, rates: Iterable[Rate]) -> Rates:
        """Raises RateError where there are two rates of one day, or one of the base currency that is not 1."""
        found: dict[str, dict[date, float]] = {}
        for day, currency, rate in rates:
            if currency == base and rate != 1:
                raise RateError(f"{base} is the base, so its rate is 1; {day} has {rate:g}: name another base")
            if day in found.setdefault(currency, {}):
                raise RateError(f"{currency} has two rates for {day}; leave one of them")
            found[currency][day] = rate
        found.pop(base, None)
        return cls(base, gap_days, {currency: dict(sorted(days.items())) for currency, days in found.items()})

    def to(self, target: str) -> pa.Table:
        """The rates into `target`; columns `_currency`, `_day`, `_rate`. Those of a day that has none are not there."""
        of_target = None if target == self.base else dict(self._filled(target))
        rows: list[Rate] = []
        for currency in self.by_currency:
            if currency != target:
                rows += [(day, currency, rate) for day, rate in self._filled(currency)]
        if of_target is not None:
            rows = [(day, currency, rate / of_target[day]) for day, currency, rate in rows if day in of_target]
            rows += [(day, self.base, 1 / rate) for day, rate in of_target.items()]
        return pa.table(
            {
                "_currency": pa.array([currency for _, currency, _ in rows], pa.string()),
                "_day": pa.array([day for day, _, _ in rows], pa.date32()),
                "_rate": pa.array([rate for _, _, rate in rows], pa.float64()),
            }
        )

    def in_words(self) -> str:
        """Until when there are rates, for messages."""
        if not self.by_currency:
            return "there are no rates at all"
        ends = (f"{currency} until {max(days)}" for currency, days in sorted(self.by_currency.items()))
        return f"there are rates of {', '.join(ends)}"

    def _filled(self, currency: str) -> Iterator[tuple[date, float]]:
        days = list(self.by_currency.get(currency, {}).items())
        for (day, rate), following in zip(days, [*(day for day, _ in days[1:]), date.max], strict=True):
            for n in range(min(self.gap_days + 1, (following - day).days)):
                yield day + n * _DAY, rate


def read_rates(path: Path, name: str) -> list[Rate]:
    """The rates in a CSV file, which messages call `name`.

    Raises:
        ProjectError: it is not there, or not as it should be; all that is wrong with its lines.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not there" if not path.exists() else f"cannot be read as UTF-8 text: {error}"
        raise ProjectError([Problem(name, "", f"{reason}; write a CSV file with {', '.join(COLUMNS)}")]) from error
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        message = f"has no column {missing[0]!r}; its first line names {', '.join(COLUMNS)}"
        raise ProjectError([Problem(f"{name}:1", "", message)])
    rates, problems = [], []
    for row in reader:
        try:
            rates.append(rate_of(*(row[column] for column in COLUMNS)))
        except RateError as error:
            problems.append(Problem(f"{name}:{reader.line_num}", "", str(error)))
    if problems:
        raise ProjectError(problems)
    return rates


def rate_of(day: object, currency: object, rate: object) -> Rate:
    """Raises RateError where one of them is not what it should be."""
    if not isinstance(currency, str) or not is_currency(currency.strip()):
        raise RateError(f"currency {shown(currency)} is not three capital letters such as USD")
    return _day(day), currency.strip(), _number(rate)


def _day(day: object) -> date:
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(str(day).strip())
    except ValueError:
        raise RateError(f"day {shown(day)} is not a day such as 2026-10-01") from None


def _number(rate: object) -> float:
    try:
        number = float(str(rate))
    except ValueError:
        raise RateError(f"rate {shown(rate)} is not a number such as 25400 or 0.92, with a point") from None
    if not math.isfinite(number) or number <= 0:
        raise RateError(f"rate {shown(rate)} is not above 0")
    return number
