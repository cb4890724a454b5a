"""Warnings about a project that is valid and yet likely not what its authors mean. Offline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from okr_sync.errors import Problem
from okr_sync.project.cycle import ANY_YEAR, Fixed, recurring_names
from okr_sync.project.located import Location
from okr_sync.project.model import KeyResult, Project
from okr_sync.project.units import PERCENT, Quantity

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BEFORE_DOT = re.compile(r"([a-z][a-z0-9_]*)\s*\.")
_NUMBER = re.compile(r"(?<!\w)\d[\d.,]*(?!\w)")
_YEAR = re.compile(r"(?:19|20)\d\d")


def lint(project: Project) -> list[Problem]:
    """The warnings, each with the code of its rule: `[kr-count] ...`. The rules are the functions below."""
    rules = (
        _no_objective,
        _kr_count,
        _number_in_objective,
        _unknown_cycle,
        _duplicate_metric,
        _bare_percent,
        _unused_metric,
        _unused_event,
        _unused_source,
    )
    return [problem for rule in rules for problem in rule(project)]


def _no_objective(project: Project) -> Iterator[Problem]:
    """Without objectives nothing is computed, which may be what a misspelt folder looks like."""
    if not project.objectives:
        yield Problem("okrs/", "", "[no-objective] no YAML file below it has an objective: nothing is computed")


def _kr_count(project: Project) -> Iterator[Problem]:
    """Two to four key results tell whether an objective is reached; more of them blur what matters."""
    for one in project.objectives:
        count = len(one.key_results)
        if not 2 <= count <= 4:
            message = f"{one.id} has {count} key result{'' if count == 1 else 's'}; two to four serve best"
            yield _warning("kr-count", one.place("key_results"), "key_results", message)


def _number_in_objective(project: Project) -> Iterator[Problem]:
    """An objective says where to go, its key results how far. A year is no such number."""
    for one in project.objectives:
        texts = [text.rstrip(".,") for text in _NUMBER.findall(one.name)]
        numbers = [text for text in texts if not _YEAR.fullmatch(text)]
        if numbers:
            message = f"the objective holds the number {numbers[0]}; make it the target of a key result"
            yield _warning("number-in-objective", one.place("name"), "objective", message)


def _unknown_cycle(project: Project) -> Iterator[Problem]:
    """An objective of a cycle that never comes is never computed."""
    if project.settings.cycles is None:
        return
    for one in project.objectives:
        if one.cycle is not None and project.cycle_named(one.cycle) is None:
            year = _YEAR.search(one.cycle)
            names = ", ".join(_cycle_names(project, int(year[0] if year is not None else ANY_YEAR)))
            message = f"no cycle is named {one.cycle!r}, so {one.id} is never computed; names are {names}"
            yield _warning("unknown-cycle", one.place("cycle"), "cycle", message)


def _cycle_names(project: Project, year: int) -> Iterator[str]:
    for kind in project.settings.kinds:
        yield from [kind.cycle.name] if isinstance(kind, Fixed) else recurring_names(kind.starts, year)


def _duplicate_metric(project: Project) -> Iterator[Problem]:
    """Two key results of one cycle on one metric count the same progress twice."""
    seen: dict[str, list[tuple[str | None, KeyResult]]] = {}
    for objective in project.objectives:
        for one in objective.key_results:
            if one.metric is None:
                continue
            others = seen.setdefault(one.metric, [])
            twin = next((other for cycle, other in others if _meet(project, cycle, objective.cycle)), None)
            if twin is not None:
                message = f"{one.metric} is the metric of {twin.id} too, at {twin.place()}"
                yield _warning("duplicate-metric", one.place("metric"), f"key_results.{one.id}.metric", message)
            others.append((objective.cycle, one))


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


def _bare_percent(project: Project) -> Iterator[Problem]:
    """A percent metric of 25 % has the value 0.25, so a bare 25 is a hundred times what is meant."""
    for one in (one for objective in project.objectives for one in objective.key_results):
        metric = None if one.metric is None else project.metrics[one.metric]
        if metric is None or metric.unit != PERCENT:
            continue
        for name, quantity in _quantities(one):
            if quantity.unit is None and abs(quantity.number) > 1:
                percent = f"{quantity.number * 100:g}%"
                message = f"{quantity} is {percent}, since {one.metric} is in percent; write {quantity}%, or {percent}"
                yield _warning("bare-percent", one.place(name), f"key_results.{one.id}.{name}", message)


def _quantities(one: KeyResult) -> Iterator[tuple[str, Quantity]]:
    """The numbers of a goal, by the fields they are written in."""
    low, high = one.between or (None, None)
    written = {"baseline": one.baseline, "target": one.target, "at_least": one.at_least, "at_most": one.at_most}
    fields = [*written.items(), ("between", low), ("between", high)]
    return ((name, quantity) for name, quantity in fields if quantity is not None)


def _unused_metric(project: Project) -> Iterator[Problem]:
    """A metric that nothing reads is computed for nobody, or its name is misspelt elsewhere."""
    used = {one.metric for objective in project.objectives for one in objective.key_results}
    conditions = [one.done or "" for objective in project.objectives for one in objective.key_results]
    formulas = [metric.value for metric in project.metrics.values() if metric.stream is None]
    used.update(name for text in (*conditions, *formulas) for name in _NAME.findall(text))
    for name, metric in project.metrics.items():
        if name not in used:
            message = f"no key result and no other metric uses {name}"
            yield _warning("unused-metric", metric.place(), f"metrics.{name}", message)


def _unused_event(project: Project) -> Iterator[Problem]:
    """An event that bounds no window is read for nobody, or its name is misspelt elsewhere."""
    windows = [metric.window for metric in project.metrics.values() if metric.window is not None]
    used = {name for window in windows for name in window.events}
    for name, event in project.events.items():
        if name not in used:
            message = f"no window begins or ends with {name}"
            yield _warning("unused-event", event.place(), f"events.{name}", message)


def _unused_source(project: Project) -> Iterator[Problem]:
    """A source that nothing reads costs a sync every night."""
    streams = {metric.stream for metric in project.metrics.values()}
    streams |= {event.stream for event in project.events.values()}
    streams |= {initiative.stream for objective in project.objectives for initiative in objective.initiatives}
    used = {stream.partition(".")[0] for stream in streams if stream is not None}
    used |= {name for view in project.views.values() for name in _BEFORE_DOT.findall(view.select)}
    for name, source in project.sources.items():
        if name not in used:
            message = f"no metric, event or initiative reads a stream of {name}"
            yield _warning("unused-source", source.place, f"sources.{name}", message)


def _warning(code: str, place: Location, field: str, message: str) -> Problem:
    return Problem(str(place), field, f"[{code}] {message}")
