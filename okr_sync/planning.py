"""What a run would change, thing by thing, compared with what is stored: the content of `okr-sync plan`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from okr_sync import night
from okr_sync.initiatives import CompletionOutcome
from okr_sync.kpis import KpiOutcome
from okr_sync.measure import AsOf
from okr_sync.night import Computed
from okr_sync.outcome import Outcome
from okr_sync.project.cycle import end_of
from okr_sync.store import (
    ChangedPart,
    Completion,
    Definition,
    KpiObservation,
    Observation,
    RecordedCompletion,
    RecordedKpiObservation,
    RecordedObservation,
    Store,
    changed_parts,
)
from okr_sync.store.model import is_equal
from okr_sync.workspace import Workspace

BADNESS = {
    "achieved": 0,
    "on track": 1,
    "behind": 2,
    "at risk": 3,
    "missed": 4,
    "healthy": 0,
    "unhealthy": 1,
    "counted": 0,
    "withheld": 5,
    "no data": 6,
}
"""Of every status, the best first. To lose a published value is worse than any status that it may have."""
_SEEN = ("value", "computed_value", "unit", "baseline", "target", "low", "high", "weight", "progress", "status")
_COUNTED = ("done_count", "record_count", "status")


class Kind(StrEnum):
    """How what was computed stands to what is stored."""

    NEW = "new"
    """Nothing is stored of it up to the day."""
    RESTATED = "restated"
    """Something else is stored for that very day: a run would write the next revision."""
    SETTLING = "settling"
    """The same, while the day is provisional and its definition is the same: late data."""
    MOVED = "moved"
    """It differs from what is stored for the latest day before."""
    REPEATED = "repeated"
    """As on the latest day before, or while provisional: a run would write it down; nobody would see a difference."""
    UNCHANGED = "unchanged"
    """It is stored already: a run would write nothing."""


class FailOn(StrEnum):
    """What a plan may be told to fail on."""

    ANY = "any"
    STATUS_WORSE = "status-worse"
    WITHHELD = "withheld"
    RESTATEMENT = "restatement"


Said = Observation | KpiObservation | Completion
AnyOutcome = Outcome | KpiOutcome | CompletionOutcome


@dataclass(frozen=True, slots=True)
class Step:
    """One key result, KPI or initiative of a plan."""

    outcome: AnyOutcome
    kind: Kind
    redefined: tuple[ChangedPart, ...] = ()
    """What changed of its definition since the stored value was computed."""
    is_redefined: bool = False
    """Whether anything did; of an initiative and of a template's members no more is known."""
    restates_final: bool = False
    """Whether it changes what was final: stored after its day had ended and settled."""

    @property
    def name(self) -> str:
        match self.outcome:
            case Outcome():
                return self.outcome.key_result.id
            case KpiOutcome():
                return self.outcome.observation.kpi
            case _:
                return self.outcome.completion.initiative

    @property
    def is_change(self) -> bool:
        """Whether people would see a difference."""
        return self.kind in (Kind.NEW, Kind.RESTATED, Kind.SETTLING, Kind.MOVED)

    @property
    def status(self) -> str:
        return said(self.outcome).status

    @property
    def previous_status(self) -> str | None:
        return None if self.outcome.stored is None else self.outcome.stored.status

    @property
    def is_flip(self) -> bool:
        return self.previous_status is not None and self.previous_status != self.status

    @property
    def is_worse(self) -> bool:
        """Whether its status would be worse than the stored one."""
        return self.previous_status is not None and BADNESS[self.status] > BADNESS[self.previous_status]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would store of a day, and how that differs from what is stored."""

    as_of: date
    computed: Computed
    key_results: Sequence[Step]
    kpis: Sequence[Step]
    initiatives: Sequence[Step]
    removed: Sequence[str] = ()
    """Key results that are stored and that the project does not have any more: their history stays."""
    settling: Sequence[Outcome] = ()
    """What a run would store of earlier days that are provisional."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        return self.computed.outcomes

    @property
    def steps(self) -> list[Step]:
        return [*self.key_results, *self.kpis, *self.initiatives]

    @property
    def changes(self) -> list[Step]:
        return [one for one in self.steps if one.is_change]

    @property
    def restated(self) -> list[Step]:
        """Those that change what was final."""
        return [one for one in self.steps if one.restates_final]

    @property
    def is_empty(self) -> bool:
        """Whether nobody would see a difference after the run."""
        return not self.changes and not self.removed

    def failing(self, on: FailOn) -> list[str]:
        """What of the plan is what it was told to fail on, a sentence each."""
        if on is FailOn.ANY:
            gone = [f"{name} would be removed" for name in self.removed]
            return [f"{one.name} would change" for one in self.changes] + gone
        if on is FailOn.STATUS_WORSE:
            worse = [one for one in self.changes if one.is_worse]
            return [f"{one.name} would go from {one.previous_status} to {one.status}" for one in worse]
        if on is FailOn.RESTATEMENT:
            return [f"{one.name} would restate {self.as_of}, which is final" for one in self.restated]
        withheld = [one for one in self.changes if one.status == "withheld" and one.previous_status != "withheld"]
        return [f"{one.name} would be withheld" for one in withheld]


