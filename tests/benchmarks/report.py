"""Tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from tests.benchmarks.fresh import Cost

_console = Console(width=120)


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print `rows` as they come; the first column is text, the others are numbers."""
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    _console.print(table)


def times(cost: Cost, reference: Cost) -> str:
    """By CPU time, which other work on the machine disturbs least."""
    return f"{cost.cpu_seconds / reference.cpu_seconds:.2f} x"
