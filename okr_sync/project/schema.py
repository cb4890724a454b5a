"""The JSON Schema of project files, for editors that complete and check while typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from okr_sync.connector import Connector
from okr_sync.project.destinations import Destination
from okr_sync.project.event import Event
from okr_sync.project.fields import IDENTIFIER, Identifier
from okr_sync.project.metric import Metric, View
from okr_sync.project.model import Kpi, Objective
from okr_sync.project.settings import Settings

_Events = Annotated[dict[Identifier, Event], Field(json_schema_extra={"additionalProperties": False})]
_Metrics = Annotated[dict[Identifier, Metric], Field(json_schema_extra={"additionalProperties": False})]
_Kpis = Annotated[dict[Identifier, Kpi], Field(json_schema_extra={"additionalProperties": False})]

_Destinations = Annotated[dict[Identifier, Destination], Field(json_schema_extra={"additionalProperties": False})]
_Views = Annotated[dict[Identifier, View], Field(json_schema_extra={"additionalProperties": False})]


class _MainFile(Settings):
    """okr-sync.yaml: the cycle, where things are kept, and the sources."""

    model_config = ConfigDict(title="okr-sync.yaml")

    sources: dict[Identifier, Any] = Field(default_factory=dict)
    destinations: _Destinations = Field(default_factory=dict)


class _ObjectiveFile(Objective):
    """A file under okrs/ with an objective, and with metrics and KPIs if you like."""

    model_config = ConfigDict(title="objective")

    metrics: _Metrics = Field(default_factory=dict)
    events: _Events = Field(default_factory=dict)
    views: _Views = Field(default_factory=dict)
    kpis: _Kpis = Field(default_factory=dict)


class _DefinitionsFile(BaseModel):
    """A file under okrs/ without an objective: what others are made of."""

    model_config = ConfigDict(title="definitions", extra="forbid", json_schema_extra={"minProperties": 1})

    metrics: _Metrics = Field(default_factory=dict)
    events: _Events = Field(default_factory=dict)
    views: _Views = Field(default_factory=dict)
    kpis: _Kpis = Field(default_factory=dict)


_FILES = (_MainFile, _ObjectiveFile, _DefinitionsFile)


def json_schema(connectors: Mapping[str, type[Connector]]) -> dict[str, Any]:
    """One schema (draft 2020-12) for `okr-sync.yaml` and for the files under `okrs/`: a file fits one of its parts.

    It is wider than `okr-sync check`, which knows names and formulas.
    """
    settings = dict.fromkeys(connector.Settings for connector in connectors.values())
    kinds: list[type[BaseModel]] = [*_FILES, *settings]
    references, whole = models_json_schema([(kind, "validation") for kind in kinds], ref_template="#/$defs/{model}")
    sources = whole["$defs"][_MainFile.__name__]["properties"]["sources"]
    sources["additionalProperties"] = False
    sources["patternProperties"] = {
        IDENTIFIER: {
            "oneOf": [
                references[connector.Settings, "validation"] | {"properties": {"connector": {"const": name}}}
                for name, connector in sorted(connectors.items())
            ]
        }
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Project files of okr-sync",
        "anyOf": [references[kind, "validation"] for kind in _FILES],
        "$defs": whole["$defs"],
    }
