"""What a project says, as typed data: the shapes of `okr-sync.yaml` and of the files under `okrs/`.

Field names are the words users write. Rules that need only the object itself are checked here; rules between
objects are in `okr_sync.project.load`; formulas are checked by `okr_sync.formula`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Discriminator, Field, StrictBool, Tag, field_validator, model_validator

from okr_sync.connector import SourceSettings
from okr_sync.project.calendar import Calendar, ExchangeRates
from okr_sync.project.cycle import Cycle, Fixed, Kind, Recurring, clash, running
from okr_sync.project.event import Event
from okr_sync.project.fields import (
    MONTHS,
    CycleName,
    Day,
    Identifier,
    Month,
    QuantityField,
    Schedule,
    Span,
    Unit,
    Zone,
)
from okr_sync.project.located import Located, Location
from okr_sync.project.units import PERCENT, Quantity
from okr_sync.project.window import WindowField


class GoalKind(StrEnum):
    MOVE = "move"
    KEEP = "keep"
    REACH = "reach"


class Ambition(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


_GOALS = ("target", "at_least", "at_most", "between", "done")


class KeyResult(Located):
    """One key result and its goal, written in exactly one of these ways.

    - move: `baseline` and `target`, in either direction
    - keep: `at_least`, `at_most` or `between`, inclusive unless `strict`
    - reach: `target` alone (n of m, from 0), or `done`: a condition over metrics
    """

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [name]} for name in _GOALS]})

    id: Identifier = Field(description="One of its own in the whole project: lower case letters, digits and _")
    name: str = Field(min_length=1, description="What people read")
    metric: Identifier | None = None
    baseline: QuantityField | None = None
    target: QuantityField | None = None
    at_least: QuantityField | None = None
    at_most: QuantityField | None = None
    between: tuple[QuantityField, QuantityField] | None = None
    strict: StrictBool = Field(default=False, description="Whether a value at the bound itself misses the goal")
    done: str | None = Field(default=None, min_length=1, description="A condition over metrics: launched = 1")
    ambition: Ambition = Ambition.COMMITTED
    weight: float = Field(default=1.0, gt=0)
    owner: str | None = None
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
        return GoalKind.REACH if self.done is not None or self.baseline is None else GoalKind.MOVE

    @model_validator(mode="after")
    def _has_one_goal(self) -> Self:
        written = [name for name in _GOALS if getattr(self, name) is not None]
        if len(written) != 1:
            seen = "none of them" if not written else " and ".join(written)
            raise ValueError(f"write exactly one of target, at_least, at_most, between and done; here: {seen}")
        if self.baseline is not None and self.target is None:
            raise ValueError(f"baseline goes with target, not with {written[0]}")
        if self.baseline is not None and self.baseline == self.target:
            raise ValueError(f"target {self.target} equals its baseline: there is nothing to move")
        if self.strict and self.goal_kind is not GoalKind.KEEP:
            raise ValueError(f"strict goes with at_least, at_most or between, not with {written[0]}")
        if self.pace is not None and self.target is None:
            raise ValueError(f"pace goes with target, not with {written[0]}")
        if self.done is None and self.metric is None:
            raise ValueError("metric is missing: name the metric that gives this key result its value")
        if self.done is not None and self.metric is not None:
            raise ValueError("done names its metrics in its condition; leave metric out")
        return self


class Initiative(Located):
    """Work that is meant to move the key results. It never counts as progress."""

    name: str = Field(min_length=1, description="What people read")
    stream: str | None = None
    where: str | None = None


class Trust(Located):
    """When a value of this metric may be published."""

    max_age: Span | None = Field(default=None, description="How old the last complete sync may be: 36h")
    min_count: int | None = Field(default=None, ge=1, description="How many records the value must rest on")
    max_move: QuantityField | None = Field(
        default=None, description="How far it may move from the last trusted value: 30% of it, or a number in its unit"
    )


class MetricTest(Located):
    """A few rows and the value the formula must give for them."""

    rows: list[dict[str, Any]] = Field(description="Records of the stream, by field")
    expect: float | None = Field(description="The value in the metric's unit, or null for no data")
    as_of: Day | None = None


class Metric(Located):
    """A named formula over one stream, or over other metrics where `stream` is left out."""

    value: str = Field(min_length=1, description="The formula")
    stream: str | None = Field(default=None, description="The source and its stream: jira.issues")
    where: str | None = Field(default=None, min_length=1, description="Which records count: status = 'Done'")
    time: str | None = Field(default=None, min_length=1, description="The field that places a record in the window")
    window: WindowField | None = None
    unit: Unit | None = Field(
        default=None, description="number, count, points, percent, seconds to weeks, or a currency such as VND"
    )
    description: str = ""
    trust: Trust = Trust()
    tests: list[MetricTest] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits_its_rows(self) -> Self:
        written = [name for name in ("where", "time", "window") if getattr(self, name) is not None]
        if self.stream is None and written:
            raise ValueError(f"{' and '.join(written)} cannot go without stream; a metric over metrics has none")
        if self.window is not None and self.time is None:
            raise ValueError("window needs time: the field that places a record in the window")
        return self


class View(Located):
    """A select over streams, their versions and other views, which then serves as a stream by its plain name."""

    select: str = Field(min_length=1, description="select client, sum(amount) as total from crm.deals group by client")
    key: str | list[str] | None = Field(
        default=None,
        min_length=1,
        description="The field, or fields, that make a row unique; found by itself where it can be",
    )
    description: str = ""

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The declared key; none where it is left out."""
        return (self.key,) if isinstance(self.key, str) else tuple(self.key or ())


