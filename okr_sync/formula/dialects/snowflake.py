"""Snowflake. Instants are TIMESTAMP_LTZ, whose days are those of the session's zone.

Source: docs.snowflake.com/en/sql-reference, the pages of the functions named here. Compiled only.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula.dialects.rewrite import Rules
from okr_sync.formula.dialects.shared import elapsed, over_doubles, places, plain_round, quantile, rounding


def _local(time: exp.Expr) -> exp.Expr:
    return time if time.is_type(DType.TIMESTAMPLTZ) else exp.cast(time, DType.TIMESTAMPLTZ, copy=False)


def _cast(node: exp.Expr) -> exp.Expr:
    """A TIMESTAMP_TZ keeps the zone it was written in, and its day is the day there: never make one, never ask one."""
    if node.is_type(DType.TIMESTAMPTZ):
        return _local(_with_a_t(node.this))
    if node.is_type(DType.DATE) and not node.this.is_string:
        node.set("this", _local(node.this))
    return node


def _with_a_t(node: exp.Expr) -> exp.Expr:
    """An offset right behind the time is read in the form with a T only (the page on date and time formats)."""
    return exp.Literal.string(node.name.replace(" ", "T", 1)) if node.is_string else node


def _truncated(node: exp.Expr) -> exp.Expr:
    node.set("this", _local(node.this))
    return node


def _pick(node: exp.Expr) -> exp.Expr:
    """MIN_BY orders by one value alone. ARRAY_AGG leaves nulls out, and too long a list is an error."""
    order = exp.Order(expressions=places(node, nulls_are_greatest=True))
    gathered = exp.WithinGroup(this=exp.ArrayAgg(this=node.this), expression=order)
    first = exp.Anonymous(this="GET", expressions=[gathered, exp.Literal.number(0)])
    if node.type is None or node.is_type(DType.UNKNOWN, DType.ARRAY):
        return first
    return exp.cast(first, DType.TIMESTAMPLTZ if node.is_type(DType.TIMESTAMPTZ) else node.type, copy=False)


def _micros(time: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="DATE_PART", expressions=[exp.var("EPOCH_MICROSECOND"), time])


RULES: Rules = {
    exp.Cast: _cast,
    exp.TimestampTrunc: _truncated,
    **dict.fromkeys((exp.ArgMin, exp.ArgMax), _pick),
    # Of a NUMBER, these give one with few more digits than it has.
    **dict.fromkeys((exp.Avg, exp.Median), over_doubles),
    exp.PercentileCont: lambda node: quantile(over_doubles(node)),
    exp.DateDiff: elapsed(_micros, lambda node: node),
    exp.UnixMicros: lambda node: _micros(node.this),
    exp.Round: rounding(plain_round),
}
