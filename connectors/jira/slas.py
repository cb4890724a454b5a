"""SLAs of Jira Service Management: one record for each cycle of each SLA of a request.

Hours are those of the SLA's own calendar, never of the wall clock. The clock of an open cycle runs on without any
change of its request, so open cycles are read again every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.jira.answers import Json
from connectors.jira.changed import Desk, Wish, read_changed
from connectors.jira.custom_fields import SiteField
from connectors.jira.settings import SlaSettings
from connectors.jira.values import to_hours, to_moment
from okr_sync.connector import Checkpoint, Field, FieldType, Page, Rejection, SettingsError, Stream, Value
from okr_sync.http.columns import Column, Reading
from okr_sync.http.values import member, read_value

NAME = "slas"
_KIND = "com.atlassian.servicedesk:sd-sla-field"
_MILLISECONDS = 3_600_000


@dataclass(frozen=True, slots=True)
class Cycle:
    """One time that an SLA's clock was started on a request."""

    issue_id: str
    issue_key: str
    sla_id: str
    sla_name: str
    number: int
    raw: Mapping[str, Any]
    is_open: bool

    @property
    def id(self) -> str:
        return f"{self.issue_id}:{self.sla_id.removeprefix('customfield_')}:{self.number}"


def _column(name: str, kind: FieldType, description: str, read: Any) -> Column[Cycle]:
    return Column(Field(name, kind, description), read)


def _is(name: str, path: str, description: str) -> Column[Cycle]:
    return _column(name, _BOOLEAN, description, lambda one: read_value(_BOOLEAN, one.raw.get(path)))


def _at(name: str, path: str, description: str) -> Column[Cycle]:
    return _column(name, FieldType.TIMESTAMP, description, lambda one: _moment(one.raw.get(path)))


def _hours(name: str, path: str, description: str) -> Column[Cycle]:
    def read(cycle: Cycle) -> Value:
        return to_hours(member(cycle.raw, f"{path}.millis"), _MILLISECONDS)

    return Column(Field(name, FieldType.NUMBER, f"{description}, in hours of the SLA's calendar", unit="hours"), read)


def _moment(raw: Any) -> datetime | None:
    """`{"iso8601": ..., "epochMillis": ...}`; null where it has not come yet."""
    moment = member(raw, "epochMillis") or member(raw, "iso8601")
    return None if moment is None else to_moment(moment)


_TEXT, _BOOLEAN = FieldType.TEXT, FieldType.BOOLEAN
READING = Reading(
    (
        _column("id", _TEXT, "The request, the SLA and the cycle", lambda one: one.id),
        _column("issue_id", _TEXT, "The request, as id in issues", lambda one: one.issue_id),
        _column("issue_key", _TEXT, "The request's key, such as SUP-12", lambda one: one.issue_key),
        _column("sla_id", _TEXT, "The SLA's field, such as customfield_10030", lambda one: one.sla_id),
        _column("name", _TEXT, "The SLA's name, such as Time to resolution", lambda one: one.sla_name),
        _column("cycle_number", FieldType.INTEGER, "A reopened request gets a second one", lambda one: one.number),
        _column("is_open", _BOOLEAN, "The cycle has not been completed", lambda one: one.is_open),
        _is("is_paused", "paused", "The clock of an open cycle stands still, as the SLA says; none once completed"),
        _is("is_breached", "breached", "The goal was missed; of an open cycle, when this was read"),
        _at("started_at", "startTime", "When the clock was started"),
        _at("stopped_at", "stopTime", "When the cycle was completed; none while it is open"),
        _at("breaches_at", "breachTime", "When the goal is or would have been missed; none while paused, maybe"),
        _hours("goal_hours", "goalDuration", "The goal"),
        _hours("elapsed_hours", "elapsedTime", "What has passed; of an open cycle, when this was read"),
        _hours("remaining_hours", "remainingTime", "What is left; below zero after a breach"),
    ),
    lambda one: f"SLA {one.sla_name!r} of request {one.issue_key}",
)


def stream(site_url: str, settings: SlaSettings) -> Stream:
    return Stream(
        name=NAME,
        fields=READING.fields,
        key=("id",),
        is_extra=True,
        created_at="started_at",
        is_full_read=settings.read_all,
        link=f"{site_url.rstrip('/')}/browse/{{issue_key}}",
        description="Cycles of the SLAs of Jira Service Management",
    )


def sla_fields(where: str, site_fields: Sequence[SiteField]) -> list[SiteField]:
    """The fields that hold SLAs.

    Raises:
        SettingsError: there are none.
    """
    found = [one for one in site_fields if (one.get("schema") or {}).get("custom") == _KIND]
    if not found:
        raise SettingsError(
            f"{where}: the site has no SLA that this account may see; Jira Service Management must be there,"
            " and the account an agent of the service project"
        )
    return found


def pages(
    desk: Desk, settings: SlaSettings, fields: Sequence[SiteField], checkpoint: Checkpoint | None
) -> Iterator[Page]:
    clauses = [f"cf[{one['id'].removeprefix('customfield_')}]" for one in fields]
    is_open = " OR ".join(f"{one} = running() OR {one} = paused()" for one in clauses)
    wish = Wish(settings.select, [str(one["id"]) for one in fields], also=is_open)
    for batch in read_changed(desk, wish, checkpoint):
        unreadable = [one for issue in batch.issues for one in _unreadable(issue, fields)]
        records, rejected = READING.records(one for issue in batch.issues for one in cycles_of(issue, fields))
        yield Page(records, batch.after, rejected=[*unreadable, *rejected])


def cycles_of(issue: Json, fields: Sequence[SiteField]) -> Iterator[Cycle]:
    """In the order of their start. An SLA that never touched the request is null, or an object with nothing in it."""
    for field in fields:
        sla = member(issue, f"fields.{field['id']}")
        if not isinstance(sla, dict):
            continue
        completed = sorted(sla.get("completedCycles") or [], key=_started_ms)
        ongoing = sla.get("ongoingCycle")
        raws = [(one, False) for one in completed] + ([(ongoing, True)] if ongoing else [])
        name = str(sla.get("name") or field.get("name"))
        for number, (raw, is_open) in enumerate(raws, start=1):
            yield Cycle(str(issue["id"]), str(issue.get("key")), str(field["id"]), name, number, raw, is_open)


def _unreadable(issue: Json, fields: Sequence[SiteField]) -> Iterator[Rejection]:
    """SLAs of a request that Jira could not work out, or that are nothing known here."""
    for field in fields:
        sla = member(issue, f"fields.{field['id']}")
        what = f"SLA {field.get('name')!r} of request {issue.get('key')}"
        if sla is not None and not isinstance(sla, dict):
            yield Rejection(what, f"{sla!r:.200} is no SLA")
        elif sla and sla.get("errorMessage"):
            yield Rejection(what, f"Jira says: {sla['errorMessage']!s:.200}")


def _started_ms(cycle: Mapping[str, Any]) -> int:
    moment = member(cycle, "startTime.epochMillis")
    return moment if isinstance(moment, int) else 0
