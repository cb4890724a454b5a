"""What a query finds, and in which order."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from okr_sync.sandbox.systems.salesforce.objects import ObjectField, ObjectType
from okr_sync.sandbox.systems.salesforce.soql import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Negation,
    Query,
    SoqlError,
)

Row = Mapping[str, Any]
"""A record by the names of its fields."""
Test = Callable[[Row], bool]
Getter = Callable[[Row], Any]

_NUMBERS = ("int", "double", "currency", "percent")
_KINDS = {
    **dict.fromkeys(_NUMBERS, "number"),
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
}
"""The kind of literal that a field is compared with; a string, for all others."""
MOVING = frozenset({"IsViolated", "Days_To_Contract_End__c"})
"""Fields that move with the clock, and without any change of their record: a row holds what they are at an instant."""
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Tables(Protocol):
    """The records of the org, and what the account sees of them."""

    def type_of(self, name: str) -> ObjectType: ...

    def rows(self, name: str) -> Sequence[Row]: ...

    def parent(self, record_id: str | None) -> Row | None: ...

    def now(self) -> datetime: ...


class Search:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def find(self, query: Query, *, is_all: bool) -> list[Row]:
        """The rows that fit, in the query's order; without one, by id. Deleted ones only with `is_all`.

        Raises:
            SoqlError: the query names what the account does not see, or compares what cannot be compared.
        """
        kind = self._tables.type_of(query.object)
        for path in query.paths:
            self.getter(kind, path)
        test = None if query.condition is None else self._test(kind, query.condition)
        found = [row for row in self._tables.rows(kind.name) if is_all or not row.get("IsDeleted")]
        if test is not None:
            found = list(filter(test, found))
        found.sort(key=operator.itemgetter("Id"))
        for order in reversed(query.orders):
            get = self.getter(kind, order.path)[1]
            found.sort(key=lambda row, get=get: ((value := get(row)) is not None, value), reverse=order.is_descending)  # type: ignore[misc]
        return found[: query.limit]

    def getter(self, kind: ObjectType, path: str) -> tuple[ObjectField, Getter]:
        """The field at the end of `path`, and how its value is had from a row."""
        first, _, rest = path.partition(".")
        if not rest:
            field = kind.by_name.get(first.lower())
            if field is None:
                raise _no_column(first, kind)
            name, now = field.name, self._tables.now
            return field, (lambda row: row[name](now())) if name in MOVING else lambda row: row[name]
        link = kind.by_relationship.get(first.lower())
        if link is None:
            raise SoqlError(
                "INVALID_FIELD",
                f"Didn't understand relationship '{first}' in field path. If you are attempting to use a custom"
                " relationship, be sure to append the '__r' after the custom relationship name.",
            )
        target = self._tables.type_of(link.targets[0] if len(link.targets) == 1 else "Name")
        field, inner = self.getter(target, rest)
        key, parent = link.name, self._tables.parent
        return field, lambda row: None if (found := parent(row[key])) is None else inner(found)

    def _test(self, kind: ObjectType, condition: Condition) -> Test:
        if isinstance(condition, Comparison):
            return self._comparison(kind, condition)
        if isinstance(condition, Negation):
            inner = self._test(kind, condition.part)
            return lambda row: not inner(row)
        tests = [self._test(kind, part) for part in condition.parts]
        return _all_of(tests) if isinstance(condition, Junction) and condition.is_and else _any_of(tests)

    def _comparison(self, kind: ObjectType, comparison: Comparison) -> Test:
        field, get = self.getter(kind, comparison.path)
        wanted = [_value(field, one) for one in comparison.values]
        own: Getter = (lambda row: _lowered(get(row))) if _is_text(field) else get
        match comparison.operator:
            case "=" | "in":
                return lambda row: own(row) in wanted
            case "!=" | "not in":
                return lambda row: own(row) not in wanted
            case "like":
                pattern = re.compile(_as_pattern(str(wanted[0])), re.IGNORECASE)
                return lambda row: pattern.fullmatch(own(row) or "") is not None
        if wanted[0] is None or field.type == "boolean":
            raise SoqlError("INVALID_FIELD", f"{comparison.path}: '{comparison.operator}' is not valid here")
        compare = _ORDERED[comparison.operator]
        return lambda row: (value := own(row)) is not None and compare(value, wanted[0])


def _all_of(tests: Sequence[Test]) -> Test:
    return lambda row: all(test(row) for test in tests)


def _any_of(tests: Sequence[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)


def _is_text(field: ObjectField) -> bool:
    """Texts are compared without regard to case; ids are not."""
    return field.type not in _KINDS and field.type not in ("id", "reference")


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _value(field: ObjectField, literal: Literal) -> Any:
    if field.type in ("anyType", "address"):
        raise SoqlError("INVALID_FIELD", f"field '{field.name}' can not be filtered in a query call")
    wanted = _KINDS.get(field.type, "string")
    if literal.kind == "null":
        return None
    if literal.kind != wanted:
        quotes = " and should not be enclosed in quotes" if literal.kind == "string" else ""
        raise SoqlError(
            "INVALID_FIELD", f"value of filter criterion for field '{field.name}' must be of type {wanted}{quotes}"
        )
    return _lowered(literal.value) if _is_text(field) else literal.value


def _as_pattern(like: str) -> str:
    return re.escape(like).replace("%", ".*").replace("_", ".")


def _no_column(name: str, kind: ObjectType) -> SoqlError:
    return SoqlError(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{kind.name}'. If you are attempting to use a custom field, be sure to"
        " append the '__c' after the custom field name. Please reference your WSDL or the describe call for the"
        " appropriate names.",
    )
