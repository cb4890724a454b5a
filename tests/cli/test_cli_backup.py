"""Backups are whole, made while others work, and go back by copying files; the upgrade after one loses nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from okr_sync import backup
from tests.cli.example import DAY, SCRIPT, OkrSync


@pytest.fixture
def filled(okr_sync: OkrSync, project: Path) -> Path:
    """The tickets landed and computed."""
    assert okr_sync("run", "--as-of", DAY, "--project", project).code == 0
    return project


def test_what_was_lost_is_there_after_a_restore(okr_sync: OkrSync, filled: Path, tmp_path: Path) -> None:
    """The commands of docs/operations.md bring back every number, and a run after them lands nothing twice."""
    before = okr_sync("status", "--as-of", DAY, "--project", filled, "--json").out
    kept = tmp_path / "backup"
    said = okr_sync("backup", kept, "--project", filled)
    assert said.code == 0
    assert sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*.*")) == [
        "store.db",
        "warehouse/desk.duckdb",
    ]
    assert said.out.count("wrote ") == 2

    data = filled / ".okr-sync"
    shutil.rmtree(data)
    subprocess.run(f"mkdir {data} && cp -R {kept}/store.db {kept}/warehouse {data}/", shell=True, check=True)  # noqa: S602
    assert okr_sync("status", "--as-of", DAY, "--project", filled, "--json").out == before
    again = json.loads(okr_sync("run", "--as-of", DAY, "--project", filled, "--json").out)
    assert [one["new_count"] for one in again["syncs"]] == [0]
    assert again["recorded_count"] == 0


def test_a_backup_is_never_half_there(
    okr_sync: OkrSync, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that is being synced is waited for; where it takes too long, the folder is not there at all."""
    monkeypatch.setattr(backup, "PATIENCE", timedelta(milliseconds=50))
    kept = tmp_path / "backup"
    with FileLock(filled / ".okr-sync" / "warehouse" / "desk.lock"):
        said = okr_sync("backup", kept, "--project", filled)
    assert said.code == 6
    assert "source 'desk' is being synced by another process" in said.err
    assert not kept.exists()
    assert okr_sync("backup", kept, "--project", filled).code == 0
    assert okr_sync("backup", kept, "--project", filled).code == 2  # an older one is never written over


def test_a_landing_that_was_killed_is_in_the_backup(okr_sync: OkrSync, filled: Path, tmp_path: Path) -> None:
    """What DuckDB had committed to its write-ahead log alone is copied, too."""
    (file,) = filled.rglob("desk.duckdb")
    script = (
        f"import duckdb, os; c = duckdb.connect({str(file)!r});"
        "c.execute('PRAGMA disable_checkpoint_on_shutdown');"
        "c.execute('CREATE TABLE late AS SELECT 7 AS n'); os._exit(9)"
    )
    subprocess.run([SCRIPT.with_name("python"), "-c", script], check=False)
    assert file.with_name("desk.duckdb.wal").stat().st_size > 0
    kept = tmp_path / "backup"
    assert okr_sync("backup", kept, "--project", filled).code == 0
    with closing(duckdb.connect(kept / "warehouse" / "desk.duckdb", read_only=True)) as connection:
        assert connection.execute("SELECT n FROM late").fetchall() == [(7,)]
