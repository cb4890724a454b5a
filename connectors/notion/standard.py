"""What every row has, whatever the properties of its data source are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from okr_sync.connector import Field, FieldType
from okr_sync.http.columns import Column, Reading, column

Row = dict[str, Any]
"""A page of a data source as Notion writes it, but with `properties` by their ids: names change, ids do not."""

_TEXT, _TIMESTAMP = FieldType.TEXT, FieldType.TIMESTAMP
_OF_TOMBSTONES: tuple[Column[Row], ...] = (
    column("id", _TEXT, "id", "Notion's id of the row, which stays when it is renamed or moved"),
    column("created_at", _TIMESTAMP, "created_time", "When it was created, to the minute"),
    column("updated_at", _TIMESTAMP, "last_edited_time", "When it was last edited, to the minute"),
)
COLUMNS: tuple[Column[Row], ...] = (
    *_OF_TOMBSTONES,
    column("url", _TEXT, "url", "Its page in Notion"),
    column("created_by", _TEXT, "created_by.id", "The id of the user who created it"),
    column("is_archived", FieldType.BOOLEAN, "is_archived", "True where it was archived, which is not the trash"),
)
TITLE = Field("title", _TEXT, "Its title")
TITLE_ID = "title"
"""The id of the title in every data source."""
FIELDS = (*(one.field for one in COLUMNS), TITLE)
NAMES = frozenset(one.name for one in FIELDS)


def property_id(raw: Mapping[str, Any]) -> str:
    """The id of a property or of its value, which Notion encodes for addresses (`%3AUPp`)."""
    return unquote(raw["id"])


def to_row(page: Mapping[str, Any]) -> Row:
    """One that the integration may not read has no properties."""
    return {**page, "properties": {property_id(one): one for one in (page.get("properties") or {}).values()}}


def name_of(row: Row) -> str:
    """Which row it is, as a person finds it."""
    return f"row {row.get('url') or row.get('id')}"


def is_trashed(row: Row) -> bool:
    """`archived` is the older name of `in_trash`."""
    return bool(row.get("in_trash") or row.get("archived"))


TOMBSTONES = Reading(_OF_TOMBSTONES, name_of, is_trashed)
"""How rows in the trash are read: that they are there, and when they were last edited."""
