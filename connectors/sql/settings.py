"""What a project says of a source of tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema, model_validator

from connectors.sql.engines import engine_named
from connectors.sql.statement import refuse_all_but_select
from okr_sync.connector import FieldType, SourceSettings, StreamSettings
from okr_sync.errors import nearest
from okr_sync.spans import Span

_T = TypeVar("_T")
_TYPES = {kind.value: kind for kind in FieldType if kind is not FieldType.UNKNOWN}
TIMES = (FieldType.TIMESTAMP, FieldType.DATE)
"""The types that can place a record in time."""


def _as_list(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def _known_type(raw: object) -> FieldType:
    if not isinstance(raw, str) or raw not in _TYPES:
        raise ValueError(f"{raw!r} is not a type{nearest(str(raw), _TYPES)}; types are {', '.join(_TYPES)}")
    return _TYPES[raw]


def _known_zone(raw: str) -> str:
    if raw not in available_timezones():
        raise ValueError(f"{raw!r} is not a time zone; write one such as Asia/Ho_Chi_Minh or UTC")
    return raw


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="Lower case letters, digits and _")]
OneOrMore = Annotated[
    tuple[_T, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]
Type = Annotated[FieldType, BeforeValidator(_known_type), WithJsonSchema({"type": "string", "enum": sorted(_TYPES)})]


class SqlStream(StreamSettings):
    """One stream: a table or a query, and what its columns mean.

    Names are those of the fields: `updatedAt`, `UPDATED_AT` and `Updated at` are all the field `updated_at`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str | None = Field(default=None, min_length=1, description="A table or view as the database writes it")
    query: str | None = Field(default=None, min_length=1, description="One SELECT, in the database's own dialect")
    key: OneOrMore[Identifier] = Field(min_length=1, description="The fields that make a record unique")
    version_at: Identifier | None = Field(default=None, description="The field with the time of a record's change")
    created_at: Identifier | None = Field(default=None, description="The field with the time of a record's creation")
    cursor: Identifier | None = Field(
        default=None,
        description="The time that every change moves, by which only changes are read. Left out: version_at; null, or"
        " without either: everything is read each time",
    )
    deleted: Identifier | None = Field(
        default=None,
        description="A boolean that is true, or a time that is set, once a record is deleted. Left out: what is gone"
        " is found by listing the keys",
    )
    lag: Span = Field(
        default=timedelta(minutes=5),
        description="How much later than its cursor says a change may be committed: the longest transaction",
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = Field(
        default=None,
        description="The zone of times without one. Left out: the project's. Of an hour that its clock shows twice, the"
        " first is meant",
    )
    fields: dict[Identifier, Type] = Field(
        default_factory=dict, description="Types that the database does not tell, or tells otherwise"
    )

    @property
    def cursor_field(self) -> str | None:
        return self.cursor if "cursor" in self.model_fields_set else self.version_at

    @property
    def roles(self) -> dict[str, str]:
        """The fields that are a time or tell deletions, by what the settings use them for."""
        named = {
            "version_at": self.version_at,
            "created_at": self.created_at,
            "cursor": self.cursor_field,
            "deleted": self.deleted,
        }
        return {role: name for role, name in named.items() if name is not None}

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that the settings name, each once."""
        return tuple(dict.fromkeys((*self.key, *self.roles.values(), *self.fields)))

    @model_validator(mode="after")
    def _reads_one_thing(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("write exactly one of table (public.visits) and query (SELECT ...)")
        return self


class SqlSettings(SourceSettings):
    """A source of tables."""

    url: SecretStr = Field(description="postgresql://user:password@host/database, sqlite:///data/crm.db, ...")
    statement_timeout: Span | None = Field(
        default=None, description="How long one statement may take; left out: 30m where the database can be told"
    )
    streams: dict[Identifier, SqlStream] = Field(min_length=1)

    @model_validator(mode="after")
    def _only_reads(self) -> Self:
        """Refuses early what `connect` would refuse; nothing to check by where the address is not known yet."""
        engine = engine_named(self.url.get_secret_value().partition(":")[0])
        for name, stream in self.streams.items():
            if stream.query is not None and engine is not None:
                try:
                    refuse_all_but_select(stream.query, engine.dialect)
                except ValueError as error:
                    raise ValueError(f"streams.{name}.query: {error}") from None
        return self
