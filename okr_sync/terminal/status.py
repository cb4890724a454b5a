"""The status table: objectives, key results, bars with the pace marked, and the reason of every status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from okr_sync.forecast import heading
from okr_sync.project.units import amount
from okr_sync.report import KeyResultReport, ObjectiveReport, StatusReport
from okr_sync.terminal.beside import print_initiatives, print_kpis
from okr_sync.terminal.console import day_text, percent_text, plain_table, status_text, style_of
from okr_sync.terminal.people import said_by_people

_INDENT = 2
_MEMBER = "· "
"""Before the names of a template's members."""
_PERCENT_CELLS = len("1000 %")
_STATUS_CELLS = len("on track")
_LONGEST_GOAL = 24
_SHORTEST_NAME = 16


def print_status(report: StatusReport, console: Console, known_on: date | None = None) -> None:
    names = [(name, [one for one in report.objectives if one.cycle == name]) for name in report.cycles]
    groups = [(name, objectives) for name, objectives in names if objectives]
    known = "" if known_on is None else f" as stored by the end of {day_text(known_on)}"
    shown = " and ".join(name for name, _ in groups) or " and ".join(report.cycles)
    console.print(Text.assemble((shown, "bold"), f" as of {day_text(report.as_of)}{known}, │ marks expected progress"))
    for one in report.closed:
        console.print(Text(f"{one.cycle} was closed on {day_text(one.at.date())} by {one.by}", style="bold"))
    if report.objectives:
        _print_cycles(groups, report, console)
    else:
        these = "this cycle" if len(report.cycles) == 1 else "these cycles"
        console.print(f"There are no objectives in {these}; write one under okrs/.")
    print_kpis(report, console)


def _print_cycles(groups: Sequence[tuple[str, list[ObjectiveReport]]], report: StatusReport, console: Console) -> None:
    widths = _Widths.fitting([one for each in report.objectives for one in each.all_key_results], console.width)
    console.print(Padding(widths.header(), (0, 0, 0, _INDENT), expand=False))
    for name, objectives in groups:
        if len(groups) > 1:
            console.print()
            console.rule(Text(name, style="bold"), align="left", characters="─", style="dim")
        for objective in in_tree_order(objectives):
            console.print()
            _print_objective(objective, widths, report, console)


def _print_objective(objective: ObjectiveReport, widths: _Widths, report: StatusReport, console: Console) -> None:
    _print_heading(objective, console)
    parent = next((one.name for one in report.objectives if one.id == objective.parent), None)
    if parent is not None:
        console.print(Padding(Text(f"↳ under {parent}", style="dim"), (0, 0, 0, _INDENT), expand=False))
    for one in objective.key_results:
        _print_key_result(one, widths, report, console)
        for member in one.members:
            _print_key_result(replace(member, name=f"{_MEMBER}{member.name}"), widths, report, console)
    print_initiatives(objective.initiatives, console)


def _print_key_result(one: KeyResultReport, widths: _Widths, report: StatusReport, console: Console) -> None:
    console.print(Padding(_row(one, widths), (0, 0, 0, _INDENT), expand=False))
    indent = 3 * _INDENT if one.name.startswith(_MEMBER) else 2 * _INDENT
    for line in (_reason(one, report), _forecast(one), *said_by_people(one)):
        if line is not None:
            console.print(Padding(Text(line, style="dim"), (0, 0, 0, indent), expand=False))


def in_tree_order(objectives: Sequence[ObjectiveReport]) -> list[ObjectiveReport]:
    """Each objective before those below it, else in their own order."""
    ids = {one.id for one in objectives}
    found: list[ObjectiveReport] = []

    def add(one: ObjectiveReport) -> None:
        found.append(one)
        for each in objectives:
            if each.parent == one.id:
                add(each)

    for one in objectives:
        if one.parent not in ids:
            add(one)
    return found


@dataclass(frozen=True, slots=True)
class _Widths:
    """The same for every objective, so that one look down the bars compares them all."""

    name: int
    value: int
    goal: int
    bar: int

    @classmethod
    def fitting(cls, key_results: Sequence[KeyResultReport], console_width: int) -> _Widths:
        value = max((cell_len(_value(one)) for one in key_results), default=0)
        goal = min(_LONGEST_GOAL, max((cell_len(one.goal) for one in key_results), default=0))
        name = max((cell_len(one.name) for one in key_results), default=0) + cell_len(_MEMBER)
        bar = 10 if console_width < 100 else 16
        value, goal = max(value, len("value")), max(goal, len("goal"))
        others = _INDENT + value + goal + bar + _PERCENT_CELLS + _STATUS_CELLS + 5 * 2
        return cls(max(_SHORTEST_NAME, min(name, console_width - others)), value, goal, bar)

    def header(self) -> Table:
        table = self.table()
        table.add_row("key result", "value", "goal", "progress", "", "status", style="dim")
        return table

    def table(self) -> Table:
        table = plain_table()
        table.show_header = False
        table.add_column(width=self.name, overflow="fold")
        table.add_column(width=self.value, justify="right", no_wrap=True)
        table.add_column(width=self.goal, overflow="fold")
        table.add_column(width=self.bar, no_wrap=True)
        table.add_column(width=_PERCENT_CELLS, justify="right", no_wrap=True)
        table.add_column(no_wrap=True)
        return table


def _print_heading(objective: ObjectiveReport, console: Console) -> None:
    """On one line where it fits, else the standing below the name."""
    name = Text(objective.name, style="bold")
    progress = "" if objective.progress is None else f"{percent_text(objective.progress)}  "
    standing = Text.assemble(progress, status_text(objective.status))
    if cell_len(name.plain) + 2 + cell_len(standing.plain) <= console.width:
        console.print(Text.assemble(name, "  ", standing))
    else:
        console.print(name)
        console.print(Padding(standing, (0, 0, 0, _INDENT), expand=False))
    if objective.carry_over is not None:
        carried = Text(f"carried over from {objective.carry_over}", style="dim")
        console.print(Padding(carried, (0, 0, 0, _INDENT), expand=False))


def _row(one: KeyResultReport, widths: _Widths) -> Table:
    table = widths.table()
    table.add_row(
        Text(one.name),
        _value(one),
        Text(one.goal),
        bar(one, widths.bar),
        percent_text(one.progress),
        status_text(one.status),
    )
    return table


def _value(one: KeyResultReport) -> str:
    return "–" if one.value is None else amount(one.value, one.unit)


def _reason(one: KeyResultReport, report: StatusReport) -> str:
    reason = f"{one.reason}; provisional" if one.is_provisional else one.reason
    if one.as_of is None or one.as_of == report.as_of:
        return reason
    return f"{reason} (computed for {day_text(one.as_of)})"


def _forecast(one: KeyResultReport) -> str | None:
    """Where it is heading, and the goal to compare that with."""
    line = None if one.forecast is None else heading(one.forecast, one.unit)
    return None if line is None else f"{line}, goal {one.goal.rpartition('→ ')[2]}"


def bar(one: KeyResultReport, cell_count: int) -> Text:
    """Progress as filled cells, with a stroke where the plan says it should be by now."""
    filled = 0 if one.progress is None else round(_clamped(one.progress) * cell_count)
    mark = min(cell_count - 1, round(_clamped(one.expected_progress) * cell_count))
    text = Text()
    for cell in range(cell_count):
        if cell == mark:
            text.append("│", style="bold")
        elif cell < filled:
            text.append("█", style=style_of(one.status))
        else:
            text.append("░", style="dim")
    return text


def _clamped(share: float) -> float:
    return min(1.0, max(0.0, share))
