"""What does it save that a view is computed once for all metrics over it? And what does a day of a view cost?"""

from __future__ import annotations

from datetime import timedelta

from okr_sync.formula import compile_metrics, compile_views, with_versions
from okr_sync.measure import measure
from okr_sync.project.metric import Metric, View
from tests.benchmarks.desk import DAY, NAME, TICKETS, filled_history
from tests.benchmarks.fresh import in_fresh_process, measured
from tests.benchmarks.metrics import require_alike
from tests.benchmarks.report import show, times

RECORD_COUNT = 300_000
METRIC_COUNTS = 1, 10
DAY_COUNT = 10
VIEWS = {
    "clients": View(
        select=f"select client, share(points > 50) as large, avg(hours(created_at, solved_at)) as hours from {NAME}"
        " group by client"
    ),
    "firsts": View(
        select=f"select client, id, row_number() over (partition by client order by created_at) as place from {NAME}"
    ),
    "joined": View(
        select="select c.client, c.large, c.hours, f.id from clients c join firsts f on f.client = c.client"
        " where f.place = 1"
    ),
}
"""Each client's ratio and mean beside its first ticket."""


def run() -> None:
    columns = "metrics", "one view for all, CPU s", "a view each"
    title = f"views: metrics over a view with a join and a window function, {RECORD_COUNT:,} records"
    show(title, columns, in_fresh_process(_rows))
    show(f"views: {DAY_COUNT} days of one metric", ("", "CPU s"), in_fresh_process(_days))


def _metrics(count: int) -> dict[str, Metric]:
    return {f"m{n}": Metric(stream="joined", value=f"share(hours > {n})") for n in range(count)}


def _rows() -> list[tuple[str, ...]]:
    views = compile_views(VIEWS, with_versions({NAME: TICKETS}))
    relations = {name: view.relation for name, view in views.items()}
    rows = []
    with filled_history(RECORD_COUNT) as history:
        for count in METRIC_COUNTS:
            metrics = compile_metrics(_metrics(count), relations, views)
            (together,), cost = measured(lambda metrics=metrics: measure(metrics, history, [DAY]))  # type: ignore[misc]
            alone, alone_cost = measured(
                lambda metrics=metrics: [measure({name: one}, history, [DAY])[0][name] for name, one in metrics.items()]  # type: ignore[misc]
            )
            require_alike([one.value for one in alone], [together[name].value for name in metrics])
            rows.append((f"{count}", f"{cost.cpu_seconds:.2f}", times(alone_cost, cost)))
    return rows


def _days() -> list[tuple[str, ...]]:
    views = compile_views(VIEWS, with_versions({NAME: TICKETS}))
    metrics = compile_metrics(_metrics(1), {name: view.relation for name, view in views.items()}, views)
    days = [DAY.on(DAY.day - timedelta(days=n)) for n in range(DAY_COUNT)]
    with filled_history(RECORD_COUNT) as history:
        _, cost = measured(lambda: measure(metrics, history, days))
    return [(f"{DAY_COUNT} days, {RECORD_COUNT:,} records", f"{cost.cpu_seconds:.2f}")]
