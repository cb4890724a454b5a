"""The steps in order, one call a line: the table of contents of okr-sync.

Each public function is one command. It takes what it needs as data and gives data; printing is for the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from okr_sync import closing, explaining, journal, night, people, planning, runs, settling
from okr_sync.acceptance import Refusal, Wish
from okr_sync.advice import facts_of
from okr_sync.backfill import BackfillReport, DayWatcher, record_days, unwatched_day
from okr_sync.backup import BackupReport, back_up
from okr_sync.carry_over import carried_on, carry_overs
from okr_sync.closing import Closer, Verification
from okr_sync.connector import Stream, utc_now
from okr_sync.doctor import Examination, Finding, Health, Patient, examine, examine_store, examine_warehouse
from okr_sync.errors import OkrSyncError, ProjectError, nearest
from okr_sync.explaining import Explanation, Known, Past, Since, Wanted
from okr_sync.history import Kept, Line, line
from okr_sync.impact import Impact, LostOption, lost_options
from okr_sync.impact import impact as impact_of
from okr_sync.kpis import KpiOutcome
from okr_sync.measure import AsOf, Rehearsal, Trial
from okr_sync.night import Computed
from okr_sync.outcome import Outcome
from okr_sync.people import Claim, Note
from okr_sync.planning import AnyOutcome, Plan
from okr_sync.progress import Status
from okr_sync.project.cycle import end_of
from okr_sync.project.key_result import KeyResult
from okr_sync.project.lint import Advice, lint
from okr_sync.project.model import Source
from okr_sync.report import StatusReport, Stored, status_report
from okr_sync.store import (
    CheckIn,
    ClosedCycleError,
    Closing,
    Override,
    Store,
    StoreError,
    SyncResult,
    condition,
)
from okr_sync.sync import (
    SOURCES_SIDE_BY_SIDE,
    SourcePlan,
    StreamSync,
    Syncing,
    Watcher,
    sync_side_by_side,
    unwatched,
)
from okr_sync.warehouse import LandedStream, SourceLog, WarehouseError
from okr_sync.workspace import Workspace, after_sync, open_workspace, require_variables


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a person may say of one sync."""

    sources: tuple[str, ...] = ()
    """Only these; all where empty."""
    accept_deletions: bool = False
    watch: Watcher = unwatched
    patience: timedelta = timedelta()
    """How long to wait, beyond the source's own time, for another process that is syncing it; a person does not."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did."""

    as_of: date
    syncs: Sequence[StreamSync]
    computed: Computed
    recorded_count: int
    """Observations that were new; the others say what is stored already."""
    refusals: Sequence[Refusal] = ()
    """What a person wished to be let through and cannot be."""
    renamed: Sequence[LostOption] = ()
    """Options that formulas name and that look renamed in their source."""
    settled: Sequence[Outcome] = ()
    """What is new of earlier days that were provisional."""
    restated: Sequence[AnyOutcome] = ()
    """What of the day was final and says something else now."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        return self.computed.outcomes

    @property
    def failed_syncs(self) -> list[StreamSync]:
        return [sync for sync in self.syncs if not sync.is_complete]

    @property
    def withheld(self) -> list[Outcome | KpiOutcome]:
        """Key results and KPIs whose new value failed a gate."""
        each: list[Outcome | KpiOutcome] = [*self.computed.outcomes, *self.computed.kpis]
        return [one for one in each if one.observation.status == Status.WITHHELD]


def run(
    folder: Path,
    options: SyncOptions | None = None,
    as_of: date | None = None,
    clock: Callable[[], datetime] = utc_now,
    wish: Wish | None = None,
) -> RunReport:
    """Sync (unless `options` is None), compute every key result, and store what is new.

    Args:
        wish: whose values a person lets through their gates on that day.

    Raises:
        OkrSyncError: the project is wrong, or store or warehouse cannot be used, or the wish names no key result of
            the day. A source that fails raises nothing: it is in the report, and what reads it is withheld.
        ClosedCycleError: the wish names a key result of a cycle that is closed.
    """
    workspace = open_workspace(folder, clock)
    day = day_of(workspace, as_of)
    with open_store(workspace) as store:
        for name in () if wish is None else wish.key_results:
            _of_its_own(*in_time(workspace, as_of), store, name)
        run_id = runs.begin(workspace, store, "run", day.day)
        syncs = sync_sources(workspace, store, run_id, options) if options is not None else []
        workspace = after_sync(workspace) if syncs else workspace
        settled = settling.settle(workspace, store, run_id, day.day) if as_of is None else []
        workspace, days = in_time(workspace, as_of)
        computed = night.compute(workspace, store, days)
        refusals: list[Refusal] = []
        if wish is not None:
            computed, refusals = night.let_through(workspace, store, days, computed, wish)
        recorded_count = night.record(workspace, store, run_id, days, computed)
        renamed = renamed_options(workspace, store)
        journal.renamed((one.stream, str(one)) for one in renamed)
        everything: list[AnyOutcome] = [*computed.outcomes, *computed.kpis, *computed.completions]
        restated = [one for one in everything if planning.restates_final(one, workspace.project.zone)]
        report = RunReport(days[0].day, syncs, computed, recorded_count, refusals, renamed, settled, restated)
        journal.withheld(one.observation for one in computed.outcomes if one.observation.status == Status.WITHHELD)
        runs.finish(workspace, store, run_id, _outcome_of(report))
    return report


def sync(folder: Path, options: SyncOptions, clock: Callable[[], datetime] = utc_now) -> list[StreamSync]:
    """Read what changed in the sources and land it; compute nothing."""
    workspace = open_workspace(folder, clock)
    with open_store(workspace) as store:
        run_id = runs.begin(workspace, store, "sync", day_of(workspace, None).day)
        syncs = sync_sources(workspace, store, run_id, options)
        runs.finish(workspace, store, run_id, "failed" if any(not one.is_complete for one in syncs) else "done")
    return syncs


def plan(folder: Path, as_of: date | None = None, clock: Callable[[], datetime] = utc_now) -> Plan:
    """What `run` would change, from what has landed. Nothing is written, no source is asked, no credential needed."""
    opened = open_workspace(folder, clock)
    workspace, days = in_time(opened, as_of)
    with open_store(workspace) as store:
        earlier = settling.computed(opened, store, days[0].day) if as_of is None else ()
        changed = [one for outcomes in earlier for one in outcomes if one.is_changed]
        return planning.plan(workspace, store, days, changed)


def backfill(
    folder: Path,
    span: tuple[date, date],
    watch: DayWatcher = unwatched_day,
    clock: Callable[[], datetime] = utc_now,
) -> BackfillReport:
    """Compute every day from one to another from what has landed, as `run` on each would, and store what is new.

    Raises:
        OkrSyncError: the span is none, or one of its ends is not a day of the project's cycles.
        ClosedCycleError: on one of the days every cycle is closed; nothing was written.
    """
    workspace = open_workspace(folder, clock)
    first, last = (day_of(workspace, one).day for one in span)
    if first > last:
        raise OkrSyncError(f"from {first} to {last} is no span of days; give the earlier day first")
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    with open_store(workspace) as store:
        return record_days(workspace, store, days, watch)


def status(
    folder: Path,
    as_of: date | None = None,
    clock: Callable[[], datetime] = utc_now,
    known_on: date | None = None,
) -> StatusReport:
    """What is stored for the day, or was by the end of the day `known_on`. Computes nothing.

    Raises:
        OkrSyncError: as `day_of`, or `known_on` has not come yet.
    """
    workspace, days = in_time(open_workspace(folder, clock), as_of)
    if known_on is not None:
        workspace = replace(workspace, known_at=_end_of_known(workspace, known_on))
    return stored_status(workspace, days)


def explain(
    folder: Path,
    key_result_id: str,
    as_of: date | None = None,
    wanted: Wanted | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Explanation:
    """The formulas, the SQL and the records behind a key result.

    Raises:
        OkrSyncError: the project has no such key result in the day's cycles, or it does not rest on the wanted metric.
    """
    workspace, days = in_time(open_workspace(folder, clock), as_of)
    day, key_result = _key_result(workspace, days, key_result_id)
    report = stored_status(workspace, [day]).key_result(key_result_id)
    return explaining.explain(workspace, key_result, report, day, wanted or Wanted())


def metrics(folder: Path, clock: Callable[[], datetime] = utc_now) -> str:
    """What is stored of syncs and of today's key results, in the text format of Prometheus. Asks no source."""
    from okr_sync.metrics import exposition  # noqa: PLC0415 - its library brings a web server; no other command pays

    workspace = open_workspace(folder, clock)
    with open_store(workspace) as store:
        totals, last = store.sync_totals(), store.last_syncs()
    return exposition(totals, last, stored_status(*in_time(workspace, None)))


