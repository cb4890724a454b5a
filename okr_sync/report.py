"""What is stored for a day, as people and machines read it: the contract of `status --json`.

Objectives are derived from the observations of their key results, so that an old day shows what was known of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from pydantic import JsonValue

from okr_sync.forecast import Outlook
from okr_sync.measure import AsOf
from okr_sync.progress import Assessment, Goal, Part, Status, WrittenGoal, assess_objective
from okr_sync.project.goals import GoalKind
from okr_sync.project.model import KeyResult, Objective
from okr_sync.store import RecordedObservation
from okr_sync.workspace import Workspace

Amount = float | tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class KeyResultReport:
    """One key result. Numbers are in the metric's own unit (a percentage is a fraction); `None` is no data.

    `target` of a goal to keep is the bound it is kept at, or both bounds. `goal` says it in short.
    """

    id: str
    name: str
    value: float | None
    unit: str | None
    baseline: float | None
    target: Amount
    progress: float | None
    expected_progress: float
    status: str
    reason: str
    as_of: date | None
    record_count: int
    definition: str
    goal: str
    forecast: Outlook | None = None
    """Where the value is heading; None where that was never asked."""


@dataclass(frozen=True, slots=True)
class ObjectiveReport:
    id: str
    name: str
    cycle: str
    carry_over: str | None
    """The cycle that it goes on from."""
    progress: float | None
    status: str
    reason: str
    key_results: tuple[KeyResultReport, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """`cycle` is the first listed of the `cycles` that run on the day; each objective says which one is its own."""

    as_of: date
    cycle: str
    cycles: tuple[str, ...]
    objectives: tuple[ObjectiveReport, ...]

    def as_json(self) -> JsonValue:
        """The contract: the fields above but those that others say, in numbers or one by one."""
        content = plain(asdict(self))
        del content["cycles"]
        for objective in content["objectives"]:
            del objective["reason"]
            for key_result in objective["key_results"]:
                del key_result["goal"]
        return cast(JsonValue, content)


def status_report(workspace: Workspace, day: AsOf, stored: Mapping[str, RecordedObservation]) -> StatusReport:
    """The project's objectives with what is `stored` of their key results for the day or the latest day before."""
    objectives = workspace.project.objectives_in(day.cycle)
    reports = tuple(_objective(workspace, one, day, stored) for one in objectives)
    return StatusReport(day.day, day.cycle.name, (day.cycle.name,), reports)


def side_by_side(reports: Sequence[StatusReport]) -> StatusReport:
    """The reports of the cycles of one day as one."""
    first = reports[0]
    cycles = tuple(one.cycle for one in reports)
    return StatusReport(first.as_of, first.cycle, cycles, tuple(each for one in reports for each in one.objectives))


def _objective(
    workspace: Workspace, objective: Objective, day: AsOf, stored: Mapping[str, RecordedObservation]
) -> ObjectiveReport:
    reports = tuple(_key_result(workspace, one, day, stored.get(one.id)) for one in objective.key_results)
    parts = [
        Part(report.name, one.weight, _assessment(report))
        for one, report in zip(objective.key_results, reports, strict=True)
    ]
    standing = assess_objective(parts)
    return ObjectiveReport(
        objective.id,
        objective.name,
        day.cycle.name,
        objective.carry_over,
        standing.progress,
        standing.status.value,
        standing.reason,
        reports,
    )


def _key_result(
    workspace: Workspace, key_result: KeyResult, day: AsOf, stored: RecordedObservation | None
) -> KeyResultReport:
    goal = workspace.goals[key_result.id]
    baseline = None if key_result.baseline is None or goal.numeric is None else goal.numeric.baseline
    if stored is None:
        return KeyResultReport(
            id=key_result.id,
            name=key_result.name,
            value=None,
            unit=goal.unit,
            baseline=baseline,
            target=None if goal.numeric is None else _target(goal.numeric),
            progress=None,
            expected_progress=goal.expected_progress(day.cycle, day.day),
            status=Status.NO_DATA.value,
            reason=f"nothing is stored up to {day.day}; compute it with okr-sync run",
            as_of=None,
            record_count=0,
            definition=workspace.definitions[key_result.id].hash,
            goal=goal.in_short,
        )
    return KeyResultReport(
        id=key_result.id,
        name=key_result.name,
        value=stored.value,
        unit=stored.unit,
        baseline=stored.baseline,
        target=_target(stored),
        progress=stored.progress,
        expected_progress=stored.expected_progress,
        status=stored.status,
        reason=stored.reason,
        as_of=stored.as_of,
        record_count=stored.record_count,
        definition=stored.definition,
        goal=_goal(goal, stored),
        forecast=_forecast(stored),
    )


def _goal(goal: WrittenGoal, stored: RecordedObservation) -> str:
    """In short; with the numbers that a measured baseline had."""
    if goal.numeric is not None or goal.kind is not GoalKind.MOVE or stored.baseline is None:
        return goal.in_short
    return Goal(goal.kind, baseline=stored.baseline, target=stored.target, unit=stored.unit).in_short


def _forecast(stored: RecordedObservation) -> Outlook | None:
    if stored.forecast_basis is None:
        return None
    numbers = (stored.forecast_value, stored.forecast_low, stored.forecast_high)
    return Outlook.read(numbers, stored.forecast_basis)


def _target(goal: Goal | RecordedObservation) -> Amount:
    if goal.low is not None and goal.high is not None:
        return goal.low, goal.high
    return next((bound for bound in (goal.target, goal.low, goal.high) if bound is not None), None)


def _assessment(report: KeyResultReport) -> Assessment:
    return Assessment(report.progress, report.expected_progress, Status(report.status), report.reason)


def plain(value: Any) -> Any:
    """Plain JSON of nested data: dates and times as ISO text.

    Raises:
        TypeError: something in it has no JSON form.
    """
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{value!r} has no JSON form")
