"""A night in Dagster: how long its definitions load, and what its bookkeeping costs a key result.

The bookkeeping is the run's time beyond computing and storing the same by `okr-sync run`. Every 50 key results are an
objective, every metric is one of 20 over a file of 100 records.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.build import build_definitions
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show

COUNTS = 100, 1_000, 3_000
_PER_OBJECTIVE, _METRICS, _RECORDS = 50, 20, 100
_MAIN = """
cycle: {name: long, start: 2026-01-01, end: 2099-12-31}
sources: {desk: {connector: files, streams: {tickets: {path: tickets.csv, key: id}}}}
"""


def run() -> None:
    columns = "key results", "load s", "run --no-sync s", "in memory, ms each", "SQLite, ms each", "peak MB"
    show("nights: Dagster over key results", columns, (_row(count) for count in COUNTS))


def _row(count: int) -> tuple[str, ...]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, count)
        pipeline.sync(folder, pipeline.SyncOptions())
        load = in_fresh_process(_load, folder)
        plain = in_fresh_process(_plain, folder)
        in_memory = in_fresh_process(_night, folder, None)
        on_disk = in_fresh_process(_night, folder, folder / "dagster")
        each = (f"{(cost.seconds - plain.seconds) / count * 1000:.0f}" for cost in (in_memory, on_disk))
        return f"{count:,}", f"{load.seconds:.2f}", f"{plain.seconds:.2f}", *each, f"{on_disk.peak_megabytes:.0f}"


def _write(folder: Path, count: int) -> None:
    (folder / "okrs").mkdir()
    (folder / "okr-sync.yaml").write_text(_MAIN, "utf-8")
    lines = "".join(f"{n},{n % _METRICS}\n" for n in range(_RECORDS))
    (folder / "tickets.csv").write_text(f"id,kind\n{lines}", "utf-8")
    metrics = "".join(
        f"  m{n}: {{stream: desk.tickets, where: kind = '{n}', value: count(*)}}\n" for n in range(_METRICS)
    )
    (folder / "okrs" / "metrics.yaml").write_text(f"metrics:\n{metrics}", "utf-8")
    for first in range(0, count, _PER_OBJECTIVE):
        rows = "".join(
            f"  - {{id: k{n}, name: K, metric: m{n % _METRICS}, target: 9}}\n"
            for n in range(first, min(first + _PER_OBJECTIVE, count))
        )
        head = f"objective: O\nid: o{first}\nkey_results:\n"
        (folder / "okrs" / f"o{first}.yaml").write_text(head + rows, "utf-8")


def _load(folder: Path) -> Cost:
    """Definitions as Dagster's code server makes them, after the import of Dagster."""
    _, cost = measured(lambda: build_definitions(folder).get_repository_def().load_all_definitions())
    return cost


def _plain(folder: Path) -> Cost:
    _, cost = measured(lambda: pipeline.run(folder))
    return cost


def _night(folder: Path, home: Path | None) -> Cost:
    """Today's partition of every key result, in this process."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    logging.disable(logging.CRITICAL)
    instance: Callable[[], AbstractContextManager[dg.DagsterInstance]] = dg.DagsterInstance.ephemeral
    if home is not None:
        home.mkdir()
        instance = lambda: dg.DagsterInstance.local_temp(str(home))  # noqa: E731
    assets = [one for one in build_definitions(folder).assets or [] if isinstance(one, dg.AssetsDefinition)]
    with instance() as present:
        result, cost = measured(
            lambda: dg.materialize(
                assets,
                selection=dg.AssetSelection.key_prefixes("key_results"),
                instance=present,
                partition_key=str(datetime.now(UTC).date()),
            )
        )
    if not result.success:
        raise RuntimeError("the run failed")
    return cost
