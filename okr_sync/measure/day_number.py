"""The number of the day of an instant, by the one way that each engine is fast at.

Days are counted from the first of a span: 0 is all time up to the end of that day, and the number of days in the span
stands for all time after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from okr_sync.measure.instant import instant
from okr_sync.project.cycle import start_of


def borders_of(first: date, day_count: int, zone: ZoneInfo) -> list[datetime]:
    """The beginning of each day from `first` on, and that of the day after the last."""
    return [start_of(first + timedelta(days=number), zone) for number in range(day_count + 1)]


def day_number(time: str, borders: Sequence[datetime], dialect: str) -> str:
    """SQL for the number of the day of `time`, which is SQL for an instant."""
    return _WAYS[dialect](time, borders)


def _by_arithmetic(time: str, borders: Sequence[datetime]) -> str:
    """In DuckDB a seventh of what a cast to a date in a zone costs.

    Days are 24 hours long but for the few on which the zone changes its clocks, so there are few runs of equal days.
    """
    last = len(borders) - 1
    arms = [
        f"WHEN {time} < {_written(borders[1], 'duckdb')} THEN 0",
        f"WHEN {time} >= {_written(borders[last], 'duckdb')} THEN {last}",
    ]
    for first, after in _runs(borders):
        steps = f"(epoch_us({time}) - {_micros(borders[first])}) // {_DAY}"
        number = str(first) if after - first == 1 else f"{first} + {steps}"
        arms.append(f"WHEN {time} < {_written(borders[after], 'duckdb')} THEN {number}")
    return f"CASE {' '.join(arms)} END"


def _runs(borders: Sequence[datetime]) -> list[tuple[int, int]]:
    """Days of 24 hours in a row, and single days of other lengths, as their first number and the one after."""
    runs: list[tuple[int, int]] = []
    was_usual = False
    for number in range(1, len(borders) - 1):
        is_usual = _micros(borders[number + 1]) - _micros(borders[number]) == _DAY
        if is_usual and was_usual:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
        was_usual = is_usual
    return runs


def _by_borders(time: str, borders: Sequence[datetime]) -> str:
    """PostgreSQL finds a value's place among sorted ones; its arithmetic of instants is in exact decimals, and slow."""
    return f"width_bucket({time}, ARRAY[{', '.join(_written(border, 'postgres') for border in borders[1:])}])"


def _written(border: datetime, dialect: str) -> str:
    return instant(border).sql(dialect)


def _micros(border: datetime) -> int:
    return round(border.timestamp()) * 1_000_000


_DAY = 86_400 * 1_000_000
_WAYS: Mapping[str, Callable[[str, Sequence[datetime]], str]] = {"duckdb": _by_arithmetic, "postgres": _by_borders}
