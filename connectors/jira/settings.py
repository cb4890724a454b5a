"""What a project says of a Jira source."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.jira.fields import SPRINTS, STANDARD_NAMES, STORY_POINTS
from okr_sync.connector import Field as RecordField
from okr_sync.connector import FieldType, SourceSettings, StreamSettings

AUTO = "auto"
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)
_CLOUD_HOST = re.compile(r"^https?://[^/]+\.atlassian\.net(/|$)", re.IGNORECASE)

Wanted = Annotated[str, Field(pattern=rf"^({AUTO}|customfield_\d+)$")]
"""A field of the site: found by its kind, or pinned by its id."""


class FieldSettings(BaseModel):
    """A field of the site, and the type to read it as where the site's own type is not wanted or not enough."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(min_length=1, description="Its id, such as customfield_10044, or its name, if no other has it")
    type: Literal["text", "integer", "number", "boolean", "date", "timestamp", "list"] | None = None

    @property
    def field_type(self) -> FieldType | None:
        return None if self.type is None else FieldType(self.type)


class SelectSettings(StreamSettings):
    select: str | None = Field(default=None, description="JQL that chooses the issues, without ORDER BY")

    @field_validator("select")
    @classmethod
    def _has_no_order(cls, select: str | None) -> str | None:
        if select is not None and _ORDER_BY.search(_QUOTED.sub("''", select)):
            raise ValueError(f"{select!r} has an ORDER BY; leave it out, the order of reading is okr-sync's own")
        return select


class IssueSettings(SelectSettings):
    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], str | FieldSettings] = Field(
        default_factory=dict, description="Further fields: your name for each, and the field's id or name in Jira"
    )
    story_points: Wanted | None = Field(
        default=None, description="Adds story_points: auto finds the field, customfield_10016 names it"
    )
    sprints: Wanted | None = Field(
        default=None, description="Adds sprints, sprint_ids and active_sprint: auto, or the field's id"
    )

    history: bool = Field(
        default=True, description="Rebuild what issues were before from Jira's own history: one more request a page"
    )

    @property
    def custom_fields(self) -> dict[str, FieldSettings]:
        return {name: FieldSettings(field=one) if isinstance(one, str) else one for name, one in self.fields.items()}

    @property
    def agile_fields(self) -> tuple[RecordField, ...]:
        """The fields that `story_points` and `sprints` add."""
        return ((STORY_POINTS,) if self.story_points else ()) + (SPRINTS if self.sprints else ())

    @model_validator(mode="after")
    def _hides_no_field(self) -> Self:
        known = STANDARD_NAMES | {one.name for one in self.agile_fields}
        taken = [name for name in self.fields if name in known]
        if taken:
            raise ValueError(f"{', '.join(taken)}: every issue has a field of this name already; choose another name")
        return self


class SprintSettings(StreamSettings):
    boards: list[int] | None = Field(default=None, description="Only the sprints of these boards; default: of all")


class SlaSettings(SelectSettings):
    select: str | None = Field(
        default=None, description="JQL that chooses the requests, such as project = SUP; without it all issues are read"
    )
    read_all: bool = Field(
        default=False,
        description="Read every request every time: finds cycles of deleted requests, and closed ones that an"
        " administrator had recalculated",
    )


class JiraStreams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    issues: IssueSettings = IssueSettings()
    changelog: SelectSettings = SelectSettings()
    worklogs: StreamSettings = StreamSettings()
    sprints: SprintSettings = SprintSettings()
    projects: StreamSettings = StreamSettings()
    slas: SlaSettings = SlaSettings()


class JiraSettings(SourceSettings):
    url: str = Field(description="The site's address: https://agency.atlassian.net")
    email: str | None = Field(
        default=None, description="The account the token belongs to; a data center needs none beside the token"
    )
    token: SecretStr = Field(description="An API token of that account; of a data center, a personal access token")
    deployment: Literal["cloud", "data_center"] | None = Field(
        default=None, description="Default: cloud where there is an email, data_center where there is none"
    )
    streams: JiraStreams = JiraStreams()

    @property
    def is_cloud(self) -> bool:
        return self.email is not None if self.deployment is None else self.deployment == "cloud"

    @model_validator(mode="after")
    def _knows_its_account(self) -> Self:
        if self.email is None and (self.is_cloud or _CLOUD_HOST.match(self.url)):
            raise ValueError("email is missing: a token of Jira Cloud signs in together with its account's address")
        return self
