"""What changed in tickets, as the export of ticket events tells it: each version compared with the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.systems.zendesk.tickets import CLIENT_FIELD_ID

_VIA: Json = {"via": "Web form", "via_reference_id": 0}
_FIELDS: dict[str, Callable[[Ticket], object]] = {
    "subject": lambda one: one.subject,
    "status": lambda one: one.status,
    "priority": lambda one: one.priority,
    "type": lambda one: one.ticket_type,
    "requester_id": lambda one: _text(one.requester_id),
    "assignee_id": lambda one: _text(one.assignee_id),
    "group_id": lambda one: _text(one.group_id),
    "organization_id": lambda one: _text(one.organization_id),
    "satisfaction_score": lambda one: one.satisfaction,
    "tags": lambda one: list(one.tags),
    "custom_ticket_fields": lambda one: one.client,
}
"""Ids are texts in changes."""


def updates_of(versions: tuple[Ticket, ...]) -> Iterator[tuple[datetime, Json]]:
    """One for the creation, with all that was set then, and one for each change; of a deletion nothing is told."""
    before: Ticket | None = None
    for number, one in enumerate(versions):
        if one.status == "deleted":
            return
        children = [*_changes(before, one), *_replies(before, one)]
        if children:
            yield one.updated_at, _update(one, number, children)
        before = one


def update_id(ticket: Ticket, number: int) -> int:
    return ticket.id * 1000 + number


def _update(one: Ticket, number: int, children: list[Json]) -> Json:
    key = update_id(one, number)
    return {
        "id": key,
        "ticket_id": one.id,
        "timestamp": int(one.updated_at.timestamp()),
        "updater_id": one.assignee_id or one.requester_id,
        "via": "Web form",
        "event_type": "Audit",
        "child_events": [{"id": key * 100 + place, **_VIA, **child} for place, child in enumerate(children)],
    }


def _changes(before: Ticket | None, one: Ticket) -> Iterator[Json]:
    for name, value in _FIELDS.items():
        now, was = value(one), None if before is None else value(before)
        if before is None:
            yield _named(name, now) | {"event_type": "Create"}
        elif now != was:
            yield _named(name, now) | _tags(name, was, now) | {"previous_value": was, "event_type": "Change"}


def _named(name: str, value: object) -> Json:
    return {name: {str(CLIENT_FIELD_ID): value}} if name == "custom_ticket_fields" else {name: value}


def _tags(name: str, was: object, now: object) -> Json:
    if not isinstance(was, list) or not isinstance(now, list):
        return {}
    return {
        "added_tags": [one for one in now if one not in was],
        "removed_tags": [one for one in was if one not in now],
    }


def _replies(before: Ticket | None, one: Ticket) -> Iterator[Json]:
    for _ in range(one.reply_count - (0 if before is None else before.reply_count)):
        yield {"comment_present": True, "comment_public": True, "event_type": "Comment"}


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
