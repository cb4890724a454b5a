"""What was known of a day by another day: for people, for machines, and its records as CSV."""

from __future__ import annotations

from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.errors import OkrSyncError
from okr_sync.explaining import Known
from okr_sync.project.units import amount
from okr_sync.report import plain
from okr_sync.store import Observation
from okr_sync.terminal.as_json import explanation_json
from okr_sync.terminal.console import count_text, day_text, percent_text, plain_table, status_text
from okr_sync.terminal.explain import print_explanation
from okr_sync.terminal.explain import write_csv as write_records

_SAID = ("value", "computed_value", "unit", "progress", "status", "reason", "record_count", "definition")


def print_known(known: Known, console: Console, offset: int = 0) -> None:
    """What was known, what is known now, each stored revision; then what the former rests on."""
    console.print(Text.assemble((known.key_result.name, "bold"), f" on {day_text(known.as_of.day)}"))
    table = plain_table()
    table.show_header = False
    then = f"known by the end of {day_text(known.known_on)}"
    if known.then is None:
        table.add_row(then, "no data", "", status_text("no data"), Text("the day had not come yet", style="dim"))
    else:
        table.add_row(then, *_cells(known.then))
    table.add_row("known now", *_cells(known.now))
    for one in known.stored:
        at = f"{one.recorded_at.astimezone(known.as_of.zone):%Y-%m-%d %H:%M}"
        table.add_row(f"stored at {at}, revision {one.revision}", *_cells(one))
    if not known.stored:
        table.add_row("stored", "nothing", "", "", "")
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    if known.explanation is not None:
        console.print(f"\nWhat was known by the end of {day_text(known.known_on)}, and stored by then:")
        print_explanation(known.explanation, console, offset)


def _cells(one: Observation) -> tuple[str, str, Text, Text]:
    value = "no data" if one.value is None else amount(one.value, one.unit)
    records = Text(count_text(one.record_count, "record"), style="dim")
    return value, percent_text(one.progress), status_text(one.status), records


def known_json(known: Known) -> dict[str, Any]:
    """`then` is null where the day had not come yet; `explanation` is that of `then`."""
    return {
        "key_result": known.key_result.id,
        "as_of": plain(known.as_of.day),
        "known_on": plain(known.known_on),
        "then": None if known.then is None else _said(known.then),
        "now": _said(known.now),
        "stored": [
            {"revision": one.revision, "recorded_at": plain(one.recorded_at), **_said(one)} for one in known.stored
        ],
        "explanation": None if known.explanation is None else explanation_json(known.explanation),
    }


def _said(one: Observation) -> dict[str, Any]:
    return {name: plain(getattr(one, name)) for name in _SAID}


def write_csv(known: Known, file: TextIO) -> None:
    """The records that were known and counted.

    Raises:
        OkrSyncError: the day had not come yet, or the key result rests on several metrics.
    """
    if known.explanation is None:
        raise OkrSyncError(
            f"by the end of {known.known_on} nothing of {known.as_of.day} was known: there are no records"
        )
    write_records(known.explanation, file)
