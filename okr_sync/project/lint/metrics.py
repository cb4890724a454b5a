"""Rules about metrics and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from okr_sync.project.key_result import KeyResult
from okr_sync.project.lint.rule import Case, Finding
from okr_sync.project.model import Project

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BEFORE_DOT = re.compile(r"([a-z][a-z0-9_]*)\s*\.")
_FEWEST_RECORDS = 5
"""Of a rate or a mean over fewer, each record moves a fifth and more."""


def duplicate_metric(case: Case) -> Iterator[Finding]:
    seen: dict[str, list[tuple[str | None, KeyResult]]] = {}
    for objective, one in case.key_results():
        if one.metric is None:
            continue
        others = seen.setdefault(one.metric, [])
        twin = next((other for cycle, other in others if _meet(case.project, cycle, objective.cycle)), None)
        if twin is not None:
            values = {"metric": one.metric, "twin": twin.id, "place": twin.place()}
            yield Finding(one.place("metric"), f"key_results.{one.id}.metric", (one, objective), values)
        others.append((objective.cycle, one))


def sparse_metric(case: Case) -> Iterator[Finding]:
    """What adds up may be small; a rate or a mean over few records jumps."""
    for objective, one in case.key_results():
        past = case.past(one)
        metric = case.metric(one)
        if past is None or metric is None or one.metric in case.facts.totals:
            continue
        if past.record_count < _FEWEST_RECORDS:
            s = "" if past.record_count == 1 else "s"
            values = {"metric": one.metric, "count": past.record_count, "cycle": past.cycle, "s": s}
            yield Finding(one.place("metric"), f"key_results.{one.id}.metric", (one, metric, objective), values)


def unused_metric(case: Case) -> Iterator[Finding]:
    """Key results, conditions and metrics over metrics use a metric."""
    metrics = case.project.metrics
    used = {name for target in case.goals() for name in (target.goal.metric, case.written_name(target.goal.metric))}
    used |= {kpi.metric for kpi in case.project.kpis.values()}
    conditions = [text for _, one in case.key_results() for _, _, text in one.conditions]
    formulas = [metric.value for metric in metrics.values() if metric.stream is None]
    used.update(name for text in (*conditions, *formulas) for name in _NAME.findall(text))
    for name, metric in metrics.items():
        if name not in used and metric.base is None:
            yield Finding(metric.place(), f"metrics.{name}", (metric,), {"metric": name})


def unused_event(case: Case) -> Iterator[Finding]:
    windows = [metric.window for metric in case.project.metrics.values() if metric.window is not None]
    used = {name for window in windows for name in window.events}
    for name, event in case.project.events.items():
        if name not in used:
            yield Finding(event.place(), f"events.{name}", (), {"event": name})


def unused_view(case: Case) -> Iterator[Finding]:
    """Metrics read views, and so do views that are read."""
    views = case.project.views
    used: set[str] = set()
    found = {metric.stream or "" for metric in case.project.metrics.values()} & set(views)
    while found:
        used |= found
        found = {name for view in found for name in _NAME.findall(views[view].select)} & set(views) - used
    for name, view in views.items():
        if name not in used:
            yield Finding(view.place(), f"views.{name}", (), {"view": name})


def unused_source(case: Case) -> Iterator[Finding]:
    """Metrics, views, events and initiatives read streams."""
    streams = {metric.stream for metric in case.project.metrics.values()}
    streams |= {event.stream for event in case.project.events.values()}
    streams |= {initiative.stream for objective in case.project.objectives for initiative in objective.initiatives}
    used = {stream.partition(".")[0] for stream in streams if stream is not None}
    used |= {name for view in case.project.views.values() for name in _BEFORE_DOT.findall(view.select)}
    for name, source in case.project.sources.items():
        if name not in used:
            yield Finding(source.place, f"sources.{name}", (), {"source": name})


def _meet(project: Project, cycle: str | None, other: str | None) -> bool:
    """Whether objectives of these cycles are ever in one; without a cycle, one is in all those of the first kind.

    A year and its quarters may look at one metric: that is what cycles side by side are for.
    """
    if cycle == other:
        return True
    if cycle is not None and other is not None:
        return False
    first, named = project.settings.kinds[0], cycle or other or ""
    return first.named(named) is not None or project.cycle_named(named) is None
