"""The sources of a project: their names are checked here, their settings by their connectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from okr_sync.connector import Connector
from okr_sync.errors import Problem, ProjectError, nearest
from okr_sync.project.environment import Resolved, resolve
from okr_sync.project.field_units import check_units
from okr_sync.project.fields import Identifier
from okr_sync.project.model import Source
from okr_sync.project.validation import Part, validate
from okr_sync.project.wording import shown
from okr_sync.project.yaml import Document

_RESERVED = ("information_schema", "main", "memory", "pg_catalog", "system", "temp")
"""Each source is a catalog of DuckDB, which has these already."""


def _free(name: str) -> str:
    if name in _RESERVED:
        raise ValueError(
            f"{name!r} is a name of the warehouse's own; choose another, and none of {', '.join(_RESERVED)}"
        )
    return name


SourceName = Annotated[Identifier, AfterValidator(_free)]


def check_sources(main: Document) -> None:
    """Refuse names that no source can have, and sources that are no mappings.

    Raises:
        ProjectError: all that are wrong.
    """
    if "sources" in main.data:
        part = Part(main, Resolved(main.data["sources"]), ("sources",))
        validate(dict[SourceName, dict[str, Any]], part)


def source_names(main: Document) -> list[str]:
    """The names of all sources that are mappings, good names and others."""
    sources = main.data.get("sources")
    return [name for name, held in sources.items() if isinstance(held, dict)] if isinstance(sources, dict) else []


def read_source(
    main: Document, name: str, connectors: Mapping[str, type[Connector]], environment: Mapping[str, str]
) -> Source:
    """One source. Variables that are not set stay in its settings as they are written.

    Raises:
        ProjectError: there is no such connector, or it does not allow the settings.
    """
    steps = ("sources", name)
    resolved = resolve(main, steps, environment)
    connector = _connector(main, name, connectors)
    settings = validate(connectors[connector].Settings, Part(main, resolved, steps))
    check_units(main, steps, settings)
    return Source(name, connector, settings, main.place(steps), resolved.missing)


def _connector(main: Document, name: str, connectors: Mapping[str, type[Connector]]) -> str:
    steps = ("sources", name, "connector")
    settings = main.at(steps[:-1])
    written = settings.get("connector") if isinstance(settings, dict) else None
    if isinstance(written, str) and written in connectors:
        return written
    if written is None:
        message = f"is missing; the connectors are {', '.join(sorted(connectors))}"
    else:
        message = f"{shown(written)} is not a connector{nearest(str(written), connectors)}"
    raise ProjectError([Problem(str(main.place(steps)), ".".join(steps), message)])
