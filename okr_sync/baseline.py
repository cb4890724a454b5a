"""Baselines that are measured: the value that a metric had on a day before the cycle, and what that rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from okr_sync.gates import failed_value_gates
from okr_sync.measure import AsOf, Measured, Values
from okr_sync.project.goals import GoalFields, Reference
from okr_sync.project.key_result import KeyResult
from okr_sync.project.units import amount
from okr_sync.trust import Candidate, FailedGate, failed_gates
from okr_sync.warehouse import History
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Baseline:
    """A measured baseline. `values` has its metric and every metric below as they were on `day`."""

    metric: str
    reference: Reference
    day: AsOf
    values: Values

    @property
    def measured(self) -> Measured:
        return self.values[self.metric]

    @property
    def value(self) -> float | None:
        """None where there is no value, or none that is a number."""
        value = self.measured.value
        return None if value is None or not math.isfinite(value) else value

    @property
    def missing(self) -> str | None:
        """Why there is no value, if there is none."""
        if self.value is not None:
            return None
        why = self.measured.missing or "no record counts, or it divides by nothing"
        return (
            f"the baseline of {self.metric} ({self.reference.value}) has no value for {self._day}: {why};"
            " write the baseline as a number"
        )

    def told(self, unit: str | None, elapsed: float | None) -> str:
        """`baseline 812 on 30 Sep (at cycle start)`, and for how many records that is assumed.

        Of a total, how much of it belongs to the share of the cycle that has `elapsed`.
        """
        text = f"baseline {amount(self.value or 0.0, unit)} on {self._day} ({self.reference.value})"
        if elapsed is not None:
            text += f", {amount((self.value or 0.0) * elapsed, unit)} of it by now"
        measured = self.measured
        if measured.assumed_count:
            text += f", {measured.assumed_count:,} of its {measured.record_count:,} records first seen later"
        return text

    @property
    def _day(self) -> str:
        return f"{self.day.day.day} {self.day.day:%b}"


Baselines = Sequence[Baseline | None]
"""For each of `KeyResult.goals`; None where the baseline is written as a number, or where there is none."""


def measure_baselines(
    workspace: Workspace, key_results: Sequence[KeyResult], day: AsOf, history: History
) -> dict[str, Baselines]:
    """The baselines of each of `key_results` whose goal has one to be measured."""
    wanted = [one for one in key_results if any(workspace.goals[one.id].references)]
    values: dict[Reference, tuple[AsOf, Values]] = {}
    for reference in Reference:
        names = [one.metric for each in wanted for one in each.goals if one.reference is reference]
        if names:
            before = reference_day(reference, day)
            found = workspace.past_values(workspace.metrics_of(name for name in names if name), history, [before])
            values[reference] = before, found[before]
    return {each.id: tuple(_baseline(workspace, one, values) for one in each.goals) for each in wanted}


def reference_day(reference: Reference, day: AsOf) -> AsOf:
    """The day whose value is meant: the last one before the day's cycle, or the last one of the cycle before."""
    return day.at_cycle_start() if reference is Reference.CYCLE_START else day.before_cycle()


def failed_baseline_gates(workspace: Workspace, baselines: Baselines, as_of: AsOf) -> Iterator[FailedGate]:
    """The gates that a baseline must pass like any value: the records it rests on. Its streams are those of the value
    itself, and it has no value before it that it might have moved from."""
    for one in (one for one in baselines if one is not None):
        for name, measured in one.values.items():
            metric = workspace.metrics[name]
            candidate = Candidate(measured.value, metric.unit, measured.record_count, as_of.instant, (), None)
            own = failed_value_gates(workspace, metric, measured)
            trust = metric.metric.trust.or_else(workspace.project.settings.trust)
            for gate in (*own, *failed_gates(trust, candidate)):
                yield FailedGate(gate.gate, f"baseline of {name} ({one.reference.value}): {gate.reason}")


def baseline_evidence(baselines: Baselines, metric: str) -> dict[str, JsonValue]:
    """What the metric was on the day of each baseline that rests on it, by the baseline's name; nothing of others."""
    found: dict[str, JsonValue] = {
        one.reference.value: {
            "as_of": one.day.day.isoformat(),
            "value": one.values[metric].value,
            "record_count": one.values[metric].record_count,
            "assumed_count": one.values[metric].assumed_count,
        }
        for one in baselines
        if one is not None and metric in one.values
    }
    return {"baseline": found} if found else {}


def _baseline(workspace: Workspace, goal: GoalFields, values: dict[Reference, tuple[AsOf, Values]]) -> Baseline | None:
    if goal.reference is None or goal.metric is None:
        return None
    day, found = values[goal.reference]
    below = {name: found[name] for name in workspace.metrics_of([goal.metric])}
    return Baseline(goal.metric, goal.reference, day, below)
