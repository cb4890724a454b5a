"""The work that the agency's teams log on their issues: made from the issues alone, without chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from okr_sync.sandbox.growth.past import past_of
from okr_sync.sandbox.records import Issue, Worklog

FIRST_ID = 70_001
_HALF_HOUR = 1800


def grow_worklogs(issues: Iterable[Issue], now: datetime) -> Iterator[Worklog]:
    """One for each step that work on an issue took, in the order of the issues: between half an hour and six hours."""
    worklog_id = FIRST_ID
    for issue in issues:
        for version in past_of(issue)[1:]:
            seconds = _HALF_HOUR * (1 + (issue.id + worklog_id) % 12)
            logged_at = min(version.updated_at + timedelta(minutes=5), now)
            started_at = max(issue.created_at, logged_at - timedelta(seconds=seconds))
            author = version.assignee or version.reporter
            yield Worklog(worklog_id, issue.id, author, started_at, seconds, logged_at, logged_at)
            worklog_id += 1
