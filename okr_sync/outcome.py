"""From values to outcomes: what each key result's number is, whether it may be published, and what it says.

Reads the warehouse and the store; writes nothing. `plan` shows outcomes, `run` records them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import JsonValue

from okr_sync.carry_over import CarryOver, carried_on, carry_overs
from okr_sync.formula import CompiledMetric
from okr_sync.measure import AsOf, Measured, Values, evaluate, fields_to_open, measure, why_missing
from okr_sync.progress import Assessment, Status, assess, expected_progress, withheld
from okr_sync.project.model import GoalKind, KeyResult, Objective
from okr_sync.store import LastSyncs, Observation, RecordedObservation, Store
from okr_sync.trust import Candidate, FailedGate, Freshness, Gate, failed_gates
from okr_sync.warehouse import History, open_history
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a computation says of one key result, and what the store holds for it on the same day or before."""

    objective: Objective
    key_result: KeyResult
    observation: Observation
    stored: RecordedObservation | None

    @property
    def is_changed(self) -> bool:
        """Whether recording it would write a new revision."""
        return self.stored is None or not self.observation.says_the_same(self.stored)


@dataclass(frozen=True, slots=True)
class Series:
    """A key result's values by day, the last of them with what it rests on."""

    values: Mapping[date, float | None]
    present: Measured
    metrics: Values


def compute(workspace: Workspace, store: Store, day: AsOf, only: Collection[str] | None = None) -> list[Outcome]:
    """Compute the key results of the day's cycle from what has landed: all, or `only` those with these ids."""
    pairs = [
        (objective, one)
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
        if only is None or one.id in only
    ]
    carried = carry_overs(workspace, store, day)
    workspace = carried_on(workspace, carried)
    series = _series(workspace, [one for _, one in pairs], day)
    syncs = store.last_syncs()
    trusted = store.last_trusted(day.cycle.name, day.day)
    stored = store.observations_at(day.cycle.name, day.day)
    outcomes = []
    for objective, one in pairs:
        failed = _failed_gates(workspace, one, series[one.id], syncs, trusted.get(one.id), day)
        observation = _observation(workspace, one, series[one.id], failed, trusted.get(one.id), day)
        observation = _said_of(observation, carried.get(one.id))
        outcomes.append(Outcome(objective, one, observation, stored.get(one.id)))
    return outcomes


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


def _series(workspace: Workspace, key_results: Sequence[KeyResult], day: AsOf) -> dict[str, Series]:
    """Measure the day for all, and the cycle's earlier days for those that are judged by every day."""
    kept = [one for one in key_results if one.goal_kind is GoalKind.KEEP]
    earlier = [day.on(one) for one in day.cycle.days_until(day.day) if one < day.day] if kept else []
    metrics = workspace.metrics_below(key_results)
    with open_history(workspace.warehouse, workspace.landed, readable(workspace, metrics)) as history:
        (present,) = measure(metrics, history, [day], workspace.lookups)
        before = measure(workspace.metrics_below(kept), history, earlier, workspace.lookups)
        past = dict(zip(earlier, before, strict=True))
        found = {}
        for one in key_results:
            measured = _value(workspace, one, present, history)
            days = past if one.goal_kind is GoalKind.KEEP else {}
            values = {one_day.day: _value(workspace, one, those, history).value for one_day, those in days.items()}
            if not values or day.day <= day.cycle.end:
                values[day.day] = measured.value
            found[one.id] = Series(values, measured, present)
    return found


def _value(workspace: Workspace, key_result: KeyResult, values: Values, history: History) -> Measured:
    if key_result.metric is not None:
        return values[key_result.metric]
    condition = workspace.conditions[key_result.id]
    holds = evaluate(condition.expression(), condition.inputs, values, history)
    inputs = [values[name] for name in condition.inputs]
    record_count = sum(one.record_count for one in inputs)
    if holds is None:
        return Measured(None, record_count, missing=why_missing(inputs))
    return Measured(float(holds), record_count)


