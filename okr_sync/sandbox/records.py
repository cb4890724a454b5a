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
