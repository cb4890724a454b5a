"""Lists that come in pages: `has_more`, and a `page_token` that leads to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from connectors.lark.session import data_of
from okr_sync.connector import IncompleteError
from okr_sync.http import PageGuard


def pages(where: str, ask: Callable[[dict[str, str]], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The `data` of each page; `ask` is given what to add to the query of the first.

    Raises:
        IncompleteError: more pages follow, but not where, or they have no end.
    """
    guard = PageGuard(where)
    position: dict[str, str] = {}
    while True:
        data = data_of(where, ask(position))
        yield data
        if not data.get("has_more"):
            return
        token = data.get("page_token")
        if not token:  # empty, it would lead to the first page again
            raise IncompleteError(f"{where}: more pages follow, but the answer does not say where; try again later")
        guard.check(token, len(items_of(data)))
        position = {"page_token": token}


def items_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a page: null where there are none."""
    return data.get("items") or []
