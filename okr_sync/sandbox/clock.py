"""The sandbox's own time, so that a test can decide what "a minute ago" is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Stands still until it is advanced."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, span: timedelta) -> None:
        self._now += span


class RunningClock(Clock):
    """Runs on from `now` as the machine's clock does: for a sandbox that a person looks at."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._started_at = time.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.monotonic() - self._started_at)
