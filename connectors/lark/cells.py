"""The values of cells, which come in a shape for each type of field, as values of records.

The shapes are those of `records/search`; a list of fields names their types by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS, Readers, read_value, to_integer, to_text

TEXT, NUMBER, SINGLE_SELECT, MULTI_SELECT, DATE = 1, 2, 3, 4, 5
CHECKBOX, PERSON, PHONE, URL, ATTACHMENT = 7, 11, 13, 15, 17
LINK, LOOKUP, FORMULA, TWO_WAY_LINK, LOCATION, GROUP, STAGE = 18, 19, 20, 21, 22, 23, 24
CREATED_TIME, MODIFIED_TIME, CREATOR, MODIFIER, AUTO_NUMBER = 1001, 1002, 1003, 1004, 1005

_TIMES = (DATE, CREATED_TIME, MODIFIED_TIME)
_IDS = ("link_record_ids", "record_ids")
_NAMES = ("full_address", "name", "text", "en_name", "email", "link", "id")
"""What an object of a cell is called, the best name first."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Item = str | int | float | bool | datetime


def read_cell(kind: int, field_type: FieldType, raw: Any) -> Value:
    """The value of a cell in a field of type `kind`, as a `field_type`. What is empty is missing.

    Raises:
        ValueError: it is not one.
    """
    items = _items(kind, raw)
    if kind == CHECKBOX and not items:
        items = [False]  # it knows two states, and one that nobody ticked is left out
    if field_type is FieldType.LIST:
        return [_to_text(one) for one in items] or None
    if not items:
        return None
    if field_type is FieldType.TEXT:
        return ", ".join(map(_to_text, items))
    if len(items) > 1:
        raise ValueError(f"{len(items)} values, not one")
    return read_value(field_type, items[0], _READERS)


def from_milliseconds(raw: Any) -> datetime:
    """Milliseconds since 1970, as a number or as a text."""
    return _EPOCH + timedelta(milliseconds=to_integer(raw))


def _items(kind: int, raw: Any) -> Sequence[Item]:
    """The single values in a cell: most have one, lists and lookups have several, an empty one has none."""
    if raw is None or raw == "":
        return []
    if isinstance(raw, dict):
        return _of_object(kind, raw)
    if isinstance(raw, list):
        parts = [one for part in raw for one in _items(kind, part)]
        return ["".join(map(_to_text, parts))] if kind == TEXT and parts else parts
    if isinstance(raw, bool | int | float | str):
        return [from_milliseconds(raw)] if kind in _TIMES else [raw]
    raise ValueError("not a value of a cell")


def _of_object(kind: int, raw: dict[str, Any]) -> Sequence[Item]:
    if "value" in raw:
        return _computed(kind, raw)
    ids = next((raw[name] or [] for name in _IDS if name in raw), None)
    if ids is not None:
        return [to_text(one) for one in ids]
    names = ("link", *_NAMES) if kind == URL else _NAMES
    found = next((raw[name] for name in names if raw.get(name)), None)
    return [] if found is None else [to_text(found)]


def _computed(kind: int, raw: dict[str, Any]) -> Sequence[Item]:
    """What a formula or a lookup gives: a list of values of another type. Each text of a lookup is one of its own."""
    inner, values = raw.get("type"), raw["value"]
    if not isinstance(inner, int):
        raise ValueError("a computed value without its type")
    if kind == LOOKUP and isinstance(values, list):
        return [one for value in values for one in _items(inner, value)]
    return _items(inner, values)


def _to_text(item: Item) -> str:
    if isinstance(item, datetime):
        return item.isoformat()
    return str(item).lower() if isinstance(item, bool) else to_text(item)


def _to_timestamp(item: Item) -> datetime:
    return item if isinstance(item, datetime) else from_milliseconds(item)


_READERS: Readers = {**READERS, FieldType.TIMESTAMP: _to_timestamp}
