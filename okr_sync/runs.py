"""A run's beginning and end, in the store and in the log."""

from __future__ import annotations

from datetime import date

from okr_sync import __version__, journal
from okr_sync.store import Run, Store
from okr_sync.workspace import Workspace


def begin(workspace: Workspace, store: Store, kind: str, as_of: date) -> int:
    """Write down that a run for a day begins; returns its id. One that is never finished was killed."""
    run_id = store.begin_run(Run(kind=kind, version=__version__, as_of=as_of, started_at=workspace.clock()))
    journal.run_began(kind, run_id)
    return run_id


def finish(workspace: Workspace, store: Store, run_id: int, outcome: str) -> None:
    store.finish_run(run_id, outcome, workspace.clock())
    journal.run_ended(run_id, outcome)
