"""What it costs to open a stream for reading: a million versions become spans of time."""

from __future__ import annotations

from okr_sync.warehouse import open_history
from tests.benchmarks.desk import NAME, TICKETS, filled
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show

VERSION_COUNT = 1_000_000
FEW_FIELDS = ("status",)
ALL_FIELDS = tuple(field.name for field in TICKETS.fields)


def run() -> None:
    rows = []
    for versions_each in (1, 4):
        for fields in (FEW_FIELDS, ALL_FIELDS):
            cost = in_fresh_process(_open, versions_each, fields)
            what = f"{VERSION_COUNT // versions_each:,} records with {versions_each} versions, {len(fields)} fields"
            rows.append((what, f"{cost.seconds:.2f}", f"{cost.peak_megabytes:.0f}"))
    show(f"history: opening {VERSION_COUNT:,} versions", ("what", "seconds", "peak memory, MB"), rows)


def _open(versions_each: int, fields: tuple[str, ...]) -> Cost:
    def open_once() -> None:
        with open_history(warehouse, {NAME: TICKETS}, {NAME: fields}):
            pass

    with filled(VERSION_COUNT // versions_each, versions_each) as warehouse:
        return measured(open_once)[1]
