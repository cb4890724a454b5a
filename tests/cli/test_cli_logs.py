"""What a command that works at night writes to standard error: for a collector of logs, or for people."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from okr_sync.sandbox import Sandbox
from okr_sync.sandbox.faults import Fault, refused, too_many_requests
from okr_sync.sandbox.serve import Wishes
from tests.cli.example import SCRIPT, OkrSync, edit
from tests.cli.test_cli_sources import FILES, SEARCH

Line = dict[str, Any]


@pytest.fixture
def jira(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, list[Fault]]]:
    """A project that counts the issues of a stand-in, and what goes wrong there; logs are JSON."""
    monkeypatch.setenv("OKR_SYNC_LOG", "json")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    faults: list[Fault] = []
    with Sandbox(Wishes(size=0.1).grow(), faults, systems=["jira"]) as sandbox:
        for name, value in sandbox.variables().items():
            monkeypatch.setenv(name, value)
        yield tmp_path, faults


def lines(text: str) -> list[Line]:
    """Every line is one JSON object."""
    found = [json.loads(one) for one in text.splitlines()]
    assert all(isinstance(one, dict) and {"at", "level", "message"} <= one.keys() for one in found)
    return found


def of_kind(what: str, text: str) -> list[Line]:
    return [one for one in lines(text) if one.get("what") == what]


def test_a_run_tells_its_syncs_and_its_waits(okr_sync: OkrSync, jira: tuple[Path, list[Fault]]) -> None:
    """Begin and end, what each stream read, and how long it waited for a source that was busy."""
    folder, faults = jira
    faults.append(Fault(too_many_requests(1), path=SEARCH, requests=(1,)))
    said = okr_sync("run", "--project", folder)
    assert said.code == 0
    assert [one["what"] for one in lines(said.err)] == ["run began", "sync began", "waiting", "synced", "run ended"]
    (synced,), (waiting,) = of_kind("synced", said.err), of_kind("waiting", said.err)
    assert (synced["source"], synced["stream"], synced["level"]) == ("jira", "issues", "info")
    assert synced["records_read"] == synced["versions_new"] > 0
    assert synced["seconds_waited"] >= waiting["seconds"] == 1
    assert of_kind("run ended", said.err)[0]["outcome"] == "done"


def test_what_failed_is_a_warning_with_its_reason(okr_sync: OkrSync, jira: tuple[Path, list[Fault]]) -> None:
    """A source that refuses is told with its reason, and no credential is in any line."""
    folder, faults = jira
    okr_sync("run", "--project", folder)
    faults.append(Fault(refused(), path="/rest"))
    said = okr_sync("run", "--project", folder)
    assert said.code == 4
    (failed,) = of_kind("sync failed", said.err)
    assert (failed["level"], failed["source"], failed["versions_new"]) == ("warning", "jira", 0)
    assert "credentials refused" in failed["reason"]
    assert [one["key_result"] for one in of_kind("withheld", said.err)] == ["issues"]
    assert os.environ["JIRA_API_TOKEN"] not in said.err


def test_an_error_is_a_line_with_its_exit_code(okr_sync: OkrSync, jira: tuple[Path, list[Fault]]) -> None:
    """A project that is wrong ends the command, and the log says so like everything else."""
    folder, _ = jira
    edit(folder / "okrs" / "all.yaml", "value: count(*)", "value: count(*")
    said = okr_sync("run", "--project", folder)
    assert (said.code, said.out) == (3, "")
    (failed,) = lines(said.err)
    assert (failed["what"], failed["level"], failed["exit_code"]) == ("failed", "error", 3)
    assert "okrs/all.yaml:6" in failed["message"]


def test_a_days_computation_is_logged(okr_sync: OkrSync, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backfill tells of each of its days."""
    okr_sync("sync", "--project", project)
    monkeypatch.setenv("OKR_SYNC_LOG", "json")
    said = okr_sync("backfill", "--from", "2025-02-01", "--to", "2025-02-02", "--project", project)
    assert [one["what"] for one in lines(said.err)] == ["run began", "run ended"] * 2


def test_a_pipe_gets_json_unless_it_is_told_otherwise(project: Path) -> None:
    """Nobody watches a pipe; `text` gives nothing but what goes wrong, and another word is refused by name."""

    def sync(**environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name != "OKR_SYNC_LOG"}
        command = [SCRIPT, "sync", "--project", str(project)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=kept | environment)

    assert [one["what"] for one in lines(sync().stderr)] == ["run began", "sync began", "synced", "run ended"]
    assert sync(OKR_SYNC_LOG="text").stderr == ""
    refused = sync(OKR_SYNC_LOG="loud")
    assert refused.returncode == 2
    assert "OKR_SYNC_LOG is 'loud'; set it to text or json, or unset it" in refused.stderr
