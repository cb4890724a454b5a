"""What a report shows beside key results: initiatives, KPIs, and that a cycle was closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from okr_sync.kpis import KpiStatus
from okr_sync.project.model import Objective
from okr_sync.store import Closing, RecordedCompletion, RecordedKpiObservation
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class InitiativeReport:
    """An initiative. One that is named only has no `status`; counts are `None` where nothing is known."""

    name: str
    done_count: int | None = None
    record_count: int | None = None
    status: str | None = None
    """`counted`, `withheld` or `no data`."""
    reason: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class KpiReport:
    """A KPI. Numbers are in the metric's own unit; `None` is no data, or an open end of the healthy range."""

    id: str
    name: str
    owner: str | None
    value: float | None
    unit: str | None
    low: float | None
    high: float | None
    status: str
    """`healthy`, `unhealthy`, `withheld` or `no data`."""
    reason: str
    as_of: date | None
    record_count: int
    definition: str
    range: str


@dataclass(frozen=True, slots=True)
class ClosedReport:
    """That the cycle was closed: nothing of it is written any more."""

    cycle: str
    at: datetime
    by: str
    digest: str
    is_signed: bool


def initiative_reports(
    objective: Objective, stored: Mapping[tuple[str, str], RecordedCompletion]
) -> tuple[InitiativeReport, ...]:
    reports = []
    for one in objective.initiatives:
        found = stored.get((objective.id, one.name))
        if one.done is None:
            reports.append(InitiativeReport(one.name))
        elif found is None:
            reports.append(InitiativeReport(one.name, status="no data", reason="nothing is stored yet"))
        else:
            counts = found.done_count, found.record_count
            reports.append(InitiativeReport(one.name, *counts, found.status, found.reason, found.as_of))
    return tuple(reports)


def kpi_reports(workspace: Workspace, stored: Mapping[str, RecordedKpiObservation]) -> tuple[KpiReport, ...]:
    reports = []
    for name, kpi in workspace.project.kpis.items():
        healthy, found = workspace.ranges[name], stored.get(name)
        reports.append(
            KpiReport(
                id=name,
                name=kpi.name,
                owner=kpi.owner,
                value=None if found is None else found.value,
                unit=healthy.unit if found is None else found.unit,
                low=healthy.low if found is None else found.low,
                high=healthy.high if found is None else found.high,
                status=KpiStatus.NO_DATA.value if found is None else found.status,
                reason="nothing is stored yet; compute it with okr-sync run" if found is None else found.reason,
                as_of=None if found is None else found.as_of,
                record_count=0 if found is None else found.record_count,
                definition=workspace.kpi_definitions[name].hash if found is None else found.definition,
                range=healthy.in_short,
            )
        )
    return tuple(reports)


def closed_report(closing: Closing) -> ClosedReport:
    is_signed = closing.signature is not None
    return ClosedReport(closing.cycle, closing.closed_at, closing.closed_by, closing.digest, is_signed)
