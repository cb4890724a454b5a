"""What clients' contacts say of the projects handed over to them: made from the projects alone, without chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from okr_sync.sandbox.records import Issue, Review

_ANSWERED_AFTER = timedelta(days=2)
_IN_TIME = (5, 4, 5, 4, 5, 3, 4)
_LATE = (4, 2, 3)


def grow_reviews(issues: Iterable[Issue], now: datetime) -> Iterator[Review]:
    """One answer two days after each handover; who got a project late is less content."""
    for issue in issues:
        if issue.issue_type != "Project" or issue.resolved_at is None or issue.due_on is None:
            continue
        answered_at = issue.resolved_at + _ANSWERED_AFTER
        if answered_at <= now:
            scores = _LATE if issue.resolved_at.date() > issue.due_on else _IN_TIME
            yield Review(f"review-{issue.id}", answered_at, issue.key, issue.client, scores[issue.id % len(scores)])
