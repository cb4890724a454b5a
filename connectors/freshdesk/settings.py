"""What a project says of a Freshdesk source."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.freshdesk.fields import STANDARD_NAMES
from okr_sync.connector import SettingsError, SourceSettings, StreamSettings
from okr_sync.http import checked_address

_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_HOST_END = ".freshdesk.com"


class TicketSettings(StreamSettings):
    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], str] = Field(
        default_factory=dict, description="Custom fields: your name for each, and the field's name (cf_client) or label"
    )

    @field_validator("fields")
    @classmethod
    def _hides_no_standard_field(cls, fields: dict[str, str]) -> dict[str, str]:
        taken = [name for name in fields if name in STANDARD_NAMES]
        if taken:
            raise ValueError(f"{', '.join(taken)}: every ticket has a field of this name already; choose another name")
        return fields


class FreshdeskStreams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tickets: TicketSettings = TicketSettings()


class FreshdeskSettings(SourceSettings):
    domain: str | None = Field(default=None, description="agency, where the address is https://agency.freshdesk.com")
    url: str | None = Field(default=None, description="The whole address, where it is another one")
    api_key: SecretStr = Field(description="The API key of an agent who sees all tickets")
    start: date = Field(
        default=date(2010, 1, 1), description="Leave out tickets last changed before this day; default: none"
    )
    streams: FreshdeskStreams = FreshdeskStreams()

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.domain is None) == (self.url is None):
            raise ValueError("write exactly one of domain (agency) and url (https://agency.freshdesk.com)")
        return self

    @property
    def base_url(self) -> str:
        """The address as it is written, for links."""
        return (self.url or f"https://{(self.domain or '').removesuffix(_HOST_END)}{_HOST_END}").rstrip("/")

    def checked_url(self, source: str) -> str:
        """The address to send credentials to.

        Raises:
            SettingsError: it is none.
        """
        if self.domain is not None and not _DOMAIN.fullmatch(self.domain.removesuffix(_HOST_END)):
            raise SettingsError(
                f"source {source}: domain {self.domain!r} is not one; write agency for https://agency{_HOST_END}"
            )
        return checked_address(source, self.base_url, f"https://agency{_HOST_END}")
