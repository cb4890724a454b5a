"""The search: what it refuses, what it finds, and how far it lags behind the records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.hubspot.kinds import Kind, Row
from okr_sync.sandbox.systems.hubspot.wire import hubspot_error, invalid, milliseconds

LARGEST_PAGE = 200
LAST_ROW = 10_000
_MEMBERS = {"filterGroups", "sorts", "query", "properties", "limit", "after"}
_DIRECTIONS = {"ASCENDING": False, "DESCENDING": True}

Comparable = int | float | str
Wanted = Callable[[Comparable | None], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """A request that HubSpot takes."""

    groups: Sequence[Sequence[Json]]
    sort: tuple[str, bool]
    properties: Sequence[str]
    limit: int
    after: int


def read_search(kind: Kind, body: Any) -> Search:
    if not isinstance(body, dict) or set(body) - _MEMBERS:
        raise invalid("Invalid input JSON on line 1, column 1: unknown members")
    groups = [group.get("filters", []) for group in body.get("filterGroups", [])]
    sizes = [len(group) for group in groups]
    if len(groups) > 5 or max(sizes, default=0) > 6 or sum(sizes) > 18:
        raise invalid("At most 5 filterGroups with 6 filters each, and 18 filters in all, are allowed.")
    limit, after = int(body.get("limit", 10)), int(body.get("after") or 0)
    if not 1 <= limit <= LARGEST_PAGE:
        raise invalid(f"Limit must be between 1 and {LARGEST_PAGE}.")
    if after + limit > LAST_ROW:
        raise invalid(f"Paging past {LAST_ROW} results is not supported.")
    sorts = body.get("sorts", [])
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed.")
    sort = _sort(sorts[0]) if sorts else ("hs_object_id", False)
    named = [str(one["propertyName"]) for group in groups for one in group]
    for name in (*named, sort[0]):
        if name not in kind.properties:
            raise invalid(f"There was a problem with the request: property {name!r} does not exist.")
    return Search(groups, sort, body.get("properties", []), limit, after)


def _sort(sort: Any) -> tuple[str, bool]:
    return (
        (sort, False)
        if isinstance(sort, str)
        else (sort["propertyName"], _DIRECTIONS[sort.get("direction", "ASCENDING")])
    )


class Index:
    """What a search finds of one kind of record, as the index stands at one moment."""

    def __init__(self, kind: Kind, rows: Sequence[Row], settled: datetime) -> None:
        """`rows` in the order of their ids; the index has seen nothing that happened after `settled`."""
        self._kind = kind
        self._stamps = [milliseconds(self._indexed(row, settled)) for row in rows if row.created_at <= settled]
        self._rows = [row for row in rows if row.created_at <= settled]
        self._found: dict[str, list[Row]] = {}

    def find(self, search: Search) -> tuple[list[Row], int]:
        """The page, and how many fit in all."""
        name, is_descending = search.sort
        behind, groups = _keyset(search.groups)
        rows = self._matching(groups)
        if name != "hs_object_id" or is_descending:
            rows = sorted(rows, key=lambda row: self._value(row, name) or 0, reverse=is_descending)
            rows = [row for row in rows if behind is None or row.id > behind]
        elif behind is not None:
            rows = rows[bisect_right(rows, behind, key=lambda row: row.id) :]
        return rows[search.after : search.after + search.limit], len(rows)

    def _indexed(self, row: Row, settled: datetime) -> datetime:
        """The time of change that the index knows; its last one is not kept, that of creation stands for it."""
        return row.updated_at if row.updated_at <= settled else row.created_at

    def _matching(self, groups: Sequence[Sequence[Json]]) -> list[Row]:
        key = repr(groups)
        if key not in self._found:
            tests = [[self._test(one) for one in group] for group in groups]
            self._found[key] = [
                row
                for number, row in enumerate(self._rows)
                if not tests or any(all(test(number, row) for test in group) for group in tests)
            ]
        return self._found[key]

    def _test(self, one: Json) -> Callable[[int, Row], bool]:
        name = str(one["propertyName"])
        wanted = _operator(one, self._kind.properties[name].type)
        if name == self._kind.cursor:
            return lambda number, _: wanted(self._stamps[number])
        return lambda _, row: wanted(self._value(row, name))

    def _value(self, row: Row, name: str) -> Comparable | None:
        if name == "hs_object_id":
            return row.id
        return _typed(self._kind.all_values(row)[name], self._kind.properties[name].type)


def _keyset(groups: Sequence[Sequence[Json]]) -> tuple[int | None, Sequence[Sequence[Json]]]:
    """The id behind which a search goes on, if that is what it asks for, and the rest of its filters."""
    if len(groups) != 1:
        return None, groups
    keyset = [one for one in groups[0] if (one["propertyName"], one["operator"]) == ("hs_object_id", "GT")]
    rest = [one for one in groups[0] if one not in keyset]
    return max((int(str(one["value"])) for one in keyset), default=None), [rest] if rest else []


def _operator(one: Json, kind: str) -> Wanted:
    operator = str(one.get("operator"))
    low, high = _typed(one.get("value"), kind), _typed(one.get("highValue"), kind)
    if kind == "datetime" and low == 0:
        raise hubspot_error(500, "INTERNAL_ERROR", "internal error")
    among = [_typed(value, kind) for value in _list(one.get("values"))]
    operators: Mapping[str, Wanted] = {
        "EQ": lambda value: value == low,
        "NEQ": lambda value: value != low,
        "IN": lambda value: value in among,
        "NOT_IN": lambda value: value not in among,
        "HAS_PROPERTY": lambda value: value is not None,
        "NOT_HAS_PROPERTY": lambda value: value is None,
        "LT": lambda value: value is not None and _order(value, low) < 0,
        "LTE": lambda value: value is not None and _order(value, low) <= 0,
        "GT": lambda value: value is not None and _order(value, low) > 0,
        "GTE": lambda value: value is not None and _order(value, low) >= 0,
        "BETWEEN": lambda value: value is not None and _order(value, low) >= 0 and _order(value, high) <= 0,
    }
    if operator not in operators:
        raise invalid(f"Operator {operator} is not supported.")
    return operators[operator]


def _order(value: Any, other: Any) -> int:
    if other is None:
        raise invalid("The filter needs a value.")
    return int(value > other) - int(value < other)


def _list(values: object) -> list[object]:
    return values if isinstance(values, list) else []


def _typed(value: object, kind: str) -> Comparable | None:
    """A property's text, or a filter's, as what it is compared by."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise invalid(f"Cannot deserialize value {value!r}: a text is expected.")
    if kind == "datetime":
        return int(value) if value.isdecimal() else milliseconds(datetime.fromisoformat(value))
    try:
        return (int(value) if value.isdecimal() else float(value)) if kind == "number" else value.lower()
    except ValueError:
        raise invalid(f"{value!r} is not a number.") from None
