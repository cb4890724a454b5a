"""What a JQL query finds, and in which order."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.jql import Clause, Condition, JqlError, Order, Query
from okr_sync.sandbox.systems.jira.matching_fields import Comparable, SearchField, search_fields

Test = Callable[[Issue], bool]

_COMPARISONS: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Search:
    """Finds issues for one user: dates in a query are read in that user's zone."""

    def __init__(self, agency: Agency, zone: ZoneInfo) -> None:
        self._fields = search_fields(agency, zone)

    def find(self, query: Query, issues: Iterable[Issue]) -> list[Issue]:
        """Those of `issues` that fit, in the query's order; without one, the newest first.

        Raises:
            JqlError: the query names a field or a value that does not exist, or restricts nothing.
        """
        if query.condition is None:
            raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        found = sorted(filter(self._test(query.condition), issues), key=lambda issue: -issue.id)
        for order in reversed(query.orders):
            found.sort(key=self._sort_key(order), reverse=order.is_descending)
        return found

    def _field(self, name: str) -> SearchField:
        field = self._fields.get(name.lower())
        if field is None:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return field

    def _test(self, condition: Condition) -> Test:
        if isinstance(condition, Clause):
            return self._clause_test(condition)
        tests = [self._test(part) for part in condition.parts]
        if condition.is_and:
            return lambda issue: all(test(issue) for test in tests)
        return lambda issue: any(test(issue) for test in tests)

    def _clause_test(self, clause: Clause) -> Test:
        field = self._field(clause.field)
        values = field.values
        wanted = [field.read(value) for value in clause.values]
        match clause.operator:
            case "is":
                return lambda issue: not values(issue)
            case "is not":
                return lambda issue: bool(values(issue))
            case "=" | "in":
                return lambda issue: any(value in wanted for value in values(issue) or (None,))
            case "!=" | "not in":
                # An issue without a value does not differ from anything: Jira leaves it out.
                return lambda issue: bool(own := values(issue)) and not any(value in wanted for value in own)
        if not field.is_ordered:
            raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
        compare = _COMPARISONS[clause.operator]
        return lambda issue: any(compare(value, wanted[0]) for value in values(issue))

    def _sort_key(self, order: Order) -> Callable[[Issue], Comparable]:
        values = self._field(order.field).values
        return lambda issue: (not (own := values(issue)), own)
