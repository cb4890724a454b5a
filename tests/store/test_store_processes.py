"""Several processes on one SQLite store, and one that is killed."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from okr_sync.store import Store
from tests.store.samples import AT, CYCLE, URL, observation

PREPARE = """
import os, signal, sys
from datetime import date
from pathlib import Path
from sqlalchemy import Engine, event
from okr_sync.store import Run, Store
from tests.store.samples import AT, CYCLE, URL, key_result, objective, observation
folder, base = Path(sys.argv[1]), float(sys.argv[2])
sys.stdout.write("ready"); sys.stdout.flush(); sys.stdin.readline()
store = Store.open(URL, folder)
"""
RECORD_FIVE_TIMES = (
    PREPARE
    + """
store.save_objectives(CYCLE, [objective("delivery", *(key_result(f"kr{n}") for n in range(20)))], AT)
run_id = store.begin_run(Run(kind="run", version="0.1.0", as_of=date(2026, 11, 15), started_at=AT))
for turn in range(5):
    store.record(run_id, [observation(f"kr{n}", 14, base + turn) for n in range(20)], AT)
store.close()
"""
)
DIE_WHILE_RECORDING = (
    PREPARE
    + """
run_id = store.begin_run(Run(kind="run", version="0.1.0", as_of=date(2026, 11, 15), started_at=AT))
@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO observation"):
        assert cursor.rowcount > 0
        os.kill(os.getpid(), signal.SIGKILL)
store.record(run_id, [observation("nps", 14, base), observation("late", 14, base)], AT)
"""
)


def start(script: str, folder: Path, base: float) -> subprocess.Popen[str]:
    """A process that is ready and waits for a line before it opens the store, so that several begin together."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder), str(base)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.read(5) == "ready"
    return process


def test_two_processes_make_and_write_one_store(tmp_path: Path) -> None:
    """Both migrate the same new file and record the same day: every revision is there, numbered without a gap."""
    processes = [start(RECORD_FIVE_TIMES, tmp_path, base) for base in (100.0, 200.0)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == ["", ""]
    with Store.open(URL, tmp_path) as store:
        for n in range(20):
            history = store.history(CYCLE.name, f"kr{n}")
            assert [one.revision for one in history] == list(range(1, 11))
            values = sorted(one.value for one in history if one.value is not None)
            assert values == [100, 101, 102, 103, 104, 200, 201, 202, 203, 204]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_killed_while_recording_leaves_nothing_of_it(store: Store, tmp_path: Path) -> None:
    """Killed right after the rows were written, before the commit: none is there, and the next run records all."""
    process = start(DIE_WHILE_RECORDING, tmp_path, 36.0)
    _, errors = process.communicate("\n")
    assert (process.returncode, errors) == (-9, "")
    assert store.observations_at(CYCLE.name, date(2026, 11, 30)) == {}
    run_id = 1  # the killed run itself was written at its begin
    assert store.record(run_id, [observation("nps", 14, 36.0), observation("late", 14, 36.0)], AT) == 2