class Objective(Located):
    """What a file says of its objective. `name` is written as `objective`."""

    model_config = ConfigDict(validate_by_name=True)

    name: str = Field(validation_alias="objective", min_length=1, description="What is to be reached, in words")
    id: Identifier = Field(description="One of its own in the whole project: lower case letters, digits and _")
    owner: str | None = None
    cycle: CycleName | None = Field(
        default=None, description="The cycle it belongs to: 2026-Q4; without one, every cycle of the first kind"
    )
    carry_over: CycleName | None = Field(
        default=None, description="The cycle it goes on from: expected progress begins with what was reached there"
    )
    key_results: list[KeyResult] = Field(description="Two to four of them serve best")
    initiatives: list[Initiative] = Field(default_factory=list)

    @model_validator(mode="after")
    def _goes_on_in_a_cycle(self) -> Self:
        if self.carry_over is not None and self.carry_over == self.cycle:
            raise ValueError(f"carry_over names its own cycle {self.cycle}; name the one before")
        return self


class StatusRules(Located):
    """The ratio of progress to expected progress from which a key result counts as on track, or as behind."""

    on_track: float = Field(default=0.9, gt=0)
    behind: float = Field(default=0.7, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.behind > self.on_track:
            raise ValueError(f"behind ({self.behind}) must not be above on_track ({self.on_track})")
        return self


class FixedCycle(Located):
    """One cycle, by its first and its last day."""

    name: str = Field(min_length=1, description="What people read, such as 2026-Q4")
    start: Day = Field(description="Its first day: 2026-10-01")
    end: Day = Field(description="Its last day: 2026-12-31")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end ({self.end}) is before start ({self.start})")
        return self

    @property
    def kind(self) -> Fixed:
        return Fixed(Cycle(self.name, self.start, self.end))


class RecurringCycles(Located):
    """Cycles that begin on the first day of given months; `okr_sync.project.cycle.recurring` names them."""

    starts: list[Month] = Field(min_length=1, description="The first months, in their order: [jan, apr, jul, oct]")

    @property
    def months(self) -> tuple[int, ...]:
        """The starts as numbers, 1 to 12."""
        return tuple(MONTHS.index(month) + 1 for month in self.starts)

    @property
    def kind(self) -> Recurring:
        return Recurring(self.months)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        after_the_first = [(month - self.months[0]) % 12 for month in self.months]
        if after_the_first != sorted(set(after_the_first)):
            raise ValueError(f"starts [{', '.join(self.starts)}] are not in the order of the year, each month once")
        return self


def _shape_of_cycles(raw: object) -> str:
    """A mapping in the list of cycles is meant as a fixed cycle where it says one of its fields."""
    is_fixed = isinstance(raw, FixedCycle) or (isinstance(raw, dict) and not raw.keys().isdisjoint(_FIXED))
    return "a fixed cycle" if is_fixed else "recurring cycles"


_FIXED = ("name", "start", "end")
CycleKind = Annotated[
    Annotated[RecurringCycles, Tag("recurring cycles")] | Annotated[FixedCycle, Tag("a fixed cycle")],
    Discriminator(_shape_of_cycles),
]


class Settings(Located):
    """The content of `okr-sync.yaml`, without its sources, whose shape their connectors decide."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["cycle"]}, {"required": ["cycles"]}]})

    timezone: Zone = "UTC"
    cycle: FixedCycle | None = None
    cycles: RecurringCycles | Annotated[list[CycleKind], Field(min_length=1)] | None = Field(
        default=None, description="One kind of cycles, or a list of kinds side by side, recurring or fixed"
    )
    # Not shown where settings are printed: an address may hold a password.
    store: str = Field(default="sqlite:///.okr-sync/store.db", repr=False, description="Where results are kept")
    warehouse: str = Field(default="duckdb:///.okr-sync/warehouse", repr=False, description="Where records are kept")
    schedule: Schedule = Field(
        default="0 2 * * *", description="When it runs, as minute, hour, day, month and weekday of cron"
    )
    status: StatusRules = StatusRules()
    calendar: Calendar | None = Field(default=None, description="The working hours that business_hours(a, b) counts")
    calendars: dict[Identifier, Calendar] = Field(
        default_factory=dict, description="Others, by name: business_hours(a, b, 'support')"
    )
    exchange_rates: ExchangeRates | None = Field(default=None, description="What convert(amount, currency, ...) reads")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of cycles that run side by side, the first one being that of objectives that name no cycle."""
        written = self.cycle or self.cycles
        each = written if isinstance(written, list) else [written]
        return tuple(one.kind for one in each if one is not None)

    @model_validator(mode="after")
    def _has_one_cycle(self) -> Self:
        if (self.cycle is None) == (self.cycles is None):
            raise ValueError("write exactly one of cycle: {name, start, end} and cycles: {starts: [jan, ...]}")
        for one, other in combinations(self.kinds, 2):
            name = clash(one, other)
            if name is not None:
                raise ValueError(
                    f"two of the cycles would be named {name}; name the fixed one otherwise, or leave one out"
                )
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
    views: Mapping[str, View] = field(default_factory=dict)
    missing_variables: tuple[str, ...] = ()
    """The names in `store` and `warehouse` that are not set, written there as `${NAME}` still."""
    events: Mapping[str, Event] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    def cycles_at(self, day: date) -> tuple[Cycle, ...]:
        """The cycles that run on `day`, one of each kind; `okr_sync.project.cycle.running` has the borders."""
        return running(self.settings.kinds, day)

    def cycle_at(self, day: date) -> Cycle:
        """The first listed of the cycles that run on `day`."""
        return self.cycles_at(day)[0]

    def cycle_named(self, name: str) -> Cycle | None:
        return next((cycle for kind in self.settings.kinds if (cycle := kind.named(name)) is not None), None)

    def kind_of(self, cycle: Cycle) -> Kind:
        """The kind that `cycle` is one of; the first for a cycle that is of none."""
        kinds = self.settings.kinds
        return next((kind for kind in kinds if kind.named(cycle.name) is not None), kinds[0])

    def previous_cycle(self, cycle: Cycle) -> Cycle:
        """The recurring cycle right before; of a fixed cycle, the span of the same length."""
        return self.kind_of(cycle).before(cycle)

    def objectives_in(self, cycle: Cycle) -> tuple[Objective, ...]:
        """The objectives of `cycle`, in file order; one that names no cycle is of every cycle of the first kind."""
        is_first = self.kind_of(cycle) == self.settings.kinds[0]
        return tuple(one for one in self.objectives if one.cycle == cycle.name or (is_first and one.cycle is None))

    def on(self, day: date) -> Project:
        """The same without what could be mistaken for an objective of `day`, or for one another: where several cycles
        have an objective or a key result of the same id, those that do not run on the day are left out."""
        count = Counter(name for one in self.objectives for name in _ids(one))
        kept_ids = {id(one) for one in self.objectives_on(day)}
        kept = tuple(
            one for one in self.objectives if id(one) in kept_ids or all(count[name] == 1 for name in _ids(one))
        )
        return replace(self, objectives=kept)

    def objectives_on(self, day: date) -> tuple[Objective, ...]:
        """The objectives of all the cycles that run on `day`, in file order."""
        running_ids = {id(one) for cycle in self.cycles_at(day) for one in self.objectives_in(cycle)}
        return tuple(one for one in self.objectives if id(one) in running_ids)


def _ids(objective: Objective) -> list[str]:
    """Its own id and those of its key results, told apart."""
    return [f"objective {objective.id}", *(one.id for one in objective.key_results)]
