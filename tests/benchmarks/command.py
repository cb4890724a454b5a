"""Commands as a person waits for them, with the start of the process, against Python doing nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from okr_sync import pipeline
from okr_sync.sandbox.demo import serve_demo
from tests.benchmarks.report import show

REPEATS = 3


def run() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with serve_demo(folder):
            pipeline.run(folder, pipeline.SyncOptions())
            rows = [
                ("python -c pass", _seconds(["-c", "pass"], folder)),
                ("python -c 'import duckdb, sqlglot, sqlmodel, pydantic'", _seconds(["-c", _LIBRARIES], folder)),
                ("okr-sync --help", _seconds([*_COMMAND, "--help"], folder)),
                ("okr-sync status", _seconds([*_COMMAND, "status"], folder)),
                ("okr-sync plan", _seconds([*_COMMAND, "plan"], folder)),
            ]
    show(f"command: median of {REPEATS}", ("command", "seconds"), [(what, f"{took:.2f}") for what, took in rows])


_LIBRARIES = "import duckdb, sqlglot, sqlmodel, pydantic"
_COMMAND = ("-c", "from okr_sync.cli import main; main()")


def _seconds(arguments: list[str], folder: Path) -> float:
    return median(_once(arguments, folder) for _ in range(REPEATS))


def _once(arguments: list[str], folder: Path) -> float:
    before = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - before
