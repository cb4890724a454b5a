"""Sources that refuse, are silent or break off, met by the command line over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from okr_sync.sandbox import Sandbox
from okr_sync.sandbox.faults import Answer, Call, Fault, Forward, cut_body
from okr_sync.sandbox.serve import Wishes
from tests.cli.example import SCRIPT, OkrSync

SECRET = "s3cret-of-the-test"
FILES = {
    "okr-sync.yaml": """\
cycles: {starts: [jan, apr, jul, oct]}
sources:
  jira:
    connector: jira
    url: ${JIRA_BASE_URL}
    email: ${JIRA_EMAIL}
    token: ${JIRA_API_TOKEN}
    streams:
      issues: {select: project = WEB}
""",
    "okrs/all.yaml": """\
objective: Count
id: count
key_results:
  - {id: issues, name: Issues, metric: issues, target: 100000}
metrics:
  issues: {stream: jira.issues, value: count(*)}
""",
}
SEARCH = "/rest/api/3/search"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Counts the issues of one Jira project."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def faults() -> list[Fault]:
    """What the sandbox does wrong; a test adds to it and takes away."""
    return []


@pytest.fixture
def sandbox(faults: list[Fault], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(Wishes(size=0.1).grow(), faults, systems=["jira"]) as sandbox:
        for name, value in sandbox.variables().items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.mark.usefixtures("no_waits", "sandbox")
def test_a_wrong_token_is_refused_and_never_shown(
    okr_sync: OkrSync, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 4; the token is in no output and no file; with the right one the next run succeeds."""
    right = os.environ["JIRA_API_TOKEN"]
    monkeypatch.setenv("JIRA_API_TOKEN", SECRET)
    refused = okr_sync("run", "--project", project)
    assert refused.code == 4
    assert "credentials refused" in refused.out

    said = [refused, *(okr_sync(name, "--project", project) for name in ("status", "streams", "plan", "check"))]
    said += [okr_sync(name, "--project", project, "--json") for name in ("run", "sync", "status", "streams")]
    assert not [one for one in said if SECRET in one.out + one.err]
    assert not [path for path in project.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]

    monkeypatch.setenv("JIRA_API_TOKEN", right)
    assert okr_sync("run", "--project", project).code == 0
    assert not [path for path in project.rglob("*") if path.is_file() and right.encode() in path.read_bytes()]


@pytest.mark.usefixtures("no_waits", "sandbox")
def test_a_host_that_does_not_answer(okr_sync: OkrSync, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed port is exit code 4 and one message; no raw log line tells of the retries."""
    there = os.environ["JIRA_BASE_URL"]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("JIRA_BASE_URL", f"http://127.0.0.1:{port}")

    said = okr_sync("sync", "--project", project)
    assert (said.code, said.err) == (4, "")
    assert said.out.count(f"127.0.0.1:{port}") == 1
    assert "no connection" in said.out

    monkeypatch.setenv("JIRA_BASE_URL", there)
    assert okr_sync("sync", "--project", project).code == 0


@pytest.mark.usefixtures("no_waits", "sandbox")
def test_a_half_written_page_lands_nothing_wrong(okr_sync: OkrSync, project: Path, faults: list[Fault]) -> None:
    """A page that is cut off every time is exit code 4 and no data; once it is whole, every issue is counted."""
    faults.append(Fault(cut_body(), path=SEARCH))
    assert okr_sync("run", "--project", project).code == 4
    assert _value(okr_sync, project) is None

    faults.clear()
    assert okr_sync("run", "--project", project).code == 0
    assert (_value(okr_sync, project) or 0) > 0


@pytest.mark.usefixtures("sandbox")
def test_ctrl_c_ends_with_one_line(okr_sync: OkrSync, project: Path, faults: list[Fault]) -> None:
    """Exit code 130, one line, no traceback; the next run continues."""
    running: list[int] = []

    async def interrupted(_: Call, forward: Forward) -> Answer:
        """A person presses Ctrl-C while the first page is on its way."""
        os.kill(running[0], signal.SIGINT)
        return await forward()

    faults.append(Fault(interrupted, path=SEARCH, requests=(1,)))
    command = [str(SCRIPT), "sync", "--project", str(project)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        running.append(process.pid)
        out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (130, "")
    assert err.count("\n") == 1
    assert err.startswith("interrupted: ")
    assert okr_sync("run", "--project", project).code == 0


def _value(okr_sync: OkrSync, project: Path) -> float | None:
    content = json.loads(okr_sync("status", "--project", project, "--json").out)
    value: float | None = content["objectives"][0]["key_results"][0]["value"]
    return value
