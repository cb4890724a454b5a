"""A sandbox for people: it runs until they stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copyfile, copytree
from tempfile import TemporaryDirectory

from okr_sync.errors import OkrSyncError
from okr_sync.sandbox import agency
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.clock import Clock, RunningClock
from okr_sync.sandbox.database import write_database
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options, Sandbox
from okr_sync.sandbox.systems import SYSTEMS


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says of a sandbox."""

    systems: Sequence[str] = SYSTEMS
    port: int = 0
    """The first system's; the others have those after it. 0 is any free port for each."""
    seed: int = 1
    size: float = 1.0
    """1 is an agency with 600 issues, 900 tickets, 480 deals and 9,000 visits."""
    now: datetime | None = None
    """The agency's time; without it, this machine's."""
    is_frozen: bool = False
    """The agency's clock stands still."""
    faults: Sequence[Fault] = ()

    def grow(self) -> Agency:
        now = self.now or datetime.now(UTC)
        counts = (agency.ISSUE_COUNT, agency.TICKET_COUNT, agency.SURVEY_COUNT)
        grown = Agency.grow(self.seed, now, *(self._sized(count) for count in counts))
        business = (agency.DEAL_COUNT, agency.VISIT_COUNT, agency.LISTING_COUNT, agency.OUTAGE_COUNT)
        grown.grow_business(self.seed, *(self._sized(count) for count in business))
        grown.clock = Clock(now) if self.is_frozen else RunningClock(now)
        return grown

    def _sized(self, count: int) -> int:
        return round(count * self.size)


def write_tour(folder: Path) -> None:
    """A project that reads every stand-in, in a folder that has none yet.

    Raises:
        OkrSyncError: the folder holds a project already.
    """
    if (folder / "okr-sync.yaml").exists():
        raise OkrSyncError(f"{folder} holds a project already; name another folder, or one that is new")
    with as_file(files("okr_sync.sandbox") / "tour") as tour:
        copytree(tour, folder, copy_function=copyfile, dirs_exist_ok=True)


def serve(wishes: Wishes, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `say` gets the lines that a shell needs to reach it.

    Raises:
        OSError: a port is taken.
    """
    grown = wishes.grow()
    ports = {name: wishes.port + number for number, name in enumerate(wishes.systems)} if wishes.port else {}
    sandbox = Sandbox(grown, wishes.faults, Options(ports), wishes.systems)
    with TemporaryDirectory(prefix="okr-sync-sandbox-") as folder, sandbox:
        database = Path(folder) / "agency.db"
        write_database(database, grown)
        for name, value in {**sandbox.variables(), "AGENCY_DATABASE": f"sqlite:///{database}"}.items():
            say(f"export {name}={value}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("# stopped")
