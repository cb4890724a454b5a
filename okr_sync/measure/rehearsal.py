"""The unit tests of metrics: a few rows in a project's YAML, and the value the formula must give for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from okr_sync.connector import Stream
from okr_sync.errors import Problem
from okr_sync.formula import CompiledMetric
from okr_sync.measure.lookups import NO_LOOKUPS, Lookups
from okr_sync.measure.stage import Stage, StageError
from okr_sync.project.located import Location
from okr_sync.project.metric import MetricTest
from okr_sync.project.units import UnitError

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class RowEffect:
    """What one row of a test did to the value."""

    row: Mapping[str, Any]
    counts: bool
    """Whether `where` let it through."""
    value_without: float | None = None
    """What the value would be without this row; of no interest where the row does not count."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One test of one metric, and how it went."""

    metric: str
    number: int
    """From 1, in the order of the file."""
    name: str | None
    place: Location
    expected: float | None = None
    value: float | None = None
    error: str | None = None
    """Why the test could not be run."""
    rows: tuple[RowEffect, ...] = ()
    """Of a test over records that failed."""

    @property
    def has_passed(self) -> bool:
        return self.error is None and _is_same(self.value, self.expected)

    @property
    def difference(self) -> float | None:
        return None if self.value is None or self.expected is None else self.value - self.expected

    @property
    def label(self) -> str:
        return f"test {self.number}" + (f" ({self.name})" if self.name is not None else "")

    @property
    def failure(self) -> str | None:
        """What went wrong, in a line."""
        if self.has_passed:
            return None
        return self.error or f"gives {value_text(self.value)}, expected {value_text(self.expected)}"


@dataclass(frozen=True)
class Rehearsal:
    """Runs tests without any source, on an empty DuckDB in the project's zone.

    A row leaves out what it has no value for. `where` counts; the window does not: the rows are those inside it.
    `as_of()` is the end of the test's `as_of`, or of `today`.
    """

    streams: Mapping[str, Stream]
    zone: ZoneInfo
    today: date
    lookups: Lookups = NO_LOOKUPS

    def trials(self, metrics: Iterable[CompiledMetric]) -> list[Trial]:
        """Every test of these metrics, in order."""
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")  # a few rows gain nothing by more
            connection.execute("SET TimeZone = $zone", {"zone": self.zone.key})
            return [
                self._trial(connection, metric, number, test)
                for metric in metrics
                for number, test in enumerate(metric.metric.tests, 1)
            ]

    def failures(self, metrics: Mapping[str, CompiledMetric]) -> list[Problem]:
        """Every test that does not give what it expects."""
        return [
            Problem(str(one.place), f"metrics.{one.metric}.tests", f"{one.label}: {one.failure}")
            for one in self.trials(metrics.values())
            if not one.has_passed
        ]

    def _trial(
        self, connection: duckdb.DuckDBPyConnection, metric: CompiledMetric, number: int, test: MetricTest
    ) -> Trial:
        known = (metric.name, number, test.name, test.place())
        try:
            expected = None if test.expect is None else test.expect.to(metric.unit)
            stage = Stage.of(connection, metric, test, self)
            value = stage.value()
            rows = () if _is_same(value, expected) else _effects(stage, test)
        except (StageError, UnitError) as error:
            return Trial(*known, error=str(error))
        return Trial(*known, expected, value, rows=rows)


def _effects(stage: Stage, test: MetricTest) -> tuple[RowEffect, ...]:
    """What each row did; of the values that a metric over metrics is made of, none can be left out."""
    if stage.metric.stream is None:
        return ()
    counted = stage.counted()
    return tuple(
        RowEffect(row, number in counted, stage.value(without=number) if number in counted else None)
        for number, row in enumerate(test.rows)
    )


def _is_same(value: float | None, expected: float | None) -> bool:
    if value is None or expected is None:
        return value is expected
    return math.isclose(value, expected, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def value_text(value: float | None) -> str:
    return "no data" if value is None else f"{value:.12g}"
