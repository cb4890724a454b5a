"""What a project says of a Singer tap."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, SecretStr, WithJsonSchema, model_validator

from okr_sync.connector import SourceSettings, StreamSettings

Replication = Literal["full_table", "incremental", "log_based"]


def _as_list(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def _as_json(raw: object) -> object:
    """YAML knows days, JSON does not: a day is a text there, as it was written."""
    match raw:
        case dict():
            return {name: _as_json(value) for name, value in raw.items()}
        case list():
            return [_as_json(value) for value in raw]
        case date():
            return raw.isoformat()
        case _:
            return raw


Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]
Config = Annotated[dict[str, JsonValue], BeforeValidator(_as_json)]


class SingerStream(StreamSettings):
    """One stream of the tap. Fields are named as the tap names them, or as formulas do: `closedAt` or `closed_at`."""

    stream: str | None = Field(default=None, description="Its name in the tap, where you give it another")
    select: Texts = Field(
        default=(), description="The fields to read; user.login is the login inside of user. Left out: all"
    )
    key: Texts = Field(default=(), description="What makes a record unique. Left out: what the tap says")
    version_at: str | None = Field(default=None, description="The field with the time of a record's last change")
    created_at: str | None = Field(default=None, description="The field with the time of a record's creation")
    replication: Replication | None = Field(
        default=None, description="How the tap reads it, where the tap offers a choice. Left out: what the tap says"
    )
    replication_key: str | None = Field(
        default=None, description="The field by which the tap finds changes, where it offers a choice"
    )
    needs: Texts = Field(
        default=(), description="Streams that the tap must read for this one, such as its parent; they do not land"
    )


class SingerSettings(SourceSettings):
    tap: Texts = Field(
        min_length=1, description="The program: tap-github, or a list with its arguments. It is run without a shell"
    )
    # Neither is shown where settings are printed: people put secrets into config, too.
    config: Config = Field(default_factory=dict, repr=False, description="The tap's own settings")
    secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        repr=False,
        description="Joins config, and may change without reading all anew; login.token goes into the object login",
    )
    config_file: str | None = Field(
        default=None, description="Stands for both: a file of the tap's settings that the tap may write to"
    )
    environment: dict[str, SecretStr] = Field(
        default_factory=dict,
        repr=False,
        description="Variables for the tap; of ours it gets only PATH, HOME, proxies and the like",
    )
    silence_minutes: float = Field(
        default=30,
        gt=0,
        exclude=True,  # no reason to read all anew
        description="A tap that has said nothing for so long is taken to hang, and is ended",
    )
    streams: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], SingerStream] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_config(self) -> Self:
        if self.config_file is not None and (self.config or self.secrets):
            raise ValueError("write either config_file, or config and secrets")
        self.whole_config()  # refuses secrets that have no place
        return self

    @property
    def further_environment(self) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in self.environment.items()}

    def whole_config(self) -> dict[str, Any]:
        """The config as the tap gets it, secrets in their places."""
        whole: dict[str, Any] = deepcopy(self.config)
        for path, secret in self.secrets.items():
            *outer, name = path.split(".")
            inside = whole
            for step in outer:
                inside = inside.setdefault(step, {})
                if not isinstance(inside, dict):
                    raise ValueError(f"secrets: {path} has no place, because {step} is no object in config")
            inside[name] = secret.get_secret_value()
        return whole
