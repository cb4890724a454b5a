"""The line of a key result: days, restatements and breaks, for people, for machines and for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.history import Day, Line, Restatement
from okr_sync.project.units import amount
from okr_sync.report import plain
from okr_sync.store import ChangedPart, RecordedObservation
from okr_sync.terminal.console import count_text, day_text, percent_text, status_text

_SAID = ("value", "computed_value", "unit", "progress", "status", "reason", "record_count", "definition",
         "is_provisional")  # fmt: skip
_COLUMNS = ("as_of", "revision", "value", "computed_value", "unit", "progress", "status", "record_count", "definition",
            "is_provisional", "recorded_at", "run_id")  # fmt: skip


def print_line(line: Line, console: Console, is_all: bool = False) -> None:
    """The days on which something changed, or every day."""
    shown = [one for one in line.days if is_all or one.is_eventful]
    counts = f"{count_text(len(line.days), 'day')} stored in {line.cycle}"
    others = len(line.days) - len(shown)
    rest = f", {others} of them as the day before; show them with --all" if others else ""
    console.print(Text.assemble((line.key_result.name, "bold"), f"  {counts}{rest}"), soft_wrap=True)
    for day in shown:
        _print_day(day, line, console)


def _print_day(day: Day, line: Line, console: Console) -> None:
    if day.redefined is not None:
        console.rule(Text("another definition", style="yellow"), align="left", style="yellow")
        _print_parts(day.redefined, console)
    one = day.last
    revisions = "" if day.revision_count == 1 else f"  {count_text(day.revision_count, 'revision')}"
    provisional = "  provisional" if one.is_provisional else ""
    text = Text.assemble(f"{day_text(one.as_of):>11}  ", (_shown(one), "bold"), f"  {percent_text(one.progress)}  ",
                         status_text(one.status), (f"{provisional}{revisions}", "dim"))  # fmt: skip
    console.print(Padding(text, (0, 0, 0, 2), expand=False))
    for each in day.restatements:
        if not each.is_confirmation:
            _print_restatement(each, line, console)


def _print_restatement(one: Restatement, line: Line, console: Console) -> None:
    at = f"{one.after.recorded_at.astimezone(line.zone):%Y-%m-%d %H:%M}"
    what = "restated, was final" if one.was_final else "while provisional"
    move = f"{_shown(one.before)} {one.before.status} → {_shown(one.after)} {one.after.status}"
    text = f"{at}  {move}  {what}, by {one.run_kind or 'run'} {one.after.run_id}"
    console.print(Padding(Text(text, style="red" if one.was_final else "dim"), (0, 0, 0, 15), expand=False))
    _print_parts(one.redefined, console)


def _print_parts(parts: Sequence[ChangedPart], console: Console) -> None:
    for part in parts:
        text = Text.assemble((f"{part.part}  ", "yellow"), f"{part.old or 'none'} → {part.new or 'none'}")
        console.print(Padding(text, (0, 0, 0, 15), expand=False))


def _shown(one: RecordedObservation) -> str:
    return "–" if one.value is None else amount(one.value, one.unit)


def line_json(line: Line) -> dict[str, Any]:
    """Every day of the span; `redefined` of a day is a break in the line, null where there is none."""
    return {
        "key_result": line.key_result.id,
        "cycle": line.cycle,
        "days": [
            {
                "as_of": plain(day.last.as_of),
                **_said(day.last),
                "revision_count": day.revision_count,
                "is_moved": day.is_moved,
                "redefined": None if day.redefined is None else [asdict(one) for one in day.redefined],
                "restatements": [_restatement_json(one) for one in day.restatements],
            }
            for day in line.days
        ],
    }


def _restatement_json(one: Restatement) -> dict[str, Any]:
    return {
        "revision": one.after.revision,
        "recorded_at": plain(one.after.recorded_at),
        "run_id": one.after.run_id,
        "run": one.run_kind,
        "was_final": one.was_final,
        "is_confirmation": one.is_confirmation,
        "redefined": [asdict(each) for each in one.redefined],
        "before": _said(one.before),
        "after": _said(one.after),
    }


def _said(one: RecordedObservation) -> dict[str, Any]:
    return {name: plain(getattr(one, name)) for name in _SAID}


def write_csv(line: Line, file: TextIO) -> None:
    """One line for each revision of each day, with all digits; a missing value is an empty cell."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for day in line.days:
        for one in (*(each.before for each in day.restatements), day.last):
            cells = [plain(getattr(one, name)) for name in _COLUMNS]
            writer.writerow(["" if value is None else value for value in cells])
