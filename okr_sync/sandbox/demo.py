"""The demo project, and the sandbox that it reads."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copyfile, copytree
from typing import Self

from okr_sync.errors import OkrSyncError
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import ZONE
from okr_sync.sandbox.clock import RunningClock
from okr_sync.sandbox.database import write_database
from okr_sync.sandbox.records import Review, SurveyAnswer
from okr_sync.sandbox.server import Options, Sandbox

DEMO_FOLDER = "okr-sync-demo"
DEMO_SYSTEMS = ("jira", "zendesk", "hubspot", "betterstack")
"""The stand-ins that the demo project's sources read."""


@dataclass(frozen=True, slots=True)
class Birth:
    """How a folder's agency came to be, kept in the folder: the next demo there goes on with the same one.

    So a second sync finds what it knows already, at the same address, and has nothing to do.
    """

    seed: int
    grown_at: str
    ports: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def file(folder: Path) -> Path:
        return folder / "demo.json"

    @classmethod
    def read(cls, folder: Path) -> Self:
        held = json.loads(cls.file(folder).read_text("utf-8"))
        return cls(held["seed"], held["grown_at"], held.get("ports", {}))

    def write(self, folder: Path) -> None:
        self.file(folder).write_text(json.dumps(asdict(self)) + "\n", "utf-8")

    def grow(self) -> Agency:
        """The agency as it was then; only its clock has gone on."""
        agency = Agency.grow(self.seed, datetime.fromisoformat(self.grown_at)).grow_business(self.seed)
        agency.clock = RunningClock(datetime.now(UTC))
        return agency


def write_demo_project(folder: Path, agency: Agency) -> None:
    """The demo's project files, and what its sources read from `data/`: the surveys, and the travel client's database.

    Files of these names are overwritten.
    """
    with as_file(files("okr_sync.sandbox") / "project") as project:
        copytree(project, folder, copy_function=copyfile, dirs_exist_ok=True)
    data = folder / "data"
    data.mkdir(exist_ok=True)
    _write_survey(data / "nps.csv", agency.surveys.all)
    _write_reviews(data / "reviews.csv", agency.reviews)
    write_database(data / "travel.db", agency)


def write_demo(folder: Path, seed: int = 1) -> None:
    """A demo project in `folder`, whose agency grows now.

    Raises:
        OkrSyncError: the folder holds a project already.
    """
    if (folder / "okr-sync.yaml").exists():
        raise OkrSyncError(f"{folder} holds a project already; name another folder for the demo, or one that is new")
    birth = Birth(seed, datetime.now(UTC).isoformat())
    write_demo_project(folder, birth.grow())
    birth.write(folder)


@contextmanager
def serve_demo(folder: Path, seed: int = 1) -> Iterator[Sandbox]:
    """The sandbox of the demo in `folder`, with the environment variables that its project names.

    Where there is no demo yet, it is written from `seed`; else that folder's agency is served.

    Raises:
        OkrSyncError: the folder holds a project that is not the demo.
    """
    if not Birth.file(folder).exists():
        write_demo(folder, seed)
    birth = Birth.read(folder)
    with _sandbox(birth) as sandbox, _environment(sandbox.variables()):
        if not birth.ports:
            replace(birth, ports=sandbox.ports).write(folder)
        yield sandbox


def _sandbox(birth: Birth) -> Sandbox:
    agency = birth.grow()
    try:
        return Sandbox(agency, options=Options(birth.ports), systems=DEMO_SYSTEMS)
    except OSError:  # somebody else has the port, perhaps the same demo in another process
        return Sandbox(agency, systems=DEMO_SYSTEMS)


def _write_survey(path: Path, answers: tuple[SurveyAnswer, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("response_id", "answered_at", "client", "score"))
        for one in answers:
            writer.writerow((one.id, one.answered_at.astimezone(ZONE).isoformat(), one.client, one.score))


def _write_reviews(path: Path, reviews: tuple[Review, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("review_id", "answered_at", "project", "client", "score"))
        for one in reviews:
            answered_at = one.answered_at.astimezone(ZONE).isoformat()
            writer.writerow((one.id, answered_at, one.project, one.client or "", one.score))


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
