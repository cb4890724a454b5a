"""Lists that Zendesk gives by cursor, up to 100 a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from connectors.zendesk.starting import asked_from
from okr_sync.connector import IncompleteError
from okr_sync.http import PageGuard

if TYPE_CHECKING:
    from okr_sync.http.client import Client

_PAGE_SIZE = 100
"""The most a page holds. Without a size Zendesk falls back to older ways to page, which are cut or get stuck."""


def listed(client: Client, where: str, path: str, start_time: int) -> Iterator[list[dict[str, Any]]]:
    """The records of each page of `path` since `start_time`; they are in the member that the path is named after."""
    guard = PageGuard(where)
    answer = asked_from(
        start_time, lambda start: client.get_json(path, {"start_time": start, "page[size]": _PAGE_SIZE})
    )
    name = path.rpartition("/")[2]
    while True:
        raws, has_more = answer.get(name), (answer.get("meta") or {}).get("has_more")
        if not isinstance(raws, list) or not isinstance(has_more, bool):
            raise IncompleteError(f"{where}: an answer without {name} or meta.has_more; the next run reads it again")
        yield raws
        if not has_more:
            return
        link = (answer.get("links") or {}).get("next")
        if not link:
            raise IncompleteError(f"{where}: Zendesk says that more pages follow, but not where")
        guard.check(link, len(raws))
        answer = client.get_json(link)
