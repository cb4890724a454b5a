"""What a ticket is made of: the ticket itself and its metric set, and the custom fields a project adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from okr_sync.connector import Field, FieldType, Stream, Value
from okr_sync.http.columns import Column
from okr_sync.http.values import member, read_value, to_list, to_number, to_timestamp

_MERGED_TAG = "closed_by_merge"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket of an export and its metric set, which is empty where the page has none."""

    raw: Mapping[str, Any]
    metrics: Mapping[str, Any]


TicketField = Column[Ticket]


def _own(name: str, kind: FieldType, path: str, description: str) -> TicketField:
    return TicketField(Field(name, kind, description), lambda ticket: read_value(kind, member(ticket.raw, path)))


def _metric(name: str, kind: FieldType, path: str, description: str) -> TicketField:
    return TicketField(Field(name, kind, description), lambda ticket: read_value(kind, member(ticket.metrics, path)))


def _hours(name: str, path: str, description: str) -> TicketField:
    """Zendesk counts in minutes."""

    def read(ticket: Ticket) -> Value:
        minutes = member(ticket.metrics, path)
        return None if minutes is None else to_number(minutes) / 60

    return TicketField(Field(name, FieldType.NUMBER, description, unit="hours"), read)


def reply_time(ticket: Ticket) -> timedelta | None:
    """Calendar time to the first public reply of an agent: in seconds where Zendesk gives them, else in minutes."""
    seconds = member(ticket.metrics, "reply_time_in_seconds.calendar")
    if seconds is not None:
        return timedelta(seconds=to_number(seconds))
    minutes = member(ticket.metrics, "reply_time_in_minutes.calendar")
    return None if minutes is None else timedelta(minutes=to_number(minutes))


def _first_reply_hours(ticket: Ticket) -> Value:
    passed = reply_time(ticket)
    return None if passed is None else passed / timedelta(hours=1)


def _first_replied_at(ticket: Ticket) -> Value:
    passed = reply_time(ticket)
    return None if passed is None else to_timestamp(ticket.raw.get("created_at")) + passed


def _is_merged(ticket: Ticket) -> Value:
    return _MERGED_TAG in to_list(ticket.raw.get("tags") or [])


_TEXT, _TIMESTAMP, _NUMBER, _INTEGER = FieldType.TEXT, FieldType.TIMESTAMP, FieldType.NUMBER, FieldType.INTEGER
_KNOWN_LATER = "; none until Zendesk knows it"

STANDARD: tuple[TicketField, ...] = (
    _own("id", _TEXT, "id", "Zendesk's number of the ticket"),
    _own("subject", _TEXT, "subject", "The subject"),
    _own("status", _TEXT, "status", "new, open, pending, hold, solved, closed or deleted"),
    _own("priority", _TEXT, "priority", "urgent, high, normal or low; none where nobody set it"),
    _own("type", _TEXT, "type", "problem, incident, question or task; none where nobody set it"),
    _own("channel", _TEXT, "via.channel", "How it came in: email, web, chat, api..."),
    _own("requester_id", _TEXT, "requester_id", "Who asked"),
    _own("assignee_id", _TEXT, "assignee_id", "The agent who works on it"),
    _own("group_id", _TEXT, "group_id", "The group that works on it"),
    _own("organization_id", _TEXT, "organization_id", "The organization of the one who asked"),
    _own("tags", FieldType.LIST, "tags", "The tags"),
    _own("satisfaction", _TEXT, "satisfaction_rating.score", "good, bad, offered, unoffered..."),
    TicketField(Field("is_merged", FieldType.BOOLEAN, "Closed because it was merged into another ticket"), _is_merged),
    _own("created_at", _TIMESTAMP, "created_at", "When it came in"),
    _own("updated_at", _TIMESTAMP, "updated_at", "When a person or a rule last changed it"),
    TicketField(
        Field(
            "first_reply_hours",
            _NUMBER,
            f"Calendar hours from created_at to the first public reply{_KNOWN_LATER}",
            unit="hours",
        ),
        _first_reply_hours,
    ),
    TicketField(
        Field(
            "first_replied_at",
            _TIMESTAMP,
            f"When an agent first replied in public: created_at and the reply time, to the minute{_KNOWN_LATER}",
        ),
        _first_replied_at,
    ),
    _hours(
        "first_reply_business_hours",
        "reply_time_in_minutes.business",
        f"The same in the business hours set in Zendesk{_KNOWN_LATER}",
    ),
    _hours(
        "first_resolution_hours",
        "first_resolution_time_in_minutes.calendar",
        f"Calendar hours from created_at to the first time it was solved{_KNOWN_LATER}",
    ),
    _hours(
        "first_resolution_business_hours",
        "first_resolution_time_in_minutes.business",
        f"The same in the business hours set in Zendesk{_KNOWN_LATER}",
    ),
    _hours(
        "full_resolution_hours",
        "full_resolution_time_in_minutes.calendar",
        f"Calendar hours from created_at to the last time it was solved{_KNOWN_LATER}",
    ),
    _hours(
        "full_resolution_business_hours",
        "full_resolution_time_in_minutes.business",
        f"The same in the business hours set in Zendesk{_KNOWN_LATER}",
    ),
    _hours(
        "requester_wait_hours",
        "requester_wait_time_in_minutes.calendar",
        f"Calendar hours in new, open or on hold{_KNOWN_LATER}",
    ),
    _hours("agent_wait_hours", "agent_wait_time_in_minutes.calendar", f"Calendar hours in pending{_KNOWN_LATER}"),
    _hours("on_hold_hours", "on_hold_time_in_minutes.calendar", f"Calendar hours on hold{_KNOWN_LATER}"),
    _metric("solved_at", _TIMESTAMP, "solved_at", "When it was last solved"),
    _metric("assigned_at", _TIMESTAMP, "assigned_at", "When it was last assigned"),
    _metric("reopen_count", _INTEGER, "reopens", "How often it was opened again after it was solved"),
    _metric("reply_count", _INTEGER, "replies", "How many public replies agents wrote"),
)
STANDARD_NAMES = frozenset(one.field.name for one in STANDARD)


def ticket_stream(site_url: str, further: Iterable[Field]) -> Stream:
    """The stream of tickets with the fields that a project adds."""
    return Stream(
        name="tickets",
        fields=(*(one.field for one in STANDARD), *further),
        key=("id",),
        version_at="updated_at",
        created_at="created_at",
        is_past_partial=True,  # times and counts of the metric set, see connectors/zendesk/past.py
        link=f"{site_url}/agent/tickets/{{id}}",
        description="Tickets with their reply and resolution times",
    )
