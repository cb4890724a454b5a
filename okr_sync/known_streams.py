"""The streams of a project, as far as they are known: as they landed, and else as their connectors declare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from okr_sync.connector import Connector, Field, FieldType, Stream
from okr_sync.formula import CompiledView, with_versions
from okr_sync.project.field_units import with_units
from okr_sync.project.model import Project
from okr_sync.warehouse import Warehouse, streams_by_source


def relations(streams: Mapping[str, Stream], views: Mapping[str, CompiledView]) -> dict[str, Stream]:
    """Streams, their versions and views, by the names under which formulas read them."""
    return {**with_versions(streams), **{name: view.relation for name, view in views.items()}}


def landed_streams(project: Project, warehouse: Warehouse) -> dict[str, Stream]:
    return {
        f"{source}.{stream.name}": stream
        for source, streams in streams_by_source(warehouse, project.sources).items()
        for stream in streams
    }


def known_streams(
    project: Project, connectors: Mapping[str, Connector], landed: Mapping[str, Stream]
) -> dict[str, Stream]:
    """What the sources offer, as far as it is known, in the units that the project says.

    Raises:
        ProjectError: the project gives units to what has none.
    """
    return {
        f"{source}.{stream.name}": with_units(
            project.sources[source], _as_known(stream, landed.get(f"{source}.{stream.name}"))
        )
        for source, connector in connectors.items()
        for stream in connector.declared_streams()
    }


def _as_known(declared: Stream, landed: Stream | None) -> Stream:
    """What the project declares, with the types, and where it leaves them open the fields, that landed."""
    if landed is None:
        return declared
    fields = [_typed(field, landed.field(field.name)) for field in declared.fields]
    if declared.is_open:
        fields += [field for field in landed.fields if declared.field(field.name) is None]
    return replace(declared.with_fields(fields), description=landed.description)


def _typed(declared: Field, landed: Field | None) -> Field:
    if declared.type is not FieldType.UNKNOWN or landed is None:
        return declared
    return replace(declared, type=landed.type, unit=declared.unit or landed.unit)
