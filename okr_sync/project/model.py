"""What a project says, as typed data: the shapes of `okr-sync.yaml` and of the files under `okrs/`.

Field names are the words users write. Rules that need only the object itself are checked here; rules between
objects are in `okr_sync.project.load`; formulas are checked by `okr_sync.formula`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, WithJsonSchema, model_validator

from okr_sync.connector import SourceSettings
from okr_sync.project.cycle import Cycle
from okr_sync.project.units import Quantity, is_unit

_IDENTIFIER = r"^[a-z][a-z0-9_]*$"
Identifier = Annotated[str, Field(pattern=_IDENTIFIER, description="Lower case letters, digits and _")]
QuantityField = Annotated[
    Quantity,
    BeforeValidator(Quantity.parse),
    WithJsonSchema({"type": ["number", "string"], "description": "A number, or one such as 25%, 2h, 500 VND"}),
]
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a project file, for messages: `okrs/delivery.yaml:12`."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Located(BaseModel):
    """A model that knows where in which file it and each of its fields were written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    _places: dict[str, Location] = PrivateAttr(default_factory=dict)

    def place(self, field_name: str = "") -> Location:
        """Where `field_name` was written, or the object itself; an object not made from a file is at `-:0`."""
        return self._places.get(field_name) or self._places.get("") or Location("-", 0)


class GoalKind(StrEnum):
    MOVE = "move"
    KEEP = "keep"
    REACH = "reach"


