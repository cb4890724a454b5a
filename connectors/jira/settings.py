"""What a project says of a Jira source."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.jira.fields import STANDARD_NAMES
from okr_sync.connector import FieldType, SourceSettings, StreamSettings

_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)


class FieldSettings(BaseModel):
    """A field of the site, and the type to read it as where the site's own type is not wanted or not enough."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(min_length=1, description="Its id, such as customfield_10044, or its name, if no other has it")
    type: Literal["text", "integer", "number", "boolean", "date", "timestamp", "list"] | None = None

    @property
    def field_type(self) -> FieldType | None:
        return None if self.type is None else FieldType(self.type)


class IssueSettings(StreamSettings):
    select: str | None = Field(default=None, description="JQL that chooses the issues, without ORDER BY")
    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], str | FieldSettings] = Field(
        default_factory=dict, description="Further fields: your name for each, and the field's id or name in Jira"
    )

    @property
    def custom_fields(self) -> dict[str, FieldSettings]:
        return {name: FieldSettings(field=one) if isinstance(one, str) else one for name, one in self.fields.items()}

    @field_validator("select")
    @classmethod
    def _has_no_order(cls, select: str | None) -> str | None:
        if select is not None and _ORDER_BY.search(_QUOTED.sub("''", select)):
            raise ValueError(f"{select!r} has an ORDER BY; leave it out, the order of reading is okr-sync's own")
        return select

    @field_validator("fields")
    @classmethod
    def _hides_no_standard_field(cls, fields: dict[str, str | FieldSettings]) -> dict[str, str | FieldSettings]:
        taken = [name for name in fields if name in STANDARD_NAMES]
        if taken:
            raise ValueError(f"{', '.join(taken)}: every issue has a field of this name already; choose another name")
        return fields


class JiraStreams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    issues: IssueSettings = IssueSettings()


class JiraSettings(SourceSettings):
    url: str = Field(description="The site's address: https://agency.atlassian.net")
    email: str = Field(description="The account the token belongs to")
    token: SecretStr = Field(description="An API token of that account")
    streams: JiraStreams = JiraStreams()
