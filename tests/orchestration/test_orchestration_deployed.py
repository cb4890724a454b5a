"""A night as deploy/compose.yaml runs it, with everything in PostgreSQL."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import psycopg
import pytest
import yaml

from okr_sync.orchestration.health import examine_dagster
from okr_sync.store import Store
from tests.orchestration.dagster_project import DagsterProject
from tests.orchestration.test_orchestration_deploy import DEPLOY, read

BIN = Path(sys.executable).parent


def test_a_night_with_everything_in_postgresql(
    project: DagsterProject, postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code location as compose starts it; Dagster's storage, store and warehouse in one server."""
    with psycopg.connect(postgresql_url, autocommit=True) as owner:
        for name in ("night", "dagster"):
            owner.execute(f"CREATE DATABASE {name}")
    ours, dagsters = (postgresql_url.replace("/postgres?", f"/{name}?") for name in ("night", "dagster"))
    main = (project.folder / "okr-sync.yaml").read_text("utf-8")
    project.write("okr-sync.yaml", f"store: ${{OKR_SYNC_DATABASE_URL}}\nwarehouse: ${{OKR_SYNC_DATABASE_URL}}\n{main}")
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((DEPLOY / "dagster.yaml").read_text("utf-8"), "utf-8")
    for name, value in {
        "DAGSTER_HOME": str(home),
        "DAGSTER_POSTGRES_URL": dagsters.replace("postgresql:", driver_of("DAGSTER_POSTGRES_URL")),
        "OKR_SYNC_DATABASE_URL": ours,
        "OKR_SYNC_PROJECT": str(project.folder),
    }.items():
        monkeypatch.setenv(name, value)

    with code_server(tmp_path) as workspace, daemon(workspace):
        day = str(project.today())
        launch = ["job", "launch", "--workspace", workspace, "--job", "nightly", "--location", "okr-sync"]
        tags = f'{{"dagster/partition": "{day}"}}'
        subprocess.run([BIN / "dagster", *launch, "--tags", tags], check=True, timeout=120)
        with dg.DagsterInstance.get() as instance:
            assert ended(instance) == dg.DagsterRunStatus.SUCCESS
        found = {one.subject: one.health for one in examine_dagster().findings}
    assert (found["storage"], found["pools"], found["last night"]) == ("good", "good", "good")
    with Store.open(ours, project.folder) as store:
        stored = store.observations_at("long", project.today())
        assert {name: one.value for name, one in stored.items()} == {"solved": 2, "contacts": 1.5, "revenue": 40}


def driver_of(variable: str) -> str:
    """The beginning of an address in compose.yaml. Dagster writes SQL that only one of the drivers takes."""
    (compose,) = read("compose.yaml")
    address: str = compose["services"]["code"]["environment"][variable]
    return address.partition("//")[0]


@contextmanager
def code_server(folder: Path) -> Iterator[Path]:
    """The code location as compose starts it, on another port of this machine; gives the file that leads to it."""
    (compose,) = read("compose.yaml")
    port = str(free_port())
    replaced = {"0.0.0.0": "127.0.0.1", "4000": port}  # noqa: S104 - what is replaced
    command = [replaced.get(one, one) for one in compose["services"]["code"]["command"]]
    (workspace,) = read("workspace.yaml")
    workspace["load_from"][0]["grpc_server"] |= {"host": "127.0.0.1", "port": int(port)}
    file = folder / "workspace.yaml"
    file.write_text(yaml.safe_dump(workspace), "utf-8")
    with subprocess.Popen([BIN / command[0], *command[1:]], cwd=folder) as process:
        try:
            check = [replaced.get(one, one) for one in compose["services"]["code"]["healthcheck"]["test"][1:]]
            until = time.monotonic() + 120
            while subprocess.run([BIN / check[0], *check[1:]], check=False, capture_output=True).returncode:
                assert process.poll() is None
                assert time.monotonic() < until
            yield file
        finally:
            process.terminate()


@contextmanager
def daemon(workspace: Path) -> Iterator[None]:
    """The daemon as compose starts it, which begins the runs that are asked for."""
    (compose,) = read("compose.yaml")
    *command, _ = compose["services"]["daemon"]["command"]
    with subprocess.Popen([BIN / command[0], *command[1:], workspace], cwd=workspace.parent) as process:
        try:
            yield
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
        return port


def ended(instance: dg.DagsterInstance) -> dg.DagsterRunStatus:
    """How the only run ended."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        (run,) = instance.get_runs(dg.RunsFilter(job_name="nightly"))
        if run.is_finished:
            return run.status
        time.sleep(0.5)
    raise AssertionError("the run does not end")
