"""The goals of a project's key results: their conditions compiled, their numbers in the units of their metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from okr_sync.errors import OkrSyncError, Problem, ProjectError
from okr_sync.formula import CompiledCondition, CompiledMetric, accumulates, compile_condition
from okr_sync.progress import Goal, WrittenGoal, check_goal, healthy_range, written_goal, written_goal_of_roll_up
from okr_sync.project.goals import GoalFields, Reference
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Kpi, Objective
from okr_sync.project.units import UnitError

Goals = dict[str, WrittenGoal]
Conditions = dict[str, tuple[CompiledCondition, ...]]


def compile_goals(objectives: Iterable[Objective], metrics: Mapping[str, CompiledMetric]) -> tuple[Goals, Conditions]:
    """By key result, its goal, and its conditions where it is made of some.

    Raises:
        ProjectError: every goal that does not fit its metric, and the problems of all conditions.
    """
    goals: Goals = {}
    conditions: Conditions = {}
    problems: list[Problem] = []
    for key_result in (one for objective in objectives for one in objective.key_results):
        if key_result.is_judged_by_members:
            goals[key_result.id] = written_goal_of_roll_up(key_result)
            continue
        compiled = _conditions(key_result, metrics, problems)
        if compiled:
            conditions[key_result.id] = compiled
        wrong = list(_problems(key_result, metrics))
        problems += wrong
        if not wrong:
            units = [_unit(one, metrics) for one in key_result.goals]
            totals = [one.metric is not None and accumulates(one.metric, metrics) for one in key_result.goals]
            goals[key_result.id] = written_goal(key_result, units, totals)
    if problems:
        raise ProjectError(problems)
    return goals, conditions


def compile_ranges(kpis: Mapping[str, Kpi], metrics: Mapping[str, CompiledMetric]) -> dict[str, Goal]:
    """By KPI, the range in which it is healthy.

    Raises:
        ProjectError: every range that does not fit its metric.
    """
    ranges: dict[str, Goal] = {}
    problems: list[Problem] = []
    for name, kpi in kpis.items():
        try:
            ranges[name] = healthy_range(kpi, metrics[kpi.metric].unit)
        except (UnitError, OkrSyncError) as error:
            problems.append(Problem(str(kpi.place()), f"kpis.{name}", str(error)))
    if problems:
        raise ProjectError(problems)
    return ranges


def _unit(goal: GoalFields, metrics: Mapping[str, CompiledMetric]) -> str | None:
    return None if goal.metric is None else metrics[goal.metric].unit


def _conditions(
    key_result: KeyResult, metrics: Mapping[str, CompiledMetric], problems: list[Problem]
) -> tuple[CompiledCondition, ...]:
    """The conditions that can be read; what is wrong with the others is added to `problems`."""
    compiled = []
    for place, field, text in key_result.conditions:
        try:
            compiled.append(compile_condition(text, metrics, place, f"key_results.{key_result.id}.{field}"))
        except ProjectError as error:
            problems.extend(error.problems)
    return tuple(compiled)


def _problems(key_result: KeyResult, metrics: Mapping[str, CompiledMetric]) -> Iterator[Problem]:
    """What does not fit in each of the goals that the key result is made of."""
    for number, goal in enumerate(key_result.goals, 1):
        field = f"key_results.{key_result.id}" + ("" if goal is key_result else f".all_of.#{number}")
        try:
            check_goal(goal, _unit(goal, metrics))
        except OkrSyncError as error:
            yield Problem(str(goal.place()), field, str(error))
        yield from _empty_at_start(goal, field, metrics)


def _empty_at_start(goal: GoalFields, field: str, metrics: Mapping[str, CompiledMetric]) -> Iterator[Problem]:
    """A window that begins with the cycle holds nothing right before it."""
    if goal.reference is Reference.CYCLE_START and goal.metric is not None:
        empty = next((name for name in _below(goal.metric, metrics) if _is_of_cycle(metrics[name])), None)
        if empty is not None:
            own = "" if empty == goal.metric else f", and {goal.metric} is made of it"
            message = (
                f"{empty} counts from the start of the cycle on{own}: right before that it is empty; write"
                f" 'previous cycle' for its value at the end of the cycle before, or give {empty} another window,"
                " such as all or trailing 28 days"
            )
            yield Problem(str(goal.place("baseline")), f"{field}.baseline", message)


def _is_of_cycle(metric: CompiledMetric) -> bool:
    return metric.time_tree is not None and metric.window.kind == "cycle"


def _below(name: str, metrics: Mapping[str, CompiledMetric]) -> Iterator[str]:
    yield name
    for lower in metrics[name].inputs:
        yield from _below(lower, metrics)
