"""Which values a field holds, and held: what a person asks before an option of the source is renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from okr_sync.connector import Field, FieldType
from okr_sync.errors import OkrSyncError
from okr_sync.warehouse.history import History
from okr_sync.warehouse.place import Transaction, quoted

MOST_VALUES = 1_000
"""A field with more of them has no options that people choose from, but names, numbers, sentences."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When the first and the last version landed that held a value."""

    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What became of the records that held a value."""

    present_count: int
    """Those that hold it still."""
    left_at: datetime | None
    """When the last one was found that does not hold it any more, or is deleted."""
    moved: Mapping[str, int]
    """By the value that came right after it, how many times it did."""


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


def landed_values(transaction: Transaction, stream: str, field: str) -> dict[str, Seen] | None:
    """By text that the field ever held, when it came; `None` where there are too many, or nothing has landed of it."""
    column = transaction.column(field)
    if column not in transaction.columns(stream):
        return None
    found = transaction.rows(
        f"SELECT {quoted(column)}, min(_landed_at), max(_landed_at) FROM {transaction.table(stream)}"
        f" WHERE {quoted(column)} IS NOT NULL AND NOT _deleted GROUP BY 1 LIMIT {MOST_VALUES + 1}"
    )
    return None if len(found) > MOST_VALUES else {text: Seen(first, last) for text, first, last in found}


def whereabouts(transaction: Transaction, stream: str, field: str, value: str) -> Whereabouts:
    """What became of the records that held a text."""
    column = quoted(transaction.column(field))
    found = transaction.rows(
        f"""
        WITH version AS (
            SELECT {column} AS held, _deleted, lead({column}) OVER succession AS next_held,
                lead(_landed_at) OVER succession AS left_at
            FROM {transaction.table(stream)}
            WINDOW succession AS (PARTITION BY _key ORDER BY _version_at, _sequence)
        )
        SELECT next_held, count(*) FILTER (WHERE left_at IS NULL), count(left_at), max(left_at)
        FROM version WHERE held = $1 AND NOT _deleted AND next_held IS DISTINCT FROM held GROUP BY next_held
        """,
        value,
    )
    return Whereabouts(
        present_count=sum(present for _, present, _, _ in found),
        left_at=max((at for *_, at in found if at is not None), default=None),
        moved={text: moved for text, _, moved, _ in found if text is not None},
    )
