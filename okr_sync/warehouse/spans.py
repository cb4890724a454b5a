"""The span of time for which each version of a record held, as SQL that means the same in every engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from okr_sync.connector import Stream
from okr_sync.warehouse.place import quoted

CONTENT_COLUMN = "_content"
"""Of each version a whole number from the hash of its content, key included: sums of it tell sets of versions apart."""


def held_at(instant: str) -> str:
    """The condition under which a version is the one that held right before `instant` (a SQL expression)."""
    return f"_valid_from < {instant} AND _valid_to >= {instant}"


def spans(name: str, stream: Stream, fields: Sequence[str], known_at: datetime | None, content: str) -> str:
    """SQL for every version of the stream `source.name` with its span, of those that had landed by `known_at`.

    `content` is SQL for the first 15 hexadecimal digits of `_hash` as a number.
    """
    log = ".".join(map(quoted, name.split(".", 1)))
    columns = "".join(f", {quoted(field)}" for field in fields)
    begins = (
        f"least({quoted(stream.created_at)}, _version_at)" if stream.created_at is not None else "NULL::TIMESTAMPTZ"
    )
    landed = "" if known_at is None else f"WHERE _landed_at <= '{known_at.isoformat()}'::TIMESTAMPTZ"
    return f"""
        WITH version AS (
            SELECT _key{columns}, _deleted, _version_at, {begins} AS _created_at,
                CASE WHEN NOT _deleted THEN {content} END AS {CONTENT_COLUMN},
                _version_at = min(_version_at) OVER (PARTITION BY _key) AS _is_first,
                coalesce(lead(_version_at) OVER succession, 'infinity'::TIMESTAMPTZ) AS _valid_to
            FROM {log} {landed}
            WINDOW succession AS (PARTITION BY _key ORDER BY _version_at, _sequence)
        )
        SELECT _key{columns}, _version_at AS _known_from, _valid_to, {CONTENT_COLUMN},
            CASE WHEN _is_first THEN coalesce(_created_at, '-infinity'::TIMESTAMPTZ) ELSE _version_at END AS _valid_from
        FROM version
        WHERE NOT _deleted AND _valid_to > _version_at
    """
