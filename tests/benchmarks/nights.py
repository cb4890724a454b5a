"""A night in Dagster: how long its definitions load, and what its bookkeeping costs a key result.

The bookkeeping is the run's CPU time beyond computing and storing the same by `okr-sync run --no-sync`. Beside it,
Dagster alone: as many assets with as many checks and numbers, of which nothing is computed. The project has 20 sources
of 3 streams; every 10 key results are an objective, and each has a metric of its own.
"""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.build import build_definitions
from okr_sync.orchestration.key_results import LARGEST_STEP
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show

COUNTS = 100, 1_000, 3_000
_SOURCES, _STREAMS, _PER_OBJECTIVE, _RECORDS, _KINDS = 20, 3, 10, 100, 20
_CYCLE = "cycle: {name: long, start: 2026-01-01, end: 2099-12-31}\n"


def run() -> None:
    columns = (
        "key results, 20 sources",
        "load s",
        "status s",
        "plan s",
        "run --no-sync s",
        "in memory, ms each",
        "SQLite, ms each",
        "SQLite, real ms each",
        "peak MB",
    )
    show("nights: okr-sync in Dagster; CPU time, of a night beyond run --no-sync", columns, map(_row, COUNTS))
    alone = "assets with a check", "in memory, ms each", "SQLite, ms each", "SQLite, real ms each"
    show("nights: Dagster alone", alone, (_alone(*one) for one in _layouts()))


def _layouts() -> Iterator[tuple[str, int, int]]:
    for count in COUNTS:
        yield f"{count:,} in steps of {LARGEST_STEP}", count, LARGEST_STEP
    yield "1,000 in one step", 1_000, 1_000
    yield "1,000 in a step each", 1_000, 1


def _row(count: int) -> Sequence[str]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, count)
        pipeline.sync(folder, pipeline.SyncOptions())
        load = in_fresh_process(_load, folder)
        plain = in_fresh_process(_run, folder)
        status, plan = in_fresh_process(_status, folder), in_fresh_process(_plan, folder)
        in_memory = in_fresh_process(_night, folder, None)
        on_disk = in_fresh_process(_night, folder, folder / "dagster")
        seconds = (f"{cost.cpu_seconds:.2f}" for cost in (load, status, plan, plain))
        each = (f"{(cost.cpu_seconds - plain.cpu_seconds) / count * 1000:.1f}" for cost in (in_memory, on_disk))
        real = f"{(on_disk.seconds - plain.seconds) / count * 1000:.1f}"
        return f"{count:,}", *seconds, *each, real, f"{on_disk.peak_megabytes:.0f}"


def _alone(label: str, count: int, step: int) -> Sequence[str]:
    with TemporaryDirectory() as name:
        in_memory = in_fresh_process(_night_alone, count, step, None)
        on_disk = in_fresh_process(_night_alone, count, step, Path(name) / "dagster")
        each = (f"{cost.cpu_seconds / count * 1000:.1f}" for cost in (in_memory, on_disk))
        return label, *each, f"{on_disk.seconds / count * 1000:.1f}"


def _write(folder: Path, count: int) -> None:
    (folder / "okrs").mkdir()
    streams = [f"t{n}" for n in range(_STREAMS)]
    sources = [f"s{n}" for n in range(_SOURCES)]
    lines = "".join(f"{n},{n % _KINDS}\n" for n in range(_RECORDS))
    written = []
    for source in sources:
        paths = {stream: f"{source}_{stream}.csv" for stream in streams}
        for path in paths.values():
            (folder / path).write_text(f"id,kind\n{lines}", "utf-8")
        own = ", ".join(f"{stream}: {{path: {path}, key: id}}" for stream, path in paths.items())
        written.append(f"  {source}: {{connector: files, streams: {{{own}}}}}\n")
    (folder / "okr-sync.yaml").write_text(f"{_CYCLE}sources:\n{''.join(written)}", "utf-8")
    for first in range(0, count, _PER_OBJECTIVE):
        text = _objective(first, range(first, min(first + _PER_OBJECTIVE, count)))
        (folder / "okrs" / f"o{first}.yaml").write_text(text, "utf-8")


def _objective(first: int, numbers: range) -> str:
    head = f"objective: Objective {first}\nid: o{first}\nkey_results:\n"
    key_results = "".join(f"  - {{id: k{n}, name: Key result {n}, metric: m{n}, target: 9}}\n" for n in numbers)
    metrics = "".join(
        f"  m{n}: {{stream: s{n % _SOURCES}.t{n // _SOURCES % _STREAMS}, where: kind = '{n % _KINDS}',"
        " value: count(*)}\n"
        for n in numbers
    )
    return f"{head}{key_results}metrics:\n{metrics}"


def _load(folder: Path) -> Cost:
    """Definitions as Dagster's code server makes them, after the import of Dagster and okr-sync."""
    _, cost = measured(lambda: build_definitions(folder).get_repository_def().load_all_definitions())
    return cost


def _run(folder: Path) -> Cost:
    _, cost = measured(lambda: pipeline.run(folder))
    return cost


def _status(folder: Path) -> Cost:
    _, cost = measured(lambda: pipeline.status(folder))
    return cost


def _plan(folder: Path) -> Cost:
    _, cost = measured(lambda: pipeline.plan(folder))
    return cost


def _night(folder: Path, home: Path | None) -> Cost:
    """Today's partition of every key result, in this process."""
    assets = [one for one in build_definitions(folder).assets or [] if isinstance(one, dg.AssetsDefinition)]
    return _materialised(assets, dg.AssetSelection.key_prefixes("key_results"), home)


def _night_alone(count: int, step: int, home: Path | None) -> Cost:
    assets = [_computes_nothing(first, range(first, min(first + step, count))) for first in range(0, count, step)]
    return _materialised(assets, dg.AssetSelection.all(), home)


def _computes_nothing(first: int, numbers: range) -> dg.AssetsDefinition:
    keys = [dg.AssetKey(["key_results", f"o{n // _PER_OBJECTIVE}", f"k{n}"]) for n in numbers]
    metadata = {f"number {n}": float(n) for n in range(6)} | {f"text {n}": f"A reason of {n} words" for n in range(5)}

    @dg.multi_asset(
        name=f"compute_{first}",
        specs=[dg.AssetSpec(key) for key in keys],
        check_specs=[dg.AssetCheckSpec("trusted", asset=key) for key in keys],
        can_subset=True,
        partitions_def=dg.DailyPartitionsDefinition("2026-01-01", end_offset=1),
    )
    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        for key in keys:
            check = dg.AssetCheckResult(check_name="trusted", asset_key=key, passed=True, metadata={"days": 1})
            yield dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=[check])

    return compute


def _materialised(assets: Sequence[dg.AssetsDefinition], selection: dg.AssetSelection, home: Path | None) -> Cost:
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    logging.disable(logging.CRITICAL)
    instance: Callable[[], AbstractContextManager[dg.DagsterInstance]] = dg.DagsterInstance.ephemeral
    if home is not None:
        home.mkdir()
        instance = lambda: dg.DagsterInstance.local_temp(str(home))  # noqa: E731
    today = str(datetime.now(UTC).date())
    with instance() as present:
        result, cost = measured(
            lambda: dg.materialize(assets, selection=selection, instance=present, partition_key=today)
        )
    if not result.success:
        raise RuntimeError("the run failed")
    return cost
