"""What is stored for a day, as people and machines read it: the contract of `status --json`.

Objectives are derived from the observations of their key results, so that an old day shows what was known of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, cast

from pydantic import JsonValue

from okr_sync.forecast import Outlook
from okr_sync.measure import AsOf
from okr_sync.people import CheckInReport, OverrideReport, check_in_report, override_report
from okr_sync.progress import Assessment, Goal, Part, Place, Status, standings
from okr_sync.project.goals import GoalKind
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Objective
from okr_sync.report_beside import (
    ClosedReport,
    InitiativeReport,
    KpiReport,
    closed_report,
    initiative_reports,
    kpi_reports,
)
from okr_sync.store import CheckIn, Closing, Override, RecordedCompletion, RecordedKpiObservation, RecordedObservation
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
    roll_up: str | None = None
    """Of a template: `mean`, `worst` or `total` of its members."""
    members: tuple[KeyResultReport, ...] = ()
    """Of a template: a key result for each of its values."""
    check_in: CheckInReport | None = None
    """What a person said last."""
    override: OverrideReport | None = None
    """What a person holds against the value. It counts nowhere: value, progress and status are the computed ones."""
    is_provisional: bool = False
    """Whether late data may still change it without any ado."""


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
    parent: str | None
    """The objective above, which this one counts into where both run on the day."""
    weight: float
    initiatives: tuple[InitiativeReport, ...]

    @property
    def all_key_results(self) -> list[KeyResultReport]:
        """With the members of templates, each after its template."""
        return [each for one in self.key_results for each in (one, *one.members)]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """`cycle` is the first listed of the `cycles` that run on the day; each objective says which one is its own."""

    as_of: date
    cycle: str
    cycles: tuple[str, ...]
    objectives: tuple[ObjectiveReport, ...]
    kpis: tuple[KpiReport, ...] = ()
    closed: tuple[ClosedReport, ...] = ()
    """Those of the cycles that were closed."""

    def key_result(self, id_: str) -> KeyResultReport:
        """The one with this id, which must be there."""
        return next(one for each in self.objectives for one in each.all_key_results if one.id == id_)

    def as_json(self) -> JsonValue:
        """The contract: the fields above but those that others say, in numbers or one by one."""
        content = plain(asdict(self))
        del content["cycles"]
        for objective in content["objectives"]:
            del objective["reason"]
            for key_result in objective["key_results"]:
                for one in (key_result, *key_result["members"]):
                    del one["goal"]
        for kpi in content["kpis"]:
            del kpi["range"]
        return cast(JsonValue, content)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds of one cycle for a day or the latest day before; completions by objective and initiative."""

    workspace: Workspace
    day: AsOf
    observations: Mapping[str, RecordedObservation]
    completions: Mapping[tuple[str, str], RecordedCompletion]
    closing: Closing | None
    check_ins: Mapping[str, Sequence[CheckIn]] = field(default_factory=dict)
    overrides: Mapping[str, Override] = field(default_factory=dict)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        return self.workspace.project.objectives_in(self.day.cycle)


def status_report(cycles: Sequence[Stored], kpis: Mapping[str, RecordedKpiObservation]) -> StatusReport:
    """The project's objectives and KPIs with what is stored of them for a day, in each of the day's cycles.

    An objective counts into the one above it in whichever of the cycles that one is.
    """
    reports = {one.id: _key_results(each, one) for each in cycles for one in each.objectives}
    running = [(each, one) for each in cycles for one in each.objectives]
    places = [Place(one.id, one.name, one.parent, one.weight) for _, one in running]
    found = standings(places, {one.id: _parts(one, reports[one.id]) for _, one in running})
    first = cycles[0]
    return StatusReport(
        first.day.day,
        first.day.cycle.name,
        tuple(each.day.cycle.name for each in cycles),
        tuple(_objective(each, one, found[one.id], reports[one.id]) for each, one in running),
        kpi_reports(first.workspace, kpis),
        tuple(closed_report(each.closing) for each in cycles if each.closing is not None),
    )


def _objective(
    stored: Stored, objective: Objective, standing: Assessment, key_results: tuple[KeyResultReport, ...]
) -> ObjectiveReport:
    return ObjectiveReport(
        objective.id,
        objective.name,
        stored.day.cycle.name,
        objective.carry_over,
        standing.progress,
        standing.status.value,
        standing.reason,
        key_results,
        objective.parent,
        objective.weight,
        initiative_reports(objective, stored.completions),
    )


def _key_results(stored: Stored, objective: Objective) -> tuple[KeyResultReport, ...]:
    """Those that count, each template with its members."""

    def report(one: KeyResult) -> KeyResultReport:
        found = _key_result(stored.workspace, one, stored.day, stored.observations.get(one.id))
        return _beside(found, stored)

    return tuple(
        replace(report(one), members=tuple(map(report, objective.members(one.id)))) for one in objective.counted
    )


def _beside(report: KeyResultReport, stored: Stored) -> KeyResultReport:
    """With what people say of it."""
    check_ins, override = stored.check_ins.get(report.id), stored.overrides.get(report.id)
    return replace(
        report,
        check_in=check_in_report(check_ins[0]) if check_ins else None,
        override=None if override is None else override_report(override, stored.observations.get(report.id)),
    )


def _parts(objective: Objective, reports: Sequence[KeyResultReport]) -> list[Part]:
    return [
        Part(report.name, one.weight, _assessment(report))
        for one, report in zip(objective.counted, reports, strict=True)
    ]


def _key_result(
    workspace: Workspace, key_result: KeyResult, day: AsOf, stored: RecordedObservation | None
) -> KeyResultReport:
    goal = workspace.goals[key_result.id]
    baseline = None if key_result.baseline is None or goal.numeric is None else goal.numeric.baseline
    roll_up = None if key_result.roll_up is None else key_result.roll_up.value
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
            goal=workspace.goal_in_short(key_result),
            roll_up=roll_up,
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
        reason=stored.reason + (_REDEFINED if _is_redefined(workspace, key_result, stored) else ""),
        as_of=stored.as_of,
        record_count=stored.record_count,
        definition=stored.definition,
        goal=_goal(workspace, key_result, stored),
        forecast=_forecast(stored),
        is_provisional=stored.is_provisional,
        roll_up=roll_up,
    )


def _goal(workspace: Workspace, key_result: KeyResult, stored: RecordedObservation) -> str:
    """In short; with the numbers it had where a baseline was measured, or where the goal was another one then."""
    goal = workspace.goals[key_result.id]
    is_measured = goal.numeric is None and goal.kind is GoalKind.MOVE and stored.baseline is not None
    if not is_measured and not (_is_redefined(workspace, key_result, stored) and goal.kind in _OF_NUMBERS):
        return workspace.goal_in_short(key_result)
    start = 0.0 if stored.baseline is None else stored.baseline
    numbers = Goal(goal.kind, start, stored.target, stored.low, stored.high, unit=stored.unit)
    return replace(numbers, strict=key_result.strict).in_short


def _is_redefined(workspace: Workspace, key_result: KeyResult, stored: RecordedObservation) -> bool:
    return stored.definition != workspace.definitions[key_result.id].hash


_OF_NUMBERS = (GoalKind.MOVE, GoalKind.KEEP)
_REDEFINED = "; its definition has changed since"


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
