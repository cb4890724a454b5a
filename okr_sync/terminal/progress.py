"""A line per stream while a sync runs. Silent where nobody watches: no terminal, or machine-readable output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text
from stamina.instrumentation import RetryDetails, get_on_retry_hooks, set_on_retry_hooks

from okr_sync.backfill import DayWatcher, unwatched_day
from okr_sync.sync import Watcher, unwatched
from okr_sync.terminal.console import day_text

WORTH_TELLING_SECONDS = 2
"""Shorter waits are over before anybody has read of them."""


@contextmanager
def watched(console: Console, *, is_quiet: bool = False) -> Iterator[Watcher]:
    """A watcher for a sync, drawn on `console` as long as the context lasts; waits are told there as well."""
    if is_quiet or not console.is_terminal:
        yield unwatched
        return
    hooks = get_on_retry_hooks()
    try:
        with _drawn(console) as progress:
            set_on_retry_hooks([lambda details: _tell_wait(details, progress.console)])
            yield _watcher(progress)
    finally:
        set_on_retry_hooks(hooks)


@contextmanager
def counted(console: Console, *, is_quiet: bool = False) -> Iterator[DayWatcher]:
    """A watcher for days that are computed one after another, drawn as one bar as long as the context lasts."""
    if is_quiet or not console.is_terminal:
        yield unwatched_day
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    done = TextColumn("{task.completed:.0f} of {task.total:.0f} days")
    with Progress(*columns, done, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("computing", total=1)

        def watch(day: date, done_count: int, count: int) -> None:
            progress.update(task, description=f"computed {day_text(day)}", completed=done_count, total=count)

        yield watch


def _drawn(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    counts = TextColumn("{task.completed:,.0f} records")
    return Progress(*columns, counts, TimeElapsedColumn(), console=console, transient=True)


def _watcher(progress: Progress) -> Watcher:
    tasks: dict[str, TaskID] = {}
    lock = Lock()  # sources report from threads of their own

    def watch(source: str, stream: str, read: int, expected: int | None) -> None:
        name = f"{source}.{stream}"
        with lock:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=None)
            progress.update(tasks[name], completed=read, total=None if expected is None else max(read, expected))

    return watch


def _tell_wait(details: RetryDetails, console: Console) -> None:
    if details.wait_for >= WORTH_TELLING_SECONDS:
        line = Text(f"waiting {details.wait_for:.0f} s: {details.caused_by}", style="dim")
        console.print(line, no_wrap=True, overflow="ellipsis")
