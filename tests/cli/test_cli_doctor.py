"""The doctor's look at the store, the warehouse and Dagster: it changes nothing and says what to do."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from okr_sync import pipeline
from okr_sync.doctor import Examination, Finding, Health, examine_store
from okr_sync.doctor.store import disk
from okr_sync.orchestration.health import examine_dagster
from okr_sync.store import Run, Store
from tests.cli.example import OkrSync
from tests.store.samples import AT, URL

FILE = Path("data") / "store.db"


def texts(examination: Examination) -> dict[str, tuple[Health, str]]:
    return {one.subject: (one.health, one.text) for one in examination.findings}


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Looking leaves no file and no folder behind."""
    assert texts(examine_store(URL, tmp_path, AT))["schema"] == (
        Health.GOOD,
        f"{URL} holds nothing yet; the first run makes it",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_never_ended_is_told_after_a_day(tmp_path: Path) -> None:
    """Within a day it may go on; after that it was killed."""
    with Store.open(URL, tmp_path) as store:
        store.begin_run(Run(kind="run", version="0.1.0", as_of=AT.date(), started_at=AT))
    soon = texts(examine_store(URL, tmp_path, AT + timedelta(hours=2)))
    late = texts(examine_store(URL, tmp_path, AT + timedelta(hours=25)))
    assert soon["last run"] == (Health.GOOD, "run of 15 Nov 2026 02:00 UTC: goes on, or was killed")
    assert late["last run"][0] is Health.NOTE
    assert soon["schema"][0] is Health.GOOD


def test_an_older_store_is_not_upgraded_by_looking(tmp_path: Path) -> None:
    """Its schema is a note that asks for a backup, and stays as it is."""
    with Store.open(URL, tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("UPDATE okr_sync_schema SET version_num = '0001'")
    found = texts(examine_store(URL, tmp_path, AT))
    assert found["schema"][0] is Health.NOTE
    assert "revision 0001" in found["schema"][1]
    assert "make a backup before" in found["schema"][1]
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("SELECT version_num FROM okr_sync_schema").fetchall() == [("0001",)]


@pytest.mark.parametrize("ruin", ["cut", "text"])
def test_a_damaged_store_is_a_finding(tmp_path: Path, ruin: str) -> None:
    """A file that was cut, or is no database, is bad, with the remedy; nothing is raised."""
    with Store.open(URL, tmp_path):
        pass
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(b"not a database" * 1000 if ruin == "text" else whole[: len(whole) // 2])
    examination = examine_store(URL, tmp_path, AT)
    assert not examination.is_healthy
    assert any("backup" in one.text or "something else" in one.text for one in examination.findings)


def test_postgresql_is_examined_as_well(postgresql_url: str, tmp_path: Path) -> None:
    """Its version is named; one that is not reachable is a finding without its password."""
    found = examine_store(postgresql_url, tmp_path, AT)
    assert found.kind.startswith("PostgreSQL ")
    assert found.is_healthy
    gone = examine_store("postgresql://okr:s3cret@127.0.0.1:1/okr", tmp_path, AT)
    assert not gone.is_healthy
    assert "s3cret" not in gone.findings[0].text


def test_little_room_is_told() -> None:
    """Less than a gibibyte is a note, more is well."""
    assert disk((1 << 30) - 1).health is Health.NOTE
    assert disk(1 << 30) == Finding("disk", Health.GOOD, "1.0 GiB free")


def test_the_command_examines_all_of_it(okr_sync: OkrSync, project: Path) -> None:
    """The sources, then the store and the warehouse; of a source that is named, that one alone."""
    pipeline.run(project, pipeline.SyncOptions())
    said = okr_sync("doctor", "--project", project)
    assert said.code == 0
    assert "4 records, 4 versions" in said.out
    assert said.out.rstrip().endswith("all well")
    found = json.loads(okr_sync("doctor", "--project", project, "--json").out)
    assert [found["sources"][0][key] for key in ("source", "connector", "is_healthy")] == ["desk", "files", True]
    assert (found["store"]["is_healthy"], found["warehouse"]["kind"]) == (True, "duckdb")
    alone = json.loads(okr_sync("doctor", "--project", project, "--source", "desk", "--json").out)
    assert set(alone) == {"sources"}


def test_a_damaged_warehouse_is_exit_code_6(okr_sync: OkrSync, project: Path) -> None:
    """The source itself is well; what landed of it cannot be read, and the doctor says of which."""
    pipeline.run(project, pipeline.SyncOptions())
    (file,) = project.rglob("desk.duckdb")
    file.write_bytes(b"no longer DuckDB" * 100)
    said = okr_sync("doctor", "--project", project)
    assert said.code == 6
    assert "desk.duckdb cannot be opened as a DuckDB file" in said.out + said.err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


def test_dagster_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note, since a person may try it that way; nothing is looked at."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    examination = examine_dagster()
    assert [one.health for one in examination.findings] == [Health.NOTE]
    assert examination.is_healthy


def test_dagster_whose_daemon_never_started(home: Path) -> None:
    """Nothing is scheduled then: bad. Storage in files and missing pools are notes."""
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    examination = examine_dagster()
    found = [(one.subject, one.health) for one in examination.findings]
    assert ("daemon", Health.BAD) in found
    assert ("storage", Health.NOTE) in found
    assert ("pools", Health.NOTE) in found
    assert not examination.is_healthy


def test_dagster_that_is_well(home: Path) -> None:
    """A daemon that beats, a pool of one and a night that succeeded are good."""
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\nconcurrency: {pools: {default_limit: 1}}\n")

    @dg.asset
    def anything() -> None:
        pass

    nightly = dg.define_asset_job("nightly", [anything])
    with dg.DagsterInstance.get() as instance:
        defs = dg.Definitions(assets=[anything], jobs=[nightly])
        assert defs.resolve_job_def("nightly").execute_in_process(instance=instance).success
        for daemon in instance.get_required_daemon_types():
            instance.add_daemon_heartbeat(DaemonHeartbeat(time.time(), daemon, None, []))
    found = texts(examine_dagster())
    assert {one: health for one, (health, _) in found.items() if one != "storage"} == {
        "daemon": Health.GOOD,
        "pools": Health.GOOD,
        "last night": Health.GOOD,
    }


def test_dagster_with_a_wrong_file(home: Path) -> None:
    """An instance that cannot be opened is a finding that names its file."""
    (home / "dagster.yaml").write_text("storage: {nowhere: {}}\n")
    (finding,) = examine_dagster().findings
    assert finding.health is Health.BAD
    assert "dagster.yaml" in finding.text
