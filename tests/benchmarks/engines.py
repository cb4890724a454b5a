"""What the same metrics over the same records cost on DuckDB and on PostgreSQL.

Of PostgreSQL the CPU time of the server's process counts, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]

from okr_sync.formula import CompiledMetric
from okr_sync.measure import Values, measure
from okr_sync.warehouse import History
from tests import postgres
from tests.benchmarks.desk import DAY, IN_FOLDER, compiled, filled_history
from tests.benchmarks.fresh import in_fresh_process
from tests.benchmarks.metrics import Pair, alike, require_alike, unlike
from tests.benchmarks.report import show
from tests.warehouses import emptied

RECORD_COUNTS = 100_000, 1_000_000
METRIC_COUNTS = 100, 1_000
WAYS: dict[str, Callable[[int], list[Pair]]] = {"differ in constants": alike, "all of different shapes": unlike}
Found = dict[tuple[int, str], tuple[float, Values]]


def run() -> None:
    columns = "metrics", "DuckDB, CPU s", "PostgreSQL, CPU s", "ratio"
    if postgres.MISSING:
        show("engines", columns, [(f"needs {', '.join(postgres.MISSING)}", "", "", "")])
        return
    for record_count in RECORD_COUNTS:
        show(f"engines: values over {record_count:,} records", columns, _rows(record_count))


def _rows(record_count: int) -> list[tuple[str, ...]]:
    here = in_fresh_process(_costs, record_count, IN_FOLDER)
    with postgres.server() as url:
        there = in_fresh_process(_costs, record_count, emptied(url))
    rows = []
    for case, (duck, values) in here.items():
        postgresql, others = there[case]
        require_alike([one.value for one in others.values()], [one.value for one in values.values()])
        rows.append((f"{case[0]:,} {case[1]}", f"{duck:.1f}", f"{postgresql:.1f}", f"{postgresql / duck:.0f} x"))
    return rows


def _costs(record_count: int, address: str) -> Found:
    with filled_history(record_count, address) as history:
        return {
            (count, name): _cost(_metrics(pairs(count)), history)
            for name, pairs in WAYS.items()
            for count in METRIC_COUNTS
        }


def _metrics(pairs: list[Pair]) -> dict[str, CompiledMetric]:
    return compiled({f"m{number}": pair.metric for number, pair in enumerate(pairs)})


def _cost(metrics: dict[str, CompiledMetric], history: History) -> tuple[float, Values]:
    before = _cpu_seconds(history)
    (values,) = measure(metrics, history, [DAY])
    return _cpu_seconds(history) - before, values


def _cpu_seconds(history: History) -> float:
    if history.dialect == "duckdb":
        return time.process_time()
    ((server,),) = history.query("SELECT pg_backend_pid()").rows
    times = psutil.Process(server).cpu_times()
    return float(time.process_time() + times.user + times.system)
