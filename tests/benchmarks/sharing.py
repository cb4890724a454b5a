"""Would metrics of different shapes be faster if they shared a scan? A query each, against one wide SELECT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from okr_sync.formula import CompiledMetric
from okr_sync.measure.shapes import DIALECT, parameters
from okr_sync.warehouse import History, open_history
from tests.benchmarks.desk import NAME, TICKETS, compiled, filled
from tests.benchmarks.fresh import in_fresh_process, measured
from tests.benchmarks.metrics import FIELDS, PARAMETERS, RELATION, Pair, by_hand, require_alike, unlike
from tests.benchmarks.report import show, times

RECORD_COUNT = 1_000_000
COUNTS = 10, 30, 100, 300
CHUNK = 100
LARGEST_FILTER = 100
"""More filtered aggregates in one SELECT take minutes."""


def run() -> None:
    columns = "metrics", "a query each, s", f"CASE, {CHUNK} a query", "FILTER, all in one query"
    title = f"sharing: metrics of different shapes over {RECORD_COUNT:,} records, against a query each"
    show(title, columns, in_fresh_process(_rows))


def _rows() -> list[tuple[str, str, str, str]]:
    with filled(RECORD_COUNT) as warehouse, open_history(warehouse, {NAME: TICKETS}, {NAME: FIELDS}) as history:
        return [_compare(unlike(count), history) for count in COUNTS]


def _compare(pairs: Sequence[Pair], history: History) -> tuple[str, str, str, str]:
    metrics = list(compiled({f"m{n}": pair.metric for n, pair in enumerate(pairs)}).values())
    alone, cost = measured(lambda: by_hand(pairs, history))
    cases, case_cost = measured(lambda: [value for chunk in _chunks(metrics) for value in _by_case(chunk, history)])
    require_alike(cases, alone)
    return (
        f"{len(pairs)}",
        f"{cost.seconds:.2f}",
        times(case_cost.seconds, cost.seconds),
        _filter_ratio(pairs, history, cost.seconds),
    )


def _filter_ratio(pairs: Sequence[Pair], history: History, reference: float) -> str:
    if len(pairs) > LARGEST_FILTER:
        return ""
    _, cost = measured(lambda: _by_filter(pairs, history))
    return times(cost.seconds, reference)


def _chunks(metrics: Sequence[CompiledMetric]) -> Iterator[list[CompiledMetric]]:
    left = iter(metrics)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _by_case(metrics: Sequence[CompiledMetric], history: History) -> Sequence[float | None]:
    moments = [(metric, parameters(metric)) for metric in metrics]
    values = ", ".join(metric.value(moment, metric.condition(moment)).sql(DIALECT) for metric, moment in moments)
    return history.query(f"SELECT {values} FROM {RELATION}", PARAMETERS).rows[0]


def _by_filter(pairs: Sequence[Pair], history: History) -> Sequence[float | None]:
    values = ", ".join(f"{pair.aggregate} FILTER (WHERE {pair.conditions})" for pair in pairs)
    return history.query(f"SELECT {values} FROM {RELATION}", PARAMETERS).rows[0]
