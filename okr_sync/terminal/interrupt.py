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

    def leave_soon(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGINT, leave_at_once)
        console.print(f"interrupted: {kept}; ending (Ctrl-C again: at once)")
        raise KeyboardInterrupt

    def leave_at_once(_: int, __: FrameType | None) -> None:
        console.show_cursor()
        os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, leave_soon)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
