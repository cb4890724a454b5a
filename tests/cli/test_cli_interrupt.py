"""What Ctrl-C leaves behind, wherever it falls."""

from __future__ import annotations

import os
import signal
import threading

import duckdb
import pytest
from rich.console import Console

from okr_sync.terminal.interrupt import interruptible


def test_ctrl_c_in_a_query_is_ctrl_c() -> None:
    """DuckDB breaks a query off with an error of its own; it leaves as the interrupt that it was."""
    console = Console(stderr=True)
    with duckdb.connect() as connection, pytest.raises(KeyboardInterrupt), interruptible(console):
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        connection.execute("SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range = 7")


def test_other_errors_stay_what_they_are() -> None:
    """Without Ctrl-C an error is that error."""
    with pytest.raises(ZeroDivisionError), interruptible(Console(stderr=True)):
        _ = 1 / 0
