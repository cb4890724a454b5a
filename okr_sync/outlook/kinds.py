"""How a metric is forecast, by what it is made of and by its window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from okr_sync.forecast import Bounds, Flow, Forecast, NoForecast, Quotient, of_level, of_ratio, of_total
from okr_sync.formula import CompiledMetric, Parts, is_share, parts_of
from okr_sync.measure import AsOf, Measured
from okr_sync.outlook.days import ahead, days_left, flow, from_now, kept_days
from okr_sync.outlook.past import Past, window_of
from okr_sync.project.window import Window

Known = Mapping[date, Measured]
"""A metric's own values by day, as far as they were computed anyway; the last one is the present value."""


def is_followed(metric: str, metrics: Mapping[str, CompiledMetric], past: Past) -> bool:
    """Whether the past alone tells how the metric moved; else its own values of earlier days are needed."""
    parts = parts_of(metric, metrics)
    return parts is not None and window_of(parts) is not None and past.holds(parts)


def forecast(
    metric: str, metrics: Mapping[str, CompiledMetric], past: Past, known: Known, day: AsOf
) -> Forecast | NoForecast:
    """The forecast of the metric's value at the end of the cycle, or why there is none."""
    parts = parts_of(metric, metrics)
    window = None if parts is None else window_of(parts)
    if parts is None or window is None:
        return _level_of(_tail(known), day, is_share=is_share(metrics[metric]))
    if not past.holds(parts):
        return _by_values(parts, window, known, day)
    if parts.over[0].metric.time_tree is None:
        return _level(parts, past, day)
    return _ratio(parts, window, past, day) if parts.under else _total(parts, window, past, known, day)


def _total(parts: Parts, window: Window, past: Past, known: Known, day: AsOf) -> Forecast | NoForecast:
    """Followed day by day, from before the cycle on where there was something."""
    changes = [parts.factor * change for change in past.changes(parts.over, window)]
    came = flow(changes[past.first_day(changes) :], past.span.last)
    if window.kind == "trailing":
        kept = sum(changes[len(changes) - kept_days(window, day) :])
        return of_total(kept, came, ahead(window, day), is_count=parts.is_count)
    present = known[max(known)].value or 0.0
    return of_total(present, came, from_now(ahead(window, day), day), is_count=parts.is_count)


def _ratio(parts: Parts, window: Window, past: Past, day: AsOf) -> Forecast | NoForecast:
    days, kept, flows = kept_days(window, day), [], []
    first = past.first_day(past.changes(parts.under, window))
    for terms in (parts.over, parts.under):
        changes = past.changes(terms, window)
        kept.append(past.sums(terms)[-1] if window.kind == "all" else sum(changes[len(changes) - days :]))
        flows.append(flow(changes[first:], past.span.last))
    return of_ratio(Quotient(kept[0], kept[1], flows[0], flows[1], parts.factor), ahead(window, day), days)


def _level(parts: Parts, past: Past, day: AsOf) -> Forecast | NoForecast:
    """The present state of all records, on each day since most of them are known."""
    over, under = past.sums(parts.over), past.sums(parts.under) if parts.under else None
    values = [
        parts.factor * over[index] / (1.0 if under is None else under[index])
        for index in range(past.first_known(parts), past.span.day_count)
        if under is None or under[index] != 0
    ]
    return of_level(values, days_left(day), _bounds(values, parts))


def _by_values(parts: Parts, window: Window, known: Known, day: AsOf) -> Forecast | NoForecast:
    """Formulas whose amounts change with the day: by their own values, and the records each value is made of."""
    days = _tail(known)
    has_time = parts.over[0].metric.time_tree is not None
    if window.kind != "cycle" or not has_time or len({term.metric.stream for term in parts.terms}) > 1 or not days:
        return _level_of(days, day)
    counts = [float(one.record_count) for _, one in days]
    sums = [(one.value or 0.0) * (count if parts.under else 1.0) for (_, one), count in zip(days, counts, strict=True)]
    over, under = (_flow_between(column, days[-1][0]) for column in (sums, counts))
    if not parts.under:
        return of_total(sums[-1], over, ahead(window, day), is_count=parts.is_count)
    quotient = Quotient(sums[-1], counts[-1], over, under)
    return of_ratio(quotient, ahead(window, day), kept_days(window, day))


def _flow_between(sums: Sequence[float], last: date) -> Flow:
    return flow([later - earlier for earlier, later in pairwise(sums)], last)


def _level_of(days: Sequence[tuple[date, Measured]], day: AsOf, *, is_share: bool = False) -> Forecast | NoForecast:
    values = [one.value for _, one in days if one.value is not None]
    bounds = Bounds(0.0, 1.0) if is_share else Bounds(0.0) if values and min(values) >= 0 else Bounds()
    return of_level(values, days_left(day), bounds)


def _tail(known: Known) -> list[tuple[date, Measured]]:
    """The latest days without a gap, each with a value."""
    found: list[tuple[date, Measured]] = []
    day = max(known)
    while day in known and known[day].value is not None:
        found.append((day, known[day]))
        day -= timedelta(days=1)
    return found[::-1]


def _bounds(values: Sequence[float], parts: Parts) -> Bounds:
    """What never was below 0 is taken not to fall below it; a share stays a part of its whole."""
    if not values or min(values) < 0:
        return Bounds()
    is_share = bool(parts.under) and max(values) <= parts.factor
    return Bounds(0.0, parts.factor) if is_share else Bounds(0.0)
