"""What is wrong when a night is over: data for the summary of its run and for alerts. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from okr_sync.connector import Stream
from okr_sync.errors import OkrSyncError, ProjectError
from okr_sync.kpis import KpiStatus
from okr_sync.measure import AsOf, Trial
from okr_sync.progress import Status
from okr_sync.project.key_result import KeyResult
from okr_sync.project.settings import Settings
from okr_sync.store import ComputingRun, Store, StoreError
from okr_sync.warehouse import WarehouseError
from okr_sync.workspace import MissingVariableError, Workspace

LONGEST_NIGHT = timedelta(hours=6)
"""A run that began earlier and has not ended was killed, most likely."""
STALE_AFTER = timedelta(hours=36)
"""Of a daily schedule, where the project says nothing else: one night may fail before anybody is told."""


class ProblemKind(StrEnum):
    """The kinds, as the runbook's sections are named; the worst first."""

    STORE_UNREACHABLE = "store-unreachable"
    PROJECT_BROKEN = "project-broken"
    RUN_FAILED = "run-failed"
    STALE = "stale"
    SOURCE_FAILED = "source-failed"
    SOURCE_INCOMPLETE = "source-incomplete"
    METRIC_TEST = "metric-test"
    WITHHELD = "withheld"


TrialsOf = Callable[[Workspace, Iterable[str]], Mapping[str, Sequence[Trial]]]
"""Runs the tests of the metrics with these names: by metric, how they went."""
STREAM = "stream"
"""In the place of the kind: a source may be incomplete one night and fail as a whole the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightProblem:
    """One thing that a person has to look at."""

    kind: ProblemKind
    subject: str
    """What it is of: a source, a metric, a key result, `kpi NAME`; else the kind once more."""
    reason: str | None = None
    """As it was stored or raised, in English."""
    name: str | None = None
    """What people call the subject."""
    streams: tuple[str, ...] = ()
    """Those of the source that are not complete."""
    key_results: tuple[str, ...] = ()
    """Which rest on it."""
    last_good: datetime | None = None
    """Until when all was well, where that is known: of a source, its last complete sync; else the last run's end."""
    place: str | None = None
    """File and line, of a metric's test."""

    @property
    def items(self) -> tuple[str, ...]:
        """What is amiss, as `stream:crm.deals` or `withheld:late`: the same on another night, however it is worded."""
        if self.streams:
            return tuple(f"{STREAM}:{name}" for name in self.streams)
        return (f"{self.kind}:{self.subject}",)


def synced_streams(workspace: Workspace) -> dict[str, Stream]:
    """What a night reads: of what the sources offer, the rest is never synced."""
    plans = [workspace.plan(source) for source in workspace.project.sources.values()]
    names = [f"{plan.source}.{name}" for plan in plans for name in plan.settings_hashes]
    return {name: workspace.streams[name] for name in names}


def incomplete_streams(workspace: Workspace, store: Store) -> dict[str, str]:
    """By name, the project's streams whose latest sync is not complete, and why."""
    syncs = {f"{source}.{stream}": last.attempt for (source, stream), last in store.last_syncs().items()}
    found = {}
    for name in synced_streams(workspace):
        if name not in syncs:
            found[name] = "it was never synced"
        elif not syncs[name].is_complete:
            found[name] = syncs[name].error or "its sync was begun and never finished"
    return found


def open_key_results(workspace: Workspace, store: Store, days: Sequence[AsOf]) -> list[KeyResult]:
    """Those of the cycles that are not closed: what is closed waits for nothing."""
    return [
        one
        for day in days
        if store.closing(day.cycle.name) is None
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
    ]


def tested_metrics(workspace: Workspace, key_result: KeyResult) -> list[str]:
    """The metrics below a key result that have tests; of one that a template restricts, the metric as written."""
    below = workspace.metrics_below([key_result]).items()
    names = dict.fromkeys(one.metric.base or name for name, one in below)
    return [name for name in names if workspace.metrics[name].metric.tests]


def problems_of(workspace: Workspace, store: Store, days: Sequence[AsOf], trials_of: TrialsOf) -> list[NightProblem]:
    """Each source that is not complete; each metric whose own tests fail; each other value that is withheld.

    Args:
        workspace: as of the day.
        trials_of: runs the tests of metrics.
    """
    key_results = open_key_results(workspace, store, days)
    incomplete = incomplete_streams(workspace, store)
    touched = {one.id: incomplete.keys() & workspace.streams_read(one) for one in key_results}
    return [
        *_of_sources(workspace, store, incomplete, touched),
        *_of_tests(workspace, key_results, trials_of),
        *_withheld(store, days, [one for one in key_results if not touched[one.id]]),
        *_withheld_kpis(workspace, store, days[0], incomplete.keys()),
    ]


