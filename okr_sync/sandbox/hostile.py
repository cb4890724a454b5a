"""An agency whose records have everything that breaks careless readers, one of everything in each system.

Names with quotes, line breaks, emoji and right-to-left text; ids beyond 53 bits; nothing where something is expected;
and every record changed in the same instant, so that a page ends in the middle of a tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENTS, DEAL_STAGES, MEMBERS
from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.records import Booking, Contact, Deal, Issue, Listing, Outage, SurveyAnswer, Ticket, Visit

COUNT = 45
BIG = 9_007_199_254_740_993  # 2 ** 53 + 1: the first whole number that a double cannot hold
TEXTS = (
    " leading and trailing ",
    "emoji 🧨👩‍👩‍👧 and ünïcödé",
    "quote ' double \" back \\ slash / percent % brace {} [x] <b>&amp;</b>",
    "line\nbreak\r\nand\ttab",
    "שלום عالم",
    "'; DROP TABLE issues; --",
    "null",
    "0",
    "=1+1",
    "đặc biệt – “ngoặc kép” …",
    "x" * 3000,
)


def hostile_agency(now: datetime) -> Agency:
    """Forty-five records of each kind; the clock stands at `now`."""
    moment = (now - timedelta(days=3)).astimezone(UTC).replace(microsecond=0)
    agency = Agency(Clock(now), _issues(moment), _tickets(moment), _surveys(moment))
    for deal in _deals(moment):
        agency.deals.add(deal)
    for number, text in enumerate(_texts()):
        client = CLIENTS[number % len(CLIENTS)].tag
        agency.contacts.add(Contact(BIG + number, text, f"{number}@client.example", client, False, moment, moment))
        agency.outages.add(Outage(BIG + number, client, moment, moment, None if number % 2 else moment))
        agency.visits.add(Visit(BIG + number, moment, moment, text, "view"))
        agency.bookings.add(Booking(BIG + number, BIG + number, moment, moment, 0))
        agency.listings.add(Listing(BIG + number, text, moment, moment, 0, None, None, False, None))
    return agency


def _texts() -> Iterator[str]:
    return islice(cycle(TEXTS), COUNT)


def _issues(moment: datetime) -> Iterator[Issue]:
    for number, text in enumerate(_texts()):
        yield Issue(
            id=BIG + number,
            key=f"WEB-{number + 1}",
            issue_type="Task",
            summary=text.strip() or "x",
            status="To Do",
            priority="Medium",
            reporter=MEMBERS[0].handle,
            created_at=moment,
            updated_at=moment,
            status_changed_at=moment,
            due_on=date(9999, 12, 31) if number % 2 else None,
            story_points=0.0 if number % 3 else None,
        )


def _tickets(moment: datetime) -> Iterator[Ticket]:
    for number, text in enumerate(_texts()):
        yield Ticket(
            id=BIG + number,
            subject=text,
            status="new",
            priority=None,
            ticket_type=None,
            channel="email",
            requester_id=CLIENTS[0].requester_id,
            organization_id=None,
            created_at=moment,
            updated_at=moment,
            generated_at=moment,
            first_reply_seconds=0 if number % 2 else None,
        )


def _surveys(moment: datetime) -> Iterator[SurveyAnswer]:
    for number, text in enumerate(_texts()):
        client = CLIENTS[number % len(CLIENTS)].name
        yield SurveyAnswer(f"nps-{number}", moment, client, 0 if number % 2 else 10, moment, text)


def _deals(moment: datetime) -> Iterator[Deal]:
    for number, text in enumerate(_texts()):
        stage = DEAL_STAGES[number % len(DEAL_STAGES)]
        yield Deal(
            id=BIG + number,
            name=text,
            client=CLIENTS[number % len(CLIENTS)].tag,
            service="seo",
            pipeline="renewal" if number % 2 else "new",
            stage=stage,
            amount=0 if number % 4 == 0 else None,
            channel="ads",
            owner=MEMBERS[0].handle,
            created_at=moment,
            updated_at=moment,
            stages=((stage, moment),),
            contract_ends_on=date(2026, 12, 31) if number % 2 else None,
        )
