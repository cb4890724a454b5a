"""What a project says of a Notion source."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.notion.standard import NAMES
from okr_sync.connector import FieldType, SourceSettings, StreamSettings

_ID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _as_id(text: str) -> str:
    """The id, as Notion's answers write it; of an address, the last one of its path: what follows `?` is a view."""
    found = _ID.findall(text.partition("?")[0])
    if not found:
        raise ValueError(f"{text!r} holds no id; write the 32 letters and digits at the end of its address")
    return str(UUID(found[-1]))


_Id = Annotated[str, AfterValidator(_as_id)]


class PropertySettings(BaseModel):
    """One property, and how it is read."""

    model_config = ConfigDict(extra="forbid")

    wanted: str = Field(
        alias="property", min_length=1, description="Its name in Notion, or its id, which outlives a new name"
    )
    type: Literal["text", "integer", "number", "boolean", "date", "timestamp", "list"] | None = Field(
        default=None, description="Where Notion does not tell it, as of formulas, or another one is wanted"
    )
    part: Literal["start", "end"] = Field(
        default="start", description="Of a date: when it begins, or when it ends, with a day's last moment for a day"
    )

    @property
    def field_type(self) -> FieldType | None:
        return None if self.type is None else FieldType(self.type)


class DataSourceSettings(StreamSettings):
    data_source: _Id | None = Field(default=None, description="The data source's id")
    database: _Id | None = Field(default=None, description="Or the id or address of a database with one data source")
    fields: dict[_Name, str | PropertySettings] = Field(
        default_factory=dict,
        description="Your name for a property, and its name or id in Notion; others are named after themselves",
    )
    only_fields: bool = Field(default=False, description="Leave out every property that is not under `fields`")
    read: Literal["changes", "everything"] = Field(
        default="everything",
        description=(
            "What each sync reads. `everything` takes a request for every hundred rows. `changes` takes three in all,"
            " but never sees that a row was moved to another data source; rows with rollups or formulas are not read so"
        ),
    )

    @property
    def named(self) -> dict[str, PropertySettings]:
        return {
            name: PropertySettings(property=one) if isinstance(one, str) else one for name, one in self.fields.items()
        }

    @field_validator("fields")
    @classmethod
    def _hides_no_standard_field(cls, fields: dict[str, str | PropertySettings]) -> dict[str, str | PropertySettings]:
        taken = [name for name in fields if name in NAMES]
        if taken:
            raise ValueError(f"{', '.join(taken)}: every row has a field of this name already; choose another name")
        return fields

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.data_source is None) == (self.database is None):
            raise ValueError("write exactly one of data_source (its id) and database (its id or address)")
        return self


class NotionSettings(SourceSettings):
    token: SecretStr = Field(description="The secret of an internal integration")
    url: str = Field(default="https://api.notion.com", description="Where Notion's API is")
    streams: dict[_Name, DataSourceSettings] = Field(
        min_length=1, description="Your name for each stream, and the data source that it reads"
    )
