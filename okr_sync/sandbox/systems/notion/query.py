"""Which rows a query finds: what its body may say, in what order, and how far it goes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from okr_sync.sandbox.systems.notion.entries import Entry
from okr_sync.sandbox.systems.notion.errors import invalid, notion_error

LARGEST_PAGE = 100
_KNOWN = {"filter", "sorts", "start_cursor", "page_size", "archived", "in_trash", "result_type"}
_TIMES: Mapping[str, Callable[[Entry], datetime]] = {
    "created_time": lambda one: one.created_at,
    "last_edited_time": lambda one: one.edited_at,
}
_CONDITIONS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "equals": lambda seen, bound: seen == bound,
    "after": lambda seen, bound: seen > bound,
    "on_or_after": lambda seen, bound: seen >= bound,
    "before": lambda seen, bound: seen < bound,
    "on_or_before": lambda seen, bound: seen <= bound,
}
_DEEPEST = 2
"""Levels of `and` and `or`."""

Test = Callable[[Entry], bool]
Key = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. `digest` tells it from others: a cursor belongs to one query."""

    test: Test
    key: Callable[[Entry], Key]
    digest: str
    page_size: int
    position: tuple[int, Key] | None
    """How many rows were given before, and where the last of them stands."""
    is_trash: bool


def read_query(raw: bytes, names: set[str]) -> Query:
    """The query of a body. `names` are the names and ids of the properties that there are."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise notion_error(400, "invalid_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise invalid("body should be an object.")
    unknown = sorted(body.keys() - _KNOWN)
    if unknown:
        raise invalid(f"body.{unknown[0]} should not be present.")
    size = body.get("page_size", LARGEST_PAGE)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= LARGEST_PAGE:
        raise invalid(f"body.page_size should be between 1 and {LARGEST_PAGE}, instead was {size!r}.")
    for name in ("archived", "in_trash"):
        if not isinstance(body.get(name, False), bool):
            raise invalid(f"body.{name} should be a boolean.")
    rest = {name: one for name, one in body.items() if name not in ("start_cursor", "page_size")}
    digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:12]
    return Query(
        _test(body["filter"], _DEEPEST) if "filter" in body else lambda _: True,
        _key(body.get("sorts", []), names),
        digest,
        size,
        _read_cursor(body["start_cursor"], digest) if "start_cursor" in body else None,
        bool(body.get("in_trash") or body.get("archived")),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Every row that a query finds, in its order."""

    entries: list[Entry]
    keys: list[Key]


def find(query: Query, entries: list[Entry]) -> Found:
    found = sorted((one for one in entries if one.is_trashed is query.is_trash and query.test(one)), key=query.key)
    return Found(found, [query.key(one) for one in found])


def page_of(query: Query, found: Found, page_cap: int, row_cap: int) -> tuple[list[Entry], str | None, bool]:
    """The rows of one page, the cursor of the next one, and whether the query stops here although there are more."""
    given, first = 0, 0
    if query.position is not None:
        given, key = query.position
        first = bisect_right(found.keys, key)
    count = min(query.page_size, page_cap, row_cap - given)
    page = found.entries[first : first + count]
    given += len(page)
    if first + count >= len(found.entries):
        return page, None, False
    if given >= row_cap:
        return page, None, True
    return page, _cursor(query.digest, given, query.key(page[-1])), False


def _test(raw: Any, levels: int) -> Test:
    if not isinstance(raw, dict):
        raise invalid("body.filter should be an object.")
    for word, join in (("and", all), ("or", any)):
        if word in raw:
            if levels == 0 or not isinstance(raw[word], list):
                raise invalid(f"body.filter.{word} is nested too deep, or no list.")
            tests = [_test(one, levels - 1) for one in raw[word]]
            return lambda entry: join(test(entry) for test in tests)
    kind = str(raw.get("timestamp"))
    if kind not in _TIMES or set(raw) != {"timestamp", kind} or not isinstance(raw[kind], dict):
        raise invalid(f"body.filter should name a timestamp that it limits (the stand-in knows no others): {raw!r}.")
    limits = [_limit(word, bound) for word, bound in raw[kind].items()]
    return lambda entry: all(limit(_TIMES[kind](entry)) for limit in limits)


def _limit(word: str, bound: Any) -> Callable[[datetime], bool]:
    if word not in _CONDITIONS:
        raise invalid(f"body.filter: {word!r} is no condition of a timestamp.")
    try:
        moment = datetime.fromisoformat(bound)
    except (TypeError, ValueError):
        raise invalid(f"body.filter: {bound!r} should be a valid ISO 8601 date string.") from None
    if len(bound) == len("2026-10-05"):
        moment = datetime.combine(moment.date(), time.min)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda seen: _CONDITIONS[word](seen, aware)


def _key(sorts: Any, names: set[str]) -> Callable[[Entry], Key]:
    """By the first of the sorts, and by id where it does not decide; without sorts, by id alone."""
    if not isinstance(sorts, list):
        raise invalid("body.sorts should be an array.")
    for one in sorts:
        if one.get("direction") not in ("ascending", "descending"):
            raise invalid("body.sorts[0].direction should be `ascending` or `descending`.")
        if "property" in one and one["property"] not in names:
            raise invalid(f"Could not find sort property with name or id: {one['property']}.")
        if one.get("timestamp") not in _TIMES:
            raise invalid("body.sorts[0].timestamp should be one (the stand-in sorts by nothing else).")
    if not sorts:
        return lambda entry: (0.0, entry.id)
    seen = _TIMES[sorts[0]["timestamp"]]
    sign = 1 if sorts[0]["direction"] == "ascending" else -1
    return lambda entry: (sign * seen(entry).timestamp(), entry.id)


def _cursor(digest: str, given: int, key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([digest, given, *key]).encode()).decode()


def _read_cursor(cursor: Any, digest: str) -> tuple[int, Key]:
    try:
        of, given, moment, row = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, TypeError, ValueError):
        raise invalid(f"body.start_cursor should be a valid cursor, instead was {cursor!r}.") from None
    if of != digest:
        raise invalid("The start_cursor provided is invalid: it belongs to another query.")
    return int(given), (float(moment), str(row))
