"""What can rest on something, and the place that says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """In the order in which people read them: each may rest on those before it."""

    SOURCE = "source"
    STREAM = "stream"
    FIELD = "field"
    VIEW = "view"
    CALENDAR = "calendar"
    RATES = "exchange rates"
    EVENT = "event"
    METRIC = "metric"
    INITIATIVE = "initiative"
    KPI = "KPI"
    KEY_RESULT = "key result"


@dataclass(frozen=True, slots=True)
class Thing:
    kind: Kind
    name: str
    """As people write it; of an initiative, its objective and its name."""


Comparison = tuple[str, str, str]
"""A stream, its field, and what the field is compared with."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place of the project at which something rests on another."""

    by: Thing
    of: Thing
    """A stream, a view, a calendar, the rates, an event, a metric, or a template's key result."""
    part: str
    """What is written there: `where`, `value`, `baseline`."""
    text: str
    """As it is written."""
    place: str
    """File and line."""
    fields: frozenset[str] = frozenset()
    """Of the stream or view, those that it needs."""
    compared: frozenset[Comparison] = frozenset()
    """The fields of streams that it compares with something written out."""
