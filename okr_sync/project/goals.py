"""Goals as people write them: on one metric, in ordered milestones, or several that must all be met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema, field_validator, model_validator

from okr_sync.project.changes import Change, parse_target
from okr_sync.project.fields import Day, Identifier, QuantityField
from okr_sync.project.located import Located
from okr_sync.project.units import PERCENT, Quantity, UnitError
from okr_sync.project.wording import shown


class GoalKind(StrEnum):
    MOVE = "move"
    KEEP = "keep"
    REACH = "reach"
    MILESTONES = "milestones"
    ALL_OF = "all_of"


class Ambition(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class Reference(StrEnum):
    """A baseline that is measured: the value that the metric had on a day before the cycle."""

    CYCLE_START = "at cycle start"
    """Right before the cycle begins."""
    PREVIOUS_CYCLE = "previous cycle"
    """At the end of the cycle before, with the windows of that cycle."""


def _baseline(raw: object) -> Quantity | Reference:
    """Raises UnitError where it is neither a quantity nor a reference."""
    if isinstance(raw, Quantity | Reference):
        return raw
    if raw in tuple(Reference):
        return Reference(str(raw))
    try:
        return Quantity.parse(raw)
    except UnitError as error:
        if not isinstance(raw, str) or not raw[:1].isalpha():
            raise
        raise UnitError(
            f"{shown(raw)} is not a baseline; write a number such as 30, 25% or 2h,"
            f" {Reference.CYCLE_START.value!r} or {Reference.PREVIOUS_CYCLE.value!r}"
        ) from error


BaselineField = Annotated[
    Quantity | Reference,
    BeforeValidator(_baseline),
    WithJsonSchema(
        {
            "type": ["number", "string"],
            "description": "A number, or one such as 25%, 2h, 500 VND; or: at cycle start, or: previous cycle",
        }
    ),
]
TargetField = Annotated[
    Quantity | Change,
    BeforeValidator(parse_target),
    WithJsonSchema(
        {
            "type": ["number", "string"],
            "description": "A number, or one such as 25%, 2h, 500 VND; or a change: +300, +30%, -5pp, +2h, x1.3",
        }
    ),
]

ON_ONE_METRIC = ("target", "at_least", "at_most", "between")
"""The fields that each make a goal on one metric."""


class GoalFields(Located):
    """The fields of a goal on one metric.

    - move: `baseline` and `target`, in either direction
    - keep: `at_least`, `at_most` or `between`, inclusive unless `strict`
    - reach: `target` alone (n of m, from 0)
    """

    metric: Identifier | None = None
    baseline: BaselineField | None = Field(default=None, description="The value at the start")
    target: TargetField | None = Field(default=None, description="The promised value, or its change from the baseline")
    by: dict[Day, TargetField] | None = Field(
        default=None, description="The values planned for the end of given days, on the way from baseline to target"
    )
    at_least: QuantityField | None = None
    at_most: QuantityField | None = None
    between: tuple[QuantityField, QuantityField] | None = None
    strict: StrictBool = Field(default=False, description="Whether a value at the bound itself misses the goal")
    pace: dict[Day, QuantityField] | None = Field(
        default=None, description="Expected progress at the end of given days, as fractions or percent; linear between"
    )

    @field_validator("pace")
    @classmethod
    def _is_share_of_progress(cls, pace: dict[date, Quantity] | None) -> dict[date, Quantity] | None:
        for day, share in (pace or {}).items():
            if share.unit not in (None, PERCENT) or not 0 <= share.to(PERCENT) <= 1:
                raise ValueError(f"{share} for {day} is not a share of the progress; write one from 0% to 100%")
        return pace

    @field_validator("between")
    @classmethod
    def _is_upright(cls, between: tuple[Quantity, Quantity] | None) -> tuple[Quantity, Quantity] | None:
        if between is not None and between[0].unit == between[1].unit and between[0].number > between[1].number:
            raise ValueError(f"{between[0]} is above {between[1]}; write the lower bound first")
        return between

    @property
    def goal_kind(self) -> GoalKind:
        if self.at_least is not None or self.at_most is not None or self.between is not None:
            return GoalKind.KEEP
        return GoalKind.REACH if self.baseline is None else GoalKind.MOVE

    @property
    def reference(self) -> Reference | None:
        """The baseline that is to be measured, if it is one."""
        return self.baseline if isinstance(self.baseline, Reference) else None

    def as_meant(self, written: Quantity | Change) -> Quantity | Change:
        """A target, or a planned value, as this goal means it.

        Beside a number as baseline, `-5` is the value five below zero. A baseline that is measured cannot be compared
        with while writing, so that `-5` beside it is a change like `+5`.
        """
        if self.reference is not None and isinstance(written, Quantity) and written.number < 0:
            return Change.less(written)
        return written

    def check_goal(self, goal: str | None) -> None:
        """The rules between the fields, where `goal` is the field that makes the goal.

        Raises:
            ValueError: fields that do not go together.
        """
        goes = f"not with {goal}"
        if self.baseline is not None and self.target is None:
            raise ValueError(f"baseline goes with target, {goes}")
        if self.baseline is None and isinstance(self.target, Change):
            raise ValueError(_no_baseline(f"target {self.target}"))
        for day, value in (self.by or {}).items():
            if self.baseline is None and isinstance(value, Change):
                raise ValueError(_no_baseline(f"by {day}: {value}"))
        if self.baseline is not None and self.baseline == self.target:
            raise ValueError(f"target {self.target} equals its baseline: there is nothing to move")
        if self.strict and self.goal_kind is not GoalKind.KEEP:
            raise ValueError(f"strict goes with at_least, at_most or between, {goes}")
        for name in ("pace", "by"):
            if getattr(self, name) is not None and self.target is None:
                raise ValueError(f"{name} goes with target, {goes}")
        if self.pace is not None and self.by is not None:
            raise ValueError("by and pace both say what is expected when; write one of them")


def _no_baseline(change: str) -> str:
    return (
        f"{change} is a change and needs its baseline: a number,"
        f" {Reference.CYCLE_START.value!r} or {Reference.PREVIOUS_CYCLE.value!r}"
    )


class Milestone(Located):
    """One step of a key result that is reached in steps."""

    name: str = Field(min_length=1, description="What people read")
    done: str = Field(min_length=1, description="A condition over metrics: beta_users >= 10")
    weight: float = Field(default=1.0, gt=0, description="Its part of the progress, beside the others'")
    by: Day | None = Field(default=None, description="The day at whose end it is expected; else spread over the cycle")


class GoalPart(GoalFields):
    """One of the goals that a key result must meet together."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["metric"], "oneOf": [{"required": [name]} for name in ON_ONE_METRIC]}
    )

    name: str | None = Field(default=None, min_length=1, description="What people read; else the name of its metric")

    @property
    def label(self) -> str:
        return self.name or self.metric or ""

    @model_validator(mode="after")
    def _has_one_goal(self) -> Self:
        if self.metric is None:
            raise ValueError("metric is missing: name the metric that this part is about")
        self.check_goal(only_one(ON_ONE_METRIC, self))
        return self


