"""What a project says, as typed data: the shapes of `okr-sync.yaml` and of the files under `okrs/`.

Field names are the words users write. Rules that need only the object itself are checked here; rules between
objects are in `okr_sync.project.load`; formulas are checked by `okr_sync.formula`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StrictBool, model_validator

from okr_sync.connector import SourceSettings
from okr_sync.project.cycle import Cycle, Kind, running
from okr_sync.project.destinations import Destination
from okr_sync.project.event import Event
from okr_sync.project.fields import CycleName, Identifier, QuantityField
from okr_sync.project.key_result import KeyResult
from okr_sync.project.located import Located, Location, Silencing
from okr_sync.project.metric import Metric, View
from okr_sync.project.settings import Settings


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
    destinations: Mapping[str, Destination] = field(default_factory=dict)

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
