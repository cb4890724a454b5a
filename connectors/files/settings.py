"""What a project says of a source of files."""

from __future__ import annotations

import codecs
import re
from datetime import datetime
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from connectors.files.address import is_address
from okr_sync.connector import FieldType, SourceSettings, StreamSettings
from okr_sync.errors import nearest

_T = TypeVar("_T")
_SYNONYMS = {
    "text": FieldType.TEXT,
    "string": FieldType.TEXT,
    "str": FieldType.TEXT,
    "integer": FieldType.INTEGER,
    "int": FieldType.INTEGER,
    "number": FieldType.NUMBER,
    "float": FieldType.NUMBER,
    "double": FieldType.NUMBER,
    "decimal": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "bool": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "timestamp": FieldType.TIMESTAMP,
    "datetime": FieldType.TIMESTAMP,
    "list": FieldType.LIST,
}
TIMES = (FieldType.TIMESTAMP, FieldType.DATE)
"""The types that can place a record in time."""

FormatName = Literal["csv", "tsv", "jsonl", "parquet", "excel"]


def _as_list(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def _known_type(raw: object) -> FieldType:
    kind = _SYNONYMS.get(raw.lower()) if isinstance(raw, str) else None
    if kind is None:
        known = [kind.value for kind in FieldType if kind is not FieldType.UNKNOWN]
        raise ValueError(f"{raw!r} is not a type{nearest(str(raw), _SYNONYMS)}; types are {', '.join(known)}")
    return kind


def _known_zone(raw: str) -> str:
    if raw not in available_timezones():
        raise ValueError(f"{raw!r} is not a time zone; write one such as Asia/Ho_Chi_Minh or UTC")
    return raw


def _known_encoding(raw: str) -> str:
    try:
        name = codecs.lookup(raw).name
        "".encode(name)  # refuses codecs that are no encodings of text
    except LookupError as error:
        raise ValueError(f"{raw!r} is not an encoding; write one such as utf-8, utf-16 or windows-1258") from error
    return name


def _whole_format(raw: str) -> str:
    day = datetime(2003, 2, 1)  # noqa: DTZ001 - no moment, only a day whose parts cannot be confused
    try:
        is_whole = datetime.strptime(day.strftime(raw), raw).date() == day.date()  # noqa: DTZ007 - as above
    except (ValueError, re.error) as error:
        raise ValueError(f"{raw!r} is not a format: {error}; write one such as %d-%m-%Y %H:%M") from error
    if not is_whole:
        raise ValueError(f"{raw!r} does not hold day, month and year; write a format such as %d-%m-%Y %H:%M")
    return raw


def _is_path(raw: str) -> str:
    if is_address(raw) and urlsplit(raw).hostname is None:
        raise ValueError(f"{raw!r} is not an address; write one such as https://example.org/export.csv")
    return raw


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="Lower case letters, digits and _")]
OneOrMore = Annotated[
    tuple[_T, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]
PathText = Annotated[str, Field(min_length=1), AfterValidator(_is_path)]
Type = Annotated[FieldType, BeforeValidator(_known_type), WithJsonSchema({"type": "string", "enum": sorted(_SYNONYMS)})]


class FieldSettings(BaseModel):
    """How one column is read. A short type alone (`made_sla: boolean`) stands for `{type: boolean}`."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"type": ["object", "string"]})

    type: Type
    format: Annotated[str, AfterValidator(_whole_format)] | None = Field(
        default=None, description="How times or dates are written, as in Python's strptime: %d-%m-%Y %H:%M"
    )
    column: str | None = Field(default=None, alias="from", description="The column's own name in the file")

    @model_validator(mode="before")
    @classmethod
    def _from_short_type(cls, raw: object) -> object:
        return {"type": raw} if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.format is not None and self.type not in TIMES:
            raise ValueError(f"format goes with type timestamp or date, not with {self.type}")
        return self


class FileStream(StreamSettings):
    """One stream: where its files are, and how they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Not shown where settings are printed: an address may hold a token.
    path: OneOrMore[PathText] = Field(
        repr=False, min_length=1, description="Files, patterns such as data/*.csv, addresses"
    )
    key: OneOrMore[Identifier] = Field(min_length=1, description="The fields that make a record unique")
    version_at: Identifier | None = Field(default=None, description="The field with the time of a record's change")
    created_at: Identifier | None = Field(default=None, description="The field with the time of a record's creation")
    missing: OneOrMore[str] = Field(default=("",), description="Texts of cells that mean: no value")
    fields: dict[Identifier, FieldSettings] = Field(default_factory=dict)
    format: FormatName | None = Field(default=None, description="Left out: by the ending of the file's name")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    sheet: str | None = Field(default=None, description="Left out: the first sheet")
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = Field(
        default=None, description="The zone of times written without one. Left out: the project's"
    )
    decimal: Literal[".", ","] = "."

    @model_validator(mode="after")
    def _has_times(self) -> Self:
        for role, name in (("version_at", self.version_at), ("created_at", self.created_at)):
            if name in self.fields and self.fields[name].type not in TIMES:
                raise ValueError(f"{role} names {name}, a {self.fields[name].type}; it must be a timestamp or a date")
        return self


class FilesSettings(SourceSettings):
    """A source of files."""

    streams: dict[Identifier, FileStream] = Field(min_length=1)
