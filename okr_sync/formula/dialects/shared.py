"""Rules, and parts of rules, that several dialects need."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula.dialects.rewrite import Rule


def is_whole(node: exp.Expr) -> bool:
    return node.is_type(DType.BIGINT)


def is_text(node: exp.Expr) -> bool:
    return node.is_type(DType.VARCHAR)


def is_known(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=node.copy(), expression=exp.Null()))


def where(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    """`value` where the condition holds, else null."""
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def picked(node: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """Of `first` and `last`: the value, and the condition that it and its place in the order are known."""
    branch = node.this.args["ifs"][0]
    value = branch.args["true"]
    return value, exp.and_(branch.this, is_known(value), copy=False)


def places(node: exp.Expr, nulls_are_greatest: bool) -> list[exp.Expr]:
    """Of `first` and `last`: the order and the key, from the end that is asked for.

    Nulls, of which none are left, are said to be where the engine puts them, so that nothing is written about them.
    """
    descends = isinstance(node, exp.ArgMax)
    nulls_first = descends is nulls_are_greatest
    return [exp.Ordered(this=each, desc=descends, nulls_first=nulls_first) for each in node.expression.expressions]


def as_double(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, DType.DOUBLE, copy=False)


def over_doubles(node: exp.Expr) -> exp.Expr:
    """An aggregate that would compute in an exact type of few digits computes in DOUBLE instead."""
    node.set("this", as_double(node.this))
    return node


def within_group(fraction: exp.Expr, value: exp.Expr) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)])
    return exp.WithinGroup(this=exp.PercentileCont(this=fraction), expression=order)


def quantile(node: exp.Expr) -> exp.Expr:
    """The standard's own way to write a quantile."""
    return within_group(node.expression, node.this)


def median(node: exp.Expr) -> exp.Expr:
    """The median as the quantile that it is."""
    return within_group(exp.Literal.number("0.5"), node.this)


def rounding(to_whole: Rule) -> Rule:
    """`round(x, n)` as x * 10^n, made whole, / 10^n: what DuckDB computes.

    Engines differ in how they round a fraction to n digits: on the decimal text of x (Spark), on its exact value, or
    not at all (PostgreSQL has no such function of doubles). In making a number whole there is less to differ in:
    `to_whole` takes and gives a DOUBLE, halves away from 0.
    """

    def ruled(node: exp.Expr) -> exp.Expr:
        value, digits = node.this, _digits(node)
        if is_whole(value):
            return value if digits >= 0 else exp.Round(this=value, decimals=exp.Literal.number(digits))
        if digits == 0:
            return to_whole(value)
        power = exp.Literal.number(10 ** abs(digits))
        larger, smaller = (exp.Mul, exp.Div) if digits > 0 else (exp.Div, exp.Mul)
        scaled = larger(this=as_double(value), expression=power.copy())
        return exp.paren(smaller(this=to_whole(scaled), expression=power), copy=False)

    return ruled


def _digits(node: exp.Expr) -> int:
    decimals = node.args.get("decimals")
    return 0 if decimals is None else int(decimals.to_py())


def plain_round(value: exp.Expr) -> exp.Expr:
    """For engines whose ROUND of a DOUBLE takes halves away from 0."""
    return exp.Round(this=value)


def elapsed(micros: Callable[[exp.Expr], exp.Expr], days: Rule) -> Rule:
    """Microseconds between two instants as a difference of numbers: real time, whatever the clocks did between them."""

    def ruled(node: exp.Expr) -> exp.Expr:
        if node.args["unit"].name == "DAY":
            return days(node)
        return exp.paren(exp.Sub(this=micros(node.this), expression=micros(node.expression)), copy=False)

    return ruled


def unix_micros(time: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="UNIX_MICROS", expressions=[time])


def like_with_backslash_escaped(node: exp.Expr) -> exp.Expr:
    """For engines in which a backslash in a pattern always escapes: in a formula it is a sign like any other."""
    pattern = node.expression
    if not pattern.is_string:
        single, double = exp.Literal.string("\\"), exp.Literal.string("\\\\")
        node.set("expression", exp.Replace(this=pattern, expression=single, replacement=double))
    elif "\\" in pattern.name:
        node.set("expression", exp.Literal.string(pattern.name.replace("\\", "\\\\")))
    return node
