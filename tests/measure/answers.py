"""Metrics over a few landed records, measured in a real warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from okr_sync.connector import Field, FieldType, Record, Stream, Value
from okr_sync.formula import CompiledMetric, compile_metrics
from okr_sync.measure import AsOf, Lookups, Values, fields_read, measure
from okr_sync.measure.lookups import NO_LOOKUPS
from okr_sync.project.cycle import Cycle, end_of
from okr_sync.project.metric import Metric
from okr_sync.warehouse import History, SourceLog, Warehouse
from tests.formula.relations import HELPERS

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Q4 = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
Q3 = Cycle("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
ISSUES = Stream(
    "issues",
    (
        Field("id", FieldType.TEXT),
        Field("team", FieldType.TEXT),
        Field("status", FieldType.TEXT),
        Field("points", FieldType.NUMBER),
        Field("created_at", FieldType.TIMESTAMP),
        Field("updated_at", FieldType.TIMESTAMP),
    ),
    key=("id",),
    version_at="updated_at",
    created_at="created_at",
    link="https://jira.example/browse/{id}",
)


def at(day: int, hour: int = 12) -> datetime:
    """An instant of October 2026; noon in Greenwich is 19:00 in Hanoi."""
    return datetime(2026, 10, day, hour, tzinfo=UTC)


def evening(day: int) -> AsOf:
    """A day of October 2026 at its end in Hanoi."""
    return AsOf(date(2026, 10, day), end_of(date(2026, 10, day), HANOI), Q4, Q3, HANOI)


def issue(key: str, changed: int = 2, **fields: Value) -> Record:
    """Created on the 1st and changed on the given day of October."""
    return Record({"id": key, "created_at": at(1), "updated_at": at(changed), **fields})


def metrics(given: Mapping[str, Metric | str]) -> dict[str, CompiledMetric]:
    """Compiled metrics; a text is a formula over all issues."""
    whole = {
        name: Metric(stream="jira.issues", value=one) if isinstance(one, str) else one for name, one in given.items()
    }
    return compile_metrics(whole, {"jira.issues": ISSUES}, helpers=HELPERS)


@dataclass(frozen=True)
class Answers:
    """A warehouse with these records landed."""

    warehouse: Warehouse
    records: Sequence[Record]
    lookups: Lookups = NO_LOOKUPS

    @contextmanager
    def history(self, compiled: Mapping[str, CompiledMetric]) -> Iterator[History]:
        log = SourceLog(self.warehouse, "jira")
        if not log.streams():
            log.land(ISSUES, self.records, {}, "settings", at(20))
        read = {field for one in compiled.values() if one.stream is not None for field in fields_read(one, ISSUES)}
        with self.warehouse.history({"jira.issues": ISSUES}, {"jira.issues": read}) as history:
            yield history

    def by_day(self, given: Mapping[str, Metric | str], *days: int) -> list[Values]:
        compiled = metrics(given)
        with self.history(compiled) as history:
            return measure(compiled, history, [evening(day) for day in days], self.lookups)

    def values(self, given: Mapping[str, Metric | str]) -> dict[str, float | None]:
        """On the evening of 10 October."""
        return {name: one.value for name, one in self.by_day(given, 10)[0].items()}
