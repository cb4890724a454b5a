"""Spark SQL, 3.4 or later, with ANSI mode. Instants are TIMESTAMP with the session's zone (TIMESTAMP_LTZ).

Source: the functions' reference at spark.apache.org/docs/latest/api/sql and the ANSI page beside it. Compiled only.
"""

from __future__ import annotations

from sqlglot import exp

from okr_sync.formula.dialects.rewrite import Rules
from okr_sync.formula.dialects.shared import (
    elapsed,
    like_with_backslash_escaped,
    picked,
    plain_round,
    rounding,
    unix_micros,
    where,
)


def _pick(node: exp.Expr) -> exp.Expr:
    """MIN_BY leaves out records without a place in the order, but not those without a value."""
    value, known = picked(node)
    place = exp.Struct(expressions=node.expression.expressions)
    return type(node)(this=value, expression=where(known, place))


def _contains(node: exp.Expr) -> exp.Expr:
    """ARRAY_CONTAINS is unknown where it finds nothing in a list that holds a null."""
    return exp.ArrayContains(this=exp.ArrayCompact(this=node.this), expression=node.expression)


def _days(node: exp.Expr) -> exp.Expr:
    """Without a unit, DATEDIFF counts days of the calendar; with one it takes instants apart."""
    return exp.DateDiff(this=node.this, expression=node.expression)


def _quantile(node: exp.Expr) -> exp.Expr:
    """PERCENTILE is exact; what sqlglot writes for PERCENTILE_CONT, PERCENTILE_APPROX, is not."""
    return exp.Quantile(this=node.this, quantile=node.expression)


RULES: Rules = {
    **dict.fromkeys((exp.ArgMin, exp.ArgMax), _pick),
    exp.ArrayContains: _contains,
    exp.DateDiff: elapsed(unix_micros, _days),
    exp.Like: like_with_backslash_escaped,
    exp.PercentileCont: _quantile,
    exp.Round: rounding(plain_round),
}
