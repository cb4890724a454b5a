"""Records that are gone: archived, or merged into another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.hubspot.columns import ID, UPDATED_AT, PropertyColumn, Raw, value_of
from okr_sync.connector import Record, Rejection, Value
from okr_sync.http.columns import Reading
from okr_sync.http.values import to_timestamp

MERGED = "hs_merged_object_ids"
"""Of the record that others were merged into: their ids. They leave the search and the list without a word."""


def _ended_at(raw: Raw) -> Value:
    """Not before its last change: what archives a record may stamp it, and the search may have shown that."""
    return max(to_timestamp(raw.get("archivedAt")), to_timestamp(raw.get("updatedAt")))


_ENDING = Reading[Raw](
    (ID, PropertyColumn(UPDATED_AT.field, _ended_at)),
    lambda raw: f"archived record {raw.get('id')}",
    lambda _: True,
)


def archived(raws: Iterable[Raw]) -> tuple[list[Record], list[Rejection]]:
    """The end of each, when it was archived."""
    return _ENDING.records(raws)


def merged(raws: Iterable[Raw]) -> list[Record]:
    """The end of what was merged into these. Where their own time is no time, they are rejected themselves."""
    return _ENDING.records(_merged(raws))[0]


def _merged(raws: Iterable[Raw]) -> Iterator[Raw]:
    for raw in raws:
        for one in str(value_of(raw, MERGED) or "").split(";"):
            if one and one != str(raw["id"]):
                yield {"id": one, "archivedAt": raw.get("updatedAt"), "updatedAt": raw.get("updatedAt")}
