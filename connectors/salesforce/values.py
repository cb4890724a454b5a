"""Values as Salesforce writes them: in JSON with their types, in the CSV of a bulk job all as texts."""

from __future__ import annotations

from typing import Any

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS as USUAL
from okr_sync.http.values import Readers, to_boolean, to_text

_BOOLEANS = {"true": True, "false": False}


def _to_boolean(raw: Any) -> bool:
    return _BOOLEANS[raw] if isinstance(raw, str) and raw in _BOOLEANS else to_boolean(raw)


def _to_text(raw: Any) -> Value:
    """A text; the values of a field history may be numbers and booleans, too."""
    if isinstance(raw, bool):
        return str(raw).lower()
    return to_text(raw) or None


def _to_list(raw: Any) -> list[str]:
    """The choices of a multi-select picklist."""
    return to_text(raw).split(";")


READERS: Readers = {
    **USUAL,
    FieldType.BOOLEAN: _to_boolean,
    FieldType.TEXT: _to_text,
    FieldType.LIST: _to_list,
}
