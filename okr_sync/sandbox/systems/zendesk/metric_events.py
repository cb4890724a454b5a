"""Metric events with SLA policies, as they follow from what happened to the agency's tickets.

Tickets without a priority are under no policy. A chat whose promise was broken is moved to a longer one by hand: that
revokes the breach, and a new one comes where even the longer promise is broken.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.systems.zendesk.tickets import MESSAGING, zendesk_time

REPLY_MINUTES = {"urgent": 60, "high": 120, "normal": 240, "low": 480}
SOLUTION_MINUTES = {"urgent": 1440, "high": 2880}
LONGER = 3
"""How many times as long the promise for chats is that were moved."""
MOVED_AFTER = timedelta(minutes=5)
POLICY = "Cam kết phản hồi"
LONGER_POLICY = "Cam kết phản hồi nới rộng"


def events_of(ticket: Ticket) -> list[tuple[datetime, Json]]:
    """Everything of one ticket, with what is still to come while nobody answers. A deleted one tells nothing."""
    if ticket.status == "deleted":
        return []
    replied_at = None
    if ticket.first_reply_seconds is not None:
        replied_at = ticket.created_at + timedelta(seconds=ticket.first_reply_seconds)
    told = [
        *_measured(ticket, "reply_time", REPLY_MINUTES, replied_at),
        *_measured(ticket, "requester_wait_time", SOLUTION_MINUTES, ticket.solved_at),
    ]
    return [
        (at, {"id": id_of(ticket, number), "ticket_id": ticket.id, **event, "time": zendesk_time(at)})
        for number, (at, event) in enumerate(told)
    ]


def id_of(ticket: Ticket, number: int) -> int:
    return ticket.id * 100 + number


def _measured(
    ticket: Ticket, metric: str, promises: dict[str, int], done_at: datetime | None
) -> Iterator[tuple[datetime, Json]]:
    created_at, minutes = ticket.created_at, promises.get(ticket.priority or "")
    yield created_at, _event(metric, 0, "measure")
    yield created_at, _event(metric, 1, "activate")
    if minutes is not None:
        yield created_at, _event(metric, 1, "apply_sla", sla=_sla(POLICY, minutes))
        yield from _breaches(ticket, metric, minutes, done_at)
    if done_at is not None:
        waited = int((done_at - created_at).total_seconds()) // 60
        yield done_at, _event(metric, 1, "fulfill")
        yield done_at, _event(metric, 1, "update_status", status={"calendar": waited, "business": waited})


def _breaches(ticket: Ticket, metric: str, minutes: int, done_at: datetime | None) -> Iterator[tuple[datetime, Json]]:
    due_at = ticket.created_at + timedelta(minutes=minutes)
    if done_at is not None and done_at <= due_at:
        return
    moved_at = due_at + MOVED_AFTER
    if ticket.channel != MESSAGING or (done_at is not None and done_at <= moved_at):
        yield due_at, _event(metric, 1, "breach", deleted=False)
        return
    yield due_at, _event(metric, 1, "breach", deleted=True)
    yield moved_at, _event(metric, 1, "apply_sla", sla=_sla(LONGER_POLICY, LONGER * minutes))
    later_at = ticket.created_at + timedelta(minutes=LONGER * minutes)
    if done_at is None or done_at > later_at:
        yield later_at, _event(metric, 1, "breach", deleted=False)


def _event(metric: str, instance: int, kind: str, **more: object) -> Json:
    return {"metric": metric, "instance_id": instance, "type": kind, **more}


def _sla(title: str, minutes: int) -> Json:
    policy = {"id": 36_001 if title == POLICY else 36_002, "title": title, "description": None}
    return {"target": minutes, "target_in_seconds": minutes * 60, "business_hours": False, "policy": policy}
