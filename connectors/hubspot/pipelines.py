"""Pipelines and their stages by name, and when a record entered each stage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.hubspot.columns import PropertyColumn, Raw, looked_up, text, value_of
from connectors.hubspot.objects import CrmObject, PipelineProperties
from connectors.hubspot.values import read_property
from okr_sync.connector import Field, FieldType, Value
from okr_sync.names import snake

ENTERED = "hs_v2_date_entered_"
_CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    label: str
    pipeline_id: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Pipelines:
    """The pipelines of one object: labels by id, and every stage."""

    labels: Mapping[str, str]
    stages: Mapping[str, Stage]

    @classmethod
    def of(cls, answer: Sequence[Mapping[str, Any]]) -> Pipelines:
        """From what `GET /crm/v3/pipelines/{object}` gives. Of a ticket's stages HubSpot says whether they close it."""
        stages = [
            Stage(str(one["id"]), one["label"], str(pipeline["id"]), _is_closed(one.get("metadata") or {}))
            for pipeline in answer
            for one in pipeline["stages"]
        ]
        return cls({str(one["id"]): one["label"] for one in answer}, {one.id: one for one in stages})

    def names(self) -> dict[str, str]:
        """What a record shows of its pipeline and its stage, by the id of each. Labels may change, ids do not."""
        of_stages = {one.id: f"{one.label} (closed)" if one.is_closed else one.label for one in self.stages.values()}
        return {f"pipeline {name}": label for name, label in self.labels.items()} | of_stages


UNKNOWN = Pipelines({}, {})
"""Those of an account that has not been asked."""


def _is_closed(metadata: Mapping[str, Any]) -> bool:
    return metadata.get("ticketState") == _CLOSED or str(metadata.get("isClosed")).lower() == "true"


def name_columns(one: CrmObject, pipelines: Pipelines) -> Iterator[PropertyColumn]:
    """Pipeline and stage by name and by id. What HubSpot does not say itself of a stage is looked up."""
    where, stages = one.pipelines, pipelines.stages
    if where is None:
        return
    yield looked_up(Field("pipeline", FieldType.TEXT, "The pipeline's name"), where.pipeline, pipelines.labels.get)
    yield text("pipeline_id", where.pipeline, "The pipeline's id, which stays where it is renamed")
    yield looked_up(
        Field("stage", FieldType.TEXT, "The stage's name"),
        where.stage,
        lambda key: stages[key].label if key in stages else None,
    )
    yield text("stage_id", where.stage, "The stage's id, which stays where it is renamed")
    if all(column.field.name != "is_closed" for column in one.columns):
        yield looked_up(
            Field("is_closed", FieldType.BOOLEAN, "In a stage that counts as closed"),
            where.stage,
            lambda key: stages[key].is_closed if key in stages else None,
        )


def declared_fields(one: CrmObject) -> tuple[Field, ...]:
    """The fields that are known before the account is asked."""
    return tuple(column.field for column in (*one.known_columns, *name_columns(one, UNKNOWN)))


def entered_columns(where: PipelineProperties, pipelines: Pipelines, known: Sequence[str]) -> Iterator[PropertyColumn]:
    """`entered_won_at`: a column for each name of a stage, whichever pipelines have a stage of that name.

    `known` are the names of the object's properties: that of a stage's time ends with the id of the stage, behind which
    HubSpot may put a number of its own.
    """
    by_name: dict[str, list[tuple[str, str, str]]] = {}
    for stage in pipelines.stages.values():
        pattern = re.compile(rf"{ENTERED}{re.escape(stage.id)}(_\d+)?")
        for source in filter(pattern.fullmatch, known):
            by_name.setdefault(_entered_name(stage), []).append((source, stage.pipeline_id, stage.label))
    for name, sources in by_name.items():
        yield _entered(name, where, sources)


def _entered(name: str, where: PipelineProperties, sources: Sequence[tuple[str, str, str]]) -> PropertyColumn:
    """The time in the record's present pipeline where it has one; of a record that was moved, the last in any other."""
    field = Field(name, FieldType.TIMESTAMP, f"When it last entered the stage {sources[0][2]!r}")

    def read(raw: Raw) -> Value:
        present = value_of(raw, where.pipeline)
        times = [
            (pipeline == present, at)
            for source, pipeline, _ in sources
            if isinstance(at := read_property(FieldType.TIMESTAMP, value_of(raw, source)), datetime)
        ]
        return max(times)[1] if times else None

    return PropertyColumn(field, read, tuple(source for source, _, _ in sources))


def _entered_name(stage: Stage) -> str:
    """`entered_da_ky_at` of `Đã ký`; of a name without a letter that a formula could write, by the id."""
    label = stage.label if snake(stage.label, "stage") else stage.id
    return snake(f"entered {label} at", "stage")
