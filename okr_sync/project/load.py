"""A project's folder to a validated `Project`: `okr-sync.yaml` and every YAML file under `okrs/`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from okr_sync.connector import Connector
from okr_sync.errors import Problem, ProjectError
from okr_sync.project.cycle import Fixed, Kind, is_cycle_name
from okr_sync.project.destinations import FIELD as DESTINATIONS
from okr_sync.project.destinations import Destination, check_objectives, read_destinations
from okr_sync.project.environment import Resolved, resolve
from okr_sync.project.event import Event
from okr_sync.project.fields import Identifier
from okr_sync.project.for_each import Expansion, repeated_ids
from okr_sync.project.located import Located
from okr_sync.project.metric import Metric, View
from okr_sync.project.model import Kpi, Objective, Project
from okr_sync.project.places import set_places
from okr_sync.project.rules import broken_rules
from okr_sync.project.settings import Settings
from okr_sync.project.sources import check_sources, read_source, source_names
from okr_sync.project.time_rules import broken_time_rules
from okr_sync.project.validation import Part, validate
from okr_sync.project.yaml import Document, content_of, parse

MAIN_FILE = "okr-sync.yaml"
OKRS = "okrs"
NAMED_PARTS = ("metrics", "events", "kpis", "views")
"""What a file under `okrs/` may define by name, beside its objective."""
_PLACE = re.compile(r"(.*?)(?::(\d+))?")

Files = Mapping[str, bytes]
"""The content of a project's files, by their names from its folder: okr-sync.yaml and those under okrs/."""

T = TypeVar("T")
L = TypeVar("L", bound=Located)


