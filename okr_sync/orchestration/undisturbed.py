"""Two runs of the job at the same time: one computes while no other is landing records.

A value that is computed from half of a sync is withheld: that is right, but would end a night as failed that is well.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from okr_sync import pipeline
from okr_sync.store import Store
from okr_sync.warehouse import WarehouseError
from okr_sync.workspace import Workspace

T = TypeVar("T")

PATIENCE = timedelta(minutes=2)
"""Beyond the time that the sync of a source may take."""
_TRIES = 5


def undisturbed(workspace: Workspace, work: Callable[[], T]) -> T:
    """What `work` gives, begun while nobody syncs a source of the project; again where somebody began meanwhile."""
    with pipeline.open_store(workspace) as store:
        for _ in range(_TRIES):
            _wait(workspace)
            before = _attempts(store)
            found = work()
            if _attempts(store) == before:
                break
    return found


def _wait(workspace: Workspace) -> None:
    for source in workspace.project.sources.values():
        # Where it is still held after that, what reads it says that it is not complete.
        with suppress(WarehouseError), workspace.warehouse.lock(source.name, workspace.plan(source).timeout + PATIENCE):
            pass


def _attempts(store: Store) -> set[int]:
    return {one.attempt.id for one in store.last_syncs().values()}
