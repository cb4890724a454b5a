"""Conversations by search, page by page, in the order of their changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from okr_sync.connector import IncompleteError
from okr_sync.http import PageGuard

if TYPE_CHECKING:
    from okr_sync.http.client import Client

PAGE_SIZE = 150
Filter = dict[str, Any]


def changed_since(second: int) -> Filter:
    """Changed in `second` or later. Intercom has no "from" for times, only "after", and means the very second."""
    return {"field": "updated_at", "operator": ">", "value": second - 1}


def not_closed_before(second: int) -> Filter:
    """Open or snoozed, and unchanged since before `second`: what `changed_since` does not give."""
    return {
        "operator": "AND",
        "value": [
            {"field": "state", "operator": "!=", "value": "closed"},
            {"field": "updated_at", "operator": "<", "value": second},
        ],
    }


ALL = changed_since(1)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of conversations, and the cursor of the next one, if there is one."""

    raws: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """`where` names the source and the stream, for messages.

    A cursor is the place in the order (a time of change and an id), not a number of a page: what changes meanwhile
    moves to the end, and nothing slips past it.
    """

    client: Client
    where: str

    def pages(self, query: Filter, cursor: str | None = None) -> Iterator[Found]:
        """Every page of what fits `query`, or those from `cursor` on.

        Raises:
            IncompleteError: the pages have no end, or end too early.
        """
        guard = PageGuard(self.where)
        if cursor is not None:
            guard.check(cursor, 1)
        while True:
            found = self._page(query, cursor)
            yield found
            cursor = found.cursor
            if cursor is None:
                return
            guard.check(cursor, len(found.raws))

    def count(self, query: Filter) -> int | None:
        total = self._ask(query, {"per_page": 1}).get("total_count")
        return total if isinstance(total, int) else None

    def _page(self, query: Filter, cursor: str | None) -> Found:
        position = {} if cursor is None else {"starting_after": cursor}
        answer = self._ask(query, {"per_page": PAGE_SIZE, **position})
        raws, pages = answer.get("conversations"), answer.get("pages") or {}
        if not isinstance(raws, list):
            raise IncompleteError(f"{self.where}: an answer without conversations; the next run reads it again")
        following = (pages.get("next") or {}).get("starting_after")
        is_full = len(raws) >= pages.get("per_page", PAGE_SIZE)
        if following is None and is_full and pages.get("page", 0) < pages.get("total_pages", 0):
            raise IncompleteError(
                f"{self.where}: page {pages['page']} of {pages['total_pages']} does not say where the next one is"
            )
        return Found(raws, following)

    def _ask(self, query: Filter, pagination: dict[str, Any]) -> dict[str, Any]:
        order = {"field": "updated_at", "order": "ascending"}
        return self.client.post_json("/conversations/search", {"query": query, "sort": order, "pagination": pagination})
