"""Through a list of tickets in the order of their changes, although no page beyond the 300th is given.

Pages are counted from the front, so a ticket that changes while they are read moves to the end, and the one behind it
slips over to a page that was read already. Therefore each request begins anew at the last time seen, at page 1. Further
pages are asked for only where one second holds more than a page; these are read once forwards, to find their end, and
once backwards, against what slipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from okr_sync.connector import IncompleteError
from okr_sync.http.values import to_timestamp

if TYPE_CHECKING:
    from okr_sync.http.client import Client

LAST_PAGE = 300
PAGE_SIZE = 100
_SECOND = timedelta(seconds=1)
"""How exact times are. Whether `updated_since` includes its own second is not said: each request begins one earlier."""

Raws = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """A page of tickets, and the time from which a walk that breaks off behind it begins again."""

    raws: Raws
    since: datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """`where` names the source and the list, for messages; `asked` chooses the list."""

    client: Client
    where: str
    asked: Mapping[str, str]

    def steps(self, since: datetime) -> Iterator[Step]:
        """Every ticket of the list that changed at `since` or later.

        Raises:
            IncompleteError: the list cannot be read to its end.
        """
        page, raws_before = 1, None
        while True:
            raws, has_more = self._page(since, page)
            yield Step(raws, since)
            first, last = self._span(raws) if has_more else (since, since)
            is_behind = last - first > _SECOND
            if page > 1 and (is_behind or not has_more):
                yield from self._backwards(since, page - 1)
            if not has_more:
                return
            if is_behind:
                since, page, raws_before = self._moved(since, last - _SECOND), 1, None
            else:
                page, raws_before = self._next(page, raws, raws_before), raws

    def _backwards(self, since: datetime, page: int) -> Iterator[Step]:
        for number in range(page, 0, -1):
            yield Step(self._page(since, number)[0], since)

    def _page(self, since: datetime, page: int) -> tuple[Raws, bool]:
        """One page, and whether there are more behind it."""
        position: dict[str, str | int] = {"updated_since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "page": page}
        order: dict[str, str | int] = {"order_by": "updated_at", "order_type": "asc", "per_page": PAGE_SIZE}
        reply = self.client.get_list("/api/v2/tickets", {**self.asked, **position, **order})
        return reply.body, 'rel="next"' in reply.headers.get("Link", "")

    def _span(self, raws: Raws) -> tuple[datetime, datetime]:
        """The times of change of the first ticket of a page and of its last one."""
        moments = [moment for raw in raws if (moment := _changed_at(raw)) is not None]
        if not moments:
            raise IncompleteError(
                f"{self.where}: a page without tickets, or without their times of change, that says that more follow"
            )
        if moments != sorted(moments):
            raise IncompleteError(f"{self.where}: a page is not in the order of updated_at that was asked for")
        return moments[0], moments[-1]

    def _moved(self, since: datetime, to: datetime) -> datetime:
        if to <= since:
            raise IncompleteError(
                f"{self.where}: asked for changes since {since.isoformat()}, Freshdesk began before, so there is no end"
            )
        return to

    def _next(self, page: int, raws: Raws, raws_before: Raws | None) -> int:
        if raws == raws_before:
            raise IncompleteError(f"{self.where}: page {page} is page {page - 1} again, so the pages have no end")
        if page == LAST_PAGE:
            raise IncompleteError(
                f"{self.where}: more than {LAST_PAGE * PAGE_SIZE:,} tickets changed within two seconds, at"
                f" {raws[-1].get('updated_at')}, and Freshdesk gives no page beyond the {LAST_PAGE}th; begin the source"
                " after that day (start), or have some of these tickets changed once more"
            )
        return page + 1


def _changed_at(raw: Mapping[str, Any]) -> datetime | None:
    try:
        return to_timestamp(raw.get("updated_at"))
    except ValueError:
        return None  # the ticket is rejected where it is read
