"""The agency's tickets as Intercom writes conversations."""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from okr_sync.sandbox.catalog import CLIENT_OF, SUPPORT_GROUPS, Client
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Ticket

SLA_NAME = "Phản hồi trong 2 giờ"
REPLY_WITHIN = 7200
_STATE_OF = {
    "new": "open",
    "open": "open",
    "pending": "snoozed",
    "hold": "snoozed",
    "solved": "closed",
    "closed": "closed",
}
_PRIORITY_OF = {None: "none", "low": "low", "normal": "medium", "high": "high", "urgent": "urgent"}
_CHANNEL_OF = {"email": "email", "web": "conversation", "native_messaging": "whatsapp"}
_RATING_OF = {"good": 5, "bad": 1}
_ID_AHEAD = 215_470_000_000_000
_TEAMS_AHEAD = 7_000_000


def conversation_id(ticket_id: int) -> str:
    """The id of a ticket of the agency in Intercom."""
    return str(ticket_id + _ID_AHEAD)


def ticket_id_of(written: str) -> int | None:
    return int(written) - _ID_AHEAD if written.isdecimal() else None


def epoch(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def state_of(ticket: Ticket) -> str:
    return _STATE_OF[ticket.status]


def teams() -> list[Json]:
    return [
        {"type": "team", "id": str(number + _TEAMS_AHEAD), "name": name, "admin_ids": []}
        for number, name in SUPPORT_GROUPS.items()
    ]


def write_conversation(ticket: Ticket, now: datetime, sla_lag: timedelta) -> Json:
    client = None if ticket.organization_id is None else CLIENT_OF.get(ticket.client or "")
    state = state_of(ticket)
    return {
        "type": "conversation",
        "id": conversation_id(ticket.id),
        "created_at": epoch(ticket.created_at),
        "updated_at": epoch(ticket.updated_at),
        "waiting_since": epoch(ticket.created_at) if ticket.first_reply_seconds is None else None,
        "snoozed_until": epoch(ticket.updated_at + timedelta(days=3)) if state == "snoozed" else None,
        "source": _source(ticket),
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": f"{ticket.requester_id:024x}", "external_id": None}],
        },
        "first_contact_reply": {
            "created_at": epoch(ticket.created_at),
            "type": _CHANNEL_OF[ticket.channel],
            "url": None,
        },
        "admin_assignee_id": ticket.assignee_id or 0,
        "team_assignee_id": 0 if ticket.group_id is None else ticket.group_id + _TEAMS_AHEAD,
        "company": None if client is None else _company(client),
        "open": state != "closed",
        "state": state,
        "read": ticket.first_reply_seconds is not None,
        "tags": {
            "type": "tag.list",
            "tags": [{"type": "tag", "id": str(crc32(one.encode())), "name": one} for one in ticket.tags],
        },
        "priority": _PRIORITY_OF[ticket.priority],
        "sla_applied": None if client is None else _sla(ticket, now, sla_lag),
        "statistics": _statistics(ticket),
        "conversation_rating": _rating(ticket),
        "teammates": {"type": "admin.list", "teammates": []},
        "title": None,
        "custom_attributes": {},
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent": None,
        "ai_agent_participated": False,
    }


def _source(ticket: Ticket) -> Json:
    return {
        "type": _CHANNEL_OF[ticket.channel],
        "id": str(ticket.id),
        "delivered_as": "customer_initiated",
        "subject": ticket.subject,
        "body": f"<p>{ticket.subject}</p>",
        "author": {"type": "user", "id": f"{ticket.requester_id:024x}", "name": None, "email": None},
        "attachments": [],
        "url": None,
        "redacted": False,
    }


def _company(client: Client) -> Json:
    return {"type": "company", "id": f"{client.organization_id:024x}", "name": client.name}


def _sla(ticket: Ticket, now: datetime, lag: timedelta) -> Json:
    """Judged at the reply, and not before: nobody tells an SLA that its time is over."""
    seconds = ticket.first_reply_seconds
    status = "active"
    if seconds is not None and now >= ticket.created_at + timedelta(seconds=seconds) + lag:
        status = "hit" if seconds <= REPLY_WITHIN else "missed"
    return {"type": "conversation_sla_summary", "sla_name": SLA_NAME, "sla_status": status}


def _statistics(ticket: Ticket) -> Json:
    """What has not happened yet is null, though the description knows no null there."""
    seconds = ticket.first_reply_seconds
    replied_at = None if seconds is None else ticket.created_at + timedelta(seconds=seconds)
    solved_seconds = None if ticket.solved_at is None else int((ticket.solved_at - ticket.created_at).total_seconds())
    return {
        "type": "conversation_statistics",
        "time_to_assignment": None if ticket.assignee_id is None else 60,
        "time_to_admin_reply": seconds,
        "time_to_first_close": solved_seconds,
        "time_to_last_close": solved_seconds,
        "median_time_to_reply": seconds,
        "first_contact_reply_at": epoch(ticket.created_at),
        "first_assignment_at": None,
        "first_admin_reply_at": epoch(replied_at),
        "first_close_at": epoch(ticket.solved_at),
        "last_assignment_at": None,
        "last_assignment_admin_reply_at": None,
        "last_contact_reply_at": epoch(ticket.created_at),
        "last_admin_reply_at": epoch(replied_at),
        "last_close_at": epoch(ticket.solved_at),
        "last_closed_by_id": None,
        "count_reopens": ticket.reopen_count,
        "count_assignments": 0 if ticket.assignee_id is None else 1,
        "count_conversation_parts": ticket.reply_count + 1,
        "handling_time": None if seconds is None or solved_seconds is None else max(0, solved_seconds - 60),
        "adjusted_handling_time": None,
    }


def _rating(ticket: Ticket) -> Json | None:
    rating = _RATING_OF.get(ticket.satisfaction)
    if rating is None:
        return None
    rated_at = epoch(ticket.solved_at)
    return {"rating": rating, "remark": "", "created_at": rated_at, "updated_at": rated_at}
