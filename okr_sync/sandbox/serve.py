"""A sandbox for people: it runs until they stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from okr_sync.sandbox.agency import ISSUE_COUNT, TICKET_COUNT, Agency
from okr_sync.sandbox.clock import RunningClock
from okr_sync.sandbox.server import Options, Sandbox


def grow_now(seed: int = 1, issue_count: int = ISSUE_COUNT, ticket_count: int = TICKET_COUNT) -> Agency:
    """An agency whose past ends now and whose clock goes on from there."""
    now = datetime.now(UTC)
    agency = Agency.grow(seed, now, issue_count, ticket_count)
    agency.clock = RunningClock(now)
    return agency


def serve(agency: Agency, systems: Sequence[str], port: int, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C, on `port` and those after it; `say` gets the lines that a shell needs to reach it."""
    ports = {name: port + number for number, name in enumerate(systems)} if port else {}
    with Sandbox(agency, options=Options(ports), systems=systems) as sandbox:
        for name, value in sandbox.variables().items():
            say(f"export {name}={value}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("# stopped")
