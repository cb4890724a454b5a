"""What a project says of a HubSpot source."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, model_validator

from connectors.hubspot.columns import EVERYWHERE
from connectors.hubspot.objects import STANDARD
from connectors.hubspot.pipelines import declared_fields
from okr_sync.connector import SourceSettings, StreamSettings
from okr_sync.errors import nearest

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
HOME = "https://api.hubapi.com"


class ObjectSettings(StreamSettings):
    object: Annotated[str, Field(pattern=r"^([a-z][a-z_]*|\d+-\d+|p\d*_\w+)$")] | None = Field(
        default=None, description="For a stream of your own: the type id of the object, such as 2-123456, or its name"
    )
    fields: dict[Name, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict, description="Further properties: your name for each, and its internal name in HubSpot"
    )
    history: bool = Field(
        default=True,
        description="Rebuild what records were before from the histories of their properties: a further request for"
        " every 50 that changed",
    )
    census: bool = Field(
        default=False,
        description="List all ids every time, 100 a request, to find records that left no trace: deleted for good, or"
        " restored without a change since; archived and merged ones are found without it",
    )


class HubSpotSettings(SourceSettings):
    token: SecretStr = Field(description="A service key, or the access token of a private app, that may read the CRM")
    account: int | None = Field(
        default=None, description="The account's Hub ID, to refuse a token of another account; links need it offline"
    )
    url: str = Field(default=HOME, description="The address of the API, where it is another one")
    api_version: str = Field(
        default="v3", pattern=r"^(v3|20\d\d-\d\d)$", description="v3, or a dated version such as 2026-09"
    )
    streams: dict[Name, ObjectSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _knows_its_streams(self) -> HubSpotSettings:
        for name, stream in self.streams.items():
            problem = _own_problem(name, stream) if name not in STANDARD else _standard_problem(name, stream)
            if problem is not None:
                raise ValueError(f"streams.{name}: {problem}")
        return self


def _own_problem(name: str, stream: ObjectSettings) -> str | None:
    if stream.object is None:
        return f"it is no standard stream{nearest(name, STANDARD)}; for one of your own, write its object: 2-123456"
    standard = next((one.name for one in STANDARD.values() if stream.object in (one.name, one.type_id)), None)
    if standard is not None:
        return f"{stream.object} is the standard stream {standard}; write what you add there: streams.{standard}.fields"
    return _taken(stream, {one.field.name for one in EVERYWHERE})


def _standard_problem(name: str, stream: ObjectSettings) -> str | None:
    if stream.object is not None:
        return f"it reads {name}; leave object out, or choose another name for the stream"
    return _taken(stream, {one.name for one in declared_fields(STANDARD[name])})


def _taken(stream: ObjectSettings, names: set[str]) -> str | None:
    taken = sorted(names & stream.fields.keys())
    return f"fields: {', '.join(taken)}: the stream has such a field already; choose another name" if taken else None
