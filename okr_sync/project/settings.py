"""The content of `okr-sync.yaml`, without its sources, whose shape their connectors decide."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from okr_sync.project.calendar import Calendar, ExchangeRates
from okr_sync.project.cycle import Cycle, Fixed, Kind, Recurring, clash
from okr_sync.project.destinations import AlertRules, Language, ReportRules
from okr_sync.project.fields import MONTHS, Day, Identifier, Month, Schedule, Zone
from okr_sync.project.located import Located, Silencing
from okr_sync.project.metric import Trust
from okr_sync.project.units import PERCENT


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
    store: str = Field(
        default="sqlite:///.okr-sync/store.db",
        repr=False,
        description="Where results are kept: sqlite:///FILE or postgresql+psycopg://...",
    )
    warehouse: str = Field(
        default="duckdb:///.okr-sync/warehouse",
        repr=False,
        description="Where records are kept: duckdb:///FOLDER or postgresql://...",
    )
    schedule: Schedule = Field(
        default="0 2 * * *", description="When it runs, as minute, hour, day, month and weekday of cron"
    )
    status: StatusRules = StatusRules()
    trust: Trust = Field(default=Trust(), description="The gates of every metric that does not write its own")
    calendar: Calendar | None = Field(default=None, description="The working hours that business_hours(a, b) counts")
    calendars: dict[Identifier, Calendar] = Field(
        default_factory=dict, description="Others, by name: business_hours(a, b, 'support')"
    )
    exchange_rates: ExchangeRates | None = Field(default=None, description="What convert(amount, currency, ...) reads")
    language: Language = Field(default="en", description="What advice, alerts and reports are written in")
    alerts: AlertRules = AlertRules()
    report: ReportRules = ReportRules()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of cycles that run side by side, the first one being that of objectives that name no cycle."""
        written = self.cycle or self.cycles
        each = written if isinstance(written, list) else [written]
        return tuple(one.kind for one in each if one is not None)

    @field_validator("trust")
    @classmethod
    def _fits_every_unit(cls, trust: Trust) -> Trust:
        if trust.max_move is not None and trust.max_move.unit != PERCENT:
            raise ValueError(f"max_move {trust.max_move} is for metrics of every unit here; write a share, such as 50%")
        return trust

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