class Ambition(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class KeyResult(Located):
    """One key result and its goal, written in exactly one of these ways.

    - move: `baseline` and `target`, in either direction
    - keep: `at_least`, `at_most` or `between`, inclusive unless `strict`
    - reach: `target` alone (n of m, from 0), or `done`: a condition over metrics
    """

    id: Identifier
    name: str = Field(min_length=1)
    metric: Identifier | None = None
    baseline: QuantityField | None = None
    target: QuantityField | None = None
    at_least: QuantityField | None = None
    at_most: QuantityField | None = None
    between: tuple[QuantityField, QuantityField] | None = None
    strict: bool = False
    done: str | None = None
    ambition: Ambition = Ambition.COMMITTED
    weight: float = Field(default=1.0, gt=0)
    owner: str | None = None
    pace: dict[date, QuantityField] | None = Field(
        default=None, description="Expected progress at the end of given days, as fractions or percent; linear between"
    )

    @property
    def goal_kind(self) -> GoalKind:
        if self.at_least is not None or self.at_most is not None or self.between is not None:
            return GoalKind.KEEP
        return GoalKind.REACH if self.done is not None or self.baseline is None else GoalKind.MOVE

    @model_validator(mode="after")
    def _has_one_goal(self) -> Self:
        written = [
            name for name in ("target", "at_least", "at_most", "between", "done") if getattr(self, name) is not None
        ]
        if len(written) != 1:
            seen = "none of them" if not written else " and ".join(written)
            raise ValueError(
                f"a key result has exactly one of target, at_least, at_most, between and done; here: {seen}"
            )
        if self.baseline is not None and self.target is None:
            raise ValueError(f"baseline goes with target, not with {written[0]}")
        if self.baseline is not None and self.baseline == self.target:
            raise ValueError(f"target {self.target} equals its baseline: there is nothing to move")
        if self.strict and self.goal_kind is not GoalKind.KEEP:
            raise ValueError("strict goes with at_least, at_most or between")
        if self.done is None and self.metric is None:
            raise ValueError("metric is missing: name the metric that gives this key result its value")
        if self.done is not None and self.metric is not None:
            raise ValueError("done names its metrics in its condition; leave metric out")
        return self


class Initiative(Located):
    """Work that is meant to move the key results. It never counts as progress."""

    name: str = Field(min_length=1)
    stream: str | None = None
    where: str | None = None


class Trust(Located):
    """When a value of this metric may be published."""

    max_age: QuantityField | None = Field(default=None, description="How old the last complete sync may be: 36h")
    min_count: int | None = Field(default=None, ge=1, description="How many records the value must rest on")
    max_move: QuantityField | None = Field(
        default=None, description="How far it may move from the last trusted value: 30% of it, or a number in its unit"
    )


class MetricTest(Located):
    """A few rows and the value the formula must give for them."""

    rows: list[dict[str, Any]]
    expect: float | None
    as_of: date | None = None


_WINDOW = re.compile(r"trailing (\d+) days")


class Window(BaseModel):
    """The span of time a metric covers: `cycle`, `previous_cycle`, `trailing 28 days` or `all`."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["cycle", "previous_cycle", "trailing", "all"] = "cycle"
    days: int = 0

    @classmethod
    def parse(cls, raw: object) -> Window:
        if isinstance(raw, Window):
            return raw
        if raw in ("cycle", "previous_cycle", "all"):
            return cls(kind=raw)
        match = _WINDOW.fullmatch(raw) if isinstance(raw, str) else None
        if match is None or int(match[1]) == 0:
            raise ValueError(f"{raw!r} is not a window; write cycle, previous_cycle, trailing 28 days, or all")
        return cls(kind="trailing", days=int(match[1]))

    def __str__(self) -> str:
        return f"trailing {self.days} days" if self.kind == "trailing" else self.kind


WindowField = Annotated[
    Window,
    BeforeValidator(Window.parse),
    WithJsonSchema({"type": "string", "pattern": r"^(cycle|previous_cycle|all|trailing [1-9]\d* days)$"}),
]


def _known_unit(raw: str) -> str:
    if not is_unit(raw):
        raise ValueError(
            f"{raw!r} is not a unit; known are number, count, points, percent, seconds, minutes, hours, days, weeks"
            " and three-letter currency codes such as VND"
        )
    return raw


class Metric(Located):
    """A named formula over one stream, or over other metrics where `stream` is left out."""

    value: str = Field(min_length=1)
    stream: str | None = None
    where: str | None = None
    time: str | None = Field(default=None, description="The field that places a record in the window")
    window: WindowField | None = None
    unit: Annotated[str, BeforeValidator(_known_unit)] | None = None
    description: str = ""
    trust: Trust = Trust()
    tests: list[MetricTest] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits_its_rows(self) -> Self:
        if self.stream is None and (self.where or self.time or self.window):
            raise ValueError("where, time and window need a stream; a metric over metrics has none")
        if self.window is not None and self.time is None:
            raise ValueError("window needs time: the field that places a record in the window")
        return self


class Objective(Located):
    """An objective file's content."""

    name: str
    id: Identifier
    owner: str | None = None
    cycle: str | None = None
    key_results: list[KeyResult]
    initiatives: list[Initiative] = Field(default_factory=list)


class StatusRules(Located):
    """The ratio of progress to expected progress from which a key result counts as on track, or as behind."""

    on_track: float = Field(default=0.9, gt=0)
    behind: float = Field(default=0.7, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.behind > self.on_track:
            raise ValueError(f"behind ({self.behind}) must not be above on_track ({self.on_track})")
        return self


class Calendar(Located):
    """Working hours and public holidays, for formulas in business hours."""

    country: str | None = None
    hours: dict[str, list[str]] = Field(default_factory=dict)


class FixedCycle(Located):
    name: str
    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end ({self.end}) is before start ({self.start})")
        return self


class RecurringCycles(Located):
    starts: list[Literal[MONTHS]] = Field(min_length=1)  # type: ignore[valid-type]


def _known_zone(raw: str) -> str:
    if raw not in available_timezones():
        raise ValueError(f"{raw!r} is not a time zone; write one such as Asia/Ho_Chi_Minh or UTC")
    return raw


class Settings(Located):
    """The content of `okr-sync.yaml`, without its sources, whose shape their connectors decide."""

    timezone: Annotated[str, BeforeValidator(_known_zone)] = "UTC"
    cycle: FixedCycle | None = None
    cycles: RecurringCycles | None = None
    store: str = "sqlite:///.okr-sync/store.db"
    warehouse: str = "duckdb:///.okr-sync/warehouse"
    schedule: str = "0 2 * * *"
    status: StatusRules = StatusRules()
    calendar: Calendar | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @model_validator(mode="after")
    def _has_one_cycle(self) -> Self:
        if (self.cycle is None) == (self.cycles is None):
            raise ValueError("write exactly one of cycle: {name, start, end} and cycles: {starts: [jan, ...]}")
        return self


@dataclass(frozen=True)
class Source:
    """One configured connection. `settings` holds `${NAME}` as written for every name in `missing_variables`."""

    name: str
    connector: str
    settings: SourceSettings
    place: Location
    missing_variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A whole project, checked as far as its files alone allow."""

    folder: Path
    settings: Settings
    sources: Mapping[str, Source]
    metrics: Mapping[str, Metric]
    objectives: tuple[Objective, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    def cycle_at(self, day: date) -> Cycle:
        """The cycle that `day` belongs to; of a fixed cycle, always that one."""
        raise NotImplementedError

    def previous_cycle(self, cycle: Cycle) -> Cycle:
        """The span of the same length, or the recurring cycle, right before."""
        raise NotImplementedError

    def objectives_in(self, cycle: Cycle) -> tuple[Objective, ...]:
        """The objectives that belong to `cycle`, in file order."""
        raise NotImplementedError
