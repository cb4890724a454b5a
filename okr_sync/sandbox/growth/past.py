"""What an issue, a deal or a ticket was before it became what it is: made from it alone, without chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from okr_sync.sandbox.catalog import CATEGORY_OF
from okr_sync.sandbox.records import Deal, Issue, Ticket

_ROADS: dict[str, tuple[str, ...]] = {
    "To Do": ("To Do",),
    "In Progress": ("To Do", "In Progress"),
    "In Review": ("To Do", "In Progress", "In Review"),
    "Done": ("To Do", "In Progress", "In Review", "Done"),
    "Cancelled": ("To Do", "Cancelled"),
    "Reopened": ("To Do", "In Progress", "Done", "Reopened"),
}
_OFFERED = ("proposal", "contract", "won")
_MOVED_BY = timedelta(days=7)


def past_of_deal(deal: Deal) -> tuple[Deal, ...]:
    """Every version of a deal from its creation to `deal`: one for each stage. An offer comes with the proposal."""
    versions: list[Deal] = []
    for step, (stage, at) in enumerate(deal.stages[:-1], start=1):
        stages = deal.stages[:step]
        has_offer = any(name in _OFFERED for name, _ in stages)
        amount = deal.amount if has_offer else None
        versions.append(replace(deal, stage=stage, stages=stages, updated_at=at, amount=amount, is_upsell=False))
    return (*versions, deal)


def past_of_ticket(ticket: Ticket) -> tuple[Ticket, ...]:
    """Every version of a ticket from its creation to `ticket`: when it was first answered, and when it was solved."""
    new = replace(
        ticket, status="new", updated_at=ticket.created_at, satisfaction="unoffered", first_reply_seconds=None,
        solved_at=None, reopen_count=0, reply_count=0,
    )  # fmt: skip
    versions = [new]
    if ticket.first_reply_seconds is not None:
        replied_at = ticket.created_at + timedelta(seconds=ticket.first_reply_seconds)
        seconds, count = ticket.first_reply_seconds, ticket.reply_count
        versions.append(
            replace(new, status="open", updated_at=replied_at, first_reply_seconds=seconds, reply_count=count)
        )
    if ticket.solved_at is not None:
        solved_at, count = ticket.solved_at, ticket.reopen_count
        done = replace(versions[-1], status="solved", updated_at=solved_at, solved_at=solved_at, reopen_count=count)
        versions.append(done)
    return (*(one for one in versions if one.updated_at < ticket.updated_at), ticket)


def past_of(issue: Issue) -> tuple[Issue, ...]:
    """Every version of an issue from its creation to `issue`, which is the last one.

    Work on it began with an assignee and an estimate; one due day in three was put off then.
    """
    versions: list[Issue] = []
    for version in (*_versions(issue), issue):
        if versions and versions[-1].updated_at >= version.updated_at:
            versions.pop()  # what happens at once is one change
        versions.append(version)
    return tuple(versions)


def _versions(issue: Issue) -> Iterator[Issue]:
    road = _ROADS[issue.status]
    category_changed_at = issue.created_at
    status = road[0]
    for step, (name, at) in enumerate(zip(road, _times(issue, road), strict=True)):
        if CATEGORY_OF[name] != CATEGORY_OF[status]:
            category_changed_at = at
        status = name
        changed = replace(issue, status=name, updated_at=at, status_changed_at=category_changed_at)
        if name != issue.status:
            is_done = name == "Done"
            changed = replace(changed, resolution="Done" if is_done else None, resolved_at=at if is_done else None)
        yield _touched_later(_not_begun(changed) if step == 0 else changed)


def _times(issue: Issue, road: tuple[str, ...]) -> list[datetime]:
    """When it entered each status. Its last change of category is known; the steps before it are spread evenly."""
    categories = [CATEGORY_OF[name] for name in road]
    known = max(step for step in range(len(road)) if step == 0 or categories[step] != categories[step - 1])
    times = [_between(issue.created_at, issue.status_changed_at, step / known) for step in range(known)]
    times.append(issue.status_changed_at if known else issue.created_at)
    last = len(road) - known
    return times + [_between(issue.status_changed_at, issue.updated_at, step / last) for step in range(1, last)]


def _between(start: datetime, end: datetime, share: float) -> datetime:
    moment = start + (end - start) * share
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _not_begun(issue: Issue) -> Issue:
    due_on = issue.due_on
    if due_on is not None and issue.id % 3 == 0:
        due_on = max(due_on - _MOVED_BY, issue.created_at.date())
    return replace(issue, assignee=None, story_points=None, due_on=due_on)


def _touched_later(issue: Issue) -> Issue:
    """What was last changed of an issue is its priority."""
    return replace(issue, priority="Medium" if issue.priority == "High" else "High")
