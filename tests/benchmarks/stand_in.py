"""The sandbox in a process of its own: what it takes is not the sync's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.server import Sandbox

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


@contextmanager
def served(issue_count: int = 0, ticket_count: int = 0) -> Iterator[Mapping[str, str]]:
    """The variables that lead to a sandbox with so many records."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(there, issue_count, ticket_count), daemon=True)
    process.start()
    there.close()
    try:
        yield here.recv()
    finally:
        here.close()
        process.join()


def _serve(caller: Connection, issue_count: int, ticket_count: int) -> None:
    agency = Agency.grow(7, NOW, issue_count, ticket_count, survey_count=0)
    with Sandbox(agency) as sandbox:
        caller.send(sandbox.variables())
        caller.poll(None)  # true once the other end is closed
