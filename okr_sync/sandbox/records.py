"""What the agency's systems hold, as plain facts: no vendor's wire format is in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class Issue:
    """One Jira issue. Times are in UTC, to the millisecond."""

    id: int
    key: str
    issue_type: str
    summary: str
    status: str
    priority: str
    reporter: str
    created_at: datetime
    updated_at: datetime
    status_changed_at: datetime
    """When the status last moved to another category (new, indeterminate, done)."""
    resolution: str | None = None
    resolved_at: datetime | None = None
    due_on: date | None = None
    """A day without a time or a zone, as Jira keeps it."""
    assignee: str | None = None
    parent: str | None = None
    """The key of the epic, or of the project, above this issue."""
    client: str | None = None
    region: str | None = None
    story_points: float | None = None
    labels: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        return self.key.rpartition("-")[0]

    @property
    def number(self) -> int:
        return int(self.key.rpartition("-")[2])

    @property
    def has_checklist(self) -> bool:
        """Whether it follows the agency's standard checklist; one project in eight does not yet."""
        return self.issue_type == "Project" and self.id % 8 != 0


class IssueChanges(TypedDict, total=False):
    """What an edit may set. Whatever follows from it (`updated_at`, `resolved_at`) is stamped by the clock."""

    issue_type: str
    summary: str
    status: str
    priority: str
    reporter: str
    resolution: str | None
    resolved_at: datetime | None
    due_on: date | None
    assignee: str | None
    parent: str | None
    client: str | None
    region: str | None
    story_points: float | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worklog:
    """Work that somebody logged on an issue. Times are in UTC, to the millisecond."""

    id: int
    issue_id: int
    author: str
    """The handle of a member."""
    started_at: datetime
    seconds: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One Zendesk ticket with what its metric set is made from. Times are in UTC, to the second."""

    id: int
    subject: str
    status: str
    priority: str | None
    ticket_type: str | None
    channel: str
    requester_id: int
    organization_id: int | None
    created_at: datetime
    updated_at: datetime
    generated_at: datetime
    """When the export last wrote the record: after `updated_at` where a job of the system touched it later."""
    assignee_id: int | None = None
    group_id: int | None = None
    client: str | None = None
    tags: tuple[str, ...] = ()
    satisfaction: str = "unoffered"
    first_reply_seconds: int | None = None
    solved_at: datetime | None = None
    reopen_count: int = 0
    reply_count: int = 0


class TicketChanges(TypedDict, total=False):
    """What an edit may set."""

    subject: str
    status: str
    priority: str | None
    ticket_type: str | None
    channel: str
    organization_id: int | None
    assignee_id: int | None
    group_id: int | None
    client: str | None
    tags: tuple[str, ...]
    satisfaction: str
    first_reply_seconds: int | None
    solved_at: datetime | None
    reopen_count: int
    reply_count: int


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """One answer to the agency's NPS survey: how likely, from 0 to 10, the client is to recommend it."""

    id: str
    answered_at: datetime
    client: str
    score: int
    updated_at: datetime
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What a client's contact said of a project that was handed over: from 1, poor, to 5, excellent."""

    id: str
    answered_at: datetime
    project: str
    """The project's key in Jira."""
    client: str | None
    score: int


@dataclass(frozen=True, slots=True)
class Deal:
    """One chance to sell, or to renew a contract that ends. Times are in UTC, to the millisecond."""

    id: int
    name: str
    client: str
    """The client's tag."""
    service: str
    """seo, web or content."""
    pipeline: str
    """new or renewal."""
    stage: str
    """lead, qualified, proposal, contract, won or lost: one of `DEAL_STAGES`."""
    amount: int | None
    """In VND; none while nobody has made an offer."""
    channel: str
    """Where the lead came from: referral, search, ads or event."""
    owner: str
    """The handle of a member."""
    created_at: datetime
    updated_at: datetime
    stages: tuple[tuple[str, datetime], ...]
    """Every stage it has entered and when, in that order; the last is the present one."""
    contract_ends_on: date | None = None
    """Of a renewal: the last day of the contract that is to be renewed."""
    is_upsell: bool = False
    """Of a renewal that was won: the client bought more than before."""

    @property
    def closed_at(self) -> datetime | None:
        """When it was won or lost."""
        stage, at = self.stages[-1]
        return at if stage in ("won", "lost") else None

    def entered(self, stage: str) -> datetime | None:
        """When it last entered `stage`."""
        return next((at for name, at in reversed(self.stages) if name == stage), None)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at a client's, known by what they do there. Times are in UTC, to the millisecond."""

    id: int
    name: str
    email: str
    client: str
    is_customer: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to the travel client's site, and how far it went: one of `VISIT_STEPS`."""

    id: int
    started_at: datetime
    updated_at: datetime
    channel: str
    reached: str


@dataclass(frozen=True, slots=True)
class Booking:
    """What a visit was booked for, in VND. A cancelled one is refunded, in part or in full."""

    id: int
    visit_id: int
    booked_at: datetime
    updated_at: datetime
    amount: int
    refunded_amount: int = 0
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A tour that the travel client offers. It meets the standard where nothing of it is missing."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    photo_count: int
    description: str | None
    price: int | None
    has_availability: bool
    policy: str | None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time during which a client's site did not answer; it goes on while it has no end."""

    id: int
    client: str
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
