"""The two consoles: answers go to standard output, everything else to standard error."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from okr_sync.project.units import percent

PIPE_WIDTH = 120
"""Columns where the output is not a terminal: nobody's window is cut there."""

_STYLES = {
    "achieved": "bold green",
    "on track": "green",
    "behind": "yellow",
    "at risk": "red",
    "missed": "bold red",
    "withheld": "magenta",
    "no data": "dim",
    "healthy": "green",
    "unhealthy": "bold red",
}


def answers() -> Console:
    return _console(is_error=False)


def notes() -> Console:
    return _console(is_error=True)


def _console(*, is_error: bool) -> Console:
    stream = sys.stderr if is_error else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(stderr=is_error, width=width, highlight=False, emoji=False)


def plain_table() -> Table:
    """A table without lines, its columns two spaces apart."""
    return Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)


def status_text(status: str) -> Text:
    return Text(status, style=style_of(status))


def style_of(status: str) -> str:
    return _STYLES.get(status, "")


def percent_text(share: float | None) -> str:
    return "–" if share is None else percent(share)


def count_text(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def age_text(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    if moment is None:
        return "never"
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
