"""What each connector asks its source: for a first sync, for a night with nothing new, and for one with 1 % changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from okr_sync.sandbox import Agency
from okr_sync.sync import StreamSync
from tests.benchmarks.report import show
from tests.contract.cases import CASES
from tests.contract.meeting import NOW, Meeting

SIZE = 10_000
COLUMNS = ("stream", "records", "first sync", "nothing new", "1 % changed", "new versions")
Row = tuple[str, str, str, str, str, str]


def run() -> None:
    show(f"requests, sign-in included, of an agency with {SIZE:,} of everything", COLUMNS, _rows())


def _rows() -> Iterator[Row]:
    for name, case in CASES.items():
        with TemporaryDirectory() as folder:
            meeting = Meeting(replace(case, options=None, grow=_grow), Path(folder))
            first = _night(meeting)
            meeting.next_night()
            nothing = _night(meeting)
            _change(meeting.agency)
            meeting.next_night()
            changed = _night(meeting)
            read, new = f"{first.new_count:,}", f"{changed.new_count:,}"
            counts = (f"{one.request_count:,}" for one in (first, nothing, changed))
            yield f"{name}.{case.stream}", read, *counts, new  # type: ignore[misc]


def _night(meeting: Meeting) -> StreamSync:
    result = meeting.sync()
    if result.error is not None:
        raise RuntimeError(result.error)
    return replace(result, request_count=len(meeting.requests))


def _grow(_: object) -> Agency:
    agency = Agency.grow(1, NOW, SIZE, SIZE, SIZE).grow_business(1, SIZE, SIZE, SIZE, SIZE)
    agency.clock.advance(NOW - agency.clock.now())
    return agency


def _change(agency: Agency) -> None:
    """One in a hundred of everything that a stand-in shows."""
    for issue in agency.issues[::100]:
        agency.edit_issue(issue.key, priority="Highest" if issue.priority != "Highest" else "Low")
    for ticket in [one for one in agency.tickets if one.status != "deleted"][::100]:
        agency.edit_ticket(ticket.id, priority="urgent" if ticket.priority != "urgent" else "low")
    for deal in agency.deals.all[::100]:
        agency.deals.edit(deal.id, amount=(deal.amount or 0) + 1)
    for survey in agency.surveys.all[::100]:
        agency.surveys.edit(survey.id, score=(survey.score + 1) % 11)
    for outage in agency.outages.all[::100]:
        agency.outages.edit(outage.id, ended_at=agency.clock.now())
