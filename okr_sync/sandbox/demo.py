"""The demo project, and the sandbox that it reads."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

from okr_sync.errors import OkrSyncError
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import ZONE
from okr_sync.sandbox.clock import RunningClock
from okr_sync.sandbox.records import SurveyAnswer
from okr_sync.sandbox.server import Sandbox

DEMO_FOLDER = "okr-sync-demo"
_BIRTH = "demo.json"
"""When the folder's agency was grown, and from which seed: the next demo in the folder goes on with the same one."""


def write_demo_project(folder: Path, agency: Agency) -> None:
    """The demo's project files, and the agency's survey as `data/nps.csv`. Files of these names are overwritten."""
    with as_file(files("okr_sync.sandbox") / "project") as project:
        copytree(project, folder, dirs_exist_ok=True)
    survey = folder / "data" / "nps.csv"
    survey.parent.mkdir(exist_ok=True)
    _write_survey(survey, agency.surveys)


def write_demo(folder: Path, seed: int = 1) -> None:
    """A demo project in `folder`, which is new or empty, whose agency grows now.

    Raises:
        OkrSyncError: the folder holds a project already.
    """
    if (folder / "okr-sync.yaml").exists():
        raise OkrSyncError(f"{folder} holds a project already; name another folder for the demo, or a new one")
    grown_at = datetime.now(UTC)
    write_demo_project(folder, Agency.grow(seed, grown_at, issue_count=0, ticket_count=0))
    (folder / _BIRTH).write_text(json.dumps({"seed": seed, "grown_at": grown_at.isoformat()}) + "\n", "utf-8")


@contextmanager
def serve_demo(folder: Path, seed: int = 1) -> Iterator[Sandbox]:
    """The sandbox of the demo in `folder`, with the variables that its project names.

    The project is written where there is none; else the folder's agency is as it was, however late it is by now.

    Raises:
        OkrSyncError: the folder holds a project that is not the demo.
    """
    birth_file = folder / _BIRTH
    if not birth_file.exists():
        write_demo(folder, seed)
    birth = json.loads(birth_file.read_text("utf-8"))
    agency = Agency.grow(birth["seed"], datetime.fromisoformat(birth["grown_at"]))
    agency.clock = RunningClock(datetime.now(UTC))
    with Sandbox(agency) as sandbox, _environment(sandbox.variables()):
        yield sandbox


def _write_survey(path: Path, answers: tuple[SurveyAnswer, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("response_id", "answered_at", "client", "score"))
        for one in answers:
            writer.writerow((one.id, one.answered_at.astimezone(ZONE).isoformat(), one.client, one.score))


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
