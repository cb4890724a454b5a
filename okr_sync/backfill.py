"""Every day of a span computed and recorded, one after another, from one reading of the warehouse.

Each day is computed as `okr-sync run --as-of` would after the days before it, and stored before the next: what is
interrupted keeps the days that are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from okr_sync import night, runs
from okr_sync.formula import CompiledMetric
from okr_sync.measure import AsOf
from okr_sync.night import Computed
from okr_sync.outcome import readable
from okr_sync.planning import AnyOutcome, Kind, kind_of
from okr_sync.store import ClosedCycleError, Closing, Store
from okr_sync.workspace import Workspace, reading_once

DayWatcher = Callable[[date, int, int], None]
"""Told of each day that is stored, how many are, and how many there will be."""


def unwatched_day(_: date, __: int, ___: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class DayReport:
    """What one day of a backfill stored. Values are in the store: `okr-sync status --as-of` shows them."""

    day: date
    recorded_count: int
    """Observations that were new."""
    restated_count: int
    """Of these, the ones that say something else than what was stored for the day."""
    kept_back: Sequence[tuple[str, str, str]]
    """Id, status and reason of each key result and KPI that was withheld or has no data."""


@dataclass(frozen=True, slots=True)
class BackfillReport:
    days: Sequence[DayReport]
    closings: Sequence[Closing]
    """Of cycles that are closed, of which nothing was written while another cycle of the same days was open."""

    @property
    def recorded_count(self) -> int:
        return sum(one.recorded_count for one in self.days)

    @property
    def restated_count(self) -> int:
        return sum(one.restated_count for one in self.days)

    def kept_back(self, status: str) -> dict[str, list[tuple[date, str]]]:
        """By key result or KPI, the days on which it has this status, with the reason."""
        found: dict[str, list[tuple[date, str]]] = {}
        for one in self.days:
            for name, kept, reason in one.kept_back:
                if kept == status:
                    found.setdefault(name, []).append((one.day, reason))
        return found


def record_days(workspace: Workspace, store: Store, days: Sequence[date], watch: DayWatcher) -> BackfillReport:
    """Compute and store each of the days, which are in their order.

    Raises:
        ClosedCycleError: on one of them every cycle is closed; nothing was written.
    """
    now = workspace.clock()
    by_day = {day: AsOf.each(workspace.project, day, now) for day in days}
    closings = _closings(store, by_day.values())
    reports = []
    with reading_once(workspace, fields_of(workspace, by_day.values())) as opened:
        for number, (day, cycles) in enumerate(by_day.items(), start=1):
            reports.append(_record_day(opened.on(day), store, cycles))
            watch(day, number, len(by_day))
    return BackfillReport(reports, closings)


def _closings(store: Store, days: Iterable[Sequence[AsOf]]) -> list[Closing]:
    """The closed cycles of the days, which must all have an open one as well."""
    found: dict[str, Closing | None] = {}
    for cycles in days:
        for day in cycles:
            if day.cycle.name not in found:
                found[day.cycle.name] = store.closing(day.cycle.name)
        closed = [one for day in cycles if (one := found[day.cycle.name]) is not None]
        if len(closed) == len(cycles):
            raise ClosedCycleError.of(closed[0])
    return [one for one in found.values() if one is not None]


def _record_day(workspace: Workspace, store: Store, cycles: Sequence[AsOf]) -> DayReport:
    day = cycles[0].day
    run_id = runs.begin(workspace, store, "backfill", day)
    computed = night.compute(workspace, store, cycles)
    recorded_count = night.record(workspace, store, run_id, cycles, computed)
    report = _report(day, computed, recorded_count)
    withheld = any(status == "withheld" for _, status, _ in report.kept_back)
    runs.finish(workspace, store, run_id, "withheld" if withheld else "done")
    return report


def _report(day: date, computed: Computed, recorded_count: int) -> DayReport:
    everything: list[AnyOutcome] = [*computed.outcomes, *computed.kpis, *computed.completions]
    kept_back = [
        *((one.key_result.id, one.observation.status, one.observation.reason) for one in computed.outcomes),
        *((one.observation.kpi, one.observation.status, one.observation.reason) for one in computed.kpis),
    ]
    return DayReport(
        day,
        recorded_count,
        sum(kind_of(one) is Kind.RESTATED for one in everything),
        [one for one in kept_back if one[1] in ("withheld", "no data")],
    )


def fields_of(workspace: Workspace, days: Iterable[Sequence[AsOf]]) -> dict[str, set[str]]:
    """By stream, every field that the key results, KPIs and initiatives of the days read."""
    fields: dict[str, set[str]] = {}
    # An id may mean one thing in one cycle and another in the next.
    one_each = {tuple(day.cycle.name for day in cycles): cycles[0].day for cycles in days}
    for day in one_each.values():
        for metrics in _groups(workspace.on(day)):
            for stream, names in readable(workspace, metrics).items():
                fields.setdefault(stream, set()).update(names)
    return fields


def _groups(workspace: Workspace) -> Iterator[Mapping[str, CompiledMetric]]:
    """The metrics that are computed together: of key results, of KPIs, of each initiative."""
    yield workspace.metrics_below(one for each in workspace.project.objectives for one in each.key_results)
    yield workspace.metrics_of(one.metric for one in workspace.project.kpis.values())
    yield from (one.metrics for one in workspace.completions.values())