def _of_sources(
    workspace: Workspace, store: Store, incomplete: Mapping[str, str], touched: Mapping[str, Set[str]]
) -> Iterator[NightProblem]:
    """One for each source and reason: a source that failed as a whole gives all of its streams the same one."""
    counts = Counter(name.partition(".")[0] for name in synced_streams(workspace))
    last_syncs = store.last_syncs()
    for (source, reason), streams in _by_source(incomplete).items():
        last = [last_syncs.get((source, one.partition(".")[2])) for one in streams]
        complete = [one.complete.started_at for one in last if one is not None and one.complete is not None]
        is_whole = len(streams) == counts[source]
        yield NightProblem(
            kind=ProblemKind.SOURCE_FAILED if is_whole else ProblemKind.SOURCE_INCOMPLETE,
            subject=source,
            reason=reason,
            streams=tuple(streams),
            key_results=tuple(name for name, causes in touched.items() if not causes.isdisjoint(streams)),
            last_good=min(complete) if len(complete) == len(streams) else None,
        )


def _by_source(incomplete: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for name, why in incomplete.items():
        found.setdefault((name.partition(".")[0], why), []).append(name)
    return found


def _of_tests(workspace: Workspace, key_results: Sequence[KeyResult], trials_of: TrialsOf) -> Iterator[NightProblem]:
    tested = {one.id: tested_metrics(workspace, one) for one in key_results}
    trials = trials_of(workspace, (name for names in tested.values() for name in names))
    for metric, own in trials.items():
        failed = [one for one in own if not one.has_passed]
        if failed:
            yield NightProblem(
                kind=ProblemKind.METRIC_TEST,
                subject=metric,
                reason=f"{len(failed)} of {len(own)}: {failed[0].label} {failed[0].failure}",
                key_results=tuple(name for name, metrics in tested.items() if metric in metrics),
                place=str(failed[0].place),
            )


def _withheld(store: Store, days: Sequence[AsOf], key_results: Sequence[KeyResult]) -> Iterator[NightProblem]:
    stored = {name: one for day in days for name, one in store.observations_at(day.cycle.name, day.day).items()}
    for one in key_results:
        found = stored.get(one.id)
        if found is not None and found.status == Status.WITHHELD:
            yield NightProblem(
                kind=ProblemKind.WITHHELD, subject=one.id, name=one.name, reason=found.reason, key_results=(one.id,)
            )


def _withheld_kpis(workspace: Workspace, store: Store, day: AsOf, incomplete: Set[str]) -> Iterator[NightProblem]:
    stored = store.kpis_at(day.day)
    for name, kpi in workspace.project.kpis.items():
        is_touched = not workspace.streams_below(kpi.metric).isdisjoint(incomplete)
        if name in stored and stored[name].status == KpiStatus.WITHHELD and not is_touched:
            yield NightProblem(
                kind=ProblemKind.WITHHELD, subject=f"kpi {name}", name=kpi.name, reason=stored[name].reason
            )


def problems_of_runs(last: ComputingRun | None, settings: Settings, now: datetime) -> Iterator[NightProblem]:
    """A run that was begun and never ended, or none for too long. A project that never ran has neither."""
    if last is None:
        return
    if last.finished_at is None and now - last.started_at > LONGEST_NIGHT:
        yield NightProblem(kind=ProblemKind.RUN_FAILED, subject="run", last_good=last.ended_at)
    allowed = stale_after(settings)
    if allowed is not None and now - (last.ended_at or last.started_at) > allowed:
        yield NightProblem(kind=ProblemKind.STALE, subject="runs", last_good=last.ended_at)


def stale_after(settings: Settings) -> timedelta | None:
    """How long no run may have ended; `None` where nobody can say: of a schedule that leaves days out."""
    if settings.alerts.stale_after is not None:
        return settings.alerts.stale_after.duration()
    return STALE_AFTER if settings.schedule.split()[2:] == ["*", "*", "*"] else None


def problem_of_error(error: BaseException) -> NightProblem:
    """What ended a run before its end."""
    if isinstance(error, StoreError | WarehouseError):
        kind, subject = ProblemKind.STORE_UNREACHABLE, "store" if isinstance(error, StoreError) else "warehouse"
        return NightProblem(kind=kind, subject=subject, reason=str(error))
    if isinstance(error, ProjectError | MissingVariableError):
        return NightProblem(kind=ProblemKind.PROJECT_BROKEN, subject="project", reason=str(error))
    return run_failed(str(error) if isinstance(error, OkrSyncError) else f"{type(error).__name__}: {error}")


def run_failed(reason: str) -> NightProblem:
    return NightProblem(kind=ProblemKind.RUN_FAILED, subject="run", reason=reason)
