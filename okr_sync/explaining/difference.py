"""Why a key result is another than on an earlier day of its cycle: what is stored for that day, and what came since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime

from okr_sync import outcome
from okr_sync.explaining.split import Difference, Split
from okr_sync.formula import CompiledMetric
from okr_sync.measure import AsOf, Lookups
from okr_sync.measure.beside import read_lookups
from okr_sync.project.goals import GoalKind
from okr_sync.project.key_result import KeyResult
from okr_sync.store import ChangedPart, RecordedObservation, changed_parts
from okr_sync.warehouse import History
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Progressed:
    """Progress on two days, as stored, and how much of its way it owes to the value; the rest to the goal."""

    before: float
    after: float
    by_value: float
    is_redefined: bool
    """Whether baseline or target are others; else the rest comes of the days that have gone by."""

    @property
    def by_goal(self) -> float:
        return self.after - self.before - self.by_value


@dataclass(frozen=True, slots=True)
class Since:
    """Why a key result is another than on an earlier day."""

    key_result: KeyResult
    earlier: AsOf
    later: AsOf
    known_at: datetime | None
    """When the earlier day's number was stored: what landed after that is late. `None` where nothing is stored."""
    changed: tuple[ChangedPart, ...]
    """What of the definition is written anew since."""
    differences: tuple[Difference, ...]
    """One for each metric that the key result names."""
    progress: Progressed | None


@dataclass(frozen=True, slots=True)
class Past:
    """What is stored of a key result: every revision of every day, and the texts of its definitions by their hash."""

    observations: Sequence[RecordedObservation]
    definitions: Mapping[str, str] = field(default_factory=dict)

    def of(self, day: date) -> RecordedObservation | None:
        """The last word on a day."""
        return next((one for one in reversed(self.observations) if one.as_of == day), None)


def explain_since(workspace: Workspace, key_result: KeyResult, later: AsOf, since: date, past: Past) -> Since:
    """Split the difference between what is stored for the end of `since` and the value of `later`, computed now."""
    stored = past.of(since)
    known_at = None if stored is None else stored.recorded_at
    earlier = AsOf.in_cycle(workspace.project, later.cycle, since, _computed_at(stored) or workspace.clock())
    changed = _redefined(workspace, key_result, stored, past)
    metrics = workspace.metrics_below([key_result])
    fields = outcome.readable(workspace, metrics)
    relations = {
        metric.name: workspace.relation_of(metric)
        for metric in metrics.values()
        if metric.stream is not None and not outcome.missing_fields(workspace, metric)
    }
    then_known = _lookups(workspace, metrics, known_at)
    with _opened(workspace, fields, None) as now, _opened(workspace, fields, known_at, now) as then:
        split = Split.of(metrics, relations, (then, then_known), (now, workspace.lookups), (earlier, later))
        differences = tuple(
            split.difference(name, _stored_value(stored, name, key_result), changed)
            for name in workspace.inputs(key_result)
        )
    progress = None if stored is None else _progressed(key_result, stored, past.of(later.day))
    return Since(key_result, earlier, later, known_at, changed, differences, progress)


def _computed_at(stored: RecordedObservation | None) -> datetime | None:
    """The instant for which it was computed: some moments before it was stored, or the end of its day."""
    if stored is None:
        return None
    read = stored.evidence.get(outcome.READ)
    as_of = read.get("as_of") if isinstance(read, dict) else None
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else stored.recorded_at


def _opened(
    workspace: Workspace,
    fields: Mapping[str, set[str]],
    known_at: datetime | None,
    present: History | None = None,
) -> AbstractContextManager[History]:
    """What was known at an instant, or what is known now."""
    if present is not None and known_at is None:
        return nullcontext(present)
    return workspace.warehouse.history(workspace.landed, fields, known_at)


def _lookups(workspace: Workspace, metrics: Mapping[str, CompiledMetric], known_at: datetime | None) -> Lookups:
    """The calendars, and the exchange rates as they were known at an instant, or as they are known now."""
    if known_at is None:
        return workspace.lookups
    return read_lookups(workspace.project, workspace.warehouse, workspace.landed, metrics.values(), known_at)


def _redefined(
    workspace: Workspace, key_result: KeyResult, stored: RecordedObservation | None, past: Past
) -> tuple[ChangedPart, ...]:
    present = workspace.definitions[key_result.id]
    if stored is None or stored.definition == present.hash or stored.definition not in past.definitions:
        return ()
    return changed_parts(past.definitions[stored.definition], present.text)


def _stored_value(stored: RecordedObservation | None, metric: str, key_result: KeyResult) -> float | None:
    """What the earlier day is stored with: of the metric itself, whether it was published or not."""
    if stored is None:
        return None
    evidence = stored.evidence.get(metric)
    value = evidence.get("value") if isinstance(evidence, dict) else None
    if isinstance(value, int | float):
        return float(value)
    return stored.value if metric == key_result.metric else None


def _progressed(
    key_result: KeyResult, stored: RecordedObservation, now: RecordedObservation | None
) -> Progressed | None:
    """How progress moved, of goals with a target, where both days are stored."""
    has_way = key_result.goal_kind in (GoalKind.MOVE, GoalKind.REACH)
    if now is None or not has_way or None in (stored.progress, now.progress, stored.value, now.value, now.target):
        return None
    way = (now.target or 0.0) - (now.baseline or 0.0)
    if not way:
        return None
    is_redefined = (stored.baseline, stored.target) != (now.baseline, now.target)
    by_value = ((now.value or 0.0) - (stored.value or 0.0)) / way
    return Progressed(stored.progress or 0.0, now.progress or 0.0, by_value, is_redefined)
