"""What a project may write for a setting of a source of files, as types."""

from __future__ import annotations

import codecs
import re
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, WithJsonSchema

from connectors.files.address import is_storage, is_web
from connectors.files.sheets import export_address, is_sheet
from okr_sync.connector import FieldType
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
NUMBERS = (FieldType.NUMBER, FieldType.INTEGER)

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
    if is_web(raw) and urlsplit(raw).hostname is None:
        raise ValueError(f"{raw!r} is not an address; write one such as https://example.org/export.csv")
    if is_storage(raw) and ("::" in raw or raw.endswith("://")):
        raise ValueError(f"{raw!r} is not an address of files; write one such as s3://bucket/folder/*.parquet")
    if is_sheet(raw):
        export_address(raw)
    return raw


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="Lower case letters, digits and _")]
OneOrMore = Annotated[
    tuple[_T, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]
_Option = SecretStr | bool | int
"""Every text is taken for a secret: which of them is one, only the storage's driver knows."""
StorageOption = _Option | dict[str, _Option | dict[str, _Option]]
"""Some options hold others: `config_kwargs: {s3: {addressing_style: path}}`."""
PathText = Annotated[str, Field(min_length=1), AfterValidator(_is_path)]
Type = Annotated[FieldType, BeforeValidator(_known_type), WithJsonSchema({"type": "string", "enum": sorted(_SYNONYMS)})]
Zone = Annotated[str, AfterValidator(_known_zone)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
TimeFormat = Annotated[str, AfterValidator(_whole_format)]
