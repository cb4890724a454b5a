"""Metrics to values, for one or many days, with the records behind them.

`as_of` says what a day means in instants, `shapes` which metrics share a query, `values` runs them, `evidence` shows
the records that counted.
"""

from okr_sync.measure.as_of import AsOf
from okr_sync.measure.evidence import Evidence, explain, fields_read, streams_below
from okr_sync.measure.rehearsal import Rehearsal
from okr_sync.measure.values import Measured, Values, evaluate, measure

__all__ = [
    "AsOf",
    "Evidence",
    "Measured",
    "Rehearsal",
    "Values",
    "evaluate",
    "explain",
    "fields_read",
    "measure",
    "streams_below",
]
