"""What the store takes and gives: frozen data, no database objects. Numbers are in the metric's own unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from pydantic import JsonValue

from okr_sync.store.definition import Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is known of a run as it begins. One that never finished is still going on, or was killed."""

    kind: str
    """The command: `run`, `sync`, `backfill`."""
    version: str
    """Of okr-sync."""
    as_of: date
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """How the sync of one stream ended."""

    finished_at: datetime
    is_complete: bool
    error: str | None = None
    """Why it is not complete."""
    read_count: int = 0
    """Records read from the source; of these, `new_count` versions and `deleted_count` deletions were landed."""
    new_count: int = 0
    deleted_count: int = 0
    request_count: int = 0
    rejected_count: int = 0
    """Records that came and cannot be read as declared."""
    waited_seconds: float = 0.0
    """How long it waited before requests that it had to repeat."""
    checkpoint: Mapping[str, JsonValue] | None = None
    """As committed with the data, for people to see; the warehouse's own copy is the one that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """One attempt to sync a stream. One without `finished_at` is still going on, or was killed: it is not complete."""

    id: int
    run_id: int
    source: str
    stream: str
    started_at: datetime
    finished_at: datetime | None
    is_complete: bool
    error: str | None
    read_count: int
    new_count: int
    deleted_count: int
    request_count: int
    rejected_count: int
    waited_seconds: float
    checkpoint: Mapping[str, JsonValue] | None

    def known_by(self, instant: datetime | None) -> Sync:
        """As it stood at an instant: of one that ended later, only that it had begun."""
        if instant is None or self.finished_at is None or self.finished_at <= instant:
            return self
        return replace(self, finished_at=None, is_complete=False, error=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncTotals:
    """What all the syncs of one stream did together."""

    records_read: int
    versions_new: int
    records_deleted: int
    records_rejected: int
    requests: int
    waited_seconds: float
    syncs_complete: int
    syncs_failed: int
    """Those that ended otherwise, or never did."""


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A revision of an observation, as much of it as a history is made of."""

    as_of: date
    value: float | None
    record_count: int
    status: str
    definition: str


@dataclass(frozen=True, slots=True)
class LastSyncs:
    """The latest attempt of a stream, and the latest complete one; often the same."""

    attempt: Sync
    complete: Sync | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKeyResult:
    """A key result as the project has it now."""

    id: str
    name: str
    owner: str | None
    ambition: str
    weight: float
    kind: str
    goal: str
    """In words, as people read it: `from 30 to 45`."""
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    definition: Definition
    member_of: str | None = None
    """The template that it was made from."""
    roll_up: str | None = None
    """Of a template: `mean`, `worst` or `total` of its members."""
    removed_at: datetime | None = None
    """When the project was first seen without it. Its observations stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObjective:
    id: str
    name: str
    owner: str | None
    key_results: tuple[StoredKeyResult, ...]
    parent: str | None = None
    """The objective above, of this cycle or another."""
    weight: float = 1.0
    """In the mean of the objective above."""
    initiatives: tuple[str, ...] = ()
    """Their names. Not read back: `Store.completions_at` gives what is known of them."""


@dataclass(frozen=True, slots=True)
class SeenDefinition:
    """A definition that a key result has or had."""

    definition: Definition
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The value of a key result at the end of a day, and what was made of it. None is no data; 0 is a value."""

    cycle: str
    key_result: str
    as_of: date
    value: float | None
    """The published value; of a withheld observation, the last trusted one."""
    computed_value: float | None = None
    """What was computed, where it was withheld."""
    unit: str | None
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float
    """The key result's weight on that day, so that its objective's progress can be derived for old days."""
    progress: float | None
    expected_progress: float
    status: str
    reason: str
    record_count: int
    definition: str
    """The hash."""
    evidence: Mapping[str, JsonValue]
    forecast_value: float | None = None
    """The value to expect at the end of the cycle, and the range that holds 8 of 10 outcomes."""
    forecast_low: float | None = None
    forecast_high: float | None = None
    forecast_basis: Mapping[str, JsonValue] | None = None
    """What the forecast rests on, or the reason why there is none: `okr_sync.forecast.Outlook`."""
    is_provisional: bool = False
    """Computed before the day had settled: late data may still change it without any ado."""

    def says_the_same(self, other: Observation) -> bool:
        """Whether recording this one after `other` would restate nothing.

        The last digit of a float is no difference, since databases add in any order. Nor is evidence alone, or a
        forecast alone: it restates nothing of the day. A final value says more than the same one while provisional.
        """
        if other.is_provisional and not self.is_provisional:
            return False
        names = (field.name for field in fields(Observation) if field.name not in _NOT_OF_THE_DAY)
        return all(is_equal(getattr(self, name), getattr(other, name)) for name in names)


_NOT_OF_THE_DAY = (
    "evidence",
    "forecast_value",
    "forecast_low",
    "forecast_high",
    "forecast_basis",
    "is_provisional",
)
"""Fields that may differ between two revisions which say the same of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedObservation(Observation):
    """An observation in the store. A later revision of the same day is a restatement of it."""

    revision: int
    run_id: int
    recorded_at: datetime


def is_equal(one: object, other: object) -> bool:
    """Whether two stored values are one: the last digit of a float is no difference."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other
