"""The agency's tickets as Freshdesk writes them, and the fields that its account has."""

from __future__ import annotations

from datetime import datetime, timedelta

from okr_sync.sandbox.catalog import CLIENTS, MEMBERS, SUPPORT_GROUPS
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Ticket

SPAM_TAG = "spam"
"""A ticket with this tag lies among the spam."""
STATUSES = {2: "Open", 3: "Pending", 4: "Resolved", 5: "Closed", 6: "Chờ bên thứ ba"}
PRIORITIES = {"Low": 1, "Medium": 2, "High": 3, "Urgent": 4}
SOURCES = {"Email": 1, "Portal": 2, "Phone": 3, "Chat": 7, "Feedback Widget": 9, "Outbound Email": 10}
FIRST_REPLY_WITHIN = timedelta(hours=2)
RESOLVED_WITHIN = timedelta(hours=48)
_STATUS_OF = {"new": 2, "open": 2, "pending": 3, "hold": 6, "solved": 4, "closed": 5, "deleted": 2}
_PRIORITY_OF = {None: 1, "low": 1, "normal": 2, "high": 3, "urgent": 4}
_SOURCE_OF = {"email": 1, "web": 2, "native_messaging": 7}
_ID_AHEAD = 10_000
_PEOPLE_AHEAD = 43_000_000_000


def freshdesk_id(ticket_id: int) -> int:
    """The number of a ticket of the agency in Freshdesk."""
    return ticket_id + _ID_AHEAD


def freshdesk_time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat()[:19]}Z"


def is_spam(ticket: Ticket) -> bool:
    return SPAM_TAG in ticket.tags and ticket.status != "deleted"


def write_ticket(ticket: Ticket, includes: frozenset[str]) -> Json:
    """Whether it escalated is as of its last change."""
    reply_due_at, due_at = ticket.created_at + FIRST_REPLY_WITHIN, ticket.created_at + RESOLVED_WITHIN
    replied_at = _replied_at(ticket)
    written: Json = {
        "cc_emails": [],
        "fwd_emails": [],
        "reply_cc_emails": [],
        "ticket_cc_emails": [],
        "fr_escalated": (replied_at or ticket.updated_at) > reply_due_at,
        "spam": is_spam(ticket),
        "email_config_id": None,
        "group_id": None if ticket.group_id is None else ticket.group_id + _PEOPLE_AHEAD,
        "priority": _PRIORITY_OF[ticket.priority],
        "requester_id": ticket.requester_id + _PEOPLE_AHEAD,
        "responder_id": None if ticket.assignee_id is None else ticket.assignee_id + _PEOPLE_AHEAD,
        "source": _SOURCE_OF[ticket.channel],
        "company_id": None if ticket.organization_id is None else ticket.organization_id + _PEOPLE_AHEAD,
        "status": _STATUS_OF[ticket.status],
        "subject": ticket.subject,
        "association_type": None,
        "support_email": None,
        "to_emails": None,
        "product_id": None,
        "id": freshdesk_id(ticket.id),
        "type": None if ticket.ticket_type is None else ticket.ticket_type.capitalize(),
        "due_by": freshdesk_time(due_at),
        "fr_due_by": freshdesk_time(reply_due_at),
        "nr_due_by": None,
        "nr_escalated": False,
        "is_escalated": (ticket.solved_at or ticket.updated_at) > due_at,
        "custom_fields": {"cf_client": ticket.client, "cf_hours_sold": None},
        "created_at": freshdesk_time(ticket.created_at),
        "updated_at": freshdesk_time(ticket.updated_at),
        "tags": list(ticket.tags),
    }
    if ticket.status == "deleted":
        written["deleted"] = True
    if "stats" in includes:
        written["stats"] = _statistics(ticket)
    if "description" in includes:
        written["description"] = f"<div>{ticket.subject}</div>"
        written["description_text"] = ticket.subject
    return written


def _replied_at(ticket: Ticket) -> datetime | None:
    seconds = ticket.first_reply_seconds
    return None if seconds is None else ticket.created_at + timedelta(seconds=seconds)


def _statistics(ticket: Ticket) -> Json:
    replied_at = freshdesk_time(_replied_at(ticket))
    return {
        "agent_responded_at": replied_at,
        "requester_responded_at": None,
        "first_responded_at": replied_at,
        "status_updated_at": freshdesk_time(ticket.solved_at or ticket.created_at),
        "reopened_at": freshdesk_time(ticket.solved_at) if ticket.reopen_count else None,
        "resolved_at": freshdesk_time(ticket.solved_at),
        "closed_at": freshdesk_time(ticket.updated_at) if ticket.status == "closed" else None,
        "pending_since": freshdesk_time(ticket.updated_at) if ticket.status == "pending" else None,
    }


def ticket_fields() -> list[Json]:
    """Statuses are listed by number, with a name for agents and one for customers; all others by name."""
    agents = {member.name: member.zendesk_id + _PEOPLE_AHEAD for member in MEMBERS}
    groups = {name: number + _PEOPLE_AHEAD for number, name in SUPPORT_GROUPS.items()}
    standard: list[tuple[str, str, str, object]] = [
        ("subject", "Subject", "default_subject", None),
        ("ticket_type", "Type", "default_ticket_type", ["Question", "Incident", "Problem"]),
        ("source", "Source", "default_source", SOURCES),
        ("status", "Status", "default_status", {str(one): [name, name] for one, name in STATUSES.items()}),
        ("priority", "Priority", "default_priority", PRIORITIES),
        ("group", "Group", "default_group", groups),
        ("agent", "Agent", "default_agent", agents),
    ]
    custom: list[tuple[str, str, str, object]] = [
        ("cf_client", "Client", "custom_dropdown", [client.tag for client in CLIENTS]),
        ("cf_hours_sold", "Hours sold", "custom_decimal", None),
    ]
    return [_field(1, *one, is_default=True) for one in standard] + [_field(100, *one) for one in custom]


def _field(ahead: int, name: str, label: str, kind: str, choices: object, *, is_default: bool = False) -> Json:
    written: Json = {"id": ahead + len(name), "name": name, "label": label, "type": kind, "default": is_default}
    return written if choices is None else {**written, "choices": choices}
