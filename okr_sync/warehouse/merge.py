"""How what comes joins what is known: the statements that append to a stream's log.

Each works on a relation named `incoming` with the columns of `okr_sync.warehouse.columns`, on a connection that is
inside a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from okr_sync.connector import IncompleteError, Stream
from okr_sync.warehouse.place import first_row, quoted

LARGEST_DROP = 0.2
"""The share of a stream's records that may vanish between two full reads before it counts as lost permission."""
SMALLEST_DROP = 20
"""Fewer vanished records than this are always taken for deletions."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What one landing wrote: new versions (tombstones that the source sent among them) and deletions."""

    new_count: int
    deleted_count: int = 0


def append(connection: duckdb.DuckDBPyConnection, stream: Stream, landed_at: datetime) -> Landing:
    """Write what of `incoming` does not repeat the end of what is known."""
    log = quoted(stream.name)
    # Where the source tells no time of change, all versions of a key form one succession.
    moment = "_version_at" if stream.version_at is not None else "NULL::TIMESTAMPTZ"
    fields = "".join(f", i.{quoted(field.name)}" for field in stream.fields)
    names = "".join(f", {quoted(field.name)}" for field in stream.fields)
    (last_sequence,) = first_row(connection, f"SELECT coalesce(max(_sequence), 0) FROM {log}") or (0,)
    connection.execute(
        f"""
        INSERT INTO {log} (_key, _version_at, _landed_at, _deleted, _hash, _sequence{names})
        WITH succession AS (
            SELECT _key, {moment} AS moment, _position, _hash
            FROM incoming
            QUALIFY lag(_hash) OVER (PARTITION BY _key, {moment} ORDER BY _position) IS DISTINCT FROM _hash
        ), come AS (
            SELECT _key, moment,
                list(_hash ORDER BY _position) AS hashes, list(_position ORDER BY _position) AS positions
            FROM succession GROUP BY _key, moment
        ), known AS (
            SELECT log._key, {moment} AS moment, list(_hash ORDER BY _sequence) AS hashes
            FROM {log} AS log SEMI JOIN come ON log._key = come._key
            GROUP BY log._key, moment
        ), fresh AS (
            SELECT unnest(come.positions[
                1 + coalesce(list_max([
                    n FOR n IN range(1, 1 + least(len(known.hashes), len(come.hashes)))
                    IF known.hashes[len(known.hashes) - n + 1 :] = come.hashes[: n]
                ]), 0) :
            ]) AS _position
            FROM come LEFT JOIN known ON come._key = known._key AND come.moment IS NOT DISTINCT FROM known.moment
        )
        SELECT i._key, i._version_at, $landed_at, i._deleted, i._hash,
            $last_sequence + row_number() OVER (ORDER BY i._position){fields}
        FROM incoming AS i SEMI JOIN fresh ON i._position = fresh._position
        """,
        {"landed_at": landed_at, "last_sequence": last_sequence},
    )
    counts = first_row(
        connection,
        f"SELECT count(*), count(*) FILTER (WHERE _deleted) FROM {log} WHERE _sequence > $last_sequence",
        {"last_sequence": last_sequence},
    )
    return Landing(*(counts or (0, 0)))


def present(stream: Stream) -> str:
    """SQL for each key's last version."""
    return (
        f"SELECT * FROM {quoted(stream.name)}"
        " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _version_at DESC, _sequence DESC) = 1"
    )


def refuse_large_drop(connection: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    known, gone = first_row(
        connection,
        f"SELECT count(*), count(*) FILTER (WHERE _key NOT IN (SELECT _key FROM incoming))"
        f" FROM ({present(stream)}) WHERE NOT _deleted",
    ) or (0, 0)
    if gone >= SMALLEST_DROP and gone > known * LARGEST_DROP:
        raise IncompleteError(
            f"stream {stream.name}: {gone} of {known} records are gone since the last read. That looks like a cut file"
            " or a lost permission, so nothing was landed; if they were really deleted, sync this source once with"
            " --accept-deletions"
        )


def append_tombstones(connection: duckdb.DuckDBPyConnection, stream: Stream, landed_at: datetime) -> int:
    keys = "".join(f", {quoted(name)}" for name in stream.key)
    written = first_row(
        connection,
        f"""
        INSERT INTO {quoted(stream.name)} (_key, _version_at, _landed_at, _deleted, _hash, _sequence{keys})
        SELECT _key, greatest($landed_at, _version_at), $landed_at, TRUE, 'gone',
            (SELECT max(_sequence) FROM {quoted(stream.name)}) + row_number() OVER (ORDER BY _key){keys}
        FROM ({present(stream)}) WHERE NOT _deleted AND _key NOT IN (SELECT _key FROM incoming)
        """,
        {"landed_at": landed_at},
    )
    return int(written[0]) if written else 0


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, stream: Stream, landed_at: datetime) -> int:
    """Make the last version of each key in `incoming` the present one, from now on, where the log says otherwise.

    So it is where a record was ended and came back, or where its own time of change lies before what was known.
    """
    if stream.version_at is None:
        return 0  # landed_at is its time of change: appending it was enough
    fields = "".join(f", i.{quoted(field.name)}" for field in stream.fields)
    names = "".join(f", {quoted(field.name)}" for field in stream.fields)
    written = first_row(
        connection,
        f"""
        INSERT INTO {quoted(stream.name)} (_key, _version_at, _landed_at, _deleted, _hash, _sequence{names})
        SELECT i._key, $landed_at, $landed_at, i._deleted, i._hash,
            (SELECT max(_sequence) FROM {quoted(stream.name)}) + row_number() OVER (ORDER BY i._key){fields}
        FROM (
            SELECT * FROM incoming
            QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _version_at DESC, _position DESC) = 1
        ) AS i JOIN ({present(stream)}) AS p ON i._key = p._key
        WHERE i._hash <> p._hash
        """,
        {"landed_at": landed_at},
    )
    return int(written[0]) if written else 0


def unknown_keys(connection: duckdb.DuckDBPyConnection, stream: Stream) -> list[str]:
    """The keys of `incoming` whose record is not present: never landed, or ended."""
    found = connection.execute(
        f"SELECT _key FROM incoming ANTI JOIN (SELECT _key FROM ({present(stream)}) WHERE NOT _deleted) USING (_key)"
        " ORDER BY _key"
    ).fetchall()
    return [key for (key,) in found]
