"""Why a key result has its value: formula, window, SQL and the records behind it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from okr_sync.errors import OkrSyncError
from okr_sync.formula import CompiledMetric
from okr_sync.measure import Evidence
from okr_sync.pipeline import Explanation
from okr_sync.progress import amount
from okr_sync.terminal.console import day_text, status_text


def print_explanation(explanation: Explanation, console: Console) -> None:
    report = explanation.report
    value = "no data" if report.value is None else amount(report.value, report.unit)
    console.print(Text.assemble((report.name, "bold"), f"\n{value}  goal {report.goal}  ", status_text(report.status)))
    console.print(Text(report.reason, style="dim"))
    if report.as_of is not None and report.as_of != explanation.as_of.day:
        console.print(f"stored for {day_text(report.as_of)}; the records below are those of today's data")
    for metric in reversed(list(explanation.metrics.values())):
        _print_metric(metric, explanation, console)


def _print_metric(metric: CompiledMetric, explanation: Explanation, console: Console) -> None:
    measured = explanation.values[metric.name]
    value = "no data" if measured.value is None else amount(measured.value, metric.unit)
    console.print()
    console.print(Text.assemble((metric.name, "bold"), f" = {value}"))
    for label, text in _facts(metric, explanation):
        console.print(Text.assemble((f"  {label:<8}", "dim"), text))
    evidence = next((one for one in explanation.evidence if one.metric == metric.name), None)
    if evidence is not None:
        _print_evidence(evidence, measured.assumed_count, console)


def _facts(metric: CompiledMetric, explanation: Explanation) -> Iterator[tuple[str, str]]:
    yield "formula", " ".join(metric.metric.value.split())
    if metric.stream is None:
        yield "over", ", ".join(metric.inputs)
        return
    yield "stream", metric.stream
    if metric.metric.where is not None:
        yield "where", " ".join(metric.metric.where.split())
    if metric.metric.time is None:
        yield "window", "none: the records as they are on the day"
        return
    start, end = explanation.as_of.bounds(metric.window)
    span = f"before {_time(end, explanation)}"
    if start is not None:
        span = f"from {_time(start, explanation)}, {span}"
    yield "window", f"{metric.window}, by {metric.metric.time}: {span}"


def _print_evidence(evidence: Evidence, assumed_count: int, console: Console) -> None:
    console.print(Padding(Syntax(evidence.sql, "sql", background_color="default", word_wrap=True), (0, 0, 0, 2)))
    listed = len(evidence.rows)
    shown = "" if listed == evidence.record_count else f", {listed} of them here; more with --limit and --offset"
    console.print(f"  {evidence.record_count:,} records count{shown}")
    if assumed_count:
        console.print(
            f"  {assumed_count:,} of them were not known yet on that day and are assumed to have been as first seen"
        )
    if evidence.rows:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for column in evidence.columns:
            table.add_column(column, overflow="ellipsis", max_width=40)
        for row in evidence.rows:
            table.add_row(*(Text(_cell(value)) for value in row))
        console.print(table)


def write_csv(explanation: Explanation, file: TextIO) -> None:
    """The records as CSV: a missing value is an empty cell, the source's own page of a record comes last.

    Raises:
        OkrSyncError: the key result rests on several metrics, whose records do not fit one table.
    """
    if len(explanation.evidence) != 1:
        names = ", ".join(one.metric for one in explanation.evidence) or "none that has landed"
        raise OkrSyncError(f"{explanation.key_result.id} rests on these metrics: {names}; choose one with --metric")
    (evidence,) = explanation.evidence
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*evidence.columns, *(["link"] if evidence.links else [])])
    for number, row in enumerate(evidence.rows):
        cells = ["" if value is None else _cell(value) for value in row]
        writer.writerow([*cells, *([evidence.links[number]] if evidence.links else [])])


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes" if not value.second else "seconds")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(instant: datetime, explanation: Explanation) -> str:
    return f"{instant.astimezone(explanation.as_of.zone):%d %b %Y %H:%M}"
