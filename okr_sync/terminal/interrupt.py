"""Ctrl-C while sources are read: one line, and an end that loses nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

INTERRUPTED = 130


@contextmanager
def interruptible(console: Console, kept: str = "what has landed stays") -> Iterator[None]:
    """The first Ctrl-C ends every source after the page it is on; a second one does not wait for that.

    Leaving at once is as safe as a kill: records and their checkpoint commit together. `kept` says what stays.
    """

    is_interrupted = False

    def leave_soon(_: int, __: FrameType | None) -> None:
        nonlocal is_interrupted
        is_interrupted = True
        signal.signal(signal.SIGINT, leave_at_once)
        console.print(f"interrupted: {kept}; ending (Ctrl-C again: at once)")
        raise KeyboardInterrupt

    def leave_at_once(_: int, __: FrameType | None) -> None:
        console.show_cursor()
        os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, leave_soon)
    try:
        yield
    except Exception as error:
        if is_interrupted:  # DuckDB, broken off in a query, gives a RuntimeError in the place of the interrupt
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
