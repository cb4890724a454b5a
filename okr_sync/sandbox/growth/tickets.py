"""The agency's Zendesk: questions from clients, how soon they were answered and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from okr_sync.sandbox.catalog import CLIENTS, MEMBERS, SUPPORT_GROUPS
from okr_sync.sandbox.growth.chance import Deck, WorkTime, pick
from okr_sync.sandbox.growth.issues import SPAN
from okr_sync.sandbox.growth.words import SUBJECTS
from okr_sync.sandbox.records import Ticket

FIRST_ID = 5_001
CLOSES_AFTER = timedelta(days=4)
MERGED_AFTER = timedelta(minutes=20)
DELETED_AFTER = timedelta(days=2)
REPLY_HOURS = [0.25, 0.4, 0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 1.8, 2.2, 3.0, 6.5]
SOLVE_HOURS = [0.5, 2, 4, 8, 20, 30, 50, 90]
FATES = ["answered"] * 93 + ["merged"] * 2 + ["left waiting"] * 4 + ["deleted"]
SATISFACTION = ["unoffered"] * 7 + ["offered"] * 5 + ["good"] * 7 + ["bad"]
REOPEN_COUNTS = [0] * 17 + [1, 1, 2]
CHANNELS = ["email"] * 5 + ["web"] * 3 + ["native_messaging"] * 2
PRIORITIES = (None, "low", "normal", "normal", "high", "urgent")
TICKET_TYPES = (None, "question", "incident", "problem")
AGENT_IDS = tuple(member.zendesk_id for member in MEMBERS)
GROUP_IDS = tuple(SUPPORT_GROUPS)
TAG_SETS = {client: [(client.tag, topic) for topic in ("bao_hanh", "ke_toan", "ky_thuat")] for client in CLIENTS}


@dataclass(frozen=True, slots=True)
class Life:
    """What has become of a ticket by now."""

    status: str
    updated_at: datetime
    first_reply_seconds: int | None = None
    solved_at: datetime | None = None

    @property
    def is_solved(self) -> bool:
        return self.status in ("solved", "closed")


def grow_tickets(random: Random, now: datetime, count: int) -> Iterator[Ticket]:
    growth = _Growth(random, now)
    return (growth.ticket(n, count) for n in range(count))


class _Growth:
    def __init__(self, random: Random, now: datetime) -> None:
        self._random = random
        self._now = now.replace(microsecond=0)
        self._time = WorkTime((now - SPAN).date())
        self._last = self._time.position(self._now)
        self._reply_hours = Deck(random, REPLY_HOURS)
        self._solve_hours = Deck(random, SOLVE_HOURS)
        self._fates = Deck(random, FATES)
        self._satisfaction = Deck(random, SATISFACTION)
        self._reopen_counts = Deck(random, REOPEN_COUNTS)
        self._channels = Deck(random, CHANNELS)

    def ticket(self, n: int, count: int) -> Ticket:
        asked_at = self._time.at((n + self._random.random()) / count * self._last).replace(microsecond=0)
        fate = self._fates.draw()
        if fate in ("answered", "left waiting"):
            return self._ticket(FIRST_ID + n, asked_at, self._life(asked_at, is_left_waiting=fate == "left waiting"))
        untouched = self._ticket(FIRST_ID + n, asked_at, Life("new", asked_at))
        if fate == "merged":
            return closed_by_merge(untouched, min(asked_at + MERGED_AFTER, self._now))
        return scrubbed(untouched, min(asked_at + DELETED_AFTER, self._now))

    def _ticket(self, ticket_id: int, asked_at: datetime, life: Life) -> Ticket:
        random = self._random
        client = pick(random, CLIENTS)
        is_answered = life.first_reply_seconds is not None
        return Ticket(
            id=ticket_id,
            subject=pick(random, SUBJECTS),
            status=life.status,
            priority=pick(random, PRIORITIES),
            ticket_type=pick(random, TICKET_TYPES),
            channel=self._channels.draw(),
            requester_id=client.requester_id,
            organization_id=client.organization_id,
            created_at=asked_at,
            updated_at=life.updated_at,
            generated_at=self._generated_at(life),
            assignee_id=pick(random, AGENT_IDS) if is_answered else None,
            group_id=pick(random, GROUP_IDS),
            client=client.tag,
            tags=pick(random, TAG_SETS[client]),
            satisfaction=self._satisfaction.draw() if life.is_solved else "unoffered",
            first_reply_seconds=life.first_reply_seconds,
            solved_at=life.solved_at,
            reopen_count=self._reopen_counts.draw() if life.is_solved else 0,
            reply_count=pick(random, (1, 1, 2, 3, 4)) if is_answered else 0,
        )

    def _life(self, asked_at: datetime, *, is_left_waiting: bool) -> Life:
        """How far the ticket has come: waiting, answered, solved, closed. Nobody waits for over three days."""
        replied_at = asked_at + timedelta(seconds=self._seconds(self._reply_hours, shortest=0.2, longest=8))
        if replied_at > self._now or (is_left_waiting and self._now - asked_at < timedelta(days=3)):
            return Life("new", asked_at)
        reply_seconds = int((replied_at - asked_at).total_seconds())
        solved_at = replied_at + timedelta(seconds=self._seconds(self._solve_hours, shortest=0.1, longest=120))
        if solved_at > self._now:
            return Life("open", replied_at, reply_seconds)
        closes_at = solved_at + CLOSES_AFTER
        if closes_at > self._now:
            return Life("solved", solved_at, reply_seconds, solved_at)
        return Life("closed", closes_at, reply_seconds, solved_at)

    def _seconds(self, hours: Deck[float], shortest: float, longest: float) -> int:
        return int(min(max(hours.draw() * self._random.uniform(0.8, 1.2), shortest), longest) * 3600)

    def _generated_at(self, life: Life) -> datetime:
        """A job of the system rewrites one solved ticket in twenty later on, and leaves its time of change alone."""
        if life.is_solved and self._random.random() < 0.05:
            return min(life.updated_at + timedelta(days=9), self._now)
        return life.updated_at


def closed_by_merge(ticket: Ticket, at: datetime) -> Ticket:
    """A repeated question, which goes on in another ticket."""
    tags = (*ticket.tags, "closed_by_merge")
    return replace(ticket, status="closed", tags=tags, solved_at=at, updated_at=at, generated_at=at)


def scrubbed(ticket: Ticket, at: datetime) -> Ticket:
    """What the export still tells of a deleted ticket: that it was there."""
    return Ticket(
        id=ticket.id,
        subject="SCRUBBED",
        status="deleted",
        priority=None,
        ticket_type=None,
        channel=ticket.channel,
        requester_id=ticket.requester_id,
        organization_id=None,
        created_at=ticket.created_at,
        updated_at=at,
        generated_at=at,
    )
