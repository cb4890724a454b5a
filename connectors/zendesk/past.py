"""What tickets were before they became what they are: rebuilt from the changes that Zendesk exports.

Times and counts of the metric set have no changes of their own: they are kept as far as the
ticket's changes say that they were the same already, and are missing otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.zendesk.changes import COMMENT, TicketChanges
from connectors.zendesk.fields import Ticket, reply_time
from okr_sync.connector import Record
from okr_sync.http.changes import Change, held
from okr_sync.http.columns import Reading
from okr_sync.http.values import member, to_number, to_timestamp

_OWN = frozenset(
    {
        "subject", "status", "priority", "type", "requester_id", "assignee_id", "group_id", "organization_id", "tags",
    }
)  # fmt: skip
_SATISFACTION, _UNOFFERED = "satisfaction_score", "unoffered"
_DONE = ("solved", "closed")
_ABOUT = timedelta(minutes=1)
"""Zendesk counts in whole minutes: what is known after so many of them may have been known a little earlier."""


@dataclass
class TicketPasts:
    """The pasts of the tickets that one read gives. `is_first` where none has landed yet."""

    changes: TicketChanges
    reading: Reading[Ticket]
    is_first: bool
    _given: dict[str, datetime] = field(default_factory=dict, init=False)
    """Up to when a ticket's versions were given: one that changes while it is read comes a second time."""

    def records(self, tickets: Sequence[Ticket]) -> list[Record]:
        """The versions of each ticket before the present one, as far as they have not been given before."""
        if not tickets:
            return []
        self.changes.read_until(max(_updated_at(one) for one in tickets))
        records, _ = self.reading.records(version for one in tickets for version in self._new(one))
        return records

    def _new(self, ticket: Ticket) -> list[Ticket]:
        key, until, since = str(ticket.raw["id"]), _updated_at(ticket), self.changes.since
        given = self._given.get(key)
        self._given[key] = until
        found = versions(ticket, self.changes.take(key, until), given or since)
        if given is None and self.is_first:
            return found
        return [one for one in found if _updated_at(one) > (given or since)]


def versions(ticket: Ticket, changes: Sequence[Change], since: datetime) -> list[Ticket]:
    """The ticket as it was from its creation, or from `since`, and from each change on; without the present one.

    Args:
        ticket: as it is now; one that is deleted has no past, since all of it was taken away.
        changes: all since `since`, oldest first.
        since: from when on changes are known.

    Raises:
        ValueError: a time of the ticket cannot be read.
    """
    present_since = _updated_at(ticket)
    begins = max(to_timestamp(ticket.raw.get("created_at")), since)
    moments = sorted({begins, *(one.at for one in changes if one.at > begins and one.field != COMMENT)})
    by_field: dict[str, list[Change]] = {}
    for one in changes:
        by_field.setdefault(one.field, []).append(one)
    return [_at(ticket, by_field, moment) for moment in moments if moment < present_since]


def _updated_at(ticket: Ticket) -> datetime:
    return to_timestamp(ticket.raw.get("updated_at"))


def _at(ticket: Ticket, by_field: Mapping[str, Sequence[Change]], moment: datetime) -> Ticket:
    raw = dict(ticket.raw) | {"updated_at": moment.isoformat()}
    for name in _OWN & by_field.keys():
        raw[name] = held(by_field[name], moment, raw.get(name))
    raw["custom_fields"] = [
        {**one, "value": held(by_field.get(str(one.get("id")), ()), moment, one.get("value"))}
        for one in raw.get("custom_fields") or []
    ]
    raw["satisfaction_rating"] = {"score": _satisfaction(ticket, by_field.get(_SATISFACTION, ()), moment)}
    return Ticket(raw, _metrics(ticket, raw, by_field, moment))


def _satisfaction(ticket: Ticket, changes: Sequence[Change], moment: datetime) -> Any:
    """Nobody who was asked is unasked again; of others only changes tell since when the answer is what it is."""
    present = member(ticket.raw, "satisfaction_rating.score")
    return present if present == _UNOFFERED else held(changes, moment, present) if changes else None


def _metrics(
    ticket: Ticket, raw: Mapping[str, Any], by_field: Mapping[str, Sequence[Change]], moment: datetime
) -> Mapping[str, Any]:
    metrics, statuses = ticket.metrics, by_field.get("status", ())
    if not metrics:
        return metrics
    later = [one for one in statuses if one.at > moment]
    kept: dict[str, Any] = {"ticket_id": metrics.get("ticket_id")}
    if _has_passed(ticket, reply_time(ticket), moment):
        kept |= _parts(metrics, "reply_time_in_minutes", "reply_time_in_seconds")
    if _has_passed(ticket, _minutes(metrics, "first_resolution_time_in_minutes"), moment):
        kept |= _parts(metrics, "first_resolution_time_in_minutes")
    is_settled = raw.get("status") in _DONE and all(one.after in _DONE for one in later)
    if is_settled and _has_passed(ticket, _minutes(metrics, "full_resolution_time_in_minutes"), moment):
        kept |= _parts(
            metrics,
            "full_resolution_time_in_minutes",
            "requester_wait_time_in_minutes",
            "agent_wait_time_in_minutes",
            "on_hold_time_in_minutes",
        )
    kept["solved_at"] = _last_time(metrics, "solved_at", [one for one in statuses if one.after == "solved"], moment)
    if all(one.at <= moment for one in by_field.get("assignee_id", ())):
        kept["assigned_at"] = _last_time(metrics, "assigned_at", (), moment)
    kept["reopens"] = _reopens(metrics, later)
    kept["replies"] = _replies(ticket, by_field.get(COMMENT, ()), moment)
    return kept


def _parts(metrics: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: metrics.get(name) for name in names}


def _minutes(metrics: Mapping[str, Any], name: str) -> timedelta | None:
    minutes = member(metrics, f"{name}.calendar")
    return None if minutes is None else timedelta(minutes=to_number(minutes))


def _has_passed(ticket: Ticket, span: timedelta | None, moment: datetime) -> bool:
    """What happened so long after the creation, and only once, had happened."""
    return span is not None and to_timestamp(ticket.raw.get("created_at")) + span <= moment + _ABOUT


def _last_time(metrics: Mapping[str, Any], name: str, changes: Sequence[Change], moment: datetime) -> str | None:
    present = metrics.get(name)
    times = [one.at for one in changes] + ([] if present is None else [to_timestamp(present)])
    last = max((one for one in times if one <= moment), default=None)
    return None if last is None else last.isoformat()


def _reopens(metrics: Mapping[str, Any], later: Sequence[Change]) -> Any:
    present = metrics.get("reopens")
    undone = sum(one.before == "solved" and one.after not in _DONE for one in later)
    return present - undone if isinstance(present, int) and present >= undone else None


def _replies(ticket: Ticket, comments: Sequence[Change], moment: datetime) -> Any:
    """A public comment may be an agent's or the requester's: how many replies there were before one is not told."""
    present, first = ticket.metrics.get("replies"), reply_time(ticket)
    if present == 0 or all(one.at <= moment for one in comments):
        return present
    return 0 if first is not None and not _has_passed(ticket, first, moment) else None
