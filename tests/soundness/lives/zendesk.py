"""Tickets of Zendesk: grown ones, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from okr_sync.sandbox import Agency
from okr_sync.sandbox.catalog import CLIENTS, MEMBERS, SUPPORT_GROUPS
from okr_sync.sandbox.records import Ticket
from tests.soundness.lives import Life, Source


def _source(named: Mapping[str, str], has_history: bool) -> Source:
    tickets = {"history": has_history, "fields": {"client": 360_000_044}}
    account = {"url": named["ZENDESK_URL"], "email": named["ZENDESK_EMAIL"], "token": named["ZENDESK_API_TOKEN"]}
    return {"connector": "zendesk", **account, "streams": {"tickets": tickets}}


def _live(agency: Agency, random: Random) -> set[str]:
    """Tickets come in, are assigned, answered, solved, opened again, tagged, merged, touched by jobs and deleted."""
    for _ in range(random.randrange(3, 9)):
        agency.clock.advance(timedelta(minutes=random.randrange(5, 90)))
        active = [one for one in agency.tickets if one.status not in ("closed", "deleted")]
        if len(active) < 4 or random.random() < 0.1:
            priority = random.choice((None, "low", "urgent"))
            agency.create_ticket("Hỏi giá", priority=priority, client=random.choice(CLIENTS).tag)
            continue
        ticket = random.choice(active)
        match random.randrange(1, 10):
            case 1 | 2:
                _answer(agency, ticket)
            case 3 | 4:
                _solve(agency, ticket)
            case 5:
                agency.edit_ticket(ticket.id, group_id=random.choice(list(SUPPORT_GROUPS)), subject="Đổi tên")
            case 6:
                agency.edit_ticket(ticket.id, assignee_id=random.choice(MEMBERS).zendesk_id)
            case 7:
                tags = tuple(random.sample(("vip", "gấp", "trễ"), random.randrange(3)))
                agency.edit_ticket(ticket.id, tags=tags, client=random.choice((None, CLIENTS[0].tag)))
            case 8:
                agency.touch_ticket(ticket.id)
            case 9:
                random.choice((agency.delete_ticket, agency.merge_ticket))(ticket.id)
    return set()


def _answer(agency: Agency, ticket: Ticket) -> None:
    seconds = ticket.first_reply_seconds
    if seconds is None:
        seconds = int((agency.clock.now() - ticket.created_at).total_seconds())
    reopened = ticket.reopen_count + (ticket.status == "solved")
    agency.edit_ticket(
        ticket.id, status="open", first_reply_seconds=seconds, reply_count=ticket.reply_count + 1, reopen_count=reopened
    )


def _solve(agency: Agency, ticket: Ticket) -> None:
    if ticket.status != "solved":
        agency.edit_ticket(ticket.id, status="solved", solved_at=agency.clock.now().replace(microsecond=0))
    else:
        agency.edit_ticket(ticket.id, satisfaction="good")


def _grow(now: datetime) -> Agency:
    return Agency.grow(1, now, 0, 40, 0)


LIFE = Life(
    system="zendesk",
    stream="tickets",
    source=_source,
    grow=_grow,
    live=_live,
    remaining=lambda agency: {str(one.id) for one in agency.tickets if one.status != "deleted"},
    never_rebuilt={"updated_at"},  # a job of the system moves it as well
    # What the metric set counts anew after each change is known of the last time alone; of an answer to a survey, not
    # since when it is what it is where no change of it is told.
    may_be_missing={
        "satisfaction",
        "assigned_at",
        "reply_count",
        "solved_at",
        "first_resolution_hours",
        "first_resolution_business_hours",
        "full_resolution_hours",
        "full_resolution_business_hours",
        "requester_wait_hours",
        "agent_wait_hours",
        "on_hold_hours",
    },
)
