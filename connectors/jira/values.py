"""Values as only Jira writes them: objects for everything that has a name, documents for long texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS, read_value, to_text

_DISPLAY = ("value", "name", "displayName", "key")
"""Where options, then statuses and versions, then users, then the rest keep the text that people see."""
_INLINE = frozenset({"paragraph", "heading", "codeBlock"})
"""The blocks of a document whose parts stand in one line."""


def read_jira_value(kind: FieldType, raw: Any) -> Value:
    """`raw` as a value of type `kind`; null stays missing.

    Raises:
        ValueError: it is not one.
    """
    return read_value(kind, raw, _READERS)


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