def _failed_gates(
    workspace: Workspace,
    key_result: KeyResult,
    series: Series,
    syncs: Mapping[tuple[str, str], LastSyncs],
    trusted: RecordedObservation | None,
    day: AsOf,
) -> list[FailedGate]:
    """The gates of the key result's own metric and of every metric below it, each reason once."""
    failed: dict[str, FailedGate] = {}
    for name, metric in workspace.metrics_below([key_result]).items():
        measured = series.metrics[name]
        candidate = Candidate(
            value=measured.value,
            unit=metric.unit,
            record_count=measured.record_count,
            as_of=day.instant.astimezone(day.zone),
            syncs=[_freshness(stream, syncs) for stream in sorted(workspace.streams_below(name))],
            last_trusted=trusted.value if trusted is not None and name == key_result.metric else None,
        )
        gates = [
            *_field_gates(workspace, metric, candidate.syncs),
            *_lookup_gates(workspace, metric, measured),
            *failed_gates(metric.metric.trust, candidate),
        ]
        if measured.fault is not None:
            gates.append(FailedGate(Gate.REPEATED_KEY, measured.fault))
        for gate in gates:
            failed.setdefault(gate.reason, gate)
    return list(failed.values())


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


def _lookup_gates(workspace: Workspace, metric: CompiledMetric, measured: Measured) -> list[FailedGate]:
    """A sum without the records whose exchange rate is missing would be a wrong sum."""
    if metric.stream is None or not measured.missing_count:
        return []
    count = f"{measured.missing_count:,} record{'' if measured.missing_count == 1 else 's'} of {metric.stream}"
    return [FailedGate(Gate.LOOKUP, f"{count} cannot be counted: {workspace.lookups.why_missing(metric)}")]


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
    goal = workspace.goals[key_result.id]
    assessment = _assessment(workspace, key_result, series, failed, trusted, day)
    is_withheld = assessment.status is Status.WITHHELD
    kept = None if trusted is None else trusted.value
    return Observation(
        cycle=day.cycle.name,
        key_result=key_result.id,
        as_of=day.day,
        value=kept if is_withheld else None if assessment.status is Status.NO_DATA else series.present.value,
        computed_value=series.present.value if is_withheld else None,
        unit=goal.unit,
        baseline=None if key_result.baseline is None else goal.baseline,
        target=goal.target,
        low=goal.low,
        high=goal.high,
        weight=key_result.weight,
        progress=assessment.progress,
        expected_progress=assessment.expected_progress,
        status=assessment.status.value,
        reason=assessment.reason,
        record_count=series.present.record_count,
        definition=workspace.definitions[key_result.id].hash,
        evidence=_evidence(workspace, key_result, series),
    )


def _assessment(
    workspace: Workspace,
    key_result: KeyResult,
    series: Series,
    failed: Sequence[FailedGate],
    trusted: RecordedObservation | None,
    day: AsOf,
) -> Assessment:
    goal, rules = workspace.goals[key_result.id], workspace.project.settings.status
    expected = expected_progress(goal, day.cycle, day.day)
    no_data = [gate.reason for gate in failed if gate.is_no_data]
    if no_data:
        return Assessment(None, expected, Status.NO_DATA, "; ".join(no_data))
    if failed:
        kept_progress, kept_on = (None, None) if trusted is None else (trusted.progress, trusted.as_of)
        return withheld(expected, [gate.reason for gate in failed], kept_progress, kept_on)
    found = assess(goal, series.values, day.cycle, day.day, rules, is_day_over=day.is_over)
    is_told = found.status is Status.NO_DATA and series.present.missing
    return replace(found, reason=series.present.missing) if is_told else found


def _evidence(workspace: Workspace, key_result: KeyResult, series: Series) -> dict[str, JsonValue]:
    """What the number was made from, metric by metric, for the store."""
    return {
        name: {
            "stream": metric.stream,
            "value": series.metrics[name].value,
            "record_count": series.metrics[name].record_count,
            "assumed_count": series.metrics[name].assumed_count,
        }
        for name, metric in workspace.metrics_below([key_result]).items()
    }
