"""Lowered formulas -> SQL text, with one meaning in every dialect.

What DuckDB makes of a lowered formula is its meaning. Where another engine reads the same SQL in another way, its
module here rewrites the expression first: one rule an oddity, with its source. Where an engine has no exact equal, the
formula is refused. `docs/dialects.md` lists what each engine's session must be set to.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from okr_sync.errors import OkrSyncError, nearest
from okr_sync.formula.dialects import bigquery, postgres, snowflake, spark
from okr_sync.formula.dialects.rewrite import NotInDialect, Rules, rewrite

_RULES: Mapping[str, Rules] = {
    "duckdb": {},
    "postgres": postgres.RULES,
    "spark": spark.RULES,
    "snowflake": snowflake.RULES,
    "bigquery": bigquery.RULES,
}

DIALECTS = tuple(_RULES)
"""The SQL dialects that formulas can be written in, as sqlglot names them."""


def write_sql(expression: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """A lowered formula, such as `CompiledMetric.value` gives, as SQL of one of `DIALECTS`. It is not changed.

    `pretty` writes several lines, for people.

    Raises:
        NotInDialect: it holds something that this dialect cannot compute exactly.
    """
    rules = _RULES.get(dialect)
    if rules is None:
        raise OkrSyncError(f"formulas are not written in {dialect!r}{nearest(dialect, DIALECTS)}")
    # sqlglot's copy is half of the time it takes to write for DuckDB, which changes nothing in a lowered formula.
    return (rewrite(expression, rules) if rules else expression).sql(dialect, copy=False, pretty=pretty)


__all__ = ["DIALECTS", "NotInDialect", "write_sql"]
