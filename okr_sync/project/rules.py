"""Rules between the objects of a project: what must be unique, and names that must exist.

They read the files' plain data, not the models, so that a mistake in one object hides none in another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from okr_sync.errors import Problem, nearest
from okr_sync.project.validation import field_path
from okr_sync.project.window import events_of
from okr_sync.project.yaml import Data, Document, Steps


@dataclass(frozen=True, slots=True)
class _Name:
    """A name, and where it is written."""

    text: str
    document: Document
    steps: Steps

    @property
    def place(self) -> str:
        return str(self.document.place(self.steps))

    def problem(self, message: str) -> Problem:
        return Problem(self.place, field_path(self.steps, self.document.data), message)


def broken_rules(
    documents: Sequence[Document], sources: Iterable[str], cycle_of: Callable[[Document], str | None]
) -> Iterator[Problem]:
    """Every rule that the files under `okrs/` break among themselves, or with the names of the sources.

    `cycle_of` gives the cycle that a file's objective belongs to: an id may come again in another cycle.
    """
    metrics = [name for document in documents for name in _keys(document, "metrics")]
    events = [name for document in documents for name in _keys(document, "events")]
    views = [name for document in documents for name in _keys(document, "views")]
    objectives = (name for one in documents for name in _texts(one, (), one.data, "id"))
    yield from _repeated("objective", objectives, cycle_of)
    yield from _repeated("key result", _in_each(documents, "key_results", "id"), cycle_of)
    yield from _repeated("metric", metrics)
    yield from _repeated("event", events)
    yield from _repeated("view", views)
    yield from _repeated("KPI", (name for document in documents for name in _keys(document, "kpis")))
    yield from _unknown_events(_in_each(documents, "metrics", "window"), {name.text for name in events})
    named = [*_in_each(documents, "key_results", "metric"), *_in_parts(documents)]
    for metric_names in (named, _in_each(documents, "kpis", "metric")):
        yield from _unknown_metrics(metric_names, {name.text for name in metrics})
    yield from _wrong_parents(documents)
    known = sorted(sources)
    yield from _taken(views, metrics, known)
    yield from _unknown_sources(_in_each(documents, "metrics", "stream"), known, {name.text for name in views})
    for part in ("events", "initiatives"):
        yield from _unknown_sources(_in_each(documents, part, "stream"), known)


def _repeated(
    kind: str, names: Iterable[_Name], cycle_of: Callable[[Document], str | None] = lambda _: None
) -> Iterator[Problem]:
    """What has a cycle meets only its like and what belongs to every cycle."""
    seen: dict[str, dict[str | None, _Name]] = {}
    for name in names:
        first, cycle = seen.setdefault(name.text, {}), cycle_of(name.document)
        twin = next((other for known, other in first.items() if cycle is None or known in (None, cycle)), None)
        if twin is not None:
            yield name.problem(f"the {kind} {name.text!r} exists already, at {twin.place}; choose another id")
        else:
            first[cycle] = name


def _unknown_events(windows: Iterable[_Name], known: set[str]) -> Iterator[Problem]:
    for window in windows:
        for event in events_of(window.text):
            if event not in known:
                hint = nearest(event, known) or "; define it under events: in a file below okrs/"
                yield window.problem(f"there is no event {event!r}{hint}")


def _unknown_metrics(names: Iterable[_Name], known: set[str]) -> Iterator[Problem]:
    for name in names:
        if name.text not in known:
            yield name.problem(f"there is no metric {name.text!r}{nearest(name.text, known)}")


def _wrong_parents(documents: Sequence[Document]) -> Iterator[Problem]:
    """A parent must exist, and no objective may lie above itself."""
    above: dict[str, str] = {}
    names: dict[str, _Name] = {}
    known = {name.text for one in documents for name in _texts(one, (), one.data, "id")}
    for document in documents:
        own = document.data.get("id")
        for name in _texts(document, (), document.data, "parent"):
            if name.text not in known:
                yield name.problem(f"there is no objective {name.text!r}{nearest(name.text, known)}")
            elif isinstance(own, str):
                above[own], names[own] = name.text, name
    for loop in _loops(above):
        path = " -> ".join([*loop, loop[0]])
        yield names[loop[0]].problem(f"objectives lie above each other: {path}; one of them has no parent")


def _loops(above: Mapping[str, str]) -> Iterator[list[str]]:
    """Each circle once, from its first member on in the order of `above`."""
    told: set[str] = set()
    for first in above:
        path: list[str] = []
        one = first
        while one in above and one not in path and one not in told:
            path.append(one)
            one = above[one]
        if one in path:
            yield path[path.index(one) :]
        told.update(path)


def _taken(views: Iterable[_Name], metrics: Iterable[_Name], sources: Sequence[str]) -> Iterator[Problem]:
    """A view's name stands for it alone: formulas could not tell it from a metric, nor from a source."""
    places = {name.text: name.place for name in metrics}
    for view in views:
        if view.text in places:
            yield view.problem(f"{view.text!r} is a metric already, at {places[view.text]}; choose another name")
        elif view.text in sources:
            yield view.problem(f"{view.text!r} is a source already, in okr-sync.yaml; choose another name")


def _unknown_sources(names: Iterable[_Name], known: Sequence[str], views: Collection[str] = ()) -> Iterator[Problem]:
    for name in names:
        source, dot, stream = name.text.partition(".")
        if views and not dot:
            if name.text not in views:
                yield name.problem(f"there is no view {name.text!r}{nearest(name.text, views)}")
        elif not (source and dot and stream):
            yield name.problem(f"{name.text!r} is not a stream; write its source and its name, such as jira.issues")
        elif source not in known:
            yield name.problem(f"there is no source {source!r} in okr-sync.yaml{nearest(source, known)}")


def _keys(document: Document, part: str) -> Iterator[_Name]:
    held = document.data.get(part)
    for key in held if isinstance(held, dict) else ():
        yield _Name(key, document, (part, key))


def _in_each(documents: Iterable[Document], part: str, field: str) -> Iterator[_Name]:
    """The texts of `field` in all entries of the list or mapping `part`."""
    for document in documents:
        held = document.data.get(part)
        entries = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
        for step, entry in entries:
            yield from _texts(document, (part, step), entry, field)


def _in_parts(documents: Iterable[Document]) -> Iterator[_Name]:
    """The metrics of the parts of key results that are made of several goals."""
    for document in documents:
        held = document.data.get("key_results")
        for number, one in enumerate(held if isinstance(held, list) else ()):
            parts = one.get("all_of") if isinstance(one, dict) else None
            for inner, part in enumerate(parts if isinstance(parts, list) else ()):
                yield from _texts(document, ("key_results", number, "all_of", inner), part, "metric")


def _texts(document: Document, steps: Steps, data: Data, field: str) -> Iterator[_Name]:
    text = data.get(field) if isinstance(data, dict) else None
    if isinstance(text, str):
        yield _Name(text, document, (*steps, field))
