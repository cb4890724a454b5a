"""The line of a key result, day by day: what is stored of it, what restated it, and where its definition changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from okr_sync.planning import is_final
from okr_sync.project.key_result import KeyResult
from okr_sync.store import ChangedPart, RecordedObservation, changed_parts
from okr_sync.store.model import is_equal

_SEEN = ("value", "computed_value", "progress", "status", "target", "baseline", "low", "high", "definition")


@dataclass(frozen=True, slots=True)
class Restatement:
    """One revision of a day after another."""

    before: RecordedObservation
    after: RecordedObservation
    run_kind: str
    """The command that recorded it."""
    was_final: bool
    """Whether what it restates was recorded after the day had ended and settled."""
    redefined: tuple[ChangedPart, ...]
    """What of the definition is another."""

    @property
    def is_confirmation(self) -> bool:
        """Whether the same was said again, as final."""
        return all(is_equal(getattr(self.before, name), getattr(self.after, name)) for name in _SEEN)


@dataclass(frozen=True, slots=True)
class Day:
    """What is stored of one day."""

    last: RecordedObservation
    """The last word."""
    restatements: Sequence[Restatement]
    redefined: tuple[ChangedPart, ...] | None
    """What of the definition is another than on the day before in the line: a break; `None` where nothing is."""
    is_moved: bool
    """Whether value, progress or status are others than on the day before, or there is none."""

    @property
    def revision_count(self) -> int:
        return len(self.restatements) + 1

    @property
    def is_eventful(self) -> bool:
        """Whether something happened that people would see."""
        said = any(not one.is_confirmation for one in self.restatements)
        return self.is_moved or said or self.redefined is not None


@dataclass(frozen=True, slots=True)
class Line:
    """The days of a key result that are stored, from one day to another."""

    key_result: KeyResult
    cycle: str
    zone: ZoneInfo
    days: Sequence[Day]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a key result in a cycle."""

    observations: Sequence[RecordedObservation]
    definitions: Mapping[str, str]
    """The texts by their hash."""
    run_kinds: Mapping[int, str]


def line(key_result: KeyResult, cycle: str, zone: ZoneInfo, kept: Kept, span: tuple[date, date]) -> Line:
    """The days of the span, each compared with the stored day before it, also where that lies before the span."""
    by_day: dict[date, list[RecordedObservation]] = {}
    for one in kept.observations:
        by_day.setdefault(one.as_of, []).append(one)
    days: list[Day] = []
    before: RecordedObservation | None = None
    for day, revisions in by_day.items():
        if span[0] <= day <= span[1]:
            days.append(_day(before, revisions, kept, zone))
        before = revisions[-1]
    return Line(key_result, cycle, zone, days)


def _day(
    before: RecordedObservation | None, revisions: Sequence[RecordedObservation], kept: Kept, zone: ZoneInfo
) -> Day:
    last = revisions[-1]
    is_redefined = before is not None and before.definition != last.definition
    return Day(
        last,
        list(_restatements(revisions, kept, zone)),
        _redefined(before, last, kept) if before is not None and is_redefined else None,
        before is None
        or not all(is_equal(getattr(before, name), getattr(last, name)) for name in ("value", "progress", "status")),
    )


def _restatements(revisions: Sequence[RecordedObservation], kept: Kept, zone: ZoneInfo) -> Iterable[Restatement]:
    for before, after in pairwise(revisions):
        kind = kept.run_kinds.get(after.run_id, "")
        yield Restatement(before, after, kind, is_final(before, zone), _redefined(before, after, kept))


def _redefined(before: RecordedObservation, after: RecordedObservation, kept: Kept) -> tuple[ChangedPart, ...]:
    if before.definition == after.definition:
        return ()
    return changed_parts(kept.definitions[before.definition], kept.definitions[after.definition])
