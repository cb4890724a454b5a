"""What Ctrl-C leaves behind, wherever it falls."""

from __future__ import annotations

import os
import signal
import time

import pytest
from rich.console import Console

from okr_sync.terminal.interrupt import interruptible


def query_broken_off() -> None:
    """As DuckDB does: what a signal raises inside of a query becomes a RuntimeError."""
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    except KeyboardInterrupt:
        raise RuntimeError("Query interrupted") from None


def test_ctrl_c_in_a_query_is_ctrl_c() -> None:
    """DuckDB breaks a query off with an error of its own; it leaves as the interrupt that it was."""
    with pytest.raises(KeyboardInterrupt), interruptible(Console(stderr=True)):
        query_broken_off()


def test_other_errors_stay_what_they_are() -> None:
    """Without Ctrl-C an error is that error."""
    with pytest.raises(ZeroDivisionError), interruptible(Console(stderr=True)):
        _ = 1 / 0
