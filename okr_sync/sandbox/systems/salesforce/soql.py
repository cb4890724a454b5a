"""SOQL as text: from `SELECT Id FROM Lead WHERE IsDeleted = false ORDER BY Id` to a tree.

Of the language it knows what connectors send: fields, COUNT(), comparisons, AND, OR, NOT, IN, LIKE, ORDER BY and LIMIT.
What a field is, and whether a value fits it, is `matching`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<symbol><=|>=|!=|<>|[<>=(),])
      | (?P<word>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({"and", "or", "not", "in", "like", "from", "where", "order", "limit", "select", *_WORDS})
Scalar = str | float | bool | date | datetime | None


class SoqlError(Exception):
    """A query that Salesforce answers with status 400: `code`, and what it says about it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def malformed(message: str) -> SoqlError:
    return SoqlError("MALFORMED_QUERY", message)


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind` is string, number, date, datetime, boolean or null."""

    kind: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Comparison:
    path: str
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    is_and: bool
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    part: Condition


Condition = Comparison | Junction | Negation


@dataclass(frozen=True, slots=True)
class Order:
    path: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`paths` is empty for COUNT()."""

    paths: tuple[str, ...]
    object: str
    condition: Condition | None = None
    orders: tuple[Order, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @property
    def lower(self) -> str:
        return self.text.lower() if self.kind in ("word", "symbol") else ""


def parse(text: str) -> Query:
    """The tree of a query.

    Raises:
        SoqlError: the text is not SOQL, as far as the sandbox knows it.
    """
    return _Parser(text).query()


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise malformed(f"unexpected token: '{text[position:].strip()[:1]}'")
        position = match.end()
        yield _Token(match.lastgroup, match[match.lastgroup])
    yield _Token("end", "<EOF>")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0

    def query(self) -> Query:
        self._expect("select")
        paths = self._paths()
        self._expect("from")
        name = self._name()
        condition = self._condition() if self._take("where") else None
        orders = self._orders() if self._take("order") else ()
        limit = self._limit() if self._take("limit") else None
        if self._peek.kind != "end":
            raise self._unexpected()
        return Query(paths, name, condition, orders, limit)

    def _paths(self) -> tuple[str, ...]:
        paths = [self._name()]
        if paths[0].lower() == "count" and self._take("("):
            self._expect(")")
            return ()
        while self._take(","):
            paths.append(self._name())
        lower = [path.lower() for path in paths]
        for path in paths:
            if lower.count(path.lower()) > 1:
                raise malformed(f"duplicate field selected: {path}")
        return tuple(paths)

    def _condition(self) -> Condition:
        """AND and OR do not mix without parentheses."""
        parts = [self._unit()]
        joint = self._peek.lower
        if joint not in ("and", "or"):
            return parts[0]
        while self._take(joint):
            parts.append(self._unit())
        if self._peek.lower in ("and", "or"):
            raise self._unexpected()
        return Junction(joint == "and", tuple(parts))

    def _unit(self) -> Condition:
        if self._take("not"):
            return Negation(self._unit())
        if self._take("("):
            inner = self._condition()
            self._expect(")")
            return inner
        path = self._name()
        return Comparison(path, *self._compared())

    def _compared(self) -> tuple[str, tuple[Literal, ...]]:
        token = self._next()
        if token.lower == "not":
            self._expect("in")
            return "not in", self._list()
        if token.lower == "in":
            return "in", self._list()
        if token.lower not in ("=", "!=", "<>", "<", "<=", ">", ">=", "like"):
            raise self._unexpected(token)
        return token.lower.replace("<>", "!="), (self._literal(),)

    def _list(self) -> tuple[Literal, ...]:
        self._expect("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._next()
        match token.kind:
            case "string":
                return Literal("string", re.sub(r"\\(.)", r"\1", token.text[1:-1]))
            case "number":
                return Literal("number", float(token.text))
            case "date":
                return Literal("date", date.fromisoformat(token.text))
            case "datetime":
                return Literal("datetime", datetime.fromisoformat(token.text))
            case "word" if token.lower in _WORDS:
                return Literal("null" if token.lower == "null" else "boolean", _WORDS[token.lower])
        raise self._unexpected(token)

    def _orders(self) -> tuple[Order, ...]:
        self._expect("by")
        orders = [self._order()]
        while self._take(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        path = self._name()
        is_descending = self._take("desc")
        if not is_descending:
            self._take("asc")
        return Order(path, is_descending)

    def _limit(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    def _name(self) -> str:
        token = self._next()
        if token.kind != "word" or token.lower in _RESERVED:
            raise self._unexpected(token)
        return token.text

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._position]

    def _next(self) -> _Token:
        token = self._peek
        self._position += token.kind != "end"
        return token

    def _take(self, text: str) -> bool:
        is_next = self._peek.lower == text
        self._position += is_next
        return is_next

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected()

    def _unexpected(self, token: _Token | None = None) -> SoqlError:
        return malformed(f"unexpected token: '{(token or self._peek).text}'")
