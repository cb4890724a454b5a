"""What a project says of an API."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from connectors.http.ready import READY, Ready, ready_made
from connectors.http.stream import StreamDeclaration, Template
from okr_sync.connector import SourceSettings
from okr_sync.spans import Span


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Basic(_Exact):
    user: str
    password: SecretStr


class ClientCredentials(_Exact):
    """OAuth 2.0, for a program that signs in as itself."""

    token_url: str = Field(description="Where tokens are given out; its own host, if it has one")
    client_id: str
    client_secret: SecretStr
    scope: str | None = None


class Auth(_Exact):
    """How to sign in: exactly one of these."""

    bearer: SecretStr | None = Field(default=None, description="Sent as Authorization: Bearer …")
    headers: dict[str, SecretStr] | None = Field(default=None, description="Any header: {X-Api-Key: ${KEY}}")
    params: dict[str, SecretStr] | None = Field(default=None, description="Any parameter of the address")
    basic: Basic | None = None
    client_credentials: ClientCredentials | None = None

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("write exactly one of bearer, headers, params, basic and client_credentials")
        return self


class HttpSettings(SourceSettings):
    use: str | None = Field(default=None, description=f"A ready-made declaration: {', '.join(READY)}")
    url: Template | None = Field(default=None, description="The address that every path follows")
    values: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], str] = Field(
        default_factory=dict, description="What {name} stands for in url, paths, parameters and bodies"
    )
    auth: Auth | None = Field(default=None, description="How to sign in; without it, anonymously")
    headers: dict[str, str] = Field(default_factory=dict, description="Further headers")
    check: Template | None = Field(default=None, description="A path that answers whoever may sign in")
    read_timeout: Span | None = Field(default=None, description="How long to wait for an answer: 60s")
    streams: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], StreamDeclaration] = Field(
        default_factory=dict, description="Your name for each stream, and how it is read"
    )
    _ready: Ready = PrivateAttr()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        self._ready = ready_made(self.use)
        if self.url is None and self._ready.url is None:
            raise ValueError("url is missing; write the address that every path follows, or use a ready-made one")
        missing = [name for name in self._ready.values if name not in self.values]
        if missing:
            raise ValueError(f"values: {', '.join(missing)} missing; {self._ready.needs}")
        if self._ready.needs_auth and self.auth is None:
            raise ValueError(f"auth is missing; {self._ready.needs}")
        if not self.declarations:
            raise ValueError("streams is missing; declare one, or use a ready-made declaration")
        for name, one in self.declarations.items():
            one.refuse_gaps(f"streams.{name}")
        return self

    @property
    def declarations(self) -> dict[str, StreamDeclaration]:
        """Every stream: ready-made ones as the project changes them, then those of its own."""
        ready = self._ready.streams
        changed = {
            name: one.changed_by(self.streams[name]) if name in self.streams else one for name, one in ready.items()
        }
        return changed | {name: one for name, one in self.streams.items() if name not in ready}

    @property
    def base_url(self) -> str:
        return str(filled(self.url or self._ready.url or "", self.values))

    @property
    def checking_path(self) -> str | None:
        path = self.check or self._ready.check
        return None if path is None else str(filled(path, self.values))

    @property
    def remedy(self) -> str:
        """What a person does about refused credentials; empty where only the project's author knows."""
        return self._ready.remedy

    @property
    def all_headers(self) -> dict[str, str]:
        return {**self._ready.headers, **self.headers}


def filled(template: Any, values: dict[str, str]) -> Any:
    """`template`, at any depth, with `{name}` replaced; braces around anything else stay."""
    if isinstance(template, str):
        for name, value in values.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, dict):
        return {name: filled(one, values) for name, one in template.items()}
    return [filled(one, values) for one in template] if isinstance(template, list) else template
