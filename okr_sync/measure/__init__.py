"""Metrics to values, for one or many days, with the records behind them.

`as_of` says what a day means in instants, `events` when the events happen that bound windows, `shapes` which metrics
share a query, `values` runs them, `evidence` shows the records that counted, `left_out` those that did not and why,
`rehearsal` runs the metrics' own tests.
"""

from okr_sync.measure.as_of import AsOf
from okr_sync.measure.by_day import Followed, Span, can_follow, follow
from okr_sync.measure.events import with_events
from okr_sync.measure.evidence import (
    Evidence,
    explain,
    fields_read,
    name_fields,
    stream_names_below,
    streams_below,
)
from okr_sync.measure.happening import Happening
from okr_sync.measure.left_out import Group, LeftOut, Listed, Reason, ToList, left_out
from okr_sync.measure.lookups import Lookups
from okr_sync.measure.rehearsal import Rehearsal, RowEffect, Trial, value_text
from okr_sync.measure.relation import fields_to_open
from okr_sync.measure.states import Given, Key, Sight, State, counted_before, given, states
from okr_sync.measure.values import Measured, Values, evaluate, measure, why_missing

__all__ = [
    "AsOf",
    "Evidence",
    "Followed",
    "Given",
    "Group",
    "Happening",
    "Key",
    "LeftOut",
    "Listed",
    "Lookups",
    "Measured",
    "Reason",
    "Rehearsal",
    "RowEffect",
    "Sight",
    "Span",
    "State",
    "ToList",
    "Trial",
    "Values",
    "can_follow",
    "counted_before",
    "evaluate",
    "explain",
    "fields_read",
    "fields_to_open",
    "follow",
    "given",
    "left_out",
    "measure",
    "name_fields",
    "states",
    "stream_names_below",
    "streams_below",
    "value_text",
    "why_missing",
    "with_events",
]
