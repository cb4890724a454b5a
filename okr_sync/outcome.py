"""From values to outcomes: what each key result's number is, whether it may be published, and what it says.

Reads the warehouse and the store; writes nothing. `plan` shows outcomes, `run` records them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date

from pydantic import JsonValue

from okr_sync.acceptance import said_of, still_failed
from okr_sync.baseline import Baselines, baseline_evidence, failed_baseline_gates, measure_baselines
from okr_sync.carry_over import CarryOver, carried_on, carry_overs
from okr_sync.formula import CompiledMetric
from okr_sync.gates import failed_value_gates
from okr_sync.measure import AsOf, Measured, Values, evaluate, fields_to_open, measure, why_missing
from okr_sync.outlook import Outlooks, Past, look_back
from okr_sync.progress import (
    Assessment,
    Goal,
    GoalError,
    Status,
    WrittenGoal,
    expected_progress,
    judge,
    met_count,
    withheld,
)
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Objective
from okr_sync.store import LastSyncs, Observation, RecordedObservation, Store
from okr_sync.templates import rolled_up
from okr_sync.trust import Candidate, FailedGate, Freshness, Gate, failed_gates
from okr_sync.warehouse import History
from okr_sync.workspace import Workspace

PARTS = "parts of the goal"
"""In the evidence of a key result of several goals or milestones, what each of them was."""
READ = "what was read"
"""In the evidence: the instant that was computed for, and the sync that each stream was last complete by."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a computation says of one key result, and what the store holds for it on the same day or before."""

    objective: Objective
    key_result: KeyResult
    observation: Observation
    stored: RecordedObservation | None
    failed_gates: tuple[FailedGate, ...] = ()
    """Those that the value failed, also where a person let it through."""

    @property
    def is_changed(self) -> bool:
        """Whether recording it would write a new revision."""
        return self.stored is None or not self.observation.says_the_same(self.stored)


@dataclass(frozen=True, slots=True)
class Series:
    """A key result's values by day, and what the last of them rest on.

    `values` and `present` have an entry for each goal or milestone that it is made of; one where it is made of itself.
    """

    values: Sequence[Mapping[date, float | None]]
    present: Sequence[float | None]
    known: Mapping[date, Measured]
    """Those of its own metric with their counts of records; none where it has several goals or conditions."""
    metrics: Values
    baselines: Baselines
    goal: Goal | str
    """With its numbers, or why it has none: a baseline without a value, or one that leaves no way to go."""


def compute(workspace: Workspace, store: Store, day: AsOf, only: Set[str] | None = None) -> list[Outcome]:
    """Compute the key results of the day's cycle from what has landed: all, or `only` those with these ids."""
    pairs = [
        (objective, one)
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
        if only is None or not only.isdisjoint((one.id, one.member_of))
    ]
    carried = carry_overs(workspace, store, day)
    workspace = carried_on(workspace, carried)
    measured = [(objective, one) for objective, one in pairs if not one.is_judged_by_members]
    series, past = _series(workspace, [one for _, one in measured], day)
    outlooks = Outlooks.of(workspace, store, past, day, [one for _, one in measured])
    known_at = workspace.known_at
    syncs = store.last_syncs(known_at)
    trusted = store.last_trusted(day.cycle.name, day.day, known_at)
    stored = store.observations_at(day.cycle.name, day.day, known_at)
    accepted = store.acceptances(day.cycle.name, day.day, known_at)
    observations, failed = {}, {}
    for _, one in measured:
        failed[one.id] = _failed_gates(workspace, one, series[one.id], syncs, trusted.get(one.id), day)
        left = still_failed(failed[one.id], accepted.get(one.id), _value(one, series[one.id]))
        observation = _observation(workspace, one, series[one.id], left, trusted.get(one.id), day)
        read = {READ: what_was_read(workspace.streams_read(one), syncs, day)}
        evidence = {**observation.evidence, **read}
        is_provisional = workspace.is_provisional(one, day)
        observation = replace(observation, evidence=evidence, is_provisional=is_provisional)
        observation = _said_of(observation, carried.get(one.id))
        observation = said_of(observation, failed[one.id], accepted.get(one.id))
        observations[one.id] = outlooks.beside(observation, one, series[one.id].known)
    for _, one in pairs:
        if one.is_judged_by_members:
            observations[one.id] = rolled_up(workspace, one, observations, day)
    return [
        Outcome(objective, one, observations[one.id], stored.get(one.id), tuple(failed.get(one.id, ())))
        for objective, one in pairs
        if only is None or one.id in only
    ]


