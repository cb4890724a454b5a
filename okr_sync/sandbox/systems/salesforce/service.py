"""The agency's tickets as Salesforce has them: cases, and the milestones that they must meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.systems.salesforce.company import ACCOUNT_OF, AGENT_OF, MILESTONE_IDS, MILESTONES, QUEUE_OF
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.tracking import Tracking

STATUSES = {"new": "New", "open": "Working", "pending": "Waiting", "hold": "Waiting", "solved": "Closed"}
ORIGINS = {"email": "Email", "web": "Web"}
CLOSED = ("solved", "closed")

Row = dict[str, Any]


def case(ticket: Ticket) -> Row:
    is_closed = ticket.status in CLOSED
    queue = next(iter(QUEUE_OF.values()))
    return {
        "Id": salesforce_id("Case", ticket.id),
        "CaseNumber": f"{ticket.id:08d}",
        "Subject": ticket.subject,
        "Status": STATUSES.get(ticket.status, "Closed"),
        "Priority": None if ticket.priority is None else ticket.priority.capitalize(),
        "Origin": ORIGINS.get(ticket.channel, "Chat"),
        "Type": None if ticket.ticket_type is None else ticket.ticket_type.capitalize(),
        "Reason": None,
        "AccountId": None if ticket.client is None else ACCOUNT_OF[ticket.client],
        "OwnerId": queue if ticket.assignee_id is None else AGENT_OF[ticket.assignee_id],
        "IsClosed": is_closed,
        "IsEscalated": ticket.priority == "urgent",
        "ClosedDate": ticket.solved_at if is_closed else None,
        **_times(ticket),
    }


def case_history(versions: Sequence[Ticket]) -> Iterator[Row]:
    tracking = Tracking("Case", "CaseHistory", versions[0].id)
    return tracking.rows([case(one) for one in versions], is_deleted=versions[-1].status == "deleted")


def statuses() -> list[Row]:
    names = dict.fromkeys((*STATUSES.values(), "Closed"))
    return [
        {
            "Id": salesforce_id("CaseStatus", number),
            "ApiName": name,
            "MasterLabel": name,
            "IsClosed": name == "Closed",
        }
        for number, name in enumerate(names)
    ]


def milestones(ticket: Ticket) -> Iterator[Row]:
    """The clock runs through the night: the org has set up no business hours."""
    replied_after = None if ticket.first_reply_seconds is None else timedelta(seconds=ticket.first_reply_seconds)
    replied_at = None if replied_after is None else ticket.created_at + replied_after
    done = {"First Response": replied_at, "Resolution": ticket.solved_at}
    for number, (name, minutes) in enumerate(MILESTONES.items()):
        target_at = ticket.created_at + timedelta(minutes=minutes)
        yield {
            "Id": salesforce_id("CaseMilestone", ticket.id * len(MILESTONES) + number),
            "CaseId": salesforce_id("Case", ticket.id),
            "MilestoneTypeId": MILESTONE_IDS[name],
            "StartDate": ticket.created_at,
            "TargetDate": target_at,
            "CompletionDate": done[name],
            "IsCompleted": done[name] is not None,
            "IsViolated": _is_violated(done[name], target_at),
            "TargetResponseInMins": minutes,
            **_times(ticket),
        }


def _is_violated(done_at: datetime | None, target_at: datetime) -> Callable[[datetime], bool]:
    """Worked out when somebody looks: nothing of the record changes when its target passes."""
    return lambda now: (done_at or now) > target_at


def _times(ticket: Ticket) -> Row:
    """A job of the system leaves alone when people last changed a record."""
    return {
        "IsDeleted": ticket.status == "deleted",
        "CreatedDate": ticket.created_at,
        "LastModifiedDate": ticket.updated_at,
        "SystemModstamp": ticket.generated_at,
    }
