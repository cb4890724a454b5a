"""What a project says, as typed data: the shapes of `okr-sync.yaml` and of the files under `okrs/`.

Field names are the words users write. Rules that need only the object itself are checked here; rules between
objects are in `okr_sync.project.load`; formulas are checked by `okr_sync.formula`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Discriminator, Field, JsonValue, PrivateAttr, StrictBool, Tag, model_validator

from okr_sync.connector import SourceSettings
from okr_sync.project.calendar import Calendar, ExchangeRates
from okr_sync.project.cycle import Cycle, Fixed, Kind, Recurring, clash, running
from okr_sync.project.each import ForEachField, Only, RollUp
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
from okr_sync.project.located import Located, Location
from okr_sync.project.window import WindowField

_GOALS = (*ON_ONE_METRIC, "done", "milestones", "all_of")
_WITH_GOAL: list[JsonValue] = [{"required": [name]} for name in _GOALS]
_JUDGED_BY_MEMBERS: JsonValue = {"required": ["for_each"], "not": {"anyOf": _WITH_GOAL}}
"""A template whose values all bring their own goal."""


class Silencing(Located):
    """An object at which advice may be silenced."""

    silence: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict, description="Advice that is known and not wanted here: its code, and the reason"
    )


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


class Initiative(Located):
    """Work that is meant to move the key results. It never counts as progress."""

    name: str = Field(min_length=1, description="What people read")
    stream: str | None = None
    where: str | None = Field(default=None, min_length=1, description="Which records of the stream are its parts")
    done: str | None = Field(default=None, min_length=1, description="When such a record is done: resolution = 'Done'")

    @model_validator(mode="after")
    def _has_records(self) -> Self:
        written = [name for name in ("where", "done") if getattr(self, name) is not None]
        if self.stream is None and written:
            raise ValueError(f"{' and '.join(written)} cannot go without stream: the records that make it up")
        return self


class Kpi(Silencing):
    """A number that is watched, with the range in which it is healthy. It is no key result and has no progress."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("at_least", "at_most", "between")]}
    )

    name: str = Field(min_length=1, description="What people read")
    metric: Identifier
    at_least: QuantityField | None = None
    at_most: QuantityField | None = None
    between: tuple[QuantityField, QuantityField] | None = None
    strict: StrictBool = Field(default=False, description="Whether a value at the bound itself is unhealthy")
    owner: str | None = None
    description: str = ""

    @model_validator(mode="after")
    def _has_one_range(self) -> Self:
        written = [name for name in ("at_least", "at_most", "between") if getattr(self, name) is not None]
        if len(written) != 1:
            seen = "none of them" if not written else " and ".join(written)
            raise ValueError(f"write exactly one of at_least, at_most and between, its healthy range; here: {seen}")
        return self


class Trust(Located):
    """When a value of this metric may be published."""

    max_age: Span | None = Field(default=None, description="How old the last complete sync may be: 36h")
    min_count: int | None = Field(default=None, ge=1, description="How many records the value must rest on")
    max_move: QuantityField | None = Field(
        default=None, description="How far it may move from the last trusted value: 30% of it, or a number in its unit"
    )


class MetricTest(Located):
    """A few rows and the value the formula must give for them."""

    name: str | None = Field(default=None, min_length=1, description="What it shows, for people")
    rows: list[dict[str, Any]] = Field(
        description="Records of the stream, by field; of a metric over metrics one row, the values of its inputs"
    )
    expect: QuantityField | None = Field(description="The value, in the metric's unit or its own; null for no data")
    as_of: Day | None = Field(default=None, description="The day whose end as_of() is; today if left out")


class Metric(Silencing):
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

    _only: Only | None = PrivateAttr(default=None)
    _base: str | None = PrivateAttr(default=None)

    @property
    def only(self) -> Only | None:
        """The records it is restricted to, where a template made it from another metric."""
        return self._only

    @property
    def base(self) -> str | None:
        """The metric that a template made this one from."""
        return self._base

    def restricted(self, base: str, only: Only) -> Metric:
        """The same metric over some of its records. `base` is its name; its tests stay with the metric as written."""
        made = self.model_copy(update={"tests": []})
        made._only, made._base = only, base
        return made

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


class Objective(Silencing):
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
    parent: Identifier | None = Field(default=None, description="The objective above, which this one counts into")
    weight: float = Field(default=1.0, gt=0, description="In the mean of the objective above")
    key_results: list[KeyResult] = Field(description="Two to four of them serve best")
    initiatives: list[Initiative] = Field(default_factory=list)

    @property
    def counted(self) -> list[KeyResult]:
        """The key results as people wrote them: those that count in its progress, a template once."""
        return [one for one in self.key_results if one.member_of is None]

    def members(self, template: str) -> list[KeyResult]:
        """The key results that were made from the template with this id."""
        return [one for one in self.key_results if one.member_of == template]

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


class Settings(Silencing):
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
    language: Literal["en", "vi"] = Field(default="en", description="What advice is written in")

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
    kpis: Mapping[str, Kpi] = field(default_factory=dict)
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