def explain_since(
    folder: Path,
    key_result_id: str,
    since: date,
    as_of: date | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Since:
    """Why a key result is another than on an earlier day of its cycle, record by record.

    Raises:
        OkrSyncError: the project has no such key result in the day's cycles, or `since` is no earlier day of its cycle.
    """
    workspace, days = in_time(open_workspace(folder, clock), as_of)
    day, key_result = _key_result(workspace, days, key_result_id)
    if not day.cycle.start <= since <= day.day:
        raise OkrSyncError(f"since {since}: give a day of {day.cycle.name}, from {day.cycle.start} to {day.day}")
    with open_store(workspace) as store:
        past = Past(store.history(day.cycle.name, key_result_id), store.definition_texts(key_result_id))
    return explaining.explain_since(workspace, key_result, day, since, past)


def explain_known(
    folder: Path,
    key_result_id: str,
    known_on: date,
    as_of: date | None = None,
    wanted: Wanted | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Known:
    """What was known of a key result's day by the end of the day `known_on`, beside what is known now and is stored.

    Raises:
        OkrSyncError: as `explain`, or `known_on` has not come yet.
    """
    workspace, days = in_time(open_workspace(folder, clock), as_of)
    day, key_result = _key_result(workspace, days, key_result_id)
    known_at = _end_of_known(workspace, known_on)
    with open_store(workspace) as store:
        known = explaining.known(workspace, store, key_result, day, known_on, known_at)
    if known_on < day.day:
        return known
    then = workspace.known_by(known_at)
    report = stored_status(then, [day]).key_result(key_result_id)
    day = AsOf.in_cycle(then.project, day.cycle, day.day, known_at)
    return replace(known, explanation=explaining.explain(then, key_result, report, day, wanted or Wanted()))


def history(
    folder: Path,
    key_result_id: str,
    span: tuple[date | None, date | None] = (None, None),
    clock: Callable[[], datetime] = utc_now,
) -> Line:
    """What is stored of a key result day by day, from one day to another of a cycle; of all of it up to today.

    Raises:
        OkrSyncError: the project has no such key result in the cycle of the last day, or the span is none.
    """
    workspace, days = in_time(open_workspace(folder, clock), span[1])
    day, key_result = _key_result(workspace, days, key_result_id)
    first = day.cycle.start if span[0] is None else span[0]
    if first > day.day:
        raise OkrSyncError(f"from {first} to {day.day} is no span of days; give the earlier day first")
    with open_store(workspace) as store:
        observations = store.history(day.cycle.name, key_result_id)
        kinds = store.run_kinds({one.run_id for one in observations})
        kept = Kept(observations, store.definition_texts(key_result_id), kinds)
    return line(key_result, day.cycle.name, workspace.project.zone, kept, (first, day.day))


def _end_of_known(workspace: Workspace, day: date) -> datetime:
    """The end of a day in the project's zone; of today, now.

    Raises:
        OkrSyncError: it has not come yet.
    """
    now, zone = workspace.clock(), workspace.project.zone
    today = now.astimezone(zone).date()
    if day > today:
        raise OkrSyncError(f"known on {day}: that day has not come yet; today is {today} in {zone.key}")
    return min(now, end_of(day, zone))


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What a source offers under one name, and how much of it has landed."""

    name: str
    stream: Stream
    landed: LandedStream | None
    completed_at: datetime | None
    """When its last complete sync began."""
    error: str | None
    """Why the latest sync is not complete."""
    below: tuple[str, ...] = ()
    """The streams that a view reads; none for a stream."""


def streams(folder: Path, clock: Callable[[], datetime] = utc_now) -> list[StreamReport]:
    """Every stream the sources offer, then every view: fields, records landed, freshness. No source is asked."""
    workspace = open_workspace(folder, clock)
    landed = {
        f"{source}.{one.stream.name}": one
        for source in workspace.project.sources
        for one in SourceLog(workspace.warehouse, source).describe()
    }
    with open_store(workspace) as store:
        syncs = store.last_syncs()
    reports = []
    for name, stream in workspace.streams.items():
        source, _, short = name.partition(".")
        last = syncs.get((source, short))
        completed_at = None if last is None or last.complete is None else last.complete.started_at
        error = None if last is None or last.attempt.is_complete else last.attempt.error or "it did not finish"
        reports.append(StreamReport(name, stream, landed.get(name), completed_at, error))
    return [*reports, *_view_reports(workspace)]


def _view_reports(workspace: Workspace) -> list[StreamReport]:
    return [
        StreamReport(name, view.relation, None, None, None, below=tuple(sorted(workspace.streams_below_view(name))))
        for name, view in workspace.views.items()
    ]


def impact(folder: Path, name: str, value: str | None = None, clock: Callable[[], datetime] = utc_now) -> Impact:
    """What rests on a source, a stream, a field, a view, an event or a metric, up to the key results. Asks no source.

    Raises:
        OkrSyncError: nothing goes by the name; a value is asked for of what is no field.
    """
    workspace = open_workspace(folder, clock)
    return impact_of(workspace.on(workspace.today), name, value)


def options_lost(workspace: Workspace, store: Store, sources: Sequence[str] = ()) -> list[LostOption]:
    """Texts that formulas compare fields with and that the sources, or those named, no longer give, or never gave."""
    complete_since = {f"{source}.{stream}": at for (source, stream), at in store.complete_since().items()}
    return lost_options(workspace.on(workspace.today), complete_since, sources)


def renamed_options(workspace: Workspace, store: Store, sources: Sequence[str] = ()) -> list[LostOption]:
    """Those of them that look renamed of late: whatever reads them counts less than it should."""
    now = workspace.clock()
    return [one for one in options_lost(workspace, store, sources) if one.is_told_on(now)]


def backup(folder: Path, to: Path, clock: Callable[[], datetime] = utc_now) -> BackupReport:
    """Copy the files of store and warehouse to a new folder, whatever runs meanwhile."""
    workspace = open_workspace(folder, clock)
    with open_store(workspace) as store:
        return back_up(store, workspace.warehouse, workspace.project.sources, to)


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was found; of a question about some sources alone, nothing else was looked at."""

    sources: Sequence[Examination]
    installation: Sequence[Examination] = ()
    """The store and the warehouse."""


def doctor(folder: Path, sources: Sequence[str] = (), clock: Callable[[], datetime] = utc_now) -> DoctorReport:
    """Sign in to each source, or to those named, and say what is well and what is not. Nothing lands.

    Raises:
        OkrSyncError: the project is wrong, or has no source of that name. A source that fails raises nothing.
    """
    workspace = open_workspace(folder, clock)
    settings = workspace.project.settings
    patients = [_patient(workspace, source) for source in workspace.sources(sources)]
    with ThreadPoolExecutor(max_workers=SOURCES_SIDE_BY_SIDE) as pool:
        examined = list(pool.map(lambda one: examine(one, clock), patients))
    examined = _with_options(workspace, examined)
    if sources:
        return DoctorReport(examined)
    kind = settings.warehouse.partition(":")[0]
    return DoctorReport(
        examined,
        [
            examine_store(settings.store, folder, clock()),
            examine_warehouse(workspace.warehouse, kind, workspace.project.sources),
        ],
    )


def _with_options(workspace: Workspace, examined: Sequence[Examination]) -> list[Examination]:
    """The same, each with the options that formulas name and its source does not give, where there is a store."""
    settings = workspace.project.settings
    try:
        found = condition(settings.store, workspace.project.folder)
        if not found.is_current:
            return list(examined)
        with open_store(workspace) as store:
            lost = options_lost(workspace, store, [one.subject for one in examined])
    except (StoreError, WarehouseError):
        return list(examined)  # which its own examination tells
    now = workspace.clock()
    findings = [
        (one.stream, Finding(one.stream, Health.BAD if one.is_told_on(now) else Health.NOTE, str(one))) for one in lost
    ]
    return [
        replace(each, findings=(*each.findings, *(f for name, f in findings if name.startswith(f"{each.subject}."))))
        for each in examined
    ]


def _patient(workspace: Workspace, source: Source) -> Patient:
    plan = workspace.plan(source)
    read_fields: dict[str, dict[str, str]] = {}
    for name, metric in workspace.metrics.items():
        read = [*metric.reads.items(), *((event.stream or "", event.fields) for event in metric.events)]
        for stream, fields in read:
            owner, _, short = stream.partition(".")
            if owner == source.name:
                read_fields.setdefault(short, {}).update(dict.fromkeys(fields, name))
    return Patient(
        source.name,
        source.connector,
        plan.connector,
        tuple(plan.settings_hashes),
        tuple(source.missing_variables),
        read_fields,
        {one.stream.name: one for one in SourceLog(workspace.warehouse, source.name).describe()},
    )


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """How the metrics' own tests went."""

    trials: Sequence[Trial]
    untested: Sequence[str]
    """The metrics, of those asked for, that have no tests."""

    @property
    def failed(self) -> list[Trial]:
        return [one for one in self.trials if not one.has_passed]


def test(folder: Path, metrics: Sequence[str] = (), clock: Callable[[], datetime] = utc_now) -> RehearsalReport:
    """Run the tests of these metrics, or of all, without any source.

    Raises:
        OkrSyncError: the project has no such metric.
    """
    workspace = open_workspace(folder, clock)
    for name in metrics:
        if name not in workspace.metrics:
            raise OkrSyncError(f"there is no metric {name!r} in the project{nearest(name, workspace.metrics)}")
    chosen = [workspace.metrics[name] for name in metrics or workspace.project.metrics]
    untested = [one.name for one in chosen if not one.metric.tests and one.metric.base is None]
    return RehearsalReport(rehearsal_of(workspace).trials(chosen), untested)


def rehearsal_of(workspace: Workspace) -> Rehearsal:
    return Rehearsal(workspace.relations, workspace.project.zone, workspace.today, workspace.lookups)


def trials_of(workspace: Workspace, names: Iterable[str]) -> dict[str, list[Trial]]:
    """How each test of these metrics went, by metric."""
    chosen = [workspace.metrics[name] for name in dict.fromkeys(names) if name in workspace.metrics]
    found: dict[str, list[Trial]] = {one.name: [] for one in chosen}
    for trial in rehearsal_of(workspace).trials(chosen) if chosen else ():
        found[trial.metric].append(trial)
    return found


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a project that is right may still do better."""

    advice: Sequence[Advice]
    language: str


def check(folder: Path, language: str | None = None, clock: Callable[[], datetime] = utc_now) -> CheckReport:
    """Check everything that can be checked offline, run the metrics' own tests; gives advice, and raises what is wrong.

    `language` is `en` or `vi`; the project's own if left out.

    Raises:
        ProjectError: the files are wrong, or a metric does not give what its tests expect.
        MissingVariableError: the environment lacks what a source needs.
    """
    workspace = open_workspace(folder, clock)
    require_variables(workspace.project.sources.values())
    failures = rehearsal_of(workspace).failures(workspace.metrics)
    if failures:
        raise ProjectError(failures)
    spoken = language or workspace.project.settings.language
    return CheckReport(lint(workspace.project, facts_of(workspace), spoken), spoken)


def close(folder: Path, cycle: str, closer: Closer, clock: Callable[[], datetime] = utc_now) -> Closing:
    """Freeze a cycle that is over: sign what is stored for its last day. Computes nothing, asks no source."""
    workspace = open_workspace(folder, clock)
    with open_store(workspace) as store:
        return closing.close(workspace, store, cycle, closer)


def verify(folder: Path, cycle: str, key: str | None, clock: Callable[[], datetime] = utc_now) -> Verification:
    """Compare a closed cycle with what the store says of it now. Writes nothing."""
    workspace = open_workspace(folder, clock)
    with open_store(workspace) as store:
        return closing.verify(store, cycle, key)


def check_in(
    folder: Path, key_result_id: str, note: Note, as_of: date | None = None, clock: Callable[[], datetime] = utc_now
) -> CheckIn:
    """Store what a person says of a key result on a day; gives it as stored.

    Raises:
        OkrSyncError: there is no such key result of its own, or the check-in says nothing.
        ClosedCycleError: its cycle is closed.
    """
    workspace, days = in_time(open_workspace(folder, clock), as_of)
    with open_store(workspace) as store:
        said = people.check_in(*_key_result(workspace, days, key_result_id), note, clock())
        store.check_in(said)
    return said


def override(folder: Path, key_result_id: str, claim: Claim, clock: Callable[[], datetime] = utc_now) -> Override:
    """Store a value that a person holds against the computed one from today on; gives it as stored.

    Raises:
        OkrSyncError: there is no such key result with a value of its own, or the claim does not fit it.
        ClosedCycleError: its cycle is closed.
    """
    workspace, days = in_time(open_workspace(folder, clock), None)
    with open_store(workspace) as store:
        day, key_result = _of_its_own(workspace, days, store, key_result_id)
        if claim.value is None and key_result_id not in store.overrides(day.cycle.name, day.day):
            raise OkrSyncError(f"there is no override of {key_result_id} on {day.day} that could be withdrawn")
        said = people.override(workspace, day, key_result, claim, clock())
        store.override(said)
    return said


def open_store(workspace: Workspace) -> Store:
    return Store.open(workspace.project.settings.store, workspace.project.folder)


def stored_status(workspace: Workspace, days: Sequence[AsOf]) -> StatusReport:
    """What is stored for the day in each of its cycles, by the instant at which the workspace stands."""
    cycles = []
    with open_store(workspace) as store:
        for day in days:
            present = carried_on(workspace, carry_overs(workspace, store, day))
            at = day.cycle.name, day.day, workspace.known_at
            closed = store.closing(day.cycle.name, workspace.known_at)
            said = store.check_ins(*at), store.overrides(*at)
            cycles.append(Stored(present, day, store.observations_at(*at), store.completions_at(*at), closed, *said))
        return status_report(cycles, store.kpis_at(days[0].day, workspace.known_at))


def in_time(workspace: Workspace, as_of: date | None) -> tuple[Workspace, list[AsOf]]:
    """The project as of a day, in which every id names one thing, and the day in each of the cycles that run on it.

    Raises:
        OkrSyncError: as `day_of`.
    """
    day = day_of(workspace, as_of).day
    return workspace.on(day), AsOf.each(workspace.project, day, workspace.clock())


def day_of(workspace: Workspace, as_of: date | None) -> AsOf:
    """The day to compute or show, in the first listed of its cycles: the one asked for, else today.

    Raises:
        OkrSyncError: the day has not come yet, or lies before the project's cycles.
    """
    now = workspace.clock()
    today = now.astimezone(workspace.project.zone).date()
    day = today if as_of is None else as_of
    if day > today:
        raise OkrSyncError(f"as of {day}: that day has not come yet; today is {today} in {workspace.project.zone.key}")
    cycle = workspace.project.cycle_at(day)
    if day < cycle.start:
        raise OkrSyncError(f"as of {day}: cycle {cycle.name} begins on {cycle.start}; give a day of the cycle")
    return AsOf.of(workspace.project, day, now)


def sync_sources(workspace: Workspace, store: Store, run_id: int, options: SyncOptions) -> list[StreamSync]:
    """Sync and write down how each stream fared. A stream that is begun and never finished counts as incomplete.

    Nothing is written down of a source that another process is syncing: how that one fares is what counts.
    """
    begun: dict[tuple[str, str], int] = {}

    def begin(plan: SourcePlan) -> None:
        journal.sync_began(plan)
        for stream in plan.settings_hashes:
            begun[plan.source, stream] = store.begin_sync(run_id, plan.source, stream, workspace.clock())

    def end(one: StreamSync) -> None:
        journal.sync_ended(one)
        if (one.source, one.stream) in begun:
            store.finish_sync(begun[one.source, one.stream], _sync_result(one))

    syncing = Syncing(
        workspace.warehouse,
        workspace.clock,
        options.watch,
        begin,
        end,
        options.accept_deletions,
        patience=options.patience,
    )
    return sync_side_by_side(workspace.plans(options.sources), syncing)


def _key_result(workspace: Workspace, days: Sequence[AsOf], key_result_id: str) -> tuple[AsOf, KeyResult]:
    known = {
        one.id: (day, one)
        for day in days
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
    }
    if key_result_id not in known:
        cycles = " or ".join(day.cycle.name for day in days)
        raise OkrSyncError(f"there is no key result {key_result_id!r} in {cycles}{nearest(key_result_id, known)}")
    return known[key_result_id]


def _of_its_own(workspace: Workspace, days: Sequence[AsOf], store: Store, key_result_id: str) -> tuple[AsOf, KeyResult]:
    """A key result that people may speak of, and its day: of an open cycle, with a value of its own.

    Raises:
        OkrSyncError: there is none of this id, or it is judged by its members.
        ClosedCycleError: its cycle is closed.
    """
    day, key_result = _key_result(workspace, days, key_result_id)
    if key_result.is_judged_by_members:
        members = ", ".join(one.id for one in workspace.members[key_result_id])
        raise OkrSyncError(f"{key_result_id} is judged by its members and has no value of its own; name one: {members}")
    closed = store.closing(day.cycle.name)
    if closed is not None:
        raise ClosedCycleError.of(closed)
    return day, key_result


def _sync_result(sync: StreamSync) -> SyncResult:
    return SyncResult(
        finished_at=sync.finished_at,
        is_complete=sync.is_complete,
        error=sync.error,
        read_count=sync.read_count,
        new_count=sync.new_count,
        deleted_count=sync.deleted_count,
        request_count=sync.request_count,
        rejected_count=sync.rejected_count,
        waited_seconds=sync.waited_seconds,
        checkpoint=sync.checkpoint,
    )


def _outcome_of(report: RunReport) -> str:
    if report.failed_syncs:
        return "source failed"
    return "withheld" if report.withheld else "done"
