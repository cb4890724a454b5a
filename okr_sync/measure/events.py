"""Evaluates the events that windows begin and end with, as of a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from okr_sync.formula import CompiledEvent, CompiledMetric, Moment, write_sql
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.happening import Happening
from okr_sync.measure.instant import Given
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted
from okr_sync.warehouse.spans import held_at


def with_events(day: AsOf, metrics: Iterable[CompiledMetric], history: History) -> AsOf:
    """The same day, which knows when the events happen that bound the windows of `metrics`."""
    events = {event.name: event for metric in metrics for event in metric.events}
    missing = [event for name, event in events.items() if name not in day.events]
    found = {event.name: Happening(event.name, str(event.event), day.zone, None) for event in missing}
    for event in missing:
        found[event.name] = replace(found[event.name], moment=_moment(event, history, day))
    return replace(day, events={**day.events, **found}) if found else day


def _moment(event: CompiledEvent, history: History, day: AsOf) -> date | datetime | None:
    """What the event's formula gives on the day; `None` where there is no record, or nothing that is a time."""
    if event.event.at is not None:
        return event.event.at
    stream = event.event.stream or ""
    if not history.holds(stream, event.fields):
        return None
    moment = Moment(Given.AS_OF.tree)
    sql = (
        f"SELECT {write_sql(event.value(moment), history.dialect)} FROM {quoted(stream)}"
        f" WHERE {held_at(Given.HELD_UNTIL.sql)} AND ({write_sql(event.condition(moment), history.dialect)})"
    )
    value = history.query(sql, {Given.AS_OF: day.as_of, Given.HELD_UNTIL: day.held_until}).rows[0][0]
    return value if isinstance(value, date) else None