def plan(workspace: Workspace, store: Store, days: Sequence[AsOf], settling: Sequence[Outcome] = ()) -> Plan:
    """Compute a day in each of its cycles from what has landed, and compare it with the store; `settling` is what a run
    would store of earlier days."""
    computed = night.compute(workspace, store, days)
    definitions, kpi_definitions = workspace.definitions, workspace.kpi_definitions
    closed = {one.cycle for one in computed.closings}
    zone = workspace.project.zone

    def judged(step: Step) -> Step:
        return replace(step, restates_final=restates_final(step.outcome, zone))

    return Plan(
        days[0].day,
        computed,
        [judged(_step(one, lambda id_: definitions[id_], store.definition_texts)) for one in computed.outcomes],
        [judged(_step(one, lambda id_: kpi_definitions[id_], store.kpi_definition_texts)) for one in computed.kpis],
        [judged(_step(one)) for one in computed.completions],
        [name for day in days if day.cycle.name not in closed for name in _removed(workspace, store, day)],
        settling,
    )


def said(outcome: AnyOutcome) -> Said:
    """What was computed."""
    return outcome.completion if isinstance(outcome, CompletionOutcome) else outcome.observation


def _step(
    outcome: AnyOutcome,
    defined: Callable[[str], Definition] | None = None,
    texts: Callable[[str], Mapping[str, str]] | None = None,
) -> Step:
    kind = kind_of(outcome)
    if outcome.stored is None or outcome.stored.definition == said(outcome).definition:
        return Step(outcome, kind)
    step = Step(outcome, kind, is_redefined=True)
    if defined is None or texts is None:
        return step
    old = texts(step.name)[outcome.stored.definition]
    return Step(outcome, kind, changed_parts(old, defined(step.name).text), is_redefined=True)


def restates_final(outcome: AnyOutcome, zone: ZoneInfo) -> bool:
    """Whether storing it changes what was final: recorded after its day had ended and settled."""
    stored = outcome.stored
    return stored is not None and kind_of(outcome) is Kind.RESTATED and is_final(stored, zone)


def is_final(stored: RecordedObservation | RecordedKpiObservation | RecordedCompletion, zone: ZoneInfo) -> bool:
    """Whether a stored value was recorded after its day had ended and settled."""
    return not getattr(stored, "is_provisional", False) and stored.recorded_at >= end_of(stored.as_of, zone)


def kind_of(outcome: AnyOutcome) -> Kind:
    now, before = said(outcome), outcome.stored
    if before is None:
        return Kind.NEW
    if not outcome.is_changed:
        return Kind.UNCHANGED
    if before.as_of == now.as_of:
        is_quiet = getattr(before, "is_provisional", False) and before.definition == now.definition
        if not is_quiet:
            return Kind.RESTATED
        return Kind.REPEATED if _is_same(now, before) else Kind.SETTLING
    return Kind.REPEATED if _is_same(now, before) and now.definition == before.definition else Kind.MOVED


def _is_same(now: Said, before: Said) -> bool:
    """Whether people would see no difference."""
    names = _COUNTED if isinstance(now, Completion) else _SEEN
    return all(is_equal(getattr(now, name, None), getattr(before, name, None)) for name in names)


def _removed(workspace: Workspace, store: Store, day: AsOf) -> list[str]:
    present = {one.id for each in workspace.project.objectives_in(day.cycle) for one in each.key_results}
    stored = [one for each in store.objectives(day.cycle.name) for one in each.key_results]
    return [one.id for one in stored if one.removed_at is None and one.id not in present]
