"""How the metrics' own tests went; of each that failed, what it gives instead and which rows mattered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from okr_sync.measure import RowEffect, Trial, value_text
from okr_sync.pipeline import RehearsalReport
from okr_sync.report import plain
from okr_sync.terminal.console import count_text, plain_table


def print_tests(report: RehearsalReport, console: Console) -> None:
    for metric, trials in groupby(report.trials, key=lambda one: one.metric):
        console.print(Text(metric, style="bold"))
        for one in trials:
            _print_trial(one, console)
    console.print(_summary(report))


def tests_json(report: RehearsalReport) -> dict[str, Any]:
    return {"tests": [_trial_json(one) for one in report.trials], "untested": list(report.untested)}


def _print_trial(one: Trial, console: Console) -> None:
    mark = Text("ok", style="green") if one.has_passed else Text("failed", style="bold red")
    place = "" if one.has_passed else f"  {one.place}"
    console.print(Padding(Text.assemble(mark, f"  {one.label}", (place, "dim")), (0, 0, 0, 2), expand=False))
    if one.has_passed:
        return
    if one.error is not None:
        console.print(Padding(Text(one.error), (0, 0, 0, 6), expand=False))
        return
    console.print(Padding(_difference(one), (0, 0, 0, 6), expand=False))
    if one.rows:
        console.print(Padding(_rows(one.rows, one.value), (1, 0, 1, 6), expand=False))


def _difference(one: Trial) -> Table:
    table = plain_table()
    table.show_header = False
    table.add_row(Text("expected", style="dim"), Text(value_text(one.expected), style="green"))
    table.add_row(Text("got", style="dim"), Text(value_text(one.value), style="red"))
    if one.difference is not None:
        table.add_row(Text("difference", style="dim"), Text(f"{one.difference:+.12g}"))
    return table


def _rows(rows: Sequence[RowEffect], value: float | None) -> Table:
    """Each row, whether it counted, and what the value would be without it."""
    table = plain_table()
    names = list(dict.fromkeys(name for one in rows for name in one.row))
    for heading in ("row", *names, "counts", "without it"):
        table.add_column(Text(heading))
    for number, one in enumerate(rows, 1):
        cells = [Text("–" if one.row.get(name) is None else str(one.row[name])) for name in names]
        counts = Text("yes") if one.counts else Text("no: left out by where", style="dim")
        table.add_row(str(number), *cells, counts, Text(_without(one, value)))
    return table


def _without(one: RowEffect, value: float | None) -> str:
    if not one.counts or one.value_without is None:
        return "" if not one.counts else value_text(None)
    change = "" if value is None else f" ({one.value_without - value:+.6g})"
    return "the same" if one.value_without == value else value_text(one.value_without) + change


def _summary(report: RehearsalReport) -> Text:
    failed = len(report.failed)
    told = f"{count_text(len(report.trials), 'test')}: " + ("all passed" if failed == 0 else f"{failed} failed")
    if not report.trials:
        told = "no tests"
    return Text(told + _untested(report.untested))


def _untested(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"; metrics without tests: {listed}" if listed else ""


def _trial_json(one: Trial) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "number": one.number,
        "name": one.name,
        "place": str(one.place),
        "has_passed": one.has_passed,
        "expected": one.expected,
        "value": one.value,
        "difference": one.difference,
        "error": one.error,
        "rows": [
            {"row": plain(dict(row.row)), "counts": row.counts, "value_without": row.value_without} for row in one.rows
        ],
    }
