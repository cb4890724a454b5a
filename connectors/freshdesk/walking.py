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
    """`where` names the source and the stream, for messages; `asked` chooses the list."""

    client: Client
    where: str
    asked: Mapping[str, str]

    def steps(self, since: datetime) -> Iterator[Step]:
        """Every ticket of the list that changed at `since` or later."""
        page, before = 1, ""
        while True:
            raws, has_more = self._page(since, page)
            first, last = self._span(raws)
            if raws and last - first > _SECOND:
                yield from self._backwards(since, page)
                since, page, before = last - _SECOND, 1, ""
                yield Step(raws, since)
            else:
                yield Step(raws, since)
                before = self._checked(raws, before) if has_more else before
                page += 1
            if not has_more:
                if page > 2:
                    yield from self._backwards(since, page - 1)
                return
