"""How good forecasts are: made-up histories of each kind, forecast at a quarter, half and three quarters of a cycle.

Held: how many outcomes lay inside the range, which promises 80 %. Width: the median width of the range, against the
width that 80 % of outcomes would need around "it stays as it is" and around "it goes on in a straight line". Error:
that of the value alone, at its 80 % point, against theirs. The second table is what a night pays for forecasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from okr_sync.forecast import Ahead, Flow, Quotient, of_ratio, of_total
from okr_sync.formula import Parts, parts_of
from okr_sync.measure import Followed, Span, follow, measure
from okr_sync.warehouse import History
from tests.benchmarks.desk import DAY, ZONE, compiled, filled_history
from tests.benchmarks.fresh import in_fresh_process, measured
from tests.benchmarks.metrics import Pair, alike, unlike
from tests.benchmarks.report import show
from tests.forecast.checking import KINDS, QUARTERS, Cell, cell

HISTORY_COUNT = 1_000
METRIC_COUNT = 200
RECORD_COUNT = 1_000_000


def run() -> None:
    columns = "kind: history, at", "held", "width", "/ as it is", "/ straight line", "error / as it is", "/ line"
    show(f"forecast: {HISTORY_COUNT:,} histories a line", columns, _rows())
    what = "metrics", "computing the day, CPU s", "looking back 184 days, CPU s", "forecasting, CPU s"
    show(f"forecast: {METRIC_COUNT} metrics over {RECORD_COUNT:,} records", what, in_fresh_process(_costs))


def _rows() -> Iterator[tuple[str, ...]]:
    for kind, (_, makers) in KINDS.items():
        for name in makers:
            for share, day in QUARTERS.items():
                yield f"{kind}: {name}, {share}", *_numbers(cell(kind, name, day, HISTORY_COUNT))


def _numbers(found: Cell) -> tuple[str, ...]:
    stays, line = found.needed(lambda one: one.stays), found.needed(lambda one: one.line)
    error = found.needed(lambda one: one.interval.value)
    return (
        f"{found.held:.0%}",
        f"{2 * found.half_width:.2f}",
        f"{found.half_width / stays:.2f}",
        f"{found.half_width / line:.2f}",
        f"{error / stays:.2f}",
        f"{error / line:.2f}",
    )


def _costs() -> list[tuple[str, ...]]:
    with filled_history(RECORD_COUNT) as history:
        return [
            _cost("differ in constants of equalities", alike(METRIC_COUNT), history),
            _cost("of different shapes", adding_up(METRIC_COUNT), history),
        ]


def adding_up(count: int) -> list[Pair]:
    """Metrics of different shapes without medians and distinct counts, which cannot be followed."""
    return [pair for pair in unlike(2 * count) if "median" not in pair.aggregate and "DISTINCT" not in pair.aggregate][
        :count
    ]


def _cost(what: str, pairs: list[Pair], history: History) -> tuple[str, ...]:
    metrics = compiled({f"m{n}": pair.metric for n, pair in enumerate(pairs)})
    _, computing = measured(lambda: measure(metrics, history, [DAY]))
    followed = {name: parts for name in metrics if (parts := parts_of(name, metrics)) is not None}
    terms = {term.metric.name: term.metric for parts in followed.values() for term in parts.terms}
    found, looking = measured(lambda: follow(terms.values(), history, SPAN))
    _, forecasting = measured(lambda: [_forecast(parts, found) for parts in followed.values()])
    costs = (f"{cost.cpu_seconds:.1f}" for cost in (computing, looking, forecasting))
    return f"{len(followed)} {what}", *costs


def _forecast(parts: Parts, found: Mapping[str, Followed]) -> object:
    """With its hindcasts, from the last 149 days."""
    flows = [Flow(_changes(found[term.metric.name].sums), _WEEKDAYS) for term in parts.terms]
    if len(flows) == 1:
        return of_total(0.0, flows[0], _AHEAD, is_count=True)
    return of_ratio(Quotient(0.0, 0.0, flows[0], flows[1]), _AHEAD, 57)


def _changes(sums: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sums)][-149:]


SPAN = Span(DAY.cycle.start - timedelta(days=92), DAY.cycle.end, DAY.cycle.start, ZONE)
_WEEKDAYS = [day % 7 for day in range(149)]
_AHEAD = Ahead([1.0] * 34, _WEEKDAYS[:34])
