"""The results: runs, syncs, objectives and append-only observations, on SQLite or PostgreSQL.

`Store` is the way in; the rest is what it takes and gives. Nothing outside this package opens a session.
"""

from okr_sync.store.definition import Definition, definition_of
from okr_sync.store.errors import StoreError
from okr_sync.store.model import (
    LastSyncs,
    Observation,
    RecordedObservation,
    Run,
    SeenDefinition,
    StoredKeyResult,
    StoredObjective,
    Sync,
    SyncResult,
)
from okr_sync.store.repository import Store

__all__ = [
    "Definition",
    "LastSyncs",
    "Observation",
    "RecordedObservation",
    "Run",
    "SeenDefinition",
    "Store",
    "StoreError",
    "StoredKeyResult",
    "StoredObjective",
    "Sync",
    "SyncResult",
    "definition_of",
]