def readable(workspace: Workspace, metrics: Mapping[str, CompiledMetric]) -> dict[str, set[str]]:
    """By stream, the fields to open for `metrics`: of those metrics whose streams have landed with all their fields."""
    fields: dict[str, set[str]] = {}
    for metric in metrics.values():
        if not missing_fields(workspace, metric):
            for stream, names in fields_to_open(metric, workspace.landed).items():
                fields.setdefault(stream, set()).update(names)
    for event in (event for metric in metrics.values() for event in metric.events):
        if event.stream is not None and not _missing(workspace, event.stream, event.fields):
            fields.setdefault(event.stream, set()).update(event.fields)
    return fields


def missing_fields(workspace: Workspace, metric: CompiledMetric) -> dict[str, list[str]]:
    """By stream, the fields that `metric` reads and that have not landed: all of them where the stream has not."""
    missing = {stream: _missing(workspace, stream, fields) for stream, fields in metric.reads.items()}
    return {stream: names for stream, names in missing.items() if names}


def _missing(workspace: Workspace, stream: str, fields: Collection[str]) -> list[str]:
    landed = workspace.landed.get(stream)
    return sorted(name for name in fields if landed is None or landed.field(name) is None) or (
        ["every field"] if landed is None else []
    )


def _said_of(observation: Observation, carried: CarryOver | None) -> Observation:
    """Goals with a target expect to begin where they ended; their reason says so."""
    if carried is None or observation.target is None:
        return observation
    return replace(observation, reason=f"{observation.reason}; {carried.in_words}")


def _series(workspace: Workspace, key_results: Sequence[KeyResult], day: AsOf) -> tuple[dict[str, Series], Past]:
    """Measure the day for all, the cycle's earlier days for those that are judged by every day, and the baselines; look
    back on the sums that all are made of."""
    kept = [one for one in key_results if workspace.goals[one.id].is_judged_by_day]
    earlier = [day.on(one) for one in day.cycle.days_until(day.day) if one < day.day] if kept else []
    metrics = workspace.metrics_below(key_results)
    with workspace.history(readable(workspace, metrics)) as history:
        (present,) = measure(metrics, history, [day], workspace.lookups)
        past = workspace.past_values(workspace.metrics_below(kept), history, earlier)
        baselines = measure_baselines(workspace, key_results, day, history)
        found = {}
        for one in key_results:
            days = past if workspace.goals[one.id].is_judged_by_day else {}
            by_day = {before.day: those for before, those in days.items()}
            if not by_day or day.day <= day.cycle.end:
                by_day[day.day] = present
            found[one.id] = _its_series(workspace, one, present, by_day, baselines.get(one.id, ()), history)
        return found, look_back(workspace, key_results, day, history)


def _its_series(
    workspace: Workspace,
    key_result: KeyResult,
    present: Values,
    by_day: Mapping[date, Values],
    baselines: Baselines,
    history: History,
) -> Series:
    now = _values(workspace, key_result, present, history)
    each = {on: _values(workspace, key_result, those, history) for on, those in by_day.items()}
    return Series(
        values=[{on: those[part] for on, those in each.items()} for part in range(len(now))],
        present=now,
        known={on: those[key_result.metric] for on, those in by_day.items() if key_result.metric is not None},
        metrics=present,
        baselines=baselines,
        goal=_goal(workspace.goals[key_result.id], baselines),
    )


def _values(workspace: Workspace, key_result: KeyResult, values: Values, history: History) -> list[float | None]:
    """For each goal or milestone that the key result is made of; 1 or 0 for a condition."""
    conditions = workspace.conditions.get(key_result.id, ())
    if not conditions:
        return [values[one.metric].value for one in key_result.goals if one.metric is not None]
    held = [evaluate(one.expression(), one.inputs, values, history) for one in conditions]
    return [None if one is None else float(one) for one in held]


