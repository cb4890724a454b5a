"""Lists in Zendesk's two ways to page: by cursor where a page size is asked for, by time or number where none is."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from okr_sync.sandbox.http import Json, RefusedError

LARGEST_PAGE = 100
LARGEST_EXPORT = 1000

Place = tuple[int, int]
"""Where a record stands: its time and its id."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Records of one kind in their order. `name` is the member they come in, `url` where they are asked for."""

    name: str
    url: str
    places: list[Place]
    records: list[Json]

    def until(self, moment: datetime) -> Listing:
        """What had happened by then."""
        stop = bisect_left(self.places, (int(moment.timestamp()) + 1, 0))
        return Listing(self.name, self.url, self.places[:stop], self.records[:stop])

    def by_cursor(self, query: QueryParams, largest: int) -> Json:
        first, last = self._range(query)
        size = min(_size(query["page[size]"]), largest)
        if "page[after]" in query:
            first = max(first, bisect_right(self.places, _read_cursor(query["page[after]"])))
        page = self.records[first : min(first + size, last)]
        has_more = first + len(page) < last
        end = self.places[first + len(page) - 1] if page else None
        cursor = None if end is None else _cursor(end)
        kept = [(name, value) for name, value in query.multi_items() if name != "page[after]"]
        link = f"{self.url}?{urlencode([*kept, ('page[after]', cursor)], quote_via=quote)}" if has_more else None
        meta = {"has_more": has_more, "after_cursor": cursor, "before_cursor": None}
        return {self.name: page, "meta": meta, "links": {"prev": None, "next": link}}

    def by_time(self, query: QueryParams, largest: int = LARGEST_EXPORT) -> Json:
        """The older way: the last record of a page comes again on the next."""
        first, last = self._range(query)
        is_last = last - first <= largest
        last = min(last, first + largest)
        end = self.places[last - 1][0] if last > first else int(query["start_time"])
        return {
            self.name: self.records[first:last],
            "count": last - first,
            "end_time": end,
            "next_page": f"{self.url}?start_time={end}",
            "end_of_stream": is_last,
        }

    def _range(self, query: QueryParams) -> tuple[int, int]:
        start, end = (seconds(query, name) for name in ("start_time", "end_time"))
        first = 0 if start is None else bisect_left(self.places, (start, 0))
        return first, len(self.records) if end is None else bisect_left(self.places, (end + 1, 0))


def seconds(query: QueryParams, name: str) -> int | None:
    text = query.get(name)
    if text is not None and not text.isdigit():
        raise RefusedError(400, {"error": "InvalidValue", "description": f"{name} must be seconds since 1970."})
    return None if text is None else int(text)


def _size(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise RefusedError(
            400, {"error": "InvalidPaginationParameter", "description": f"page[size] is 1 to {LARGEST_PAGE}."}
        )
    return int(text)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}.{place[1]}".encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        time, record_id = base64.urlsafe_b64decode(cursor).decode().split(".")
        return int(time), int(record_id)
    except (binascii.Error, ValueError):
        raise RefusedError(400, {"error": "InvalidCursor", "description": "page[after] is not valid"}) from None
