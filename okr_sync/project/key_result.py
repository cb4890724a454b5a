"""A key result as its file says it: its goal in one of the ways in which goals are written, and its template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import ConfigDict, Field, JsonValue, PrivateAttr, model_validator

from okr_sync.project.each import ForEachField, RollUp
from okr_sync.project.fields import Identifier
from okr_sync.project.goals import (
    ON_ONE_METRIC,
    Ambition,
    GoalFields,
    GoalKind,
    GoalPart,
    Milestone,
    check_order,
    check_parts,
    only_one,
)
from okr_sync.project.located import Location, Silencing

_GOALS = (*ON_ONE_METRIC, "done", "milestones", "all_of")


_WITH_GOAL: list[JsonValue] = [{"required": [name]} for name in _GOALS]


_JUDGED_BY_MEMBERS: JsonValue = {"required": ["for_each"], "not": {"anyOf": _WITH_GOAL}}
"""A template whose values all bring their own goal."""


class KeyResult(GoalFields, Silencing):
    """One key result and its goal, written in exactly one of these ways.

    - a goal on one metric: move, keep or reach
    - `done`: a condition over metrics
    - `milestones`: conditions over metrics, in the order in which they are to come true
    - `all_of`: several goals on metrics, all of which must be met
    """

    model_config = ConfigDict(json_schema_extra={"oneOf": [*_WITH_GOAL, _JUDGED_BY_MEMBERS]})

    id: Identifier = Field(description="One of its own in the whole project: lower case letters, digits and _")
    name: str = Field(min_length=1, description="What people read")
    done: str | None = Field(default=None, min_length=1, description="A condition over metrics: launched = 1")
    milestones: list[Milestone] | None = Field(
        default=None, min_length=1, description="Conditions in the order in which they are to come true"
    )
    all_of: list[GoalPart] | None = Field(
        default=None, min_length=2, description="Two or more goals that must be met together"
    )
    ambition: Ambition = Ambition.COMMITTED
    weight: float = Field(default=1.0, gt=0)
    owner: str | None = None
    for_each: ForEachField | None = None
    roll_up: RollUp | None = Field(
        default=None, description="How the key results of for_each become one: mean (default), worst or total"
    )

    _member_of: str | None = PrivateAttr(default=None)

    @property
    def member_of(self) -> str | None:
        """The id of the template that this one was made from: it counts there, not in the objective itself."""
        return self._member_of

    @property
    def is_judged_by_members(self) -> bool:
        """Whether it is a template's roll-up without a number of its own: the mean or the worst of its members."""
        return self.for_each is not None and self.roll_up is not RollUp.TOTAL

    @property
    def goal_kind(self) -> GoalKind:
        if self.milestones is not None:
            return GoalKind.MILESTONES
        if self.all_of is not None:
            return GoalKind.ALL_OF
        return GoalKind.REACH if self.done is not None else super().goal_kind

    @property
    def goals(self) -> Sequence[GoalFields]:
        """The goals on metrics that it is made of: itself, or the parts of `all_of`; none of conditions or members."""
        if self.all_of is not None:
            return self.all_of
        return () if self.conditions or self.is_judged_by_members else (self,)

    @property
    def conditions(self) -> Sequence[tuple[Location, str, str]]:
        """Its conditions over metrics: where each is written, its field, and its text."""
        if self.done is not None:
            return [(self.place("done"), "done", self.done)]
        return [
            (one.place("done"), f"milestones.#{n}.done", one.done) for n, one in enumerate(self.milestones or (), 1)
        ]

    @property
    def metric_names(self) -> Sequence[str]:
        """The metrics it has goals on, in order; those of conditions are named in their texts."""
        return tuple(dict.fromkeys(one.metric for one in self.goals if one.metric is not None))

    @model_validator(mode="after")
    def _is_whole_template(self) -> Self:
        if self.for_each is None and self.roll_up is not None:
            raise ValueError(f"roll_up: {self.roll_up} goes with for_each, which lists what is rolled up")
        if self.for_each is not None and self.metric is None:
            raise ValueError("for_each goes with metric, whose records it filters; name the metric")
        return self

    @model_validator(mode="after")
    def _has_one_goal(self) -> Self:
        if self.is_judged_by_members:
            return self  # each of its members is checked
        goal = only_one(_GOALS, self)
        self.check_goal(goal)
        if goal in ON_ONE_METRIC and self.metric is None:
            raise ValueError("metric is missing: name the metric that gives this key result its value")
        if goal not in ON_ONE_METRIC and self.metric is not None:
            where = {"done": "its condition", "milestones": "their conditions", "all_of": "its parts"}[goal]
            name = "name their" if goal == "milestones" else "names its"
            raise ValueError(f"{goal} {name} metrics in {where}; leave metric out")
        check_order(self.milestones or ())
        check_parts(self.all_of or ())
        return self
