"""HubSpot sends every value as a text, whatever its type; an empty text is a value that was taken away."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS, Readers, to_boolean, to_date, to_text, to_timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"-?[0-9]+")


def read_property(kind: FieldType, raw: Any) -> Value:
    """The value of a property; null and the empty text are missing.

    Raises:
        ValueError: it is not of type `kind`.
    """
    return None if raw is None or raw == "" else _READERS[kind](raw)


def to_milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _boolean(raw: Any) -> bool:
    return {"true": True, "false": False}[raw] if raw in ("true", "false") else to_boolean(raw)


def _timestamp(raw: Any) -> datetime:
    """`2026-10-01T03:00:00Z`, or milliseconds since 1970 as older properties have them."""
    milliseconds = _milliseconds(raw)
    return to_timestamp(raw) if milliseconds is None else _EPOCH + milliseconds


def _date(raw: Any) -> date:
    """`2026-10-01`, or the milliseconds of its midnight in UTC."""
    milliseconds = _milliseconds(raw)
    return to_date(raw) if milliseconds is None else (_EPOCH + milliseconds).date()


def _milliseconds(raw: Any) -> timedelta | None:
    return timedelta(milliseconds=int(raw)) if isinstance(raw, str) and _WHOLE.fullmatch(raw) else None


def _list(raw: Any) -> list[str]:
    return [part for part in to_text(raw).split(";") if part]


_READERS: Readers = {
    **READERS,
    FieldType.BOOLEAN: _boolean,
    FieldType.TIMESTAMP: _timestamp,
    FieldType.DATE: _date,
    FieldType.LIST: _list,
}
