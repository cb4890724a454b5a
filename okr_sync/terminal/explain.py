"""Why a key result has its value: formula, window, SQL and the records behind it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from okr_sync.errors import OkrSyncError
from okr_sync.explaining import (
    Explanation,
    formula_in_numbers,
    group_in_words,
    progress_in_numbers,
    reason_in_words,
)
from okr_sync.forecast import heading, method, record
from okr_sync.formula import CompiledMetric
from okr_sync.measure import Evidence, Group, Listed, Reason
from okr_sync.project.each import Only
from okr_sync.project.units import amount
from okr_sync.report import KeyResultReport
from okr_sync.terminal.console import count_text, day_text, percent_text, plain_table, status_text
from okr_sync.terminal.people import said_by_people

_LONGEST_CELL = 40


def print_explanation(explanation: Explanation, console: Console, offset: int = 0) -> None:
    """All of it; `offset` is how many records were passed over."""
    report = explanation.report
    value = "no data" if report.value is None else amount(report.value, report.unit)
    console.print(Text(report.name, style="bold"))
    console.print(Text.assemble(f"{value}  goal {report.goal}  ", status_text(report.status)))
    console.print(Text(f"{report.reason}; provisional" if report.is_provisional else report.reason, style="dim"))
    progress = progress_in_numbers(explanation)
    if progress is not None:
        console.print(Text(f"progress {progress}", style="dim"))
    for line in said_by_people(report):
        console.print(Text(line))
    if report.as_of is not None and report.as_of != explanation.as_of.day:
        console.print(f"That is stored for {day_text(report.as_of)}; below is what has landed since.")
    for one in explanation.key_result.milestones or ():
        due = "" if one.by is None else f", by {day_text(one.by)}"
        console.print(Text(f"milestone {one.name}{due}: {' '.join(one.done.split())}"))
    _print_forecast(report, console)
    for member in report.members:
        console.print(_member(member))
    for metric in reversed(list(explanation.metrics.values())):
        _print_metric(metric, explanation, console, offset)


def _print_forecast(report: KeyResultReport, console: Console) -> None:
    """Where it is heading, how that was found, and how such forecasts did before; or why there is no forecast."""
    one = report.forecast
    if one is None:
        return
    facts = plain_table()
    facts.show_header = False
    line = heading(one, report.unit)
    lines = {
        "forecast": f"none: {one.reason}" if line is None else f"{line}; 8 of 10 outcomes are in that range",
        "method": method(one),
        "before": record(one),
    }
    for label, text in lines.items():
        if text is not None:
            facts.add_row(Text(label, style="dim"), Text(text))
    console.print(Padding(facts, (0, 0, 0, 2), expand=False))


def _member(one: KeyResultReport) -> Padding:
    """One of a template's key results: its own name is how to ask for it alone."""
    value = "no data" if one.value is None else amount(one.value, one.unit)
    progress = percent_text(one.progress)
    line = Text.assemble((one.id, "bold"), f"  {value}  {one.goal}  {progress}  ", status_text(one.status))
    return Padding(line, (0, 0, 0, 2), expand=False)


def _print_metric(metric: CompiledMetric, explanation: Explanation, console: Console, offset: int) -> None:
    measured = explanation.values[metric.name]
    value = "no data" if measured.value is None else amount(measured.value, metric.unit)
    console.print()
    console.print(Text.assemble((metric.name, "bold"), f" = {value}"))
    facts = plain_table()
    facts.show_header = False
    for label, text in _facts(metric, explanation):
        facts.add_row(Text(label, style="dim"), Text(text))
    evidence = next((one for one in explanation.evidence if one.metric == metric.name), None)
    beside = explanation.left_out.get(metric.name)
    if evidence is not None:
        facts.add_row(Text("sql", style="dim"), _highlighted(evidence.sql))
        facts.add_row(Text("records", style="dim"), _counted(evidence, measured.assumed_count, offset))
        if measured.input_hash is not None:
            facts.add_row(Text("inputs", style="dim"), f"hash {measured.input_hash}")
    for group in () if beside is None else beside.groups:
        if group.reason is not Reason.ASSUMED:  # said with the records
            facts.add_row(Text("left out" if group.reason.is_out else "", style="dim"), group_in_words(group))
    console.print(Padding(facts, (0, 0, 0, 2), expand=False))
    if beside is not None and beside.listed is not None:
        _print_left_out(beside.listed, metric, explanation, console)
    elif evidence is not None and evidence.rows:
        _print_records(Rows.of(evidence), explanation, console)


def _facts(metric: CompiledMetric, explanation: Explanation) -> Iterator[tuple[str, str]]:
    yield "formula", " ".join(metric.metric.value.split())
    numbers = formula_in_numbers(metric, explanation)
    if numbers is not None:
        yield "numbers", numbers
    yield from _baselines(metric, explanation)
    if metric.stream is None:
        yield "over", ", ".join(metric.inputs)
        return
    yield "view" if metric.views else "stream", metric.stream
    for view in reversed(metric.views):
        yield view.name, " ".join(view.view.select.split())
    if metric.metric.where is not None:
        yield "where", " ".join(metric.metric.where.split())
    if metric.metric.only is not None:
        yield "only", _only(metric.metric.only)
    if metric.metric.time is None:
        yield "window", "none: the records as they are on the day"
        return
    start, end = explanation.as_of.bounds(metric.window)
    since = "" if start is None else f"from {_time(start, explanation)} "
    missing = explanation.as_of.missing(metric.window)
    if missing is None:
        yield "window", f"{metric.window}: {metric.metric.time} {since}to {_time(end, explanation)}"
    else:
        yield "window", f"{metric.window}: none yet, {missing}"
    for event in metric.events:
        happening = explanation.as_of.events[event.name]
        source = "" if event.event.at is not None or happening.at is None else f", from {happening.source}"
        yield "event", f"{event.name}: {happening.in_words}{source}"


