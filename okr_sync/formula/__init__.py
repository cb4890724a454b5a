"""The formula language: text -> checked and typed expression -> SQL of any dialect.

A formula is a SQL expression. `compile_metrics` reads those of a project; a `CompiledMetric` gives sqlglot expressions
for a `Moment`, which the caller writes with `write_sql(expression, dialect)`.
"""

from okr_sync.formula.compared import compared_in
from okr_sync.formula.compile import compile_condition, compile_filter, compile_metrics
from okr_sync.formula.compiled import CompiledCondition, CompiledEvent, CompiledFilter, CompiledMetric, Moment
from okr_sync.formula.completion import CompiledCompletion, compile_completion
from okr_sync.formula.dialects import DIALECTS, NotInDialect, write_sql
from okr_sync.formula.events import compile_events, with_events
from okr_sync.formula.figures import Figure, Figures, figures_of, written
from okr_sync.formula.influence import Both, Influence, NotSplit, influence
from okr_sync.formula.lookup import DEFAULT_CALENDAR, Helpers, calendars_in, targets_in
from okr_sync.formula.parts import Parts, Term, is_timeless, parts_of
from okr_sync.formula.reference import reference
from okr_sync.formula.scope import names_in
from okr_sync.formula.shares import is_share
from okr_sync.formula.totals import accumulates, is_total
from okr_sync.formula.view.compile import CompiledView, compile_views, streams_read, views_below
from okr_sync.formula.view.origin import compared_by, origins
from okr_sync.formula.view.relation import SPAN, VERSIONS, Relation, versions_below, with_versions
from okr_sync.formula.view.unknown import unknown_stream
from okr_sync.formula.view.write import KNOWN_COLUMN
from okr_sync.formula.write import KEY_COLUMN

__all__ = [
    "DEFAULT_CALENDAR",
    "DIALECTS",
    "KEY_COLUMN",
    "KNOWN_COLUMN",
    "SPAN",
    "VERSIONS",
    "Both",
    "CompiledCompletion",
    "CompiledCondition",
    "CompiledEvent",
    "CompiledFilter",
    "CompiledMetric",
    "CompiledView",
    "Figure",
    "Figures",
    "Helpers",
    "Influence",
    "Moment",
    "NotInDialect",
    "NotSplit",
    "Parts",
    "Relation",
    "Term",
    "accumulates",
    "calendars_in",
    "compared_by",
    "compared_in",
    "compile_completion",
    "compile_condition",
    "compile_events",
    "compile_filter",
    "compile_metrics",
    "compile_views",
    "figures_of",
    "influence",
    "is_share",
    "is_timeless",
    "is_total",
    "names_in",
    "origins",
    "parts_of",
    "reference",
    "streams_read",
    "targets_in",
    "unknown_stream",
    "versions_below",
    "views_below",
    "with_events",
    "with_versions",
    "write_sql",
    "written",
]
