"""What is new goes to each destination and is then written down, so that no retry and no second scheduler repeats it.

It is written down after it was sent: whoever is killed in between sends it once more, and so does a destination that
took the message and did not say so in time. A destination that fails stops no other, and is told at the next chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from okr_sync.project.destinations import AlertRules, Destination
from okr_sync.publish.alert import Reader, alert_of
from okr_sync.publish.message import Message
from okr_sync.publish.told import Night, Told, changes, told_after
from okr_sync.publish.week import WeekReport
from okr_sync.publish.weekly import report_of
from okr_sync.store import Publication, Store

ALERT, REPORT, TEST = "alert", "report", "test"
Send = Callable[[Destination, Message], str | None]
"""Sends a message; gives why it did not arrive."""


class Fate(StrEnum):
    """What became of a message."""

    SENT = "sent"
    FAILED = "failed"
    NOTHING_NEW = "nothing new"
    ALREADY_SENT = "already sent"
    NOT_SENT = "not sent"
    """It was only to be shown."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of what there was to tell one destination."""

    destination: str
    kind: str
    fate: Fate
    message: Message | None = None
    error: str | None = None
    """Why it failed; no part of the address is in it."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What all messages share."""

    destinations: Mapping[str, Destination]
    send: Send | None
    """`None` sends nothing and writes nothing down."""
    store: Store | None
    """`None` where it cannot be used: nothing is known of what was told, and nothing is written down."""
    reader: Reader
    clock: Callable[[], datetime]

    def reader_of(self, destination: Destination) -> Reader:
        language = destination.language or self.reader.language
        return Reader(language, self.reader.zone, self.reader.runbook)


def publish_alerts(to: Publishing, night: Night, rules: AlertRules) -> list[Delivery]:
    """Tell each destination that wants alerts what is new to it. To be held: `Store.publishing`."""
    remind_after = rules.remind_after.duration()
    return [_publish_alert(to, (name, one), night, remind_after) for name, one in to.destinations.items() if one.alerts]


def _publish_alert(to: Publishing, named: tuple[str, Destination], night: Night, remind_after: timedelta) -> Delivery:
    name, destination = named
    told, objectives = _told(to.store, name), frozenset(destination.objectives)
    found = changes(night, told, objectives, remind_after)
    message = None if found.is_empty else alert_of(found, to.reader_of(destination))
    delivery = _delivery(to, named, ALERT, message)
    after = told_after(found, told, objectives)
    if after != told:
        _write_down(to, delivery, _Subject(night.as_of.isoformat(), night.as_of, after.content()))
    return delivery


def _told(store: Store | None, destination: str) -> Told | None:
    """What it knows: `None` for one that was never told anything."""
    if store is None:
        return Told()
    last = store.publication(destination, ALERT)
    return None if last is None else Told.read(last.content)


def publish_reports(to: Publishing, week: WeekReport, *, again: bool = False) -> list[Delivery]:
    """Send the week's report to each destination that wants it, once; `again` sends it once more. To be held:
    `Store.publishing`."""
    return [
        _publish_report(to, (name, one), week, again) for name, one in to.destinations.items() if one.report is not None
    ]


def _publish_report(to: Publishing, named: tuple[str, Destination], week: WeekReport, again: bool) -> Delivery:
    name, destination = named
    if not again and to.store is not None and to.store.publication(name, REPORT, week.week) is not None:
        return Delivery(name, REPORT, Fate.ALREADY_SENT)
    message = report_of(week.only(destination.objectives), to.reader_of(destination).language)
    delivery = _delivery(to, named, REPORT, message)
    _write_down(to, delivery, _Subject(week.week, week.as_of, {}))
    return delivery


def _delivery(to: Publishing, named: tuple[str, Destination], kind: str, message: Message | None) -> Delivery:
    name, destination = named
    if message is None:
        return Delivery(name, kind, Fate.NOTHING_NEW)
    if to.send is None:
        return Delivery(name, kind, Fate.NOT_SENT, message)
    error = to.send(destination, message)
    return Delivery(name, kind, Fate.SENT if error is None else Fate.FAILED, message, error)


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    as_of: date
    content: Mapping[str, JsonValue]


def _write_down(to: Publishing, delivery: Delivery, subject: _Subject) -> None:
    """What arrived, or what is known now though there was nothing to say."""
    if to.store is None or to.send is None or delivery.fate not in (Fate.SENT, Fate.NOTHING_NEW):
        return
    last_run = to.store.last_run()
    to.store.published(
        Publication(
            destination=delivery.destination,
            kind=delivery.kind,
            subject=subject.name,
            as_of=subject.as_of,
            message=None if delivery.message is None else str(delivery.message),
            content=subject.content,
            sent_at=to.clock(),
            run_id=None if last_run is None else last_run.id,
        )
    )
