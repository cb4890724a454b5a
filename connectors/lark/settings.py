"""What a project says of a Lark or Feishu source."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.lark.fields import STANDARD_NAMES
from okr_sync.connector import FieldType, SourceSettings, StreamSettings
from okr_sync.http import checked_address

OKR_STREAMS = ("okr_cycles", "okr_objectives", "okr_key_results")
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
"""What the vendor calls an id in its addresses."""

_ADDRESSES = {"lark": "https://open.larksuite.com", "feishu": "https://open.feishu.cn"}


class FieldSettings(BaseModel):
    """A field of the table, and the type to read it as where its own is not enough: a formula's is often not told."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(min_length=1, description="Its id, such as fldYWaldeW, or its name")
    type: Literal["text", "integer", "number", "boolean", "timestamp", "list"] | None = None

    @property
    def field_type(self) -> FieldType | None:
        return None if self.type is None else FieldType(self.type)


class TableSettings(StreamSettings):
    """One table of a Base. Every field of it is read; `fields` names those whose own name is not the one to write."""

    app: Token | None = Field(default=None, description="The token of the Base: what follows /base/ in its address")
    wiki: Token | None = Field(default=None, description="The token of the page, where the address has /wiki/ instead")
    table: Token = Field(
        description="The id of the table: what follows table= in its address, such as tblsRc9GRRXKqhvW"
    )
    fields: dict[Identifier, str | FieldSettings] = Field(
        default_factory=dict, description="Your name for a field, and its id (a rename then changes nothing) or name"
    )
    page_size: int = Field(default=500, ge=1, le=500, description="Records a request asks for; fewer for wide tables")
    may_be_empty: bool = Field(
        default=False, description="Believe a table with advanced permissions that says it has no records"
    )

    @property
    def named_fields(self) -> dict[str, FieldSettings]:
        return {name: FieldSettings(field=one) if isinstance(one, str) else one for name, one in self.fields.items()}

    @field_validator("fields")
    @classmethod
    def _hides_no_standard_field(cls, fields: dict[str, str | FieldSettings]) -> dict[str, str | FieldSettings]:
        taken = [name for name in fields if name in STANDARD_NAMES]
        if taken:
            raise ValueError(f"{', '.join(taken)}: every record has a field of this name already; choose another name")
        return fields

    @model_validator(mode="after")
    def _has_one_base(self) -> Self:
        if (self.app is None) == (self.wiki is None):
            raise ValueError("write exactly one of app (the address has /base/) and wiki (it has /wiki/)")
        return self


class OkrSettings(BaseModel):
    """The OKR module, a paid one. Without this, its streams are not offered."""

    model_config = ConfigDict(extra="forbid")

    users: list[Token] = Field(min_length=1, description="Whose OKRs: the ids of users, such as ou_8240099442cf5da4")
    user_id_type: Literal["open_id", "union_id", "user_id"] = "open_id"
    api: Literal["v1", "v2"] = Field(
        default="v1", description="v2 is newer: it tells values and times of change, and takes many more requests"
    )
    start: date | None = Field(default=None, description="Leave out cycles that ended before this day; default: none")


class LarkSettings(SourceSettings):
    domain: Literal["lark", "feishu"] | None = Field(default=None, description="The side the app belongs to")
    url: str | None = Field(default=None, description="The whole address, where it is another one")
    app_id: str = Field(description="The App ID of a custom app: cli_...")
    app_secret: SecretStr = Field(description="Its App Secret")
    site: str | None = Field(
        default=None, description="Where people open a Base, for links: https://agency.larksuite.com"
    )
    streams: dict[Identifier, TableSettings] = Field(default_factory=dict)
    okr: OkrSettings | None = None

    @field_validator("streams")
    @classmethod
    def _hides_no_okr_stream(cls, streams: dict[str, TableSettings]) -> dict[str, TableSettings]:
        taken = [name for name in streams if name in OKR_STREAMS]
        if taken:
            raise ValueError(f"{', '.join(taken)}: a stream of the OKR module has this name; choose another name")
        return streams

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.domain is None) == (self.url is None):
            raise ValueError("write exactly one of domain (lark or feishu) and url (https://open.larksuite.com)")
        return self

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if not self.streams and self.okr is None:
            raise ValueError("nothing to read; name tables under streams, or users under okr")
        return self

    def checked_url(self, source: str) -> str:
        """The address to send credentials to.

        Raises:
            SettingsError: it is none.
        """
        return checked_address(source, self.url or _ADDRESSES[self.domain or "lark"], _ADDRESSES["lark"])

    def link(self, table: TableSettings) -> str | None:
        """The vendor's own page of a record of `table`."""
        if self.site is None:
            return None
        place = f"base/{table.app}" if table.wiki is None else f"wiki/{table.wiki}"
        return f"{self.site.rstrip('/')}/{place}?table={table.table}&record={{id}}"
