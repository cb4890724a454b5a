"""How functions are written: builders of standard sqlglot expressions, each for one or more rows of the table.

A builder takes `Records` and the lowered arguments, which carry their SQL type.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula.records import Records

Builder = Callable[..., exp.Expr]

KEY_COLUMN = "_key"
"""The text column, present in every relation, that tells records apart: it breaks the ties of `first` and `last`."""


def count(records: Records, value: exp.Expr) -> exp.Expr:
    if isinstance(value, exp.Distinct):
        return exp.Count(this=exp.Distinct(expressions=[records.only(value.expressions[0])]))
    if isinstance(value, exp.Star):
        return exp.Count(this=value if records.condition is None else records.only(exp.Literal.number(1)))
    return exp.Count(this=records.only(value))


def count_if(records: Records, condition: exp.Expr) -> exp.Expr:
    return exp.Count(this=records.only(exp.Literal.number(1), condition))


def share(records: Records, condition: exp.Expr) -> exp.Expr:
    return divide(count_if(records, condition), count(records, condition.copy()))


def aggregate(kind: type[exp.AggFunc]) -> Builder:
    return lambda records, value: kind(this=records.only(value))


def quantile(records: Records, value: exp.Expr, q: exp.Expr) -> exp.Expr:
    return exp.PercentileCont(this=records.only(value), expression=exp.Literal.number(q.name))


def pick(kind: type[exp.ArgMin | exp.ArgMax]) -> Builder:
    """The value at one end of an order. A row is compared field by field, so the key decides between equals."""

    def build(records: Records, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        is_known = exp.Not(this=exp.Is(this=order.copy(), expression=exp.Null()))
        place = exp.Tuple(expressions=[order, exp.column(KEY_COLUMN, quoted=True)])
        return kind(this=records.only(value, is_known), expression=place)

    return build


def scalar(kind: type[exp.Func]) -> Builder:
    return lambda _, value: kind(this=value)


def extreme(kind: type[exp.Greatest | exp.Least]) -> Builder:
    return lambda _, first, *others: kind(this=first, expressions=list(others), ignore_nulls=True)


def coalesce(_: Records, first: exp.Expr, *others: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=first, expressions=list(others))


def nullif(_: Records, value: exp.Expr, absent: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=value, expression=absent)


def round_(_: Records, value: exp.Expr, digits: exp.Expr | None = None) -> exp.Expr:
    return exp.Round(this=value, decimals=digits)


def contains(_: Records, texts: exp.Expr, text: exp.Expr) -> exp.Expr:
    return exp.ArrayContains(this=texts, expression=text)


def date_trunc(_: Records, unit: exp.Expr, time: exp.Expr) -> exp.Expr:
    instant = exp.cast(time, DType.TIMESTAMPTZ, copy=False) if time.is_type(DType.DATE) else time
    return exp.TimestampTrunc(this=instant, unit=exp.var(unit.name.upper()))


def as_of(records: Records) -> exp.Expr:
    return records.as_of.copy()


def elapsed(unit_seconds: int) -> Builder:
    """Units from a to b: exact to the microsecond between timestamps, whole days where either is a date."""

    def build(_: Records, a: exp.Expr, b: exp.Expr) -> exp.Expr:
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
