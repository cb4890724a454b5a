"""PostgreSQL, 17 or later. Text columns are TEXT, lists TEXT[], instants TIMESTAMPTZ.

Sources: the manual's chapters 8.5 (date and time), 9.3 (mathematical functions), 9.7 (pattern matching), 9.21
(aggregates), 23.2 (collations); each rule is executed on a server in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula.dialects.rewrite import NotInDialect, Rule, Rules
from okr_sync.formula.dialects.shared import (
    as_double,
    is_known,
    is_text,
    is_whole,
    median,
    picked,
    places,
    quantile,
    rounding,
    where,
)


def _collated(node: exp.Expr, collation: str = "C") -> exp.Expr:
    """Text as it is compared in the order of its code points. Else the database's own collation orders it."""
    collate = exp.Collate(this=_operand(node), expression=exp.to_identifier(collation, quoted=True))
    collate.type = DType.VARCHAR
    return collate


def _operand(node: exp.Expr) -> exp.Expr:
    return node if isinstance(node, exp.Column | exp.Literal | exp.Func) else exp.paren(node, copy=False)


def _ordering(node: exp.Expr) -> exp.Expr:
    """For what depends on the order of texts: a collation said of one of them holds for all."""
    if is_text(node.this) and not isinstance(node.this, exp.Collate):
        node.set("this", _collated(node.this))
    return node


def _between(node: exp.Expr) -> exp.Expr:
    """The grammar takes neither COLLATE nor conditions as bounds, unless in parentheses."""
    for name in ("low", "high"):
        bound = node.args[name]
        if isinstance(bound, exp.Binary | exp.Not | exp.In | exp.Between):
            node.set(name, exp.paren(bound, copy=False))
    return _ordering(node)


def _changed_case(node: exp.Expr) -> exp.Expr:
    """In a database of the locale C only ASCII letters would change, in a Turkish one I would become ı."""
    node.set("this", _collated(node.this, "pg_c_utf8"))
    return _collated(node)


def _pick(node: exp.Expr) -> exp.Expr:
    """There is no ARG_MIN: the first of the known values, put in order."""
    if node.is_type(DType.ARRAY):
        word = "first" if isinstance(node, exp.ArgMin) else "last"
        reason = "arrays of unlike length do not go into one; pick a text or a number"
        raise NotInDialect(f"{word} of a list is not available in postgres: {reason}")
    value, known = picked(node)
    if value.is_string:
        value = exp.cast(value, DType.TEXT, copy=False)
    order = places(node, nulls_are_greatest=True)
    for place in order:
        _ordering(place)
    gathered = exp.ArrayAgg(this=exp.Order(this=value, expressions=order))
    filtered = exp.Filter(this=gathered, expression=exp.Where(this=known))
    return exp.Bracket(this=exp.paren(filtered, copy=False), expressions=[exp.Literal.number(0)], offset=0)


def _contains(node: exp.Expr) -> exp.Expr:
    """`= ANY` would be unknown for a list that holds a null; `@>` of an unknown text would be false."""
    texts, text = node.this, node.expression
    held = exp.ArrayContainsAll(this=texts, expression=exp.Array(expressions=[text]))
    return exp.paren(held, copy=False) if text.is_string else where(is_known(text), held)


def _round_to_whole(value: exp.Expr) -> exp.Expr:
    """ROUND of a double takes halves to even, and a cast to NUMERIC keeps 15 digits: its text has them all."""
    digits = exp.cast(exp.cast(value, DType.TEXT, copy=False), DType.DECIMAL, copy=False)
    return as_double(exp.Round(this=digits))


def _whole_round(node: exp.Expr) -> exp.Expr:
    ruled = _ROUND(node)
    if isinstance(ruled, exp.Round):  # of a whole number: there is none of BIGINT
        ruled.set("this", exp.cast(ruled.this, DType.DECIMAL, copy=False))
    return ruled


_ROUND = rounding(_round_to_whole)


def _elapsed(node: exp.Expr) -> exp.Expr:
    """A difference of instants is real time; of their casts to TIMESTAMP, which sqlglot writes, that of wall clocks."""
    difference = exp.paren(exp.Sub(this=node.this, expression=node.expression), copy=False)
    if node.args["unit"].name == "DAY":
        return difference
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=difference)
    return exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000))


def _unix_micros(node: exp.Expr) -> exp.Expr:
    """The epoch of an instant is NUMERIC with its microseconds, whatever the session's zone."""
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=node.this)
    return exp.cast(exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000)), DType.BIGINT, copy=False)


def _mean(node: exp.Expr) -> exp.Expr:
    """The mean of whole numbers is NUMERIC, in which what follows would be computed."""
    return as_double(node) if is_whole(node.this) else node


def _like(node: exp.Expr) -> exp.Expr:
    """A backslash in a pattern escapes, unless told not to."""
    if node.expression.is_string and "\\" not in node.expression.name:
        return node
    return exp.Escape(this=node, expression=exp.Literal.string(""))


def _typed_null(rule: Rule = lambda node: node, parts: Sequence[str] = ("this",)) -> Rule:
    """For what is ambiguous of a null without a type."""

    def ruled(node: exp.Expr) -> exp.Expr:
        for part in parts:
            if isinstance(node.args[part], exp.Null):
                node.set(part, as_double(exp.Null()))
        return rule(node)

    return ruled


RULES: Rules = {
    **dict.fromkeys((exp.LT, exp.LTE, exp.GT, exp.GTE), _ordering),
    exp.Between: _between,
    **dict.fromkeys((exp.Min, exp.Max, exp.Greatest, exp.Least, exp.Ordered), _ordering),
    **dict.fromkeys((exp.Lower, exp.Upper), _changed_case),
    **dict.fromkeys((exp.ArgMin, exp.ArgMax), _pick),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), _typed_null(parts=("this", "expression"))),
    **dict.fromkeys((exp.Neg, exp.Abs, exp.Sum), _typed_null()),
    exp.Avg: _typed_null(_mean),
    exp.Median: _typed_null(median),
    exp.PercentileCont: _typed_null(quantile),
    exp.Round: _typed_null(_whole_round),
    exp.ArrayContains: _contains,
    exp.DateDiff: _elapsed,
    exp.UnixMicros: _unix_micros,
    exp.Like: _like,
}
