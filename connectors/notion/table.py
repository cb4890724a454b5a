"""A data source as a stream: its fields, how a row is read, and what must be asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from connectors.notion.properties import Taken, find_named, find_others
from connectors.notion.settings import DataSourceSettings
from connectors.notion.standard import COLUMNS, FIELDS, TITLE, TITLE_ID, Row, name_of, property_id
from connectors.notion.values import read_property
from okr_sync.connector import Field, FieldType, Stream, Value
from okr_sync.http.columns import Column, Reading


@dataclass(frozen=True, slots=True)
class Table:
    """One data source, as one stream reads it."""

    stream: Stream
    data_source: str
    reading: Reading[Row]
    taken: tuple[Taken, ...]
    asked: tuple[str, ...]
    """The ids of the properties to ask for; none where all are wanted."""
    shape: str
    """Differs where rows read before would be read otherwise now: to rename an option changes no row."""


def declared_stream(name: str, settings: DataSourceSettings) -> Stream:
    """The stream as far as settings tell."""
    named = [Field(field, one.field_type or FieldType.UNKNOWN, one.wanted) for field, one in settings.named.items()]
    return Stream(
        name=name,
        fields=(*FIELDS, *named),
        key=("id",),
        version_at="updated_at",
        created_at="created_at",
        is_open=not settings.only_fields,
        is_full_read=settings.read == "everything",
        changes_silently=settings.read == "everything",
        ends_silently=settings.read != "everything",  # nothing says that a row is stamped as it goes to the trash
        link="{url}",
        description="Rows of a data source in Notion",
    )


def describe(
    where: str, stream: Stream, settings: DataSourceSettings, source: Mapping[str, Any], zone: ZoneInfo
) -> Table:
    """The table of a data source, as `GET /v1/data_sources/{id}` describes it.

    Raises:
        SettingsError: a setting names what it does not have, or two properties would have one name.
    """
    schema = list(source["properties"].values())
    named = find_named(where, settings.named, schema)
    others, left_out = ([], []) if settings.only_fields else find_others(where, named, schema)
    taken = (*named, *others)
    is_computed = any(one.is_computed for one in taken)
    title: Column[Row] = Column(TITLE, lambda row: read_property(_value(row, TITLE_ID), FieldType.TEXT, zone))
    reading = Reading((*COLUMNS, title, *(_column(one, zone) for one in taken)), name_of)
    is_full_read = stream.is_full_read or is_computed
    described = replace(
        stream.with_fields(reading.fields),
        is_full_read=is_full_read,
        changes_silently=is_full_read,  # what Notion works out, and an option that is renamed
        ends_silently=not is_full_read,
        description=_description(source, left_out),
    )
    asked = _asked(taken, schema, is_computed=is_computed) if settings.only_fields else ()
    return Table(described, source["id"], reading, taken, asked, _shape(source["id"], taken))


def _column(taken: Taken, zone: ZoneInfo) -> Column[Row]:
    def read(row: Row) -> Value:
        return read_property(_value(row, taken.id), taken.field.type, zone, taken.part)

    return Column(taken.field, read)


def _value(row: Row, wanted: str) -> Any:
    if wanted not in row["properties"]:
        raise ValueError("missing in Notion's answer; see that the page is shared with the integration")
    return row["properties"][wanted]


def _asked(taken: Sequence[Taken], schema: Sequence[Mapping[str, Any]], *, is_computed: bool) -> tuple[str, ...]:
    """What is worked out can only be judged beside the relations that it rests on."""
    relations = [property_id(one) for one in schema if is_computed and one["type"] == "relation"]
    return tuple(dict.fromkeys((TITLE_ID, *(one.id for one in taken), *relations)))


def _shape(data_source: str, taken: Sequence[Taken]) -> str:
    parts = [[one.field.name, one.field.type, one.part, one.id, one.raw.get(one.raw["type"])] for one in taken]
    return hashlib.blake2b(json.dumps([data_source, parts], sort_keys=True).encode(), digest_size=8).hexdigest()


def _description(source: Mapping[str, Any], left_out: Sequence[str]) -> str:
    title = "".join(one["plain_text"] for one in source.get("title") or ())
    text = f"Rows of {title!r} in Notion" if title else "Rows of a data source in Notion"
    return f"{text}; left out: {', '.join(left_out)}" if left_out else text