def only_one(names: tuple[str, ...], written_in: Located) -> str:
    """The one field of `names` that is written.

    Raises:
        ValueError: several are, or none is.
    """
    written = [name for name in names if getattr(written_in, name) is not None]
    if len(written) == 1:
        return written[0]
    seen = "none of them" if not written else " and ".join(written)
    raise ValueError(f"write exactly one of {', '.join(names[:-1])} and {names[-1]}; here: {seen}")


def check_order(milestones: Iterable[Milestone]) -> None:
    """Milestones stand in the order in which they are due, each under a name of its own.

    Raises:
        ValueError: one is due before another that stands above it, or has its name.
    """
    listed = list(milestones)
    _check_names("milestones", [one.name for one in listed])
    dated = [(one.name, one.by) for one in listed if one.by is not None]
    for (above, earlier), (name, later) in pairwise(dated):
        if later < earlier:
            raise ValueError(
                f"{name!r} is due on {later}, before {above!r} above it, due on {earlier};"
                f" write them in the order of their days"
            )


def check_parts(parts: Iterable[GoalPart]) -> None:
    """Raises ValueError where two parts go by one name."""
    _check_names("parts", [one.label for one in parts])


def _check_names(kind: str, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"two {kind} are called {twice!r}; give each a name of its own")


def planned(fields: GoalFields) -> Mapping[date, Quantity | Change]:
    """The values of `by` in the order of their days, as meant."""
    return {day: fields.as_meant(value) for day, value in sorted((fields.by or {}).items())}
