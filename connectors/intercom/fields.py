"""What a conversation is made of: itself, its statistics, the SLA that applies to it and how it was rated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from okr_sync.connector import Field, FieldType, Stream, Value
from okr_sync.http.columns import Column, Reading, column
from okr_sync.http.values import member, to_integer, to_number, to_text

Raw = dict[str, Any]
_TEXT, _TIMESTAMP, _NUMBER, _INTEGER = FieldType.TEXT, FieldType.TIMESTAMP, FieldType.NUMBER, FieldType.INTEGER
_KNOWN_LATER = "; none until it happened"


def moment(raw: Any) -> datetime | None:
    """A time in seconds since 1970, in UTC.

    Raises:
        ValueError: it is none.
    """
    return None if raw is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=to_integer(raw))


def _text(name: str, path: str, description: str) -> Column[Raw]:
    """A text; an empty one is a missing one."""

    def read(raw: Raw) -> Value:
        value = member(raw, path)
        return None if value is None or value == "" else to_text(value)

    return Column(Field(name, _TEXT, description), read)


def _reference(name: str, path: str, description: str) -> Column[Raw]:
    """An id. Intercom writes 0 for nobody."""

    def read(raw: Raw) -> Value:
        value = member(raw, path)
        return None if value in (None, "", 0, "0") else to_text(value)

    return Column(Field(name, _TEXT, description), read)


def _time(name: str, path: str, description: str) -> Column[Raw]:
    return Column(Field(name, _TIMESTAMP, description), lambda raw: moment(member(raw, path)))


def _hours(name: str, path: str, description: str) -> Column[Raw]:
    """Intercom counts in seconds."""

    def read(raw: Raw) -> Value:
        seconds = member(raw, path)
        return None if seconds is None else to_number(seconds) / 3600

    return Column(Field(name, _NUMBER, description, unit="hours"), read)


def _first_reply_hours(raw: Raw) -> Value:
    asked_at = moment(member(raw, "statistics.first_contact_reply_at"))
    replied_at = moment(member(raw, "statistics.first_admin_reply_at"))
    return None if asked_at is None or replied_at is None else (replied_at - asked_at) / timedelta(hours=1)


def _tags(raw: Raw) -> Value:
    return [to_text(one.get("name")) for one in member(raw, "tags.tags") or []]


COLUMNS: tuple[Column[Raw], ...] = (
    _text("id", "id", "Intercom's id of the conversation"),
    _text("title", "title", "The title"),
    _text("subject", "source.subject", "The subject of the first message, as it was written: it may hold HTML"),
    _text("state", "state", "open, snoozed or closed"),
    _text("priority", "priority", "none, low, medium, high or urgent"),
    _text("channel", "source.type", "How it began: conversation, email, whatsapp..."),
    _text("delivered_as", "source.delivered_as", "Who began it: customer_initiated, admin_initiated, automated..."),
    _reference("admin_id", "admin_assignee_id", "The teammate who works on it"),
    _reference("team_id", "team_assignee_id", "The team that works on it"),
    _reference("company_id", "company.id", "The company of the one who asked"),
    _text("company", "company.name", "That company's name, as it was when this conversation was last read"),
    Column(Field("tags", FieldType.LIST, "The names of its tags"), _tags),
    _time("created_at", "created_at", "When it began"),
    _time("updated_at", "updated_at", "When it last changed; of a deleted one, when it was deleted"),
    _time("waiting_since_at", "waiting_since", "Since when the contact waits for a reply; none while nobody waits"),
    _time("snoozed_until_at", "snoozed_until", "Until when it is snoozed"),
    _time("first_contact_reply_at", "statistics.first_contact_reply_at", "When the contact first wrote"),
    _time("first_replied_at", "statistics.first_admin_reply_at", f"When a teammate first replied{_KNOWN_LATER}"),
    _time("first_closed_at", "statistics.first_close_at", f"When it was first closed{_KNOWN_LATER}"),
    _time("last_closed_at", "statistics.last_close_at", f"When it was last closed{_KNOWN_LATER}"),
    Column(
        Field(
            "first_reply_hours",
            _NUMBER,
            f"Calendar hours from first_contact_reply_at to first_replied_at{_KNOWN_LATER}",
            unit="hours",
        ),
        _first_reply_hours,
    ),
    _hours(
        "first_reply_business_hours",
        "statistics.time_to_admin_reply",
        f"Hours to the first reply without time out of the office hours set in Intercom{_KNOWN_LATER}",
    ),
    _hours(
        "median_reply_business_hours",
        "statistics.median_time_to_reply",
        f"The median over all replies, in the same hours{_KNOWN_LATER}",
    ),
    _hours(
        "first_close_business_hours",
        "statistics.time_to_first_close",
        f"Hours to the first time it was closed, in the same hours{_KNOWN_LATER}",
    ),
    _hours(
        "last_close_business_hours",
        "statistics.time_to_last_close",
        f"Hours to the last time it was closed, in the same hours{_KNOWN_LATER}",
    ),
    _hours(
        "assignment_hours",
        "statistics.time_to_assignment",
        f"Hours to the last assignment before the first reply{_KNOWN_LATER}",
    ),
    _hours("handling_hours", "statistics.handling_time", f"Hours from assignment to close{_KNOWN_LATER}"),
    column("reopen_count", _INTEGER, "statistics.count_reopens", "How often it was opened again"),
    column("assignment_count", _INTEGER, "statistics.count_assignments", "How often it was assigned"),
    column("part_count", _INTEGER, "statistics.count_conversation_parts", "How many messages and notes it has"),
    _text("sla", "sla_applied.sla_name", "The SLA that applies to it; none without one, or after it was removed"),
    _text(
        "sla_status",
        "sla_applied.sla_status",
        "hit, missed, cancelled or active; it stays active after its time is over, until a teammate replies",
    ),
    column("rating", _INTEGER, "conversation_rating.rating", "1 to 5; none where the contact did not rate"),
    _time("rating_requested_at", "conversation_rating.created_at", "When a rating was asked for"),
)
_TEAM = Field("team", _TEXT, "That team's name; none where the workspace has it no more")
FIELDS = (*(one.field for one in COLUMNS), _TEAM)


def conversation_reading(teams: Mapping[str, str]) -> Reading[Raw]:
    """`teams` are the names of the workspace's teams by their ids."""
    team = Column[Raw](_TEAM, lambda raw: teams.get(str(raw.get("team_assignee_id"))))
    return Reading((*COLUMNS, team), lambda raw: f"conversation {raw.get('id')}")


CONVERSATIONS = Stream(
    name="conversations",
    fields=FIELDS,
    key=("id",),
    version_at="updated_at",
    created_at="created_at",
    changes_silently=True,  # an SLA is judged, and a company renamed, without a change of the conversation
    description="Conversations with their reply times, SLA and ratings",
)


def conversation_stream(app_url: str | None, *, has_census: bool) -> Stream:
    """`app_url` is the workspace's address for people, once it is known."""
    link = None if app_url is None else f"{app_url}/inbox/conversation/{{id}}"
    return replace(CONVERSATIONS, link=link, has_census=has_census)
