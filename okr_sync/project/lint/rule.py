"""What a rule of the OKR method is, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default

from okr_sync.project.goals import GoalFields
from okr_sync.project.key_result import KeyResult
from okr_sync.project.located import Location, Silencing
from okr_sync.project.metric import Metric
from okr_sync.project.model import Objective, Project
from okr_sync.project.units import PERCENT


@dataclass(frozen=True, slots=True)
class Past:
    """What has landed of a key result's metric: its value over the cycle before, and the records behind it."""

    cycle: str
    value: float | None
    record_count: int
    met_with: str | None = None
    """The value, as people read it, where it met the target already."""


Key = tuple[str, str]
"""A key result by its file and id: several cycles may have one of the same id."""


def key_of(key_result: KeyResult) -> Key:
    return key_result.place().file, key_result.id


@dataclass(frozen=True)
class Facts:
    """What is known of metrics beyond the files. Without any, the files alone are judged."""

    units: Mapping[str, str | None] = default(default_factory=dict)
    """What each metric is in, by what its formula gives."""
    totals: frozenset[str] = frozenset()
    """The metrics that add up, such as counts and sums."""
    accumulating: frozenset[str] = frozenset()
    """Those of them that begin at 0 with the cycle and grow as records come."""
    past: Mapping[Key, Past] = default(default_factory=dict)
    """Of the key results of today's cycles whose streams hold records of the cycle before."""


@dataclass(frozen=True, slots=True)
class Target:
    """A goal on a metric, whose it is, and the way to it."""

    objective: Objective
    key_result: KeyResult
    goal: GoalFields
    path: str


@dataclass(frozen=True, slots=True)
class Case:
    """A project under examination."""

    project: Project
    facts: Facts

    def key_results(self) -> Iterator[tuple[Objective, KeyResult]]:
        """As they are written: a template once, without the key results that are made from it."""
        for objective in self.project.objectives:
            for one in objective.counted:
                yield objective, one

    def goals(self) -> Iterator[Target]:
        """Every goal on a metric: a key result has one, or several parts; a template those of its members."""
        pairs = [(objective, one) for objective in self.project.objectives for one in objective.key_results]
        for objective, one in pairs:
            for number, goal in enumerate(one.goals, 1):
                part = "" if goal is one else f".all_of.#{number}"
                yield Target(objective, one, goal, f"key_results.{one.member_of or one.id}{part}")

    def written_name(self, metric: str | None) -> str | None:
        """The name of the metric as it is written: one made for a template goes by its own base."""
        return metric if metric is None else self.project.metrics[metric].base or metric

    def metric(self, key_result: KeyResult) -> Metric | None:
        return None if key_result.metric is None else self.project.metrics[key_result.metric]

    def past(self, key_result: KeyResult) -> Past | None:
        return self.facts.past.get(key_of(key_result))

    def unit(self, name: str) -> str | None:
        return self.facts.units.get(name) or self.project.metrics[name].unit

    def is_percent(self, goal: GoalFields) -> bool:
        return goal.metric is not None and self.unit(goal.metric) == PERCENT


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found."""

    place: Location | str
    field: str
    owners: tuple[Silencing, ...] = ()
    """The objects at which it may be silenced, the nearest first. The whole project may silence everything."""
    values: Mapping[str, object] = default(default_factory=dict)
    """What the rule's message is filled with."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text in the languages that advice is given in."""

    en: str
    vi: str

    def in_(self, language: str) -> str:
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    find: Callable[[Case], Iterator[Finding]]
    says: Words
    """The message, with the names of a finding's values in braces."""
    why: Words
    needs_data: bool = False
    """True where it judges what has landed: on another machine it may find nothing."""
