"""Columns of the catalogue: the fields of streams, and of which of them a number is made."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from okr_sync.connector import Field, Stream
from okr_sync.formula import CompiledMetric
from okr_sync.orchestration.selected import Metadata

VALUE = "value"
SCHEMA = "dagster/column_schema"
LINEAGE = "dagster/column_lineage"


def columns(stream: Stream) -> Metadata:
    """The fields of a stream with types, units and descriptions; those of its key are marked."""
    found = [
        dg.TableColumn(
            field.name,
            field.type.value,
            description=_described(field),
            constraints=dg.TableColumnConstraints(nullable=field.name not in stream.key),
            tags={"key": ""} if field.name in stream.key else None,
        )
        for field in stream.fields
    ]
    return {SCHEMA: dg.MetadataValue.table_schema(dg.TableSchema(columns=found))}


def _described(field: Field) -> str | None:
    unit = "" if field.unit is None else f"(in {field.unit})"
    return " ".join(filter(None, (field.description, unit))) or None


def made_of(metrics: Iterable[CompiledMetric], unit: str | None) -> Metadata:
    """A number with the fields that the formulas below it read, those of the events of their windows included."""
    fields: dict[str, set[str]] = {}
    for metric in metrics:
        for stream, read in metric.reads.items():
            fields.setdefault(stream, set()).update(read)
        for event in metric.events:
            if event.stream is not None:
                fields.setdefault(event.stream, set()).update(event.fields)
    deps = [
        dg.TableColumnDep(asset_key=dg.AssetKey(stream.split(".")), column_name=name)
        for stream, names in sorted(fields.items())
        for name in sorted(names)
    ]
    column = dg.TableColumn(VALUE, "number", description=None if unit is None else f"(in {unit})")
    return {
        SCHEMA: dg.MetadataValue.table_schema(dg.TableSchema(columns=[column])),
        LINEAGE: dg.MetadataValue.column_lineage(dg.TableColumnLineage(deps_by_column={VALUE: deps})),
    }
