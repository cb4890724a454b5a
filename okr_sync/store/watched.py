"""What the store takes and gives beside key results: KPIs, completion of initiatives, cycles that were closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from pydantic import JsonValue

from okr_sync.store.definition import Definition
from okr_sync.store.model import is_equal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKpi:
    """A KPI as the project has it now."""

    id: str
    name: str
    owner: str | None
    range: str
    """In words: `at least 99.5 %`."""
    definition: Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiObservation:
    """The value of a KPI at the end of a day. None is no data; 0 is a value."""

    kpi: str
    as_of: date
    value: float | None
    """The published value; of a withheld observation, the last trusted one."""
    computed_value: float | None = None
    """What was computed, where it was withheld."""
    unit: str | None
    low: float | None = None
    high: float | None = None
    status: str
    reason: str
    record_count: int
    definition: str
    """The hash."""
    evidence: Mapping[str, JsonValue]

    def says_the_same(self, other: KpiObservation) -> bool:
        """Whether recording this one after `other` would restate nothing; evidence alone is no difference."""
        names = (field.name for field in fields(KpiObservation) if field.name != "evidence")
        return all(is_equal(getattr(self, name), getattr(other, name)) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedKpiObservation(KpiObservation):
    """An observation of a KPI in the store. A later revision of the same day is a restatement of it."""

    revision: int
    run_id: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """How many of an initiative's records are done at the end of a day. Both counts are None where nothing is known."""

    cycle: str
    objective: str
    initiative: str
    as_of: date
    done_count: int | None
    record_count: int | None
    status: str
    """`counted`, `no data`, or `withheld`: the last trusted counts stay."""
    reason: str
    definition: str
    """The hash of what was counted: its text is the initiative in the project's files."""

    def says_the_same(self, other: Completion) -> bool:
        return all(getattr(self, field.name) == getattr(other, field.name) for field in fields(Completion))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCompletion(Completion):
    revision: int
    run_id: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A cycle that was closed: what was signed, and by whom."""

    cycle: str
    closed_at: datetime
    closed_by: str
    snapshot: str
    """JSON with sorted keys: objectives, key results, grades, definitions and hashes of the evidence."""
    digest: str
    """SHA-256 of the snapshot's UTF-8 bytes, in hex."""
    signature: str | None
    """HMAC-SHA256 of the same bytes, in hex; None where no key was given."""
