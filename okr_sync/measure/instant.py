"""How the queries of the embedded engine write an instant."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

DIALECT = "duckdb"


def instant(value: datetime) -> exp.Expr:
    """An instant as a constant of the query."""
    return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.TIMESTAMPTZ)
