"""A line per stream while a sync runs. Silent where nobody watches: no terminal, or machine-readable output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from okr_sync.sync import Watcher, unwatched


@contextmanager
def watched(console: Console, *, is_quiet: bool = False) -> Iterator[Watcher]:
    """A watcher for a sync, drawn on `console` as long as the context lasts."""
    if is_quiet or not console.is_terminal:
        yield unwatched
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    counts = TextColumn("{task.completed:,.0f} records")
    with Progress(*columns, counts, TimeElapsedColumn(), console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}
        lock = Lock()  # sources report from threads of their own

        def watch(source: str, stream: str, read: int, expected: int | None) -> None:
            name = f"{source}.{stream}"
            with lock:
                if name not in tasks:
                    tasks[name] = progress.add_task(name, total=None)
                progress.update(tasks[name], completed=read, total=None if expected is None else max(read, expected))

        yield watch
