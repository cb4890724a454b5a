"""KPIs: numbers that are watched beside the key results, each with the range in which it is healthy.

A KPI has no progress and belongs to no cycle; its windows are those of the cycle of the day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from okr_sync.measure import AsOf, Measured, Values, measure
from okr_sync.outcome import READ, failed_below, metric_evidence, readable, what_was_read
from okr_sync.progress import Goal
from okr_sync.project.model import Kpi
from okr_sync.project.units import amount
from okr_sync.store import KpiObservation, LastSyncs, RecordedKpiObservation, Store, StoredKpi
from okr_sync.trust import FailedGate
from okr_sync.workspace import Workspace


class KpiStatus(StrEnum):
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    WITHHELD = "withheld"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class KpiOutcome:
    """What a computation says of one KPI, and what the store holds for it on the same day or before."""

    kpi: Kpi
    observation: KpiObservation
    stored: RecordedKpiObservation | None

    @property
    def is_changed(self) -> bool:
        """Whether recording it would write a new revision."""
        return self.stored is None or not self.observation.says_the_same(self.stored)


def compute_kpis(workspace: Workspace, store: Store, day: AsOf, only: Set[str] | None = None) -> list[KpiOutcome]:
    """Compute the project's KPIs from what has landed: all, or `only` those with these names."""
    names = [name for name in workspace.project.kpis if only is None or name in only]
    if not names:
        return []
    metrics = {one: metric for name in names for one, metric in workspace.kpi_metrics(name).items()}
    with workspace.history(readable(workspace, metrics)) as history:
        (values,) = measure(metrics, history, [day], workspace.lookups)
    syncs, stored, trusted = store.last_syncs(), store.kpis_at(day.day), store.last_trusted_kpis(day.day)
    found = []
    for name in names:
        observation = _observation(workspace, name, values, syncs, trusted.get(name), day)
        found.append(KpiOutcome(workspace.project.kpis[name], observation, stored.get(name)))
    return found


def stored_kpis(workspace: Workspace) -> list[StoredKpi]:
    """The project's KPIs as the store keeps them."""
    return [
        StoredKpi(
            id=name,
            name=kpi.name,
            owner=kpi.owner,
            range=workspace.ranges[name].in_words,
            definition=workspace.kpi_definitions[name],
        )
        for name, kpi in workspace.project.kpis.items()
    ]


def _observation(
    workspace: Workspace,
    name: str,
    values: Values,
    syncs: Mapping[tuple[str, str], LastSyncs],
    trusted: RecordedKpiObservation | None,
    day: AsOf,
) -> KpiObservation:
    metrics, healthy = workspace.kpi_metrics(name), workspace.ranges[name]
    own = workspace.project.kpis[name].metric
    last = {} if trusted is None else {own: trusted.value}
    status, reason = _standing(
        values[own], healthy, failed_below(workspace, metrics, values, syncs, last, day), trusted, day
    )
    is_withheld = status is KpiStatus.WITHHELD
    kept = None if trusted is None else trusted.value
    return KpiObservation(
        kpi=name,
        as_of=day.day,
        value=kept if is_withheld else None if status is KpiStatus.NO_DATA else values[own].value,
        computed_value=values[own].value if is_withheld else None,
        unit=healthy.unit,
        low=healthy.low,
        high=healthy.high,
        status=status.value,
        reason=reason,
        record_count=values[own].record_count,
        definition=workspace.kpi_definitions[name].hash,
        evidence={
            **metric_evidence(metrics, values),
            READ: what_was_read(workspace.streams_below(own), syncs, day),
        },
    )


def _standing(
    measured: Measured,
    healthy: Goal,
    failed: Sequence[FailedGate],
    trusted: RecordedKpiObservation | None,
    day: AsOf,
) -> tuple[KpiStatus, str]:
    no_data = [gate.reason for gate in failed if gate.is_no_data]
    if no_data:
        return KpiStatus.NO_DATA, "; ".join(no_data)
    if failed:
        kept = "no earlier value to keep" if trusted is None else f"the value of {trusted.as_of} stays"
        return KpiStatus.WITHHELD, "; ".join([*(gate.reason for gate in failed), kept])
    if measured.value is None or not math.isfinite(measured.value):
        return KpiStatus.NO_DATA, f"the formula has no result for {day.day}: no record counts, or it divides by nothing"
    says = f"{amount(measured.value, healthy.unit)}, healthy is {healthy.in_words}"
    return (KpiStatus.HEALTHY if healthy.is_held(measured.value) else KpiStatus.UNHEALTHY), says
