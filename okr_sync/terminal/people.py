"""What people said of a key result: the lines beside its number, and the answers to those who say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from okr_sync.project.units import amount
from okr_sync.report import KeyResultReport, plain
from okr_sync.store import CheckIn, Override
from okr_sync.terminal.console import day_text, percent_text


def said_by_people(one: KeyResultReport) -> Iterator[str]:
    """A line for the override in force and one for the latest check-in."""
    held = one.override
    if held is not None:
        progress = "" if held.progress is None else f" ({percent_text(held.progress)})"
        computed = "no data" if one.value is None else amount(one.value, one.unit)
        yield (
            f"override {amount(held.value, held.unit)}{progress} by {held.by} until {day_text(held.until)}:"
            f" {held.reason}; the computed {computed} counts"
        )
    said = one.check_in
    if said is not None:
        words = [None if said.confidence is None else f"{percent_text(said.confidence)} sure", said.note]
        yield f"check-in of {day_text(said.as_of)} by {said.by}: {'; '.join(one for one in words if one)}"


def print_check_in(said: CheckIn, console: Console) -> None:
    sure = "" if said.confidence is None else f", {percent_text(said.confidence)} sure"
    console.print(Text(f"{said.key_result}: checked in for {day_text(said.as_of)} by {said.said_by}{sure}"))


def print_override(said: Override, console: Console) -> None:
    if said.value is None:
        line = f"{said.key_result}: the override is withdrawn by {said.said_by}"
    else:
        days = f"from {day_text(said.starts_on)} to {day_text(said.until)}"
        line = f"{said.key_result}: {amount(said.value, said.unit)} stands beside the computed value {days}"
    console.print(Text(line))


def check_in_json(said: CheckIn) -> dict[str, Any]:
    content: dict[str, Any] = plain(asdict(said))
    return content


def override_json(said: Override) -> dict[str, Any]:
    content: dict[str, Any] = plain(asdict(said))
    return content
