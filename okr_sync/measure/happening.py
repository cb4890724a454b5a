"""When an event happens, as far as a day knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from okr_sync.project.cycle import end_of
from okr_sync.project.event import instant_of


@dataclass(frozen=True, slots=True)
class Happening:
    """An event on a day. `source` says what its time comes from: the day as written, or the formula."""

    name: str
    source: str
    zone: ZoneInfo
    moment: date | datetime | None
    """`None` where the formula gives no time."""

    @property
    def at(self) -> datetime | None:
        """The instant, in UTC: of a day its beginning."""
        return None if self.moment is None else instant_of(self.moment, self.zone).astimezone(UTC)

    @property
    def until(self) -> datetime | None:
        """Where a window ends that ends with it: after a whole day, right before an instant."""
        if self.moment is None or isinstance(self.moment, datetime):
            return self.at
        return end_of(self.moment, self.zone).astimezone(UTC)

    @property
    def in_words(self) -> str:
        """`5 Nov 2026`, `5 Nov 2026 09:30`, or what gives no time yet."""
        if self.moment is None:
            return f"{self.source} gives no time"
        if not isinstance(self.moment, datetime):
            return f"{self.moment.day} {self.moment:%b %Y}"
        local = instant_of(self.moment, self.zone).astimezone(self.zone)
        return f"{local.day} {local:%b %Y %H:%M}"