@dataclass(slots=True)
class _Problems:
    """Collects what is wrong, so that people see everything at once."""

    found: list[Problem] = field(default_factory=list)

    def catch(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except ProjectError as error:
            self.found.extend(error.problems)
            return None

    def catch_each(self, makes: Iterable[Callable[[], T]]) -> list[T]:
        made = [self.catch(make) for make in makes]
        return [one for one in made if one is not None]


def load(folder: Path, connectors: Mapping[str, type[Connector]], files: Files | None = None) -> Project:
    """The project in `folder`, whose sources may use `connectors`. No source is asked for anything.

    Environment variables are read here. An objective below a folder that is named as a cycle, such as
    `okrs/2026-Q4/`, belongs to that cycle, unless its file names another.

    Args:
        files: what to take for the content of its files, in the place of what is in the folder now.

    Raises:
        ProjectError: the files are wrong; all problems of all files at once, in the order of the files.
    """
    problems = _Problems()
    readers = _readers(folder) if files is None else {name: partial(files.__getitem__, name) for name in files}
    documents = problems.catch_each(partial(_parsed, name, read) for name, read in readers.items())
    main = next((one for one in documents if one.file == MAIN_FILE), None)
    documents = [one for one in documents if one is not main]
    if main is None:
        raise ProjectError(problems.found)
    are_read = not problems.found
    settings = problems.catch(partial(_settings, main))
    if are_read:  # else names of a file that cannot be read would seem unknown
        kinds = () if settings is None else settings[0].kinds
        problems.found.extend(broken_rules(documents, source_names(main), partial(_cycle_name, kinds)))
    problems.catch(partial(check_sources, main))
    sources = problems.catch_each(
        partial(read_source, main, name, connectors, os.environ) for name in source_names(main)
    )
    destinations = problems.catch(partial(read_destinations, main, os.environ)) or {}
    metrics = _named(problems, documents, "metrics", Metric)
    events = _named(problems, documents, "events", Event)
    views = _named(problems, documents, "views", View)
    kpis = _named(problems, documents, "kpis", Kpi)
    templates = Expansion()
    objectives = [
        templates.expand(found, document, metrics)
        for document in documents
        if _has_objective(document) and (found := problems.catch(partial(_objective, document))) is not None
    ]
    problems.found.extend(templates.problems)
    if settings is None or problems.found:
        raise ProjectError(_in_order(problems.found))
    project = Project(
        folder=folder,
        settings=settings[0],
        sources={source.name: source for source in sources},
        metrics=metrics | templates.metrics,
        objectives=tuple(_with_cycle(objective, settings[0].kinds) for objective in objectives),
        views=views,
        kpis=kpis,
        missing_variables=settings[1],
        events=events,
        destinations=destinations,
    )
    problems.catch(partial(check_objectives, destinations, (one.id for one in objectives)))
    problems.found.extend([*repeated_ids(project.objectives), *broken_time_rules(project)])
    if problems.found:
        raise ProjectError(_in_order(problems.found))
    return project


def read_files(folder: Path) -> Files:
    """What `load` would read.

    Raises:
        ProjectError: a file cannot be read.
    """
    return {name: read() for name, read in _readers(folder).items()}


def load_destinations(folder: Path) -> tuple[dict[str, Destination], Settings | None]:
    """Where to tell people that the project in `folder` is broken: its destinations, and its settings where these are
    right. Nothing else of the project is read.

    Raises:
        ProjectError: `okr-sync.yaml` cannot be read, or its destinations are wrong.
    """
    main = _parsed(MAIN_FILE, partial(_main_content, folder))
    settings = _Problems().catch(partial(_settings, main))
    return read_destinations(main, os.environ), None if settings is None else settings[0]


def _readers(folder: Path) -> dict[str, Callable[[], bytes]]:
    okrs = {name: partial(content_of, path, name) for name, path in _okr_files(folder)}
    return {MAIN_FILE: partial(_main_content, folder), **okrs}


def _parsed(name: str, read: Callable[[], bytes]) -> Document:
    return parse(read(), name)


def _main_content(folder: Path) -> bytes:
    path = folder / MAIN_FILE
    if not path.exists():
        what = f"has no {MAIN_FILE}" if folder.is_dir() else "is not a folder"
        message = f"{what}; name a project's folder with --project DIR, or write a new project: okr-sync init DIR"
        raise ProjectError([Problem(str(folder), "", message)])
    return content_of(path, MAIN_FILE)


def _okr_files(folder: Path) -> list[tuple[str, Path]]:
    """Each file's name from the project's folder, and its path, by name."""
    paths = [path for path in (folder / OKRS).rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file()]
    return sorted((path.relative_to(folder).as_posix(), path) for path in paths)


def _settings(main: Document) -> tuple[Settings, tuple[str, ...]]:
    """The settings, and the variables in them that are not set."""
    others = ("sources", DESTINATIONS)
    own = replace(main, data={name: held for name, held in main.data.items() if name not in others})
    resolved = resolve(own, (), os.environ)
    settings = validate(Settings, Part(own, resolved, other_fields=others))
    set_places(settings, own)
    return settings, resolved.missing


def _named(problems: _Problems, documents: Iterable[Document], part: str, kind: type[L]) -> dict[str, L]:
    """What all files define in `part`, by name."""
    found = problems.catch_each(
        partial(_named_in, document, part, kind) for document in documents if part in document.data
    )
    return {name: one for of_file in found for name, one in of_file.items()}


def _named_in(document: Document, name: str, kind: type[L]) -> dict[str, L]:
    part = Part(document, Resolved(document.data[name]), (name,))
    found: dict[str, L] = validate(dict[Identifier, kind], part)  # type: ignore[valid-type]
    set_places(found, document, part.steps)
    return found


def _has_objective(document: Document) -> bool:
    return not document.data or not document.data.keys() <= set(NAMED_PARTS)


def _objective(document: Document) -> Objective:
    own = replace(document, data={name: held for name, held in document.data.items() if name not in NAMED_PARTS})
    objective = validate(Objective, Part(own, Resolved(own.data), other_fields=NAMED_PARTS))
    set_places(objective, own)
    return objective


def _with_cycle(objective: Objective, kinds: Sequence[Kind]) -> Objective:
    """The objective in the cycle of the nearest folder around its file that is named as one."""
    if objective.cycle is not None:
        return objective
    return objective.model_copy(update={"cycle": _cycle_of_folder(kinds, objective.place().file)})


def _cycle_name(kinds: Sequence[Kind], document: Document) -> str | None:
    """The cycle that a document's objective belongs to, from its plain data."""
    written = document.data.get("cycle")
    return _cycle_of_folder(kinds, document.file) if written is None else str(written)


def _cycle_of_folder(kinds: Sequence[Kind], file: str) -> str | None:
    fixed = {kind.cycle.name for kind in kinds if isinstance(kind, Fixed)}
    folders = PurePosixPath(file).parts[1:-1]
    return next((name for name in reversed(folders) if name in fixed or is_cycle_name(name)), None)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file, the main one first, then by line."""

    def position(problem: Problem) -> tuple[bool, str, int]:
        match = _PLACE.fullmatch(problem.place)
        file, line = match.groups() if match is not None else (problem.place, None)
        return file != MAIN_FILE, file, int(line or 0)

    return sorted(problems, key=position)
