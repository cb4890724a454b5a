"""BigQuery, GoogleSQL. Instants are TIMESTAMP, read in the session's `@@time_zone`.

Source: cloud.google.com/bigquery/docs/reference/standard-sql, the pages of the functions named here. Compiled only.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula.dialects.rewrite import NotInDialect, Rules, refuse
from okr_sync.formula.dialects.shared import (
    elapsed,
    like_with_backslash_escaped,
    places,
    plain_round,
    rounding,
    unix_micros,
)

_NO_QUANTILE = (
    "its quantiles as aggregates are approximate;"
    " take avg or share(condition), or keep the records in another warehouse"
)


def _column(node: exp.Expr) -> exp.Expr:
    """A list that is missing is stored as an empty one (the page on data types, array nulls)."""
    if node.is_type(DType.ARRAY):
        reason = "it stores a missing list as an empty one; add a field that is a text or a condition to the stream"
        raise NotInDialect(f"the list {node.name!r} is not available in bigquery: {reason}")
    return node


def _extreme(node: exp.Expr) -> exp.Expr:
    """GREATEST of anything unknown is unknown: each value that is unknown gives way to one that is not."""
    values = [node.this, *node.expressions]
    known = [
        exp.Coalesce(this=value.copy(), expressions=[other.copy() for other in values if other is not value])
        for value in values
    ]
    return type(node)(this=known[0], expressions=known[1:], ignore_nulls=False)


def _pick(node: exp.Expr) -> exp.Expr:
    """MIN_BY and ANY_VALUE HAVING MIN order by one value alone, without a word on ties."""
    order = exp.Order(this=exp.IgnoreNulls(this=node.this), expressions=places(node, nulls_are_greatest=False))
    only_one = exp.Limit(this=order, expression=exp.Literal.number(1))
    return exp.Bracket(this=exp.ArrayAgg(this=only_one), expressions=[exp.Literal.number(0)], offset=0, safe=True)


def _truncated(node: exp.Expr) -> exp.Expr:
    """A WEEK begins on Sunday, an ISOWEEK on Monday."""
    if node.args["unit"].name == "WEEK":
        node.set("unit", exp.var("ISOWEEK"))
    return node


def _difference(node: exp.Expr) -> exp.Expr:
    """An interval is taken from a TIMESTAMP by a function of its own."""
    interval = node.expression
    if not isinstance(interval, exp.Interval):
        return node
    amount = exp.Interval(this=exp.Literal.number(interval.this.name), unit=interval.args["unit"])
    return exp.Anonymous(this="TIMESTAMP_SUB", expressions=[node.this, amount])


RULES: Rules = {
    exp.Column: _column,
    exp.Median: refuse("median", "bigquery", _NO_QUANTILE),
    exp.PercentileCont: refuse("quantile", "bigquery", _NO_QUANTILE),
    **dict.fromkeys((exp.Greatest, exp.Least), _extreme),
    **dict.fromkeys((exp.ArgMin, exp.ArgMax), _pick),
    exp.TimestampTrunc: _truncated,
    exp.DateDiff: elapsed(unix_micros, lambda node: node),
    exp.Sub: _difference,
    exp.Like: like_with_backslash_escaped,
    exp.Round: rounding(plain_round),
}
