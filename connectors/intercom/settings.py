"""What a project says of an Intercom source."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from okr_sync.connector import SourceSettings, StreamSettings
from okr_sync.http import checked_address

HOSTS = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}


class ConversationSettings(StreamSettings):
    deletions: Literal["list", "census"] = Field(
        default="list",
        description="How deleted conversations are found: by Intercom's list of them, which API versions before 2.16"
        " may not have, or by a census of all ids, which takes a request for each 150 conversations every time",
    )


class IntercomStreams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversations: ConversationSettings = ConversationSettings()


class IntercomSettings(SourceSettings):
    region: Literal["us", "eu", "au"] | None = Field(
        default=None, description="Where the workspace is hosted; a token is refused in any other region"
    )
    url: str | None = Field(default=None, description="The whole address of the API, where it is another one")
    token: SecretStr = Field(description="The access token of an app of the workspace")
    api_version: str = Field(default="2.16", pattern=r"^\d+\.\d+$", description="The version of the API to ask for")
    start: date = Field(
        default=date(2011, 1, 1), description="Leave out conversations last changed before this day; default: none"
    )
    streams: IntercomStreams = IntercomStreams()

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.region is None) == (self.url is None):
            raise ValueError(f"write exactly one of region ({', '.join(HOSTS)}) and url ({HOSTS['us']})")
        return self

    def checked_url(self, source: str) -> str:
        """The address to send credentials to.

        Raises:
            SettingsError: it is none.
        """
        return checked_address(source, self.url or HOSTS[self.region or "us"], HOSTS["us"])
