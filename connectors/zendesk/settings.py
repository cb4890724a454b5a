"""What a project says of a Zendesk source."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.zendesk.fields import STANDARD_NAMES
from okr_sync.connector import SettingsError, SourceSettings, StreamSettings
from okr_sync.http import checked_address

_SUBDOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


class TicketSettings(StreamSettings):
    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], int | str] = Field(
        default_factory=dict, description="Custom fields: your name for each, and the field's id or title in Zendesk"
    )

    history: bool = Field(
        default=True,
        description="Rebuild what tickets were before from Zendesk's export of changes: a further request for every"
        " 1,000 updates. Versions that were read stay as they were, so a field added later is known from then on",
    )
    history_days: int = Field(
        default=190, ge=1, description="How far before the first sync the past is rebuilt: two quarters, usually"
    )

    @field_validator("fields")
    @classmethod
    def _hides_no_standard_field(cls, fields: dict[str, int | str]) -> dict[str, int | str]:
        taken = [name for name in fields if name in STANDARD_NAMES]
        if taken:
            raise ValueError(f"{', '.join(taken)}: every ticket has a field of this name already; choose another name")
        return fields


class SlaSettings(StreamSettings):
    revocable_days: int = Field(
        default=7,
        ge=1,
        le=90,
        description="For how many days a breach may be revoked: each sync reads the events of so many days again",
    )


class ZendeskStreams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tickets: TicketSettings = TicketSettings()
    sla_results: SlaSettings = SlaSettings()


class ZendeskSettings(SourceSettings):
    subdomain: str | None = Field(default=None, description="agency, where the address is https://agency.zendesk.com")
    url: str | None = Field(default=None, description="The whole address, where it is another one")
    email: str = Field(description="The administrator the token is used for")
    token: SecretStr = Field(description="An API token")
    start: date = Field(
        default=date(2007, 1, 1), description="Leave out what last changed before this day; default: nothing"
    )
    streams: ZendeskStreams = ZendeskStreams()

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.subdomain is None) == (self.url is None):
            raise ValueError("write exactly one of subdomain (agency) and url (https://agency.zendesk.com)")
        return self

    @property
    def base_url(self) -> str:
        """The address as it is written, for links."""
        return (self.url or f"https://{self.subdomain}.zendesk.com").rstrip("/")

    def checked_url(self, source: str) -> str:
        """The address to send credentials to.

        Raises:
            SettingsError: it is none.
        """
        if self.subdomain is not None and not _SUBDOMAIN.fullmatch(self.subdomain):
            raise SettingsError(
                f"source {source}: subdomain {self.subdomain!r} is not one; write agency for https://agency.zendesk.com"
            )
        return checked_address(source, self.base_url, "https://agency.zendesk.com")
