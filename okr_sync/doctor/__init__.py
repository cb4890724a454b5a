"""What is well and what is not: each source, the store, the warehouse. Looks, and changes nothing.

`okr_sync.orchestration.health` examines Dagster in the same words.
"""

from okr_sync.doctor.finding import Examination, Finding, Health, findings_of
from okr_sync.doctor.source import Patient, examine
from okr_sync.doctor.store import examine_store
from okr_sync.doctor.warehouse import examine_warehouse

__all__ = [
    "Examination",
    "Finding",
    "Health",
    "Patient",
    "examine",
    "examine_store",
    "examine_warehouse",
    "findings_of",
]
