"""JQL as text: from `project in (WEB, SEO) AND updated >= "2026-10-01 09:30" ORDER BY key` to a tree.

What a field is, and what its values mean, is `matching_fields`. `NOT` is resolved while parsing: Jira's
negations leave out issues without a value just as its comparisons do, so the opposite operator says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_ORDER_FIELDS = 7
SLA_FUNCTIONS = frozenset({"running", "paused", "completed", "breached", "everbreached"})
"""What may be asked of an SLA, without arguments."""
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<field>cf\[\d+\])
      | (?P<symbol><=|>=|!=|[<>=(),])
      | (?P<word>[^\s<>=!(),"']+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_OPPOSITES = {"=": "!=", "in": "not in", "is": "is not", ">": "<=", ">=": "<"}
_RESERVED = frozenset({"and", "or", "not", "in", "is", "empty", "null", "order", "by", "asc", "desc", "was", "changed"})
_NEGATED = _OPPOSITES | {opposite: operator for operator, opposite in _OPPOSITES.items()}


class JqlError(Exception):
    """A query that Jira answers with status 400; the text is what Jira says about it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`field operator values`; the operators `is` and `is not` have no values, since only EMPTY may follow them."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Junction:
    is_and: bool
    parts: tuple[Condition, ...]


Condition = Clause | Junction


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    condition: Condition | None
    orders: tuple[Order, ...] = ()


def parse(text: str) -> Query:
    """The tree of a query.

    Raises:
        JqlError: the text is not JQL, as far as the sandbox knows it.
    """
    return _Parser(text).query()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @property
    def lower(self) -> str:
        return self.text.lower() if self.kind in ("word", "symbol") else ""


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            character = text[position:].strip()[0]
            raise JqlError(f"Error in the JQL Query: The character '{character}' is not expected here.")
        position = match.end()
        raw = match[match.lastgroup]
        yield _Token(match.lastgroup, re.sub(r"\\(.)", r"\1", raw[1:-1]) if match.lastgroup == "quoted" else raw)
    yield _Token("end", "")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0

    def query(self) -> Query:
        starts_with_order = self._peek.lower == "order" or self._peek.kind == "end"
        condition = None if starts_with_order else self._any()
        orders = self._orders() if self._take("order") else ()
        if self._peek.kind != "end":
            raise self._unexpected("either 'OR' or 'AND'")
        return Query(condition, orders)

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Junction(is_and=False, parts=tuple(parts))

    def _all(self) -> Condition:
        parts = [self._unit()]
        while self._take("and"):
            parts.append(self._unit())
        return parts[0] if len(parts) == 1 else Junction(is_and=True, parts=tuple(parts))

    def _unit(self) -> Condition:
        if self._take("not"):
            return _negated(self._unit())
        if self._take("("):
            inner = self._any()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        field = self._operand("a field name")
        operator = self._operator()
        if operator in ("is", "is not"):
            if self._next().lower not in ("empty", "null"):
                raise JqlError(f"Error in the JQL Query: 'EMPTY' or 'NULL' is expected after '{operator}'.")
            return Clause(field, operator)
        if operator in ("in", "not in"):
            return Clause(field, operator, self._list())
        if self._peek.lower in ("empty", "null") and operator in ("=", "!="):
            self._next()
            return Clause(field, "is" if operator == "=" else "is not")
        return Clause(field, operator, (self._operand("a value"),))

    def _operator(self) -> str:
        token = self._next()
        if token.lower in ("=", "!=", ">", ">=", "<", "<=", "in"):
            return token.lower
        if token.lower == "is":
            return "is not" if self._take("not") else "is"
        if token.lower == "not" and self._take("in"):
            return "not in"
        raise JqlError(
            f"Error in the JQL Query: Expecting operator but got '{token.text}'. The valid operators are"
            " '=', '!=', '<', '>', '<=', '>=', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
        )

    def _list(self) -> tuple[str, ...]:
        self._expect("(")
        values = [self._operand("a value")]
        while self._take(","):
            values.append(self._operand("a value"))
        self._expect(")")
        return tuple(values)

    def _operand(self, wanted: str) -> str:
        token = self._next()
        if token.kind not in ("word", "quoted", "field"):
            raise JqlError(f"Error in the JQL Query: Expecting {wanted} but got '{token.text or 'the end'}'.")
        if token.lower in _RESERVED:
            raise JqlError(
                f"Error in the JQL Query: '{token.text}' is a reserved JQL word."
                " You must surround it in quotation marks to use it in a query."
            )
        if self._peek.lower == "(" and token.kind == "word":
            return self._function(token.text)
        return token.text

    def _function(self, name: str) -> str:
        if name.lower() not in SLA_FUNCTIONS:
            raise JqlError(f"Unable to find JQL function '{name}()'.")
        self._expect("(")
        self._expect(")")
        return f"{name.lower()}()"

    def _orders(self) -> tuple[Order, ...]:
        self._expect("by")
        orders = [self._order()]
        while self._take(","):
            orders.append(self._order())
        if len(orders) > MAX_ORDER_FIELDS:
            raise JqlError(f"The maximum number of fields in the ORDER BY clause is {MAX_ORDER_FIELDS}.")
        return tuple(orders)

    def _order(self) -> Order:
        field = self._operand("a field name")
        is_descending = self._take("desc")
        if not is_descending:
            self._take("asc")
        return Order(field, is_descending)

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._position]

    def _next(self) -> _Token:
        token = self._peek
        if token.kind != "end":
            self._position += 1
        return token

    def _take(self, text: str) -> bool:
        is_next = self._peek.lower == text
        if is_next:
            self._position += 1
        return is_next

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected(f"'{text}'")

    def _unexpected(self, wanted: str) -> JqlError:
        return JqlError(f"Error in the JQL Query: Expecting {wanted} but got '{self._peek.text or 'the end'}'.")


def _negated(condition: Condition) -> Condition:
    if isinstance(condition, Clause):
        return Clause(condition.field, _NEGATED[condition.operator], condition.values)
    return Junction(not condition.is_and, tuple(_negated(part) for part in condition.parts))