def _baselines(metric: CompiledMetric, explanation: Explanation) -> Iterator[tuple[str, str]]:
    """What the metric was where a measured baseline rests on it, whether it is the baseline itself or below it."""
    for one in explanation.baselines:
        if metric.name in one.values:
            measured = one.values[metric.name]
            value = "no data" if measured.value is None else amount(measured.value, metric.unit)
            text = f"{value} on {day_text(one.day.day)}, from {count_text(measured.record_count, 'record')}"
            if measured.assumed_count:
                text += f"; {measured.assumed_count:,} of them first seen later, and assumed to have been so already"
            yield one.reference.value, text


def _only(only: Only) -> str:
    return f"{only.field}: {', '.join(map(str, only.values))}"


def _highlighted(sql: str) -> Text:
    text = Syntax(sql, "sql", background_color="default").highlight(sql)
    text.rstrip()
    text.no_wrap, text.overflow = False, "fold"
    return text


def _counted(evidence: Evidence, assumed_count: int, offset: int) -> str:
    text = f"{count_text(evidence.record_count, 'record')} counted"
    listed = len(evidence.rows)
    if listed < evidence.record_count:
        page = f"{offset + 1:,} to {offset + listed:,}" if listed else "none of them"
        text += f"; {page} here, others with --limit and --offset"
    if assumed_count:
        text += f"; {assumed_count:,} of them first seen later, and assumed to have been so already"
    return text


@dataclass(frozen=True, slots=True)
class Rows:
    """Records to print: their columns, their values, and the source's own pages, where it has some."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    links: Sequence[str]

    @classmethod
    def of(cls, evidence: Evidence) -> Rows:
        return cls(evidence.columns, evidence.rows, evidence.links)


def _print_records(
    records: Rows, explanation: Explanation, console: Console, longest: int | None = _LONGEST_CELL
) -> None:
    """One line a record. Where a terminal knows links, the key leads to the source's own page of the record."""
    table = plain_table()
    for column in records.columns:
        table.add_column(column, no_wrap=True, overflow="ellipsis", max_width=longest)
    for number, row in enumerate(records.rows):
        cells = [Text(_shown(value, explanation)) for value in row]
        if records.links:
            cells[0].stylize(f"link {records.links[number]}")
        table.add_row(*cells)
    console.print()
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    if records.links:
        console.print(Text(f"  the first one at its source: {records.links[0]}", style="dim"), soft_wrap=True)


def _print_left_out(listed: Listed, metric: CompiledMetric, explanation: Explanation, console: Console) -> None:
    """The names of each record, and why it did not count."""
    if not listed.rows:
        console.print("\n  no such record", style="dim")
        return
    names = explanation.names[metric.name]
    rows = []
    for row, group in zip(listed.rows, listed.groups, strict=True):
        record = dict(zip(listed.columns, row, strict=True))
        why = reason_in_words(group, record, lambda value: _shown(value, explanation))
        rows.append([*(record[name] for name in names), why])
    _print_records(Rows([*names, "why"], rows, listed.links), explanation, console, longest=None)


def write_csv(explanation: Explanation, file: TextIO) -> None:
    """The records as CSV: a missing value is an empty cell, the source's own page of a record comes last. Of records
    that were left out, the reason stands before it.

    Raises:
        OkrSyncError: the key result rests on several metrics, whose records do not fit one table.
    """
    if len(explanation.evidence) != 1:
        names = ", ".join(one.metric for one in explanation.evidence) or "none that has landed"
        raise OkrSyncError(f"{explanation.key_result.id} rests on these metrics: {names}; choose one with --metric")
    (evidence,) = explanation.evidence
    listed = explanation.left_out[evidence.metric].listed
    records, reasons = (evidence, ()) if listed is None else (listed, tuple(map(_reason, listed.groups)))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*records.columns, *(["reason"] if listed else []), *(["link"] if records.links else [])])
    for number, row in enumerate(records.rows):
        cells = ["" if value is None else _cell(value) for value in row]
        writer.writerow([*cells, *reasons[number : number + 1], *records.links[number : number + 1]])


def _reason(group: Group) -> str:
    return f"{group.reason}: {group.detail}" if group.detail else group.reason.value


def _shown(value: object, explanation: Explanation) -> str:
    """For people: times in the project's zone, without saying so in every cell."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return _cell(value.astimezone(explanation.as_of.zone).replace(tzinfo=None))
    return _cell(value)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes" if not value.second else "seconds")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(instant: datetime, explanation: Explanation) -> str:
    return f"{instant.astimezone(explanation.as_of.zone):%d %b %Y %H:%M}"
