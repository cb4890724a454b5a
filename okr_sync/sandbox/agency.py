"""A believable agency: its projects, tickets, surveys and sales, its clients' bookings and outages, and what is next.

`Agency.grow` makes its past from a seed: the same seed, instant and sizes give the same agency, to the last letter.
The methods below it, and those of its shelves, are what people do afterwards; each stamps the records it changes with
the agency's clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Self, TypeVar, Unpack

from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, MEMBERS
from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.growth.issues import FIRST_ID, grow_issues
from okr_sync.sandbox.growth.outages import grow_outages
from okr_sync.sandbox.growth.past import past_of, past_of_ticket
from okr_sync.sandbox.growth.reviews import grow_reviews
from okr_sync.sandbox.growth.sales import grow_contacts, grow_deals
from okr_sync.sandbox.growth.surveys import grow_surveys
from okr_sync.sandbox.growth.tickets import closed_by_merge, grow_tickets, scrubbed
from okr_sync.sandbox.growth.travel import grow_bookings, grow_listings, grow_visits
from okr_sync.sandbox.growth.worklogs import grow_worklogs
from okr_sync.sandbox.records import (
    Booking,
    Contact,
    Deal,
    Issue,
    IssueChanges,
    Listing,
    Outage,
    Review,
    SurveyAnswer,
    Ticket,
    TicketChanges,
    Visit,
    Worklog,
)
from okr_sync.sandbox.shelf import Kept, Shelf

ISSUE_COUNT = 600
TICKET_COUNT = 900
SURVEY_COUNT = 320
DEAL_COUNT = 480
VISIT_COUNT = 9000
LISTING_COUNT = 1200
OUTAGE_COUNT = 40

R = TypeVar("R", bound=Kept)


class Agency:
    """The present state of every record. Issues are known by key and by id, tickets by id."""

    def __init__(
        self,
        clock: Clock,
        issues: Iterable[Issue] = (),
        tickets: Iterable[Ticket] = (),
        surveys: Iterable[SurveyAnswer] = (),
    ) -> None:
        self.clock = clock
        self.revision = 0
        """Grows with every change, so that an answer worked out before it can be told from one after it."""
        self.surveys: Shelf[SurveyAnswer] = self._shelf(surveys)
        self.deals: Shelf[Deal] = self._shelf()
        self.contacts: Shelf[Contact] = self._shelf()
        self.visits: Shelf[Visit] = self._shelf()
        self.bookings: Shelf[Booking] = self._shelf()
        self.listings: Shelf[Listing] = self._shelf()
        self.outages: Shelf[Outage] = self._shelf()
        self._issues = {issue.id: issue for issue in issues}
        self._ids = {issue.key: issue.id for issue in self._issues.values()}
        self._tickets = {ticket.id: ticket for ticket in tickets}
        self._earlier: dict[int, list[Issue]] = {}
        self._earlier_tickets: dict[int, list[Ticket]] = {}
        # Neither ids nor keys are given out a second time, even where an issue was deleted.
        self._last_id = max(self._issues, default=FIRST_ID - 1)
        self._last_numbers = Counter[str]()
        for issue in self._issues.values():
            self._last_numbers[issue.project] = max(self._last_numbers[issue.project], issue.number)

    @classmethod
    def grow(
        cls,
        seed: int,
        now: datetime,
        issue_count: int | None = None,
        ticket_count: int | None = None,
        survey_count: int | None = None,
    ) -> Self:
        """About 200 days of records up to `now`, which is aware; the clock then stands at `now`."""
        return cls(
            Clock(now),
            grow_issues(Random(f"{seed} issues"), now, ISSUE_COUNT if issue_count is None else issue_count),
            grow_tickets(Random(f"{seed} tickets"), now, TICKET_COUNT if ticket_count is None else ticket_count),
            grow_surveys(Random(f"{seed} surveys"), now, SURVEY_COUNT if survey_count is None else survey_count),
        )

    def grow_business(
        self,
        seed: int,
        deal_count: int = DEAL_COUNT,
        visit_count: int = VISIT_COUNT,
        listing_count: int = LISTING_COUNT,
        outage_count: int = OUTAGE_COUNT,
    ) -> Self:
        """The same agency with its sales, its travel client's bookings and its clients' outages, up to now."""
        now = self.clock.now()
        self.deals = self._shelf(grow_deals(Random(f"{seed} deals"), now, deal_count))
        self.contacts = self._shelf(grow_contacts(now))
        self.visits = self._shelf(grow_visits(Random(f"{seed} visits"), now, visit_count))
        self.bookings = self._shelf(grow_bookings(Random(f"{seed} bookings"), now, self.visits.all))
        self.listings = self._shelf(grow_listings(Random(f"{seed} listings"), now, listing_count))
        self.outages = self._shelf(grow_outages(Random(f"{seed} outages"), now, outage_count))
        return self

    def _shelf(self, records: Iterable[R] = ()) -> Shelf[R]:
        return Shelf(lambda: self.clock, records, self._changed)

    def _changed(self) -> None:
        self.revision += 1

    def move_deal(self, deal_id: int, stage: str) -> Deal:
        """To another stage, now."""
        deal, now = self.deals[deal_id], self._now_in_jira()
        return self.deals.edit(deal_id, stage=stage, stages=(*deal.stages, (stage, now)), updated_at=now)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """In the order of their creation."""
        return tuple(self._issues.values())

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """In the order of their creation, deleted ones included."""
        return tuple(self._tickets.values())

    def issue_by_id(self, issue_id: int) -> Issue | None:
        return self._issues.get(issue_id)

    def find_issue(self, key_or_id: str) -> Issue | None:
        issue_id = int(key_or_id) if key_or_id.isdigit() else self._ids.get(key_or_id)
        return None if issue_id is None else self._issues.get(issue_id)

    def issue(self, key: str) -> Issue:
        return self._issues[self._ids[key]]

    def ticket(self, ticket_id: int) -> Ticket:
        return self._tickets[ticket_id]

    def issues_at(self, moment: datetime) -> tuple[Issue, ...]:
        """The issues as they were at `moment`; only changes made after the growth are remembered."""
        versions = ([*self._earlier.get(issue.id, ()), issue] for issue in self._issues.values())
        known = ([one for one in earlier if one.updated_at <= moment] for earlier in versions)
        return tuple(one[-1] for one in known if one)

    def issue_versions(self, issue_id: int) -> tuple[Issue, ...]:
        """Every version of an issue that exists, from its creation to the present one."""
        known = (*self._earlier.get(issue_id, ()), self._issues[issue_id])
        return (*past_of(known[0]), *known[1:])

    def ticket_versions(self, ticket_id: int) -> tuple[Ticket, ...]:
        """Every version of a ticket, from its creation to the present one."""
        known = (*self._earlier_tickets.get(ticket_id, ()), self._tickets[ticket_id])
        return (*past_of_ticket(known[0]), *known[1:])

    @cached_property
    def worklogs(self) -> Shelf[Worklog]:
        """The work logged on the issues that there are when it is first asked for."""
        return self._shelf(grow_worklogs(self.issues, self.clock.now()))

    @property
    def reviews(self) -> tuple[Review, ...]:
        """What was said of the projects handed over so far."""
        return tuple(grow_reviews(self.issues, self.clock.now()))

    def create_issue(self, project: str, summary: str, /, **fields: Unpack[IssueChanges]) -> Issue:
        now = self._now_in_jira()
        self._last_id += 1
        issue = Issue(
            id=self._last_id,
            key=self._next_key(project),
            issue_type="Task",
            summary=summary,
            status="To Do",
            priority="Medium",
            reporter=MEMBERS[0].handle,
            created_at=now,
            updated_at=now,
            status_changed_at=now,
        )
        return self._keep(_edited(issue, now, fields))

    def edit_issue(self, key: str, **fields: Unpack[IssueChanges]) -> Issue:
        issue = self.issue(key)
        self._earlier.setdefault(issue.id, []).append(issue)
        return self._keep(_edited(issue, self._now_in_jira(), fields))

    def move_issue(self, key: str, project: str) -> Issue:
        """To another project: the key changes, the id stays."""
        issue = self.issue(key)
        self._earlier.setdefault(issue.id, []).append(issue)
        del self._ids[key]
        return self._keep(replace(issue, key=self._next_key(project), updated_at=self._now_in_jira()))

    def delete_issue(self, key: str) -> None:
        """For good: Jira keeps nothing to find."""
        del self._issues[self._ids.pop(key)]
        self.revision += 1

    def create_ticket(self, subject: str, /, **fields: Unpack[TicketChanges]) -> Ticket:
        now = self._now_in_zendesk()
        ticket = Ticket(
            id=max(self._tickets, default=0) + 1,
            subject=subject,
            status="new",
            priority=None,
            ticket_type=None,
            channel="email",
            requester_id=CLIENTS[0].requester_id,
            organization_id=CLIENTS[0].organization_id,
            created_at=now,
            updated_at=now,
            generated_at=now,
        )
        return self._keep_ticket(replace(ticket, **fields))

    def edit_ticket(self, ticket_id: int, **fields: Unpack[TicketChanges]) -> Ticket:
        now = self._now_in_zendesk()
        return self._keep_ticket(replace(self.ticket(ticket_id), updated_at=now, generated_at=now, **fields))

    def touch_ticket(self, ticket_id: int) -> Ticket:
        """What a job of the system does: the export writes the record anew, its time of change stays."""
        return self._keep_ticket(replace(self.ticket(ticket_id), generated_at=self._now_in_zendesk()))

    def merge_ticket(self, ticket_id: int) -> Ticket:
        """Into another one, which goes on: this one is closed and tagged."""
        return self._keep_ticket(closed_by_merge(self.ticket(ticket_id), self._now_in_zendesk()))

    def delete_ticket(self, ticket_id: int) -> Ticket:
        """The export keeps a scrubbed record of it."""
        return self._keep_ticket(scrubbed(self.ticket(ticket_id), self._now_in_zendesk()))

    def _next_key(self, project: str) -> str:
        self._last_numbers[project] += 1
        return f"{project}-{self._last_numbers[project]}"

    def _keep(self, issue: Issue) -> Issue:
        self._issues[issue.id] = issue
        self._ids[issue.key] = issue.id
        self.revision += 1
        return issue

    def _keep_ticket(self, ticket: Ticket) -> Ticket:
        before = self._tickets.get(ticket.id)
        if before is not None and before.updated_at < ticket.updated_at:
            self._earlier_tickets.setdefault(ticket.id, []).append(before)
        self._tickets[ticket.id] = ticket
        self.revision += 1
        return ticket

    def _now_in_jira(self) -> datetime:
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _now_in_zendesk(self) -> datetime:
        return self.clock.now().replace(microsecond=0)


def _edited(issue: Issue, now: datetime, fields: IssueChanges) -> Issue:
    """The issue after an edit, with what follows from it."""
    edited = replace(issue, updated_at=now, **fields)
    if CATEGORY_OF[edited.status] != CATEGORY_OF[issue.status]:
        edited = replace(edited, status_changed_at=now)
    if edited.resolution != issue.resolution and "resolved_at" not in fields:
        edited = replace(edited, resolved_at=None if edited.resolution is None else now)
    return edited
