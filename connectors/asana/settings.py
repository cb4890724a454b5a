"""What a project says of an Asana source."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.asana.streams import declarations
from okr_sync.connector import SourceSettings, StreamSettings

_NAMES = {name: one.names for name, one in declarations(ZoneInfo("UTC")).items()}


class FieldSettings(StreamSettings):
    taken: ClassVar[frozenset[str]]
    """The fields that the stream has by itself."""

    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], int | str] = Field(
        default_factory=dict, description="Custom fields: your name for each, and the field's id or name in Asana"
    )

    @field_validator("fields")
    @classmethod
    def _hides_no_standard_field(cls, fields: dict[str, int | str]) -> dict[str, int | str]:
        taken = [name for name in fields if name in cls.taken]
        if taken:
            raise ValueError(f"{', '.join(taken)}: the stream has a field of this name already; choose another name")
        return fields


class TaskSettings(FieldSettings):
    taken = _NAMES["tasks"]


class ProjectSettings(FieldSettings):
    taken = _NAMES["projects"]


class PortfolioSettings(FieldSettings):
    taken = _NAMES["portfolios"]


class GoalSettings(FieldSettings):
    taken = _NAMES["goals"]


class AsanaStreams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tasks: TaskSettings = TaskSettings()
    projects: ProjectSettings = ProjectSettings()
    portfolios: PortfolioSettings = PortfolioSettings()
    goals: GoalSettings = GoalSettings()

    @property
    def custom_fields(self) -> dict[str, dict[str, int | str]]:
        """For each stream that has any: our names for custom fields, and Asana's."""
        every = {"tasks": self.tasks, "projects": self.projects, "portfolios": self.portfolios, "goals": self.goals}
        return {name: one.fields for name, one in every.items() if one.fields}


class AsanaSettings(SourceSettings):
    url: str = Field(default="https://app.asana.com", description="The address, where it is another one")
    token: SecretStr = Field(description="A personal access token, or that of a service account")
    workspace: int | str | None = Field(
        default=None, description="Its id or name; not needed where the token sees only one"
    )
    projects: Literal["all"] | Annotated[list[int | str], Field(min_length=1)] = Field(
        default="all",
        description="Which projects are read, with their tasks: ids or names, the one that a task in several counts"
        " for first; or all that the token sees, archived ones too",
    )
    streams: AsanaStreams = AsanaStreams()
