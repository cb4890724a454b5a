"""The past of metrics: how the sums that they are made of stood at the end of each day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from okr_sync.formula import Parts, Term, parts_of
from okr_sync.measure import AsOf, Followed, Span, can_follow, follow
from okr_sync.outlook.days import last_over
from okr_sync.project.key_result import KeyResult
from okr_sync.project.window import Window
from okr_sync.warehouse import History
from okr_sync.workspace import Workspace

_LONGEST_LOOK_BACK = 92
"""Days before the cycle that are followed at most; a shorter cycle looks back by its own length."""
_MOST_ASSUMED = 0.1
"""A day on which more of the records hold by assumption alone is no past to learn from."""


@dataclass(frozen=True, slots=True)
class Past:
    """The days that are over, from before the cycle on."""

    span: Span
    followed: Mapping[str, Followed]

    def holds(self, parts: Parts) -> bool:
        return all(term.metric.name in self.followed for term in parts.terms)

    def sums(self, terms: Sequence[Term]) -> list[float]:
        """The terms added up, at the end of each day."""
        columns = [[term.factor * one for one in self.followed[term.metric.name].sums] for term in terms]
        return [sum(values) for values in zip(*columns, strict=True)]

    def changes(self, terms: Sequence[Term], window: Window) -> list[float]:
        """What came on each day but the first, of which nothing is known before."""
        sums = self.sums(terms)
        changes = [later - earlier for earlier, later in pairwise(sums)]
        if window.kind == "cycle" and 0 < self._start < len(sums):
            changes[self._start - 1] = sums[self._start]  # a new cycle begins with nothing
        return changes

    def first_day(self, changes: Sequence[float]) -> int:
        """The first day with something, or the cycle's first day where nothing came before it."""
        start = max(0, self._start - 1)
        return next((index for index, change in enumerate(changes[:start]) if change != 0), start)

    def first_known(self, parts: Parts) -> int:
        """The first day with records from which on few of them hold by assumption."""
        first = 0
        for one in (self.followed[term.metric.name] for term in parts.terms):
            for index, (count, assumed) in enumerate(zip(one.record_counts, one.assumed_counts, strict=True)):
                if count == 0 or assumed > _MOST_ASSUMED * count:
                    first = max(first, index + 1)
        return first

    @property
    def _start(self) -> int:
        return (self.span.cycle_start - self.span.first).days


def look_back(workspace: Workspace, key_results: Iterable[KeyResult], day: AsOf, history: History) -> Past:
    """Follow what the metrics of `key_results` are made of."""
    last = last_over(day)
    if last >= day.cycle.end:
        return Past(Span(last, last, day.cycle.start, day.zone), {})  # nothing is left to forecast
    before = timedelta(days=min(day.cycle.day_count, _LONGEST_LOOK_BACK))
    terms = {
        term.metric.name: term.metric
        for one in key_results
        for term in _terms(workspace, one)
        if can_follow(term.metric) and history.holds(term.metric.stream or "", term.metric.fields)
    }
    span = Span(day.cycle.start - before, last, day.cycle.start, day.zone)
    return Past(span, follow(terms.values(), history, span))


def window_of(parts: Parts) -> Window | None:
    """The one window that all the parts are over; None where they have several."""
    found = {(term.metric.window, term.metric.time_tree is None) for term in parts.terms}
    return next(iter(found))[0] if len(found) == 1 else None


def _terms(workspace: Workspace, key_result: KeyResult) -> Sequence[Term]:
    parts = None if key_result.metric is None else parts_of(key_result.metric, workspace.metrics)
    return () if parts is None else parts.terms
