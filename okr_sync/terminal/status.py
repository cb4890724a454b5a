"""The status table: objectives, key results, bars with the pace marked, and the reason of every status."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from okr_sync.progress import amount
from okr_sync.report import ObjectiveReport, StatusReport
from okr_sync.terminal.console import day_text, status_text, style_of

BAR_CELLS = 16


def print_status(report: StatusReport, console: Console) -> None:
    console.print(f"[bold]{report.cycle}[/bold] as of {day_text(report.as_of)}")
    if not report.objectives:
        console.print("There are no objectives in this cycle; write one under okrs/.")
    for objective in report.objectives:
        console.print()
        console.print(_heading(objective))
        console.print(_table(objective, report))


def _heading(objective: ObjectiveReport) -> Text:
    progress = "no data" if objective.progress is None else f"{objective.progress:.0%}"
    return Text.assemble(
        (objective.name, "bold"), ("  " + progress + "  "), status_text(objective.status), style="", overflow="fold"
    )


def _table(objective: ObjectiveReport, report: StatusReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim", pad_edge=False)
    table.add_column("  key result", ratio=3, overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("goal", no_wrap=True)
    table.add_column("progress, │ = expected", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("why", ratio=4, overflow="fold", style="dim")
    for one in objective.key_results:
        reason = one.reason
        if one.as_of is not None and one.as_of != report.as_of:
            reason += f" (computed for {day_text(one.as_of)})"
        table.add_row(
            Text("  " + one.name),
            "–" if one.value is None else amount(one.value, one.unit),
            one.goal,
            bar(one.progress, one.expected_progress, one.status),
            "–" if one.progress is None else f"{one.progress:.0%}",
            status_text(one.status),
            Text(reason),
        )
    return table


def bar(progress: float | None, expected: float, status: str) -> Text:
    """Progress as filled cells, with a stroke where the plan says it should be by now."""
    filled = 0 if progress is None else round(min(1.0, max(0.0, progress)) * BAR_CELLS)
    mark = min(BAR_CELLS - 1, round(min(1.0, max(0.0, expected)) * BAR_CELLS))
    text = Text()
    for cell in range(BAR_CELLS):
        if cell == mark:
            text.append("│", style="bold")
        elif cell < filled:
            text.append("█", style=style_of(status))
        else:
            text.append("░", style="dim")
    return text
