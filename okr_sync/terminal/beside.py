"""What stands beside the key results: initiatives with their completion, and KPIs with their healthy range."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.project.units import amount
from okr_sync.report import StatusReport
from okr_sync.report_beside import InitiativeReport, KpiReport
from okr_sync.terminal.console import day_text, plain_table, status_text


def print_initiatives(initiatives: Sequence[InitiativeReport], console: Console) -> None:
    for one in initiatives:
        line = Text.assemble(f"› {one.name}", (_completion(one), "bold"), (_note(one), "dim"))
        console.print(Padding(line, (0, 0, 0, 2), expand=False))


def print_kpis(report: StatusReport, console: Console) -> None:
    if not report.kpis:
        return
    table = plain_table()
    for column, justify in (("KPI", "left"), ("value", "right"), ("healthy", "left"), ("status", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left", overflow="fold")
    for one in report.kpis:
        value = "–" if one.value is None else amount(one.value, one.unit)
        table.add_row(Text(one.name), value, Text(one.range), status_text(one.status))
    console.print()
    console.print(table)
    for one in (one for one in report.kpis if _needs_words(one, report)):
        on = "" if one.as_of in (None, report.as_of) else f" (computed for {day_text(one.as_of)})"
        console.print(Padding(Text(f"{one.name}: {one.reason}{on}", style="dim"), (0, 0, 0, 2), expand=False))


def _needs_words(one: KpiReport, report: StatusReport) -> bool:
    """A value of the day with its range says all; what is withheld, missing or of an earlier day has its reason."""
    return one.status in ("withheld", "no data") or one.as_of != report.as_of


def _completion(one: InitiativeReport) -> str:
    if one.status is None:
        return ""
    if one.record_count is None:
        return ": no data"
    return ": no records" if one.record_count == 0 else f": {one.done_count} of {one.record_count}"


def _note(one: InitiativeReport) -> str:
    """Why it is not counted anew."""
    return f"  {one.status}: {one.reason}" if one.status in ("withheld", "no data") else ""
