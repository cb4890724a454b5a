"""The formula language: text -> checked and typed expression -> SQL of any dialect.

A formula is a SQL expression. `compile_metrics` reads those of a project; a `CompiledMetric` gives sqlglot expressions
for a `Moment`, which the caller writes with `write_sql(expression, dialect)`.
"""

from okr_sync.formula.compile import compile_condition, compile_filter, compile_metrics, unknown_stream
from okr_sync.formula.compiled import CompiledCondition, CompiledEvent, CompiledFilter, CompiledMetric, Moment
from okr_sync.formula.dialects import DIALECTS, NotInDialect, write_sql
from okr_sync.formula.events import compile_events, with_events
from okr_sync.formula.lookup import DEFAULT_CALENDAR, Helpers
from okr_sync.formula.reference import reference
from okr_sync.formula.write import KEY_COLUMN

__all__ = [
    "DEFAULT_CALENDAR",
    "DIALECTS",
    "KEY_COLUMN",
    "CompiledCondition",
    "CompiledEvent",
    "CompiledFilter",
    "CompiledMetric",
    "Helpers",
    "Moment",
    "NotInDialect",
    "compile_condition",
    "compile_events",
    "compile_filter",
    "compile_metrics",
    "reference",
    "unknown_stream",
    "with_events",
    "write_sql",
]
