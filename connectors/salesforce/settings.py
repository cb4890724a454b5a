"""What a project says of a Salesforce source."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import ConfigDict, Field, SecretStr, model_validator

from connectors.salesforce.streams import ALWAYS, STANDARD
from okr_sync.connector import SettingsError, SourceSettings, StreamSettings
from okr_sync.errors import nearest
from okr_sync.http import checked_address

_HOST_END = ".my.salesforce.com"
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*")
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
FieldPath = Annotated[str, Field(pattern=r"^[A-Za-z]\w*(\.[A-Za-z]\w*)*$")]


class ObjectSettings(StreamSettings):
    model_config = ConfigDict(extra="forbid", frozen=True)

    object: Annotated[str, Field(pattern=r"^[A-Za-z]\w*$")] | None = Field(
        default=None, description="For a stream of your own: the API name of the object, such as Room__c"
    )
    fields: dict[Identifier, FieldPath] = Field(
        default_factory=dict,
        description="Further fields: your name for each, and its API name; Account.Region__c for a parent's. Formulas"
        " and parents change without the record, so all records are then read every time",
    )
    leave_out: tuple[Identifier, ...] = Field(
        default=(), description="Fields of a standard stream that the account may not read and you do not need"
    )
    where: str | None = Field(default=None, min_length=1, description="A SOQL condition that chooses the records")
    history: bool = Field(
        default=False,
        description="Rebuild what records were before from the histories that the org keeps, as far as the account may"
        " see them: two further requests for every 200 records. Fields that the org does not track are missing on"
        " earlier days, so turn it on where it tracks those that formulas read. Not where all records are read every"
        " time",
    )
    census: bool = Field(
        default=False,
        description="List all ids every time, which finds records that were removed from the recycle bin before a sync"
        " could see them there; always done where `where` is set, since a record may cease to fit it",
    )

    @property
    def has_census(self) -> bool:
        return self.census or self.where is not None


class SalesforceSettings(SourceSettings):
    domain: str | None = Field(
        default=None, description="My Domain: agency, where the address is https://agency.my.salesforce.com"
    )
    url: str | None = Field(default=None, description="The whole address, where it is another one")
    client_id: str = Field(description="The consumer key of an external client app with the client credentials flow")
    client_secret: SecretStr = Field(description="Its consumer secret")
    api_version: str = Field(default="66.0", pattern=r"^\d{2,3}\.0$", description="The version of the REST API")
    bulk_above: int = Field(
        default=10_000, ge=0, description="Read more records than this by a bulk job instead of page by page"
    )
    streams: dict[Identifier, ObjectSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.domain is None) == (self.url is None):
            raise ValueError("write exactly one of domain (agency) and url (https://agency.my.salesforce.com)")
        return self

    @model_validator(mode="after")
    def _knows_its_streams(self) -> Self:
        for name, stream in self.streams.items():
            problem = _own_problem(name, stream) if name not in STANDARD else _standard_problem(name, stream)
            if problem is not None:
                raise ValueError(f"streams.{name}: {problem}")
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
        if self.domain is not None and not _DOMAIN.fullmatch(self.domain):
            raise SettingsError(
                f"source {source}: domain {self.domain!r} is not one; write agency for https://agency{_HOST_END}"
            )
        return checked_address(source, self.base_url, f"https://agency{_HOST_END}")


def _own_problem(name: str, stream: ObjectSettings) -> str | None:
    if stream.object is None:
        return f"it is no standard stream{nearest(name, STANDARD)}; for one of your own, write its object: Room__c"
    if stream.leave_out:
        return "leave_out is for standard streams; here, fields has only what you name"
    return _taken(stream, ALWAYS)


def _standard_problem(name: str, stream: ObjectSettings) -> str | None:
    known = {one.name for one in STANDARD[name].fields}
    if stream.object is not None:
        return f"it reads {STANDARD[name].object}; leave object out, or choose another name for the stream"
    for left_out in stream.leave_out:
        if left_out not in known:
            return f"leave_out: there is no field {left_out!r} to leave out{nearest(left_out, known)}"
    return _taken(stream, (known | ALWAYS) - set(stream.leave_out))


def _taken(stream: ObjectSettings, names: frozenset[str] | set[str]) -> str | None:
    taken = sorted(names & stream.fields.keys())
    return f"fields: {', '.join(taken)}: the stream has such a field already; choose another name" if taken else None
