"""Every row of a data source that a query finds, past the 10,000 at which Notion stops.

Notion says so in `request_status` alone, while `has_more` turns false as if that were all. Rows are read in the order
of their creation, which never changes; where a query is cut, the next one begins at the minute of the last row
(https://developers.notion.com/guides/data-apis/query-large-data-sources).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connectors.notion.standard import Row, to_row
from okr_sync.connector import IncompleteError
from okr_sync.http.guard import PageGuard

if TYPE_CHECKING:
    from connectors.notion.connection import Connection

_ORDER = [{"timestamp": "created_time", "direction": "ascending"}]
_PAGE_SIZE = 100
"""The most that Notion gives."""
_CAP_REASON = "query_result_limit_reached"


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows, of which data source. `where` names the source and the stream, for messages."""

    where: str
    data_source: str
    asked: tuple[str, ...] = ()
    edited_since: str | None = None
    created_since: str | None = None
    is_trash: bool = False

    @property
    def body(self) -> dict[str, Any]:
        bounds = {"last_edited_time": self.edited_since, "created_time": self.created_since}
        limits = [{"timestamp": one, one: {"on_or_after": since}} for one, since in bounds.items() if since is not None]
        body: dict[str, Any] = {"sorts": _ORDER, "page_size": _PAGE_SIZE}
        if limits:
            body["filter"] = {"and": limits}
        if self.is_trash:
            body["in_trash"] = True
        return body


def read_rows(connection: Connection, query: Query) -> Iterator[list[Row]]:
    """The rows, page by page; at the border of two queries a row may come twice.

    Raises:
        IncompleteError: there are rows that no query reaches, or the pages have no end.
    """
    while True:
        is_cut, last_created = False, None
        for answer in _answers(connection, query):
            is_cut = _is_cut(query.where, answer) or is_cut
            results = answer["results"]
            last_created = results[-1].get("created_time") if results else last_created
            # A wiki lists data sources among its pages.
            yield [to_row(one) for one in results if one.get("object") == "page"]
        if not is_cut:
            return
        if last_created in (None, query.created_since):
            raise IncompleteError(
                f"{query.where}: Notion gives only some of the rows that were created at {last_created}: there are more"
                " of that minute than one query may find; move some of them to another data source"
            )
        query = replace(query, created_since=last_created)


def _answers(connection: Connection, query: Query) -> Iterator[dict[str, Any]]:
    guard = PageGuard(query.where)
    cursor: str | None = None
    while True:
        answer = connection.query(query.data_source, query.body, query.asked, cursor)
        if not isinstance(answer.get("results"), list) or not isinstance(answer.get("has_more"), bool):
            raise IncompleteError(f"{query.where}: an answer without results or has_more; the next run reads it again")
        yield answer
        if not answer["has_more"]:
            return
        cursor = answer.get("next_cursor")
        if not cursor:
            raise IncompleteError(f"{query.where}: Notion says that more rows follow, but not where")
        guard.check(cursor, len(answer["results"]))


def _is_cut(where: str, answer: dict[str, Any]) -> bool:
    status = answer.get("request_status") or {}
    if status.get("type", "complete") == "complete":
        return False
    reason = status.get("incomplete_reason")
    if reason != _CAP_REASON:
        raise IncompleteError(
            f"{where}: Notion left rows out, for the reason {reason!r}; the next run reads them again"
        )
    return True
