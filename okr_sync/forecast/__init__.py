"""Where a metric will stand when its cycle closes: the value to expect, and the range that holds 8 of 10 outcomes.

Pure: no clock, no files, no store, no chance. The method follows the kind of metric: `total`, `ratio` and `level` say
how each is computed, `closing` when there is none, `hindcast` how such forecasts did before.
"""

from okr_sync.forecast.closing import Bounds, of_level, of_ratio, of_total
from okr_sync.forecast.hindcast import FEWEST_DAYS
from okr_sync.forecast.model import Ahead, Flow, Forecast, Interval, Kind, NoForecast, Track
from okr_sync.forecast.ratio import Quotient
from okr_sync.forecast.words import Outlook, heading, in_numbers, method, record

__all__ = [
    "FEWEST_DAYS",
    "Ahead",
    "Bounds",
    "Flow",
    "Forecast",
    "Interval",
    "Kind",
    "NoForecast",
    "Outlook",
    "Quotient",
    "Track",
    "heading",
    "in_numbers",
    "method",
    "of_level",
    "of_ratio",
    "of_total",
    "record",
]
