"""The first pass: text -> syntax tree of a select, by the dialect of formulas with the words of a select added."""

from __future__ import annotations

import re
from typing import ClassVar

import sqlglot
from sqlglot import TokenType, exp

from okr_sync.formula.over import Over
from okr_sync.formula.parse import SIGNS, VALUES, WORDS, Formula, Syntax, parse_as, spell_out_cases
from okr_sync.formula.refusal import Refused, span

_WORDS = {
    **WORDS,
    "ALL": TokenType.ALL,
    "AS": TokenType.ALIAS,
    "ASC": TokenType.ASC,
    "DESC": TokenType.DESC,
    "FROM": TokenType.FROM,
    "GROUP BY": TokenType.GROUP_BY,
    "HAVING": TokenType.HAVING,
    "INNER": TokenType.INNER,
    "JOIN": TokenType.JOIN,
    "LEFT": TokenType.LEFT,
    "ON": TokenType.ON,
    "ORDER BY": TokenType.ORDER_BY,
    "OUTER": TokenType.OUTER,
    "OVER": TokenType.OVER,
    "PARTITION BY": TokenType.PARTITION_BY,
    "SELECT": TokenType.SELECT,
    "UNION": TokenType.UNION,
    "WHERE": TokenType.WHERE,
    "WITH": TokenType.WITH,
}
_SIGNS = {**SIGNS, ".": TokenType.DOT}
_NO_ORDER = (
    "the rows of a view have no order; number them with row_number() over (order by ...) and pick in a view over it"
)
_ONE_SIDED = "write left join, or join where both sides must be there"
_INSTEAD = {
    "LIMIT": _NO_ORDER,
    "OFFSET": _NO_ORDER,
    **dict.fromkeys(("RIGHT", "FULL", "CROSS", "NATURAL"), _ONE_SIDED),
    "USING": "write on a.x = b.x",
    "QUALIFY": "give the window function a name here, and pick with where in a view over this one",
    **dict.fromkeys(("INTERSECT", "EXCEPT"), "join the two and pick with where ... is null, or is not null"),
    "EXISTS": "write a left join and pick with where ... is not null",
    "FILTER": "write count_if(condition), or the function over case when condition then x end",
    **dict.fromkeys(("ROWS", "RANGE"), "with order by a window reaches from the first row to this one and its equals"),
    "INTERVAL": "write elapsed time with hours(a, b) or days(a, b)",
    "%": "write 0.25 for 25 %",
    "||": "there is no joining of texts",
    "::": "there are no casts",
    "[": "for a list field write contains(labels, 'text')",
    ";": "a view is one select",
}


class Select(sqlglot.Dialect):
    """The syntax of views."""

    NULL_ORDERING = "nulls_are_last"

    class Tokenizer(sqlglot.Tokenizer):
        KEYWORDS: ClassVar = {**dict.fromkeys(_INSTEAD, TokenType.UNKNOWN), **_WORDS, **_SIGNS}

    class Parser(Formula.Parser):
        TABLE_ALIAS_TOKENS: ClassVar = {TokenType.VAR}


_SELECT = Syntax(
    Select(),
    frozenset({*_WORDS.values(), *_SIGNS.values(), *VALUES}),
    _INSTEAD,
    language="the language of views",
    text="a select",
    owner="view",
)


def parse_select(text: str) -> exp.Query:
    """The syntax tree of a view: a select, or several with `union all`.

    Raises:
        Refused: the text is not one select, or holds a word or sign that views do not have.
    """
    if not text.strip():
        raise Refused("the select is empty", 0, 0)
    begins = re.match(r"\s*(select|with)\b", text, re.IGNORECASE)
    tree = parse_as(text, _SELECT, exp.Select) if begins else None
    if not isinstance(tree, (exp.Select, exp.Union)):
        start = len(text) - len(text.lstrip())
        raise Refused("a view is one select: select ... from ...", start, start + len(text.split(maxsplit=1)[0]) - 1)
    return _name_windows(spell_out_cases(tree))


def _name_windows(tree: exp.Expr) -> exp.Query:
    """Calls with `over` become nodes of their own, so that no later pass takes them for aggregates."""
    for window in list(tree.find_all(exp.Window)):
        call, order = window.this, window.args.get("order")
        unlike = {name for name, part in window.args.items() if part} - {"this", "partition_by", "order", "over"}
        if not isinstance(call, exp.Anonymous) or unlike:
            raise Refused.at(window, "write f(x) over (partition by a order by b)")
        arguments = [one for one in call.expressions if not isinstance(one, exp.Star)]
        over = Over(
            this=call.name,
            expressions=arguments,
            partition_by=window.args.get("partition_by"),
            order=[] if order is None else order.expressions,
        )
        start, end = span(window)
        over.meta.update(start=start, end=end)
        if len(arguments) < len(call.expressions) and call.name.lower() != "count":
            raise Refused.at(over, "'*' goes with count alone: count(*)")
        window.replace(over)
    assert isinstance(tree, exp.Query)  # noqa: S101 - a window is no query
    return tree
