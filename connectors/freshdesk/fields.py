"""What a ticket is made of: its own fields, its statistics, and what follows from both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from connectors.freshdesk.choices import Choices
from okr_sync.connector import Field, FieldType, Stream, Value
from okr_sync.http.columns import Column, Reading, column
from okr_sync.http.values import member, to_text, to_timestamp

Raw = dict[str, Any]
TicketColumn = Column[Raw]

_TEXT, _TIMESTAMP, _NUMBER, _BOOLEAN = FieldType.TEXT, FieldType.TIMESTAMP, FieldType.NUMBER, FieldType.BOOLEAN
_AS_CHANGED = "; Freshdesk may set it without a change of updated_at, so compare the times where it matters"


def _text(name: str, path: str, description: str) -> TicketColumn:
    """A text; an empty one is a missing one."""

    def read(raw: Raw) -> Value:
        value = member(raw, path)
        return None if value is None or value == "" else to_text(value)

    return TicketColumn(Field(name, _TEXT, description), read)


def _time(name: str, path: str, description: str) -> TicketColumn:
    return column(name, _TIMESTAMP, path, description)


def _moment(raw: Raw, path: str) -> datetime | None:
    value = member(raw, path)
    return None if value is None else to_timestamp(value)


def _hours(name: str, until: str, description: str) -> TicketColumn:
    """Calendar hours from the creation."""

    def read(raw: Raw) -> Value:
        created_at, moment = _moment(raw, "created_at"), _moment(raw, until)
        return None if created_at is None or moment is None else (moment - created_at) / timedelta(hours=1)

    return TicketColumn(Field(name, _NUMBER, description, unit="hours"), read)


def _in_time(name: str, done: str, due: str, description: str) -> TicketColumn:
    def read(raw: Raw) -> Value:
        done_at, due_at = _moment(raw, done), _moment(raw, due)
        return None if done_at is None or due_at is None else done_at <= due_at

    return TicketColumn(Field(name, _BOOLEAN, description), read)


def _named(name: str, field_name: str, choices: Choices, description: str) -> TicketColumn:
    """The account's name for a number; the number itself for a choice that the account has no more."""

    def read(raw: Raw) -> Value:
        number = raw.get(field_name)
        return None if number is None else choices.name(field_name, number) or to_text(number)

    return TicketColumn(Field(name, _TEXT, description), read)


def _person(name: str, id_field: str, field_name: str, choices: Choices, description: str) -> TicketColumn:
    """The name of an agent or a group; none where the account does not list it any more."""
    return TicketColumn(Field(name, _TEXT, description), lambda raw: choices.name(field_name, raw.get(id_field)))


def standard_columns(choices: Choices) -> tuple[TicketColumn, ...]:
    """The fields that every ticket has, with the names of one account."""
    return (
        _text("id", "id", "Freshdesk's number of the ticket"),
        _text("subject", "subject", "The subject"),
        _named("status", "status", choices, "Open, Pending, Resolved, Closed, or as the account names its own"),
        _text("status_id", "status", "The status as a number: 2 open, 3 pending, 4 resolved, 5 closed, 6 and up own"),
        _named("priority", "priority", choices, "Low, Medium, High or Urgent"),
        _text("type", "type", "Question, Incident..., as the account names it; none where nobody set it"),
        _named("channel", "source", choices, "How it came in: Email, Portal, Phone, Chat..."),
        _text("requester_id", "requester_id", "Who asked"),
        _text("company_id", "company_id", "The company of the one who asked"),
        _text("agent_id", "responder_id", "The agent who works on it"),
        _person("agent", "responder_id", "agent", choices, "That agent's name"),
        _text("group_id", "group_id", "The group that works on it"),
        _person("group", "group_id", "group", choices, "That group's name"),
        column("tags", FieldType.LIST, "tags", "The tags"),
        _time("created_at", "created_at", "When it came in"),
        _time("updated_at", "updated_at", "When it last changed"),
        _time("first_replied_at", "stats.first_responded_at", "When an agent first replied"),
        _time("agent_replied_at", "stats.agent_responded_at", "When an agent last replied"),
        _time("requester_replied_at", "stats.requester_responded_at", "When the one who asked last wrote"),
        _time("status_changed_at", "stats.status_updated_at", "When the status last changed"),
        _time("pending_since_at", "stats.pending_since", "Since when it waits in Pending"),
        _time("reopened_at", "stats.reopened_at", "When it was last opened again"),
        _time("resolved_at", "stats.resolved_at", "When it was resolved"),
        _time("closed_at", "stats.closed_at", "When it was closed"),
        _hours("first_reply_hours", "stats.first_responded_at", "Calendar hours from created_at to the first reply"),
        _hours("resolution_hours", "stats.resolved_at", "Calendar hours from created_at to resolved_at"),
        _time("first_reply_due_at", "fr_due_by", "Until when the SLA policy wants the first reply"),
        _time("next_reply_due_at", "nr_due_by", "Until when the SLA policy wants the next reply"),
        _time("due_at", "due_by", "Until when it is to be resolved; Freshdesk moves it when priority or status change"),
        _in_time(
            "is_first_reply_in_time",
            "stats.first_responded_at",
            "fr_due_by",
            "The first reply came by first_reply_due_at; none while there is no reply",
        ),
        _in_time(
            "is_resolved_in_time", "stats.resolved_at", "due_by", "Resolved by due_at; none while it is not resolved"
        ),
        column("is_first_reply_escalated", _BOOLEAN, "fr_escalated", f"Late with the first reply{_AS_CHANGED}"),
        column("is_next_reply_escalated", _BOOLEAN, "nr_escalated", f"Late with the next reply{_AS_CHANGED}"),
        column("is_escalated", _BOOLEAN, "is_escalated", f"Late with the resolution{_AS_CHANGED}"),
    )


STANDARD_NAMES = frozenset(one.field.name for one in standard_columns(Choices()))


def ticket_reading(choices: Choices, custom: Iterable[TicketColumn] = ()) -> Reading[Raw]:
    return Reading((*standard_columns(choices), *custom), lambda raw: f"ticket {raw.get('id')}")


def ticket_stream(url: str, further: Iterable[Field]) -> Stream:
    """The stream of tickets with the fields that a project adds."""
    return Stream(
        name="tickets",
        fields=(*(one.field for one in standard_columns(Choices())), *further),
        key=("id",),
        version_at="updated_at",
        created_at="created_at",
        link=f"{url}/a/tickets/{{id}}",
        description="Tickets with their reply and resolution times, and when these were due",
    )
