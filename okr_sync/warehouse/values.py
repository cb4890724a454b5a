"""Which values a field holds, and held: what a person asks before an option of the source is renamed."""

from __future__ import annotations

from okr_sync.connector import Field, FieldType
from okr_sync.errors import OkrSyncError
from okr_sync.warehouse.history import History
from okr_sync.warehouse.place import quoted


def present_count(history: History, stream: str, field: Field, value: str) -> int:
    """How many present records hold the value, of a list among others; a truth is written `true`.

    Raises:
        OkrSyncError: the field holds numbers, and the value is none.
    """
    condition, parameter = _condition(field, value)
    sql = f"SELECT count(*) FROM {quoted(stream)} WHERE _valid_to = 'infinity' AND {condition}"
    ((count,),) = history.query(sql, {1: parameter}).rows
    return int(count)


def _condition(field: Field, value: str) -> tuple[str, str | float]:
    name = quoted(field.name)
    if field.type is FieldType.LIST:
        return f"$1 = ANY({name})", value
    if field.type not in (FieldType.INTEGER, FieldType.NUMBER):
        return f"CAST({name} AS VARCHAR) = $1", value
    try:
        return f"CAST({name} AS DOUBLE PRECISION) = $1", float(value)
    except ValueError:
        raise OkrSyncError(f"{field.name} holds numbers, {value!r} is none") from None
