"""Initiatives' completion: how many of an initiative's records are done. It never counts as progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from okr_sync.formula import CompiledCompletion
from okr_sync.measure import AsOf, Values, measure
from okr_sync.outcome import failed_below, readable
from okr_sync.project.model import Initiative, Objective
from okr_sync.store import Completion, LastSyncs, RecordedCompletion, Store, initiative_definition
from okr_sync.workspace import Workspace


class CompletionStatus(StrEnum):
    COUNTED = "counted"
    WITHHELD = "withheld"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class CompletionOutcome:
    """What a computation says of one initiative, and what the store holds for it on the same day or before."""

    objective: Objective
    initiative: Initiative
    completion: Completion
    stored: RecordedCompletion | None

    @property
    def is_changed(self) -> bool:
        """Whether recording it would write a new revision."""
        return self.stored is None or not self.completion.says_the_same(self.stored)


def compute_completions(workspace: Workspace, store: Store, day: AsOf) -> list[CompletionOutcome]:
    """Count the records of the initiatives of the day's cycle from what has landed."""
    given = [
        (objective, one)
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.initiatives
        if (objective.cycle, objective.id, one.name) in workspace.completions
    ]
    if not given:
        return []
    compiled = [workspace.completions[objective.cycle, objective.id, one.name] for objective, one in given]
    metrics = {name: metric for each in compiled for name, metric in each.metrics.items()}
    with workspace.history(readable(workspace, metrics)) as history:
        (values,) = measure(metrics, history, [day])
    counting = _Counting(workspace, day, values, store.last_syncs())
    trusted = store.last_trusted_completions(day.cycle.name, day.day)
    stored = store.completions_at(day.cycle.name, day.day)
    found = []
    for objective, one in given:
        key = objective.id, one.name
        found.append(CompletionOutcome(objective, one, counting.of(objective, one, trusted.get(key)), stored.get(key)))
    return found


@dataclass(frozen=True, slots=True)
class _Counting:
    """What was measured on the day, and how fresh it is."""

    workspace: Workspace
    day: AsOf
    values: Values
    syncs: Mapping[tuple[str, str], LastSyncs]

    def of(self, objective: Objective, one: Initiative, trusted: RecordedCompletion | None) -> Completion:
        compiled = self.workspace.completions[objective.cycle, objective.id, one.name]
        status, reason = self._standing(compiled, trusted)
        counts: tuple[float | None, float | None] = (None, None)
        if status is CompletionStatus.COUNTED:
            counts = self.values[compiled.done.name].value, self.values[compiled.records.name].value
        elif status is CompletionStatus.WITHHELD and trusted is not None:
            counts = trusted.done_count, trusted.record_count
        return Completion(
            cycle=self.day.cycle.name,
            objective=objective.id,
            initiative=one.name,
            as_of=self.day.day,
            done_count=_whole(counts[0]),
            record_count=_whole(counts[1]),
            status=status.value,
            reason=reason,
            definition=initiative_definition(compiled.stream, one.where, one.done or "").hash,
        )

    def _standing(
        self, compiled: CompiledCompletion, trusted: RecordedCompletion | None
    ) -> tuple[CompletionStatus, str]:
        failed = failed_below(self.workspace, compiled.metrics, self.values, self.syncs, {}, self.day)
        no_data = [gate.reason for gate in failed if gate.is_no_data]
        if no_data:
            return CompletionStatus.NO_DATA, "; ".join(no_data)
        if failed:
            kept = "no earlier count to keep" if trusted is None else f"the count of {trusted.as_of} stays"
            return CompletionStatus.WITHHELD, "; ".join([*(gate.reason for gate in failed), kept])
        return CompletionStatus.COUNTED, f"counted in {compiled.stream}"


def _whole(count: float | None) -> int | None:
    return None if count is None else int(count)