def _failed_gates(
    workspace: Workspace,
    key_result: KeyResult,
    series: Series,
    syncs: Mapping[tuple[str, str], LastSyncs],
    trusted: RecordedObservation | None,
    day: AsOf,
) -> list[FailedGate]:
    """The gates of the key result's own metric and of every metric below it, each reason once."""
    metrics = workspace.metrics_below([key_result])
    last = {name: _last_trusted(key_result, name, trusted) for name in metrics}
    failed = failed_below(workspace, metrics, series.metrics, syncs, last, day)
    of_baselines = failed_baseline_gates(workspace, series.baselines, day)
    return list({gate.reason: gate for gate in [*failed, *of_baselines]}.values())


def failed_below(
    workspace: Workspace,
    metrics: Mapping[str, CompiledMetric],
    values: Values,
    syncs: Mapping[tuple[str, str], LastSyncs],
    last_trusted: Mapping[str, float | None],
    day: AsOf,
) -> list[FailedGate]:
    """The gates that `metrics` with these `values` fail, each reason once; `last_trusted` is by metric."""
    failed: dict[str, FailedGate] = {}
    for name, metric in metrics.items():
        measured = values[name]
        candidate = Candidate(
            value=measured.value,
            unit=metric.unit,
            record_count=measured.record_count,
            as_of=day.instant.astimezone(day.zone),
            syncs=[_freshness(stream, syncs) for stream in sorted(workspace.streams_below(name, metrics))],
            last_trusted=last_trusted.get(name),
        )
        gates = [
            *_field_gates(workspace, metric, candidate.syncs),
            *failed_value_gates(workspace, metric, measured),
            *failed_gates(metric.metric.trust.or_else(workspace.project.settings.trust), candidate),
        ]
        for gate in gates:
            failed.setdefault(gate.reason, gate)
    return list(failed.values())


def _last_trusted(key_result: KeyResult, metric: str, trusted: RecordedObservation | None) -> float | None:
    """What the metric was when the key result was last published: of one of several goals, as its evidence says."""
    if trusted is None:
        return None
    if metric == key_result.metric:
        return trusted.value
    evidence = trusted.evidence.get(metric) if metric in key_result.metric_names else None
    value = evidence.get("value") if isinstance(evidence, dict) else None
    return value if isinstance(value, int | float) else None


def _field_gates(workspace: Workspace, metric: CompiledMetric, syncs: Sequence[Freshness]) -> list[FailedGate]:
    """A field that was added to the project and has not landed yet gives no data, whatever the stream has."""
    if any(sync.completed_at is None for sync in syncs):
        return []
    read = [*metric.reads.items(), *((event.stream, event.fields) for event in metric.events)]
    gates = []
    for stream, fields in read:
        missing = [] if stream is None else _missing(workspace, stream, fields)
        if missing:
            reason = f"{stream} landed without {', '.join(missing)}; sync it, then compute again"
            gates.append(FailedGate(Gate.NEVER_SYNCED, reason))
    return gates


def _freshness(stream: str, syncs: Mapping[tuple[str, str], LastSyncs]) -> Freshness:
    source, name = stream.split(".", 1)
    last = syncs.get((source, name))
    if last is None:
        return Freshness(stream, completed_at=None)
    completed_at = None if last.complete is None else last.complete.started_at
    if last.attempt.is_complete:
        return Freshness(stream, completed_at)
    return Freshness(stream, completed_at, last.attempt.started_at, last.attempt.error)


def _observation(
    workspace: Workspace,
    key_result: KeyResult,
    series: Series,
    failed: Sequence[FailedGate],
    trusted: RecordedObservation | None,
    day: AsOf,
) -> Observation:
    goal = series.goal if isinstance(series.goal, Goal) else None
    assessment = _assessment(workspace, key_result, series, failed, trusted, day)
    is_withheld = assessment.status is Status.WITHHELD
    kept = None if trusted is None else trusted.value
    value = _value(key_result, series)
    return Observation(
        cycle=day.cycle.name,
        key_result=key_result.id,
        as_of=day.day,
        value=kept if is_withheld else None if assessment.status is Status.NO_DATA else value,
        computed_value=value if is_withheld else None,
        unit=workspace.goals[key_result.id].unit,
        baseline=None if key_result.baseline is None or goal is None else goal.baseline,
        target=None if goal is None else goal.target,
        low=None if goal is None else goal.low,
        high=None if goal is None else goal.high,
        weight=key_result.weight,
        progress=assessment.progress,
        expected_progress=assessment.expected_progress,
        status=assessment.status.value,
        reason=assessment.reason,
        record_count=sum(series.metrics[name].record_count for name in workspace.inputs(key_result)),
        definition=workspace.definitions[key_result.id].hash,
        evidence=_evidence(workspace, key_result, series, goal),
    )


