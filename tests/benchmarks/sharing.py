"""Would metrics of different shapes be faster if they shared a scan? A query each, against one wide SELECT.

Each way gives the value, how many records it rests on, and how many of these are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from okr_sync.formula import CompiledMetric
from okr_sync.measure import measure
from okr_sync.measure.shapes import parameters
from okr_sync.warehouse import History
from tests.benchmarks.desk import DAY, compiled, filled_history
from tests.benchmarks.fresh import in_fresh_process, measured
from tests.benchmarks.metrics import PARAMETERS, RELATION, require_alike, unlike
from tests.benchmarks.report import show, times

RECORD_COUNT = 1_000_000
COUNTS = 10, 30
"""Filtered aggregates in one SELECT cost more than their number: a hundred take half a minute."""
_ASSUMED = "_known_from >= $2"


def run() -> None:
    columns = "metrics", "a query each, CPU s", "FILTER, all in one query"
    title = f"sharing: metrics of different shapes over {RECORD_COUNT:,} records"
    show(title, columns, in_fresh_process(_rows))


def _rows() -> list[tuple[str, ...]]:
    with filled_history(RECORD_COUNT) as history:
        return [_compare(count, history) for count in COUNTS]


def _compare(count: int, history: History) -> tuple[str, ...]:
    metrics = compiled({f"m{n}": pair.metric for n, pair in enumerate(unlike(count))})
    (alone,), cost = measured(lambda: measure(metrics, history, [DAY]))

    shared, shared_cost = measured(lambda: _shared(list(metrics.values()), history))
    require_alike([shared[name] for name in metrics], [alone[name].value for name in metrics])
    return f"{count}", f"{cost.cpu_seconds:.2f}", times(shared_cost, cost)


def _shared(metrics: Sequence[CompiledMetric], history: History) -> Mapping[str, float | None]:
    columns = ", ".join(column for metric in metrics for column in _by_filter(metric))
    row = history.query(f"SELECT {columns} FROM {RELATION}", PARAMETERS).rows[0]
    return dict(zip((metric.name for metric in metrics), row[::3], strict=True))


def _by_filter(metric: CompiledMetric) -> Sequence[str]:
    moment = parameters(metric)
    value, condition = metric.value(moment), metric.condition(moment).sql("duckdb")
    only = f"FILTER (WHERE {condition})"
    aggregate = value.this.sql("duckdb")  # inside of the CAST to DOUBLE
    return f"CAST({aggregate} {only} AS DOUBLE)", f"count(*) {only}", f"count_if({_ASSUMED}) {only}"
