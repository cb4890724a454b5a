"""Values as only Jira writes them: objects for everything that has a name, documents for long texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS, read_value, to_number, to_text, to_timestamp

_DISPLAY = ("value", "name", "displayName", "key")
"""Where options, then statuses and versions, then users, then the rest keep the text that people see."""
_INLINE = frozenset({"paragraph", "heading", "codeBlock"})
"""The blocks of a document whose parts stand in one line."""
_SMALLEST_MILLISECONDS = 1e11
"""A time since 1970 from here on counts milliseconds: as seconds it would lie after the year 5000."""


def read_jira_value(kind: FieldType, raw: Any) -> Value:
    """`raw` as a value of type `kind`; null stays missing.

    Raises:
        ValueError: it is not one.
    """
    return read_value(kind, raw, _READERS)


def to_moment(raw: Any) -> datetime:
    """A time as text, or as seconds or milliseconds since 1970: Jira's own description shows both in one place.

    Raises:
        ValueError: it is none.
    """
    if isinstance(raw, str) and not raw.isdecimal():
        return to_timestamp(raw)
    number = to_number(raw)
    return datetime.fromtimestamp(number / 1000 if number >= _SMALLEST_MILLISECONDS else number, UTC)


def to_hours(raw: Any, per_hour: int) -> float | None:
    """A duration counted in parts of which an hour has `per_hour`; it may be negative. Null stays missing."""
    return None if raw is None else to_number(raw) / per_hour


def person_id(person: Any) -> str | None:
    """What a site knows a person by: `accountId` in the cloud, `key` or `name` in a data center."""
    known = person if isinstance(person, dict) else {}
    found = next((known[name] for name in ("accountId", "key", "name") if known.get(name)), None)
    return None if found is None else to_text(found)


def _shown_text(raw: Any) -> str:
    """A text, a number, the text of a document (ADF), or the text people see of an option, a user, a version..."""
    if not isinstance(raw, dict):
        return to_text(raw)
    if raw.get("type") == "doc":
        return _document_text(raw)
    shown = next((raw[name] for name in _DISPLAY if isinstance(raw.get(name), str)), None)
    if shown is None:
        raise ValueError("an object without a value or a name")
    child = raw.get("child")
    return f"{shown} / {_shown_text(child)}" if child else str(shown)


def _shown_list(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise ValueError("not a list")
    return [_shown_text(one) for one in raw]


def _document_text(node: Mapping[str, Any]) -> str:
    if node.get("type") == "hardBreak":
        return "\n"
    if "content" not in node:  # a text, or a mention or an emoji, which keep theirs among the attributes
        return str(node.get("text") or node.get("attrs", {}).get("text", ""))
    separator = "" if node.get("type") in _INLINE else "\n"
    return separator.join(_document_text(one) for one in node["content"])


_READERS = {**READERS, FieldType.TEXT: _shown_text, FieldType.LIST: _shown_list}
