"""What it costs to open a stream for reading: a million versions become spans of time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.desk import NAME, TICKETS, fill, warehouse_in
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show

VERSION_COUNT = 1_000_000
FEW_FIELDS = ("status",)
ALL_FIELDS = tuple(field.name for field in TICKETS.fields)


def run() -> None:
    columns = "what", "seconds", "CPU seconds", "peak memory, MB"
    show(f"history: opening {VERSION_COUNT:,} versions", columns, _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    for versions_each in (1, 4):
        record_count = VERSION_COUNT // versions_each
        with TemporaryDirectory() as folder:
            in_fresh_process(fill, Path(folder), record_count, versions_each)
            for fields in (FEW_FIELDS, ALL_FIELDS):
                cost = in_fresh_process(_open, Path(folder), fields)
                what = f"{record_count:,} records, {versions_each} version(s) each, {len(fields)} field(s)"
                yield what, f"{cost.seconds:.2f}", f"{cost.cpu_seconds:.2f}", f"{cost.peak_megabytes:.0f}"


def _open(folder: Path, fields: tuple[str, ...]) -> Cost:
    def open_once() -> None:
        with warehouse_in(folder).history({NAME: TICKETS}, {NAME: fields}):
            pass

    return measured(open_once)[1]