def _goal(written: WrittenGoal, baselines: Baselines) -> Goal | str:
    missing = [one.missing for one in baselines if one is not None and one.missing is not None]
    if missing:
        return "; ".join(missing)
    try:
        return written.with_baselines([None if one is None else one.value for one in baselines])
    except GoalError as error:
        return f"{'; '.join(_told(written, baselines, None))} makes no goal: {error}"


def _told(written: WrittenGoal, baselines: Baselines, elapsed: float | None) -> list[str]:
    each = zip(baselines, written.units, written.totals, strict=False)
    return [one.told(unit, elapsed if total else None) for one, unit, total in each if one is not None]


def _value(key_result: KeyResult, series: Series) -> float | None:
    """The key result's own value; of several goals or milestones, how many are met."""
    if isinstance(series.goal, Goal) and series.goal.parts:
        return met_count(series.goal, series.present)
    return series.present[0] if key_result.all_of is None else None


def _assessment(
    workspace: Workspace,
    key_result: KeyResult,
    series: Series,
    failed: Sequence[FailedGate],
    trusted: RecordedObservation | None,
    day: AsOf,
) -> Assessment:
    written, rules = workspace.goals[key_result.id], workspace.project.settings.status
    expected = (
        written.expected_progress(day.cycle, day.day)
        if isinstance(series.goal, str)
        else expected_progress(series.goal, day.cycle, day.day)
    )
    no_data = [gate.reason for gate in failed if gate.is_no_data]
    if no_data:
        return Assessment(None, expected, Status.NO_DATA, "; ".join(no_data))
    if failed:
        kept_progress, kept_on = (None, None) if trusted is None else (trusted.progress, trusted.as_of)
        return withheld(expected, [gate.reason for gate in failed], kept_progress, kept_on)
    if isinstance(series.goal, str):
        return Assessment(None, expected, Status.NO_DATA, series.goal)
    standing = judge(series.goal, series.values, day.cycle, day.day, rules, is_day_over=day.is_over)
    missing = why_missing(series.metrics[name] for name in workspace.inputs(key_result))
    if standing.status is Status.NO_DATA and missing:
        return replace(standing, reason=missing)
    told = _told(written, series.baselines, day.cycle.elapsed(day.day))
    return replace(standing, reason="; ".join([standing.reason, *told]))


def _evidence(workspace: Workspace, key_result: KeyResult, series: Series, goal: Goal | None) -> dict[str, JsonValue]:
    """What the number was made from, metric by metric; and each goal or milestone that it is made of, under a name that
    no metric has."""
    found = metric_evidence(workspace.metrics_below([key_result]), series.metrics, series.baselines)
    if goal is not None and goal.parts:
        found[PARTS] = [
            {"name": part.label, "goal": part.goal.in_words, "value": value, "weight": part.weight}
            for part, value in zip(goal.parts, series.present, strict=True)
        ]
    return found


def what_was_read(
    streams: Collection[str], syncs: Mapping[tuple[str, str], LastSyncs], day: AsOf
) -> dict[str, JsonValue]:
    """The instant that `day` stands for, and by stream its last complete sync, which has the checkpoint."""
    found: dict[str, JsonValue] = {}
    for name in sorted(streams):
        source, _, stream = name.partition(".")
        last = syncs.get((source, stream))
        found[name] = None if last is None or last.complete is None else last.complete.id
    return {"as_of": day.instant.astimezone(UTC).isoformat(), "syncs": found}


def metric_evidence(
    metrics: Mapping[str, CompiledMetric], values: Values, baselines: Baselines = ()
) -> dict[str, JsonValue]:
    """What a number was made from, metric by metric, for the store."""
    return {
        name: {
            "stream": metric.stream,
            "value": values[name].value,
            "record_count": values[name].record_count,
            "assumed_count": values[name].assumed_count,
            **_asked(values[name]),
            **baseline_evidence(baselines, name),
        }
        for name, metric in metrics.items()
    }


def _asked(measured: Measured) -> dict[str, JsonValue]:
    """Of a metric over records that were read: which these were, and the SQL, whose instants follow from the day."""
    return {"input_hash": measured.input_hash, "sql": measured.sql} if measured.sql else {}
