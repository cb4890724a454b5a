"""What a search asks, checked and answered as Intercom does."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import eq, gt, lt, ne
from typing import Any

from okr_sync.sandbox.http import Json, RefusedError
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.systems.intercom.conversations import conversation_id, epoch, state_of

LARGEST_PAGE = 150
_USUAL_PAGE = 20
_MOST_FILTERS = 15
_DEEPEST = 2

Test = Callable[[Ticket], bool]
Position = tuple[int, str]
"""Where a page ends: the time of change and the id of its last conversation."""

_READERS: Mapping[str, tuple[type, Callable[[Ticket], Any]]] = {
    "id": (str, lambda ticket: conversation_id(ticket.id)),
    "created_at": (int, lambda ticket: epoch(ticket.created_at)),
    "updated_at": (int, lambda ticket: epoch(ticket.updated_at)),
    "state": (str, state_of),
    "open": (bool, lambda ticket: state_of(ticket) != "closed"),
}
_TIMES = ("created_at", "updated_at")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, ">": gt, "<": lt}


@dataclass(frozen=True, slots=True)
class Asked:
    test: Test
    is_ascending: bool
    per_page: int
    after: Position | None


class Found:
    """The conversations that a search found, in the order of their changes."""

    def __init__(self, tickets: list[Ticket]) -> None:
        self.tickets = tickets
        self._positions = [position(ticket) for ticket in tickets]

    def place_behind(self, after: Position | None, *, is_ascending: bool) -> int:
        """How many of them come before the page that begins after `after`."""
        if after is None:
            return 0
        if is_ascending:
            return bisect_right(self._positions, after)
        return len(self.tickets) - bisect_left(self._positions, after)


def position(ticket: Ticket) -> Position:
    return int(ticket.updated_at.timestamp()), conversation_id(ticket.id)


def intercom_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    content: Json = {
        "type": "error.list",
        "request_id": "b2a5c0de-0000-4000-8000-000000000000",
        "errors": [{"code": code, "message": message}],
    }
    return RefusedError(status, content, headers)


def read_search(body: Any) -> Asked:
    """Raises RefusedError for whatever Intercom refuses."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), dict):
        raise intercom_error(400, "parameter_not_found", "query is required")
    pagination, sort = body.get("pagination") or {}, body.get("sort") or {}
    per_page = pagination.get("per_page", _USUAL_PAGE)
    if not isinstance(per_page, int) or not 1 <= per_page <= LARGEST_PAGE:
        raise intercom_error(400, "parameter_invalid", f"Per Page is too big, the most is {LARGEST_PAGE}")
    if sort and (sort.get("field") != "updated_at" or sort.get("order") not in ("ascending", "descending")):
        raise intercom_error(400, "parameter_invalid", f"cannot sort by {sort}")
    cursor = pagination.get("starting_after")
    after = None if cursor is None else read_cursor(cursor)
    return Asked(_test(body["query"], 1), sort.get("order") == "ascending", per_page, after)


def cursor_of(ticket: Ticket) -> str:
    return base64.b64encode(json.dumps(position(ticket)).encode()).decode()


def read_cursor(cursor: str) -> Position:
    try:
        second, written_id = json.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise intercom_error(400, "parameter_invalid", "starting_after is invalid") from None
    return second, written_id


def _test(query: Mapping[str, Any], depth: int) -> Test:
    if "field" in query:
        return _one_test(query)
    parts = query.get("value")
    if query.get("operator") not in ("AND", "OR") or not isinstance(parts, list) or not parts:
        raise intercom_error(400, "parameter_invalid", "a group needs AND or OR, and filters")
    if depth > _DEEPEST or len(parts) > _MOST_FILTERS:
        raise intercom_error(400, "parameter_invalid", "too many filters, or nested too deeply")
    tests, combine = [_test(part, depth + 1) for part in parts], all if query["operator"] == "AND" else any
    return lambda ticket: combine(test(ticket) for test in tests)


def _one_test(query: Mapping[str, Any]) -> Test:
    name, operator, value = query["field"], query.get("operator", ""), query.get("value")
    if name not in _READERS:
        raise intercom_error(400, "parameter_invalid", f"{name} is not a valid search field")
    kind, read = _READERS[name]
    allowed = ("=", "<", ">") if name in _TIMES else ("=", "!=")
    if operator not in allowed:
        raise intercom_error(400, "parameter_invalid", f"{operator} is not a valid operator for {name}")
    if type(value) is not kind:
        raise intercom_error(400, "parameter_invalid", f"{value!r} is not a valid value for {name}")
    compare = _OPERATORS[operator]
    return lambda ticket: compare(read(ticket), value)
