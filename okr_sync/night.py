"""Everything that is computed of a day and stored together: key results, initiatives' completion, KPIs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync import outcome
from okr_sync.acceptance import Refusal, Wish, granted
from okr_sync.initiatives import CompletionOutcome, compute_completions
from okr_sync.kpis import KpiOutcome, compute_kpis, stored_kpis
from okr_sync.measure import AsOf
from okr_sync.outcome import Outcome
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Objective
from okr_sync.store import Acceptance, Closing, Store, StoredKeyResult, StoredObjective
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Computed:
    """What a computation says of a day, in all its cycles. Of a cycle that is closed, only the closing."""

    outcomes: Sequence[Outcome]
    completions: Sequence[CompletionOutcome]
    kpis: Sequence[KpiOutcome]
    closings: Sequence[Closing] = ()


def compute(workspace: Workspace, store: Store, days: Sequence[AsOf]) -> Computed:
    """Compute a day from what has landed, in each of its cycles; write nothing.

    Windows of KPIs are those of the first one.
    """
    closings = [closing for day in days if (closing := store.closing(day.cycle.name)) is not None]
    closed = {one.cycle for one in closings}
    open_days = [day for day in days if day.cycle.name not in closed]
    return Computed(
        [one for day in open_days for one in outcome.compute(workspace, store, day)],
        [one for day in open_days for one in compute_completions(workspace, store, day)],
        compute_kpis(workspace, store, days[0]),
        closings,
    )


def let_through(
    workspace: Workspace, store: Store, days: Sequence[AsOf], computed: Computed, wish: Wish
) -> tuple[Computed, list[Refusal]]:
    """Write down that a person accepts values that were withheld, and compute the day again with them; gives also what
    cannot be accepted."""
    at = workspace.clock()
    wanted = [one for one in computed.outcomes if one.key_result.id in wish.key_results]
    answers = [granted(one.observation, one.failed_gates, wish, at) for one in wanted]
    accepted = [one for one in answers if isinstance(one, Acceptance)]
    refused = [one for one in answers if isinstance(one, Refusal)]
    if not accepted:
        return computed, refused
    store.accept(accepted)
    return compute(workspace, store, days), refused


def record(workspace: Workspace, store: Store, run_id: int, days: Sequence[AsOf], computed: Computed) -> int:
    """Store what is new of all that was computed; gives how many observations were new."""
    closed = {one.cycle for one in computed.closings}
    count = record_kpis(workspace, store, run_id, computed.kpis)
    for day in days:
        if day.cycle.name not in closed:
            own = [one for one in computed.outcomes if one.observation.cycle == day.cycle.name]
            count += record_key_results(workspace, store, run_id, day, own)
    return count + record_completions(workspace, store, run_id, computed.completions)


def record_key_results(workspace: Workspace, store: Store, run_id: int, day: AsOf, outcomes: Sequence[Outcome]) -> int:
    """Store the cycle's objectives and what is new of their observations; gives how many were new."""
    objectives = workspace.project.objectives_in(day.cycle)
    store.save_objectives(day.cycle, [_stored(workspace, one) for one in objectives], workspace.clock())
    return store.record(run_id, [one.observation for one in outcomes], workspace.clock())


def record_completions(
    workspace: Workspace, store: Store, run_id: int, completions: Sequence[CompletionOutcome]
) -> int:
    """Store what is new of the initiatives' completion, whose objectives are stored already."""
    return store.record_completions(run_id, [one.completion for one in completions], workspace.clock())


def record_kpis(workspace: Workspace, store: Store, run_id: int, kpis: Sequence[KpiOutcome]) -> int:
    """Store the project's KPIs and what is new of their observations; gives how many were new."""
    store.save_kpis(stored_kpis(workspace), workspace.clock())
    return store.record_kpis(run_id, [one.observation for one in kpis], workspace.clock())


def _stored(workspace: Workspace, objective: Objective) -> StoredObjective:
    key_results = tuple(_stored_key_result(workspace, one) for one in objective.key_results)
    return StoredObjective(
        id=objective.id,
        name=objective.name,
        owner=objective.owner,
        key_results=key_results,
        parent=objective.parent,
        weight=objective.weight,
        initiatives=tuple(one.name for one in objective.initiatives if one.done is not None),
    )


def _stored_key_result(workspace: Workspace, key_result: KeyResult) -> StoredKeyResult:
    goal = workspace.goals[key_result.id]
    numbers = goal.numeric
    return StoredKeyResult(
        id=key_result.id,
        name=key_result.name,
        owner=key_result.owner,
        ambition=key_result.ambition.value,
        weight=key_result.weight,
        kind=goal.kind.value,
        goal=workspace.goal_in_words(key_result),
        baseline=None if numbers is None or key_result.baseline is None else numbers.baseline,
        target=None if numbers is None else numbers.target,
        low=None if numbers is None else numbers.low,
        high=None if numbers is None else numbers.high,
        unit=goal.unit,
        definition=workspace.definitions[key_result.id],
        member_of=key_result.member_of,
        roll_up=None if key_result.roll_up is None else key_result.roll_up.value,
    )
