"""The results: runs, syncs, objectives and append-only observations, on SQLite or PostgreSQL.

`Store` is the way in; the rest is what it takes and gives. Nothing outside this package opens a session.
"""

from okr_sync.store.condition import Condition, LastRun, condition
from okr_sync.store.definition import (
    Definition,
    Ground,
    definition_of,
    initiative_definition,
    kpi_definition,
    roll_up_definition,
)
from okr_sync.store.errors import ClosedCycleError, StoreError
from okr_sync.store.model import (
    LastSyncs,
    Observation,
    RecordedObservation,
    Run,
    SeenDefinition,
    StoredKeyResult,
    StoredObjective,
    StoredValue,
    Sync,
    SyncResult,
    SyncTotals,
)
from okr_sync.store.published import ComputingRun, Publication
from okr_sync.store.redefinition import ChangedPart, changed_parts
from okr_sync.store.repository import Store
from okr_sync.store.said import Acceptance, CheckIn, Override
from okr_sync.store.watched import (
    Closing,
    Completion,
    KpiObservation,
    RecordedCompletion,
    RecordedKpiObservation,
    StoredKpi,
)

__all__ = [
    "Acceptance",
    "ChangedPart",
    "CheckIn",
    "ClosedCycleError",
    "Closing",
    "Completion",
    "ComputingRun",
    "Condition",
    "Definition",
    "Ground",
    "KpiObservation",
    "LastRun",
    "LastSyncs",
    "Observation",
    "Override",
    "Publication",
    "RecordedCompletion",
    "RecordedKpiObservation",
    "RecordedObservation",
    "Run",
    "SeenDefinition",
    "Store",
    "StoreError",
    "StoredKeyResult",
    "StoredKpi",
    "StoredObjective",
    "StoredValue",
    "Sync",
    "SyncResult",
    "SyncTotals",
    "changed_parts",
    "condition",
    "definition_of",
    "initiative_definition",
    "kpi_definition",
    "roll_up_definition",
]
