"""The project that a night goes by: its files as they are, or, while they are broken, as they last loaded well.

Whenever the project loads, the text of its files is kept in `.okr-sync/last-good.json`. Only the night falls back to
it, and every run that does so says it; commands refuse a broken project.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from okr_sync import pipeline
from okr_sync.connector import utc_now
from okr_sync.errors import OkrSyncError
from okr_sync.orchestration.schedule import nightly_schedule
from okr_sync.orchestration.weekly import report_schedules
from okr_sync.project.load import MAIN_FILE, OKRS, Files, read_files
from okr_sync.workspace import Workspace, after_sync, open_workspace

KEPT = ".okr-sync/last-good.json"
"""Readable by its owner alone, as the project's files should be: a secret may be written in them."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files that loaded well."""

    files: Files
    loaded_at: datetime
    """When they first did."""
    broken: str | None = None
    """Why they are not the files that are in the folder now, since when, and what to do; `None` where they are."""

    def to_json(self) -> str:
        files = {name: content.decode() for name, content in self.files.items()}
        return json.dumps({"loaded_at": self.loaded_at.isoformat(), "files": files, "broken": self.broken})

    @classmethod
    def from_json(cls, text: str) -> Chosen:
        """Raises ValueError, KeyError or TypeError where `to_json` did not write it."""
        content = json.loads(text)
        files = {name: one.encode() for name, one in content["files"].items()}
        return cls(files, datetime.fromisoformat(content["loaded_at"]), content["broken"])


@dataclass(frozen=True, slots=True)
class Opened:
    """A project made ready for a night, and the files that say so."""

    workspace: Workspace
    chosen: Chosen

    @property
    def broken(self) -> str | None:
        return self.chosen.broken


def open_project(folder: Path, clock: Callable[[], datetime] = utc_now) -> Opened:
    """The project in `folder`; where it is broken, as it last loaded well.

    Raises:
        OkrSyncError: it is broken and never loaded, or what it was cannot be used either; says why it is broken.
    """
    try:
        files = read_files(folder)
        workspace = open_files(folder, files, clock)
    except OkrSyncError as error:
        return _as_it_was(folder, clock, error)
    return Opened(workspace, _keep(folder, Chosen(files, clock())))


def open_again(opened: Opened) -> Opened:
    """As `open_project`, for steps that ask no source: what is opened already, where nothing of it changed since."""
    workspace = opened.workspace
    folder = workspace.project.folder
    try:
        if opened.broken is None and read_files(folder) == opened.chosen.files:
            return Opened(replace(after_sync(workspace), clock=utc_now), opened.chosen)
    except OkrSyncError:
        pass  # what is wrong is found again, and told
    return open_project(folder)


def open_files(folder: Path, files: Files, clock: Callable[[], datetime] = utc_now) -> Workspace:
    """The project that these files describe, if a night can go by it.

    Raises:
        OkrSyncError: they are broken, or their schedule is none, or no cycle has begun.
    """
    workspace = open_workspace(folder, clock, files)
    nightly_schedule(workspace.project.settings)
    report_schedules(workspace)
    pipeline.day_of(workspace, None)
    return workspace


def _as_it_was(folder: Path, clock: Callable[[], datetime], error: OkrSyncError) -> Opened:
    kept = _kept(folder)
    if kept is None:
        raise error
    try:
        workspace = open_files(folder, kept.files, clock)
    except OkrSyncError:
        raise error from None
    zone = workspace.project.zone
    since, then = (f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (_changed_at(folder), kept.loaded_at))
    broken = (
        f"The project's files are broken since {since}: {error}\n"
        f"  The night goes by the definitions of {then}, the last that loaded well.\n"
        "  To do: okr-sync check shows every problem; correct the files, then run the job again."
    )
    return Opened(workspace, Chosen(kept.files, kept.loaded_at, broken))


def _changed_at(folder: Path) -> datetime:
    """When one of the files was last saved, made or removed."""
    places = [folder / MAIN_FILE, folder / OKRS, *(folder / OKRS).rglob("*")]
    times = [one.stat().st_mtime for one in places if one.exists()]
    return datetime.fromtimestamp(max(times, default=folder.stat().st_mtime)).astimezone()


def _kept(folder: Path) -> Chosen | None:
    try:
        return Chosen.from_json((folder / KEPT).read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(folder: Path, chosen: Chosen) -> Chosen:
    """Written as a whole or not at all; gives what is kept."""
    kept = _kept(folder)
    if kept is not None and kept.files == chosen.files:
        return kept
    path = folder / KEPT
    try:
        path.parent.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix="last-good-") as folder_of_mine:
            new = Path(folder_of_mine) / path.name
            new.touch(mode=0o600)
            new.write_text(chosen.to_json(), "utf-8")
            new.replace(path)
    except OSError as error:
        log.warning("%s cannot be written (%s): while the project is broken, no night can run", path, error.strerror)
    return chosen
