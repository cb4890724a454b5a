"""When Dagster takes an asset for stale: where the night that the project's schedule promises did not come."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import dagster as dg

from okr_sync.project.settings import Settings

GRACE = timedelta(hours=2)
"""How long after the schedule's time an asset may be materialised and count as being of that night."""
_LAST_MINUTE = 24 * 60 - 1


def freshness_policy(settings: Settings) -> dg.FreshnessPolicy | None:
    """An asset is to be materialised between the schedule's time and `GRACE` later, or midnight if that is earlier.

    `None` for schedules that Dagster's policy has no deadline for: several times a day, or at more than one minute.
    """
    return _policy(settings.schedule, settings.timezone)


@cache  # Dagster walks through the schedule's next thousand times to check a policy: 9 ms, too much for each asset
def _policy(schedule: str, timezone: str) -> dg.FreshnessPolicy | None:
    minute, hour, *days = schedule.split()
    if not minute.isdecimal() or not hour.isdecimal():
        return None
    begins = int(hour) * 60 + int(minute)
    ends = max(min(begins + round(GRACE.total_seconds() / 60), _LAST_MINUTE), begins + 1)
    if ends > _LAST_MINUTE:
        return None
    deadline = " ".join([str(ends % 60), str(ends // 60), *days])
    return dg.FreshnessPolicy.cron(deadline, timedelta(minutes=ends - begins), timezone)
