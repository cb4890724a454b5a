"""How functions are written: builders of standard sqlglot expressions, each for one or more rows of the table.

A builder takes the instant that `as_of()` stands for and the lowered arguments, which carry their SQL type. It writes
what DuckDB reads in the meant way; what other engines read differently is rewritten in `okr_sync.formula.dialects`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.expressions import DType

Builder = Callable[..., exp.Expr]

KEY_COLUMN = "_key"
"""The text column, present in every relation, that tells records apart: it breaks the ties of `first` and `last`."""


def count(_: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Count(this=value)


def count_if(_: exp.Expr, condition: exp.Expr) -> exp.Expr:
    return exp.Count(this=_where(condition, exp.Literal.number(1)))


def share(as_of: exp.Expr, condition: exp.Expr) -> exp.Expr:
    return divide(count_if(as_of, condition), count(as_of, condition.copy()))


def aggregate(kind: type[exp.AggFunc]) -> Builder:
    return lambda _, value: kind(this=value)


def quantile(_: exp.Expr, value: exp.Expr, q: exp.Expr) -> exp.Expr:
    return exp.PercentileCont(this=value, expression=exp.Literal.number(q.name))


def pick(kind: type[exp.ArgMin | exp.ArgMax]) -> Builder:
    """The value at one end of an order. A row is compared field by field, so the key decides between equals."""

    def build(_: exp.Expr, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        is_known = exp.Not(this=exp.Is(this=order.copy(), expression=exp.Null()))
        place = exp.Tuple(expressions=[order, key_column()])
        return kind(this=_where(is_known, value), expression=place)

    return build


def key_column(relation: str | None = None) -> exp.Column:
    """The column of keys, of one of several relations, with its type."""
    column = exp.column(KEY_COLUMN, table=relation, quoted=True)
    column.type = DType.VARCHAR
    return column


def scalar(kind: type[exp.Func]) -> Builder:
    return lambda _, value: kind(this=value)


def extreme(kind: type[exp.Greatest | exp.Least]) -> Builder:
    return lambda _, first, *others: kind(this=first, expressions=list(others), ignore_nulls=True)


def coalesce(_: exp.Expr, first: exp.Expr, *others: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=first, expressions=list(others))


def nullif(_: exp.Expr, value: exp.Expr, absent: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=value, expression=absent)


def round_(_: exp.Expr, value: exp.Expr, digits: exp.Expr | None = None) -> exp.Expr:
    return exp.Round(this=value, decimals=digits)


def contains(_: exp.Expr, texts: exp.Expr, text: exp.Expr) -> exp.Expr:
    return exp.ArrayContains(this=texts, expression=text)


def date_trunc(_: exp.Expr, unit: exp.Expr, time: exp.Expr) -> exp.Expr:
    instant = exp.cast(time, DType.TIMESTAMPTZ, copy=False) if time.is_type(DType.DATE) else time
    return exp.TimestampTrunc(this=instant, unit=exp.var(unit.name.upper()))


def as_of(instant: exp.Expr) -> exp.Expr:
    return instant.copy()


def elapsed(unit_seconds: int) -> Builder:
    """Units from a to b: exact to the microsecond between timestamps, whole days where either is a date."""

    def build(_: exp.Expr, a: exp.Expr, b: exp.Expr) -> exp.Expr:
        if not (a.is_type(DType.DATE) or b.is_type(DType.DATE)):
            span = exp.DateDiff(this=b, expression=a, unit=exp.var("MICROSECOND"))
            return exp.Div(
                this=exp.cast(span, DType.DOUBLE, copy=False), expression=exp.Literal.number(unit_seconds * 1_000_000)
            )
        days = exp.cast(
            exp.DateDiff(this=as_day(b), expression=as_day(a), unit=exp.var("DAY")), DType.DOUBLE, copy=False
        )
        per_day = 86_400 // unit_seconds
        return days if per_day == 1 else exp.Mul(this=days, expression=exp.Literal.number(per_day))

    return build


def as_day(time: exp.Expr) -> exp.Expr:
    """The day on which a timestamp falls in the session's zone; a date is one already."""
    return time if time.is_type(DType.DATE) else exp.cast(time, DType.DATE, copy=False)


def divide(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    """a / b as a fraction; null where b is 0, so that an empty denominator is no data."""
    fraction = exp.cast(a, DType.DOUBLE, copy=False)
    return exp.Div(this=fraction, expression=exp.Nullif(this=b, expression=exp.Literal.number(0)))


def _where(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    """`value` where the condition holds, else null, which aggregates leave out."""
    return exp.Case(ifs=[exp.If(this=condition, true=value)])
