"""How what comes joins what is known: everything one landing writes to a stream's log, in a single INSERT.

It works on a relation named `incoming` with the columns of `okr_sync.warehouse.columns`, on a connection inside a
transaction. All reading comes before the one INSERT: DuckDB 2.0.0 answers wrongly, from stale statistics, when a table
is read again in a transaction that wrote to it twice (`tests/warehouse/test_log.py` has the case).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from okr_sync.connector import IncompleteError, Stream
from okr_sync.warehouse.place import first_row, quoted

LARGEST_DROP = 0.2
"""The share of a stream's records that may vanish between two full reads before it counts as lost permission."""
SMALLEST_DROP = 20
"""Fewer vanished records than this are always taken for deletions, unless they were all there were."""
SMALLEST_WHOLE = 5
"""As many or more records do not all vanish between two reads by being deleted."""

_GONE = "gone"
"""Stands for the hash of a tombstone that the engine made itself."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What one landing wrote: new versions (tombstones that the source sent among them) and deletions."""

    new_count: int
    deleted_count: int = 0


def merge(
    connection: duckdb.DuckDBPyConnection, stream: Stream, landed_at: datetime, *, is_whole: bool, has_last_word: bool
) -> Landing:
    """Write what `incoming` brings that is not known yet.

    Args:
        connection: inside a transaction, with the relation `incoming`.
        stream: its log exists.
        landed_at: the time of this landing.
        is_whole: `incoming` lists every record that exists; the others end.
        has_last_word: the last version of each key in `incoming` is the present one, whatever its time of change.
    """
    if stream.changes_silently and stream.version_at is not None:
        _choose_present(connection, stream)
    else:
        _choose_new(connection, stream)
        if has_last_word and stream.version_at is not None:  # without times of its own, what lands last is the present
            _choose_corrections(connection, stream)
    ended_count = choose_ended(connection, stream) if is_whole else 0
    new_count, deleted_count = first_row(
        connection, "SELECT count(*), count(*) FILTER (WHERE _deleted) FROM chosen JOIN incoming USING (_position)"
    ) or (0, 0)
    selects = [_versions(stream), *([_tombstones(stream)] if ended_count else [])]
    _insert(connection, stream, landed_at, [field.name for field in stream.fields], selects)
    return Landing(int(new_count), int(deleted_count) + ended_count)


def present(stream: Stream) -> str:
    """SQL for the last version of each key: what tells it apart, its key fields, and nothing else."""
    return (
        f"SELECT _key, _version_at, _deleted, _hash{_listed(stream.key)} FROM {quoted(stream.name)}"
        " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _version_at DESC, _sequence DESC) = 1"
    )


def is_large_drop(known: int, gone: int) -> bool:
    """Whether so many of the `known` records are gone that a lost permission is likelier than deletions."""
    is_whole = gone == known and known >= SMALLEST_WHOLE
    return is_whole or (gone >= SMALLEST_DROP and gone > known * LARGEST_DROP)


def refuse_large_drop(connection: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Raises IncompleteError where too many of the present records are not in `incoming`."""
    known, gone = first_row(
        connection,
        f"SELECT count(*), count(*) FILTER (WHERE _key NOT IN (SELECT _key FROM incoming))"
        f" FROM ({present(stream)}) WHERE NOT _deleted",
    ) or (0, 0)
    if is_large_drop(known, gone):
        raise IncompleteError(
            f"stream {stream.name}: {gone} of {known} records are gone since the last read. That looks like a cut file"
            " or a lost permission, so nothing was landed; if they were really deleted, or the source's"
            " settings no longer choose them, sync it once with --accept-deletions"
        )


def choose_ended(connection: duckdb.DuckDBPyConnection, stream: Stream) -> int:
    """Note in `ended` the present records that are not in `incoming`; give how many."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE ended AS SELECT * FROM ({present(stream)})"
        " WHERE NOT _deleted AND _key NOT IN (SELECT _key FROM incoming)"
    )
    return int((first_row(connection, "SELECT count(*) FROM ended") or (0,))[0])


def write_ended(connection: duckdb.DuckDBPyConnection, stream: Stream, landed_at: datetime) -> None:
    """Append a tombstone for every record in `ended`."""
    _insert(connection, stream, landed_at, stream.key, [_tombstones(stream)])


def unknown_keys(connection: duckdb.DuckDBPyConnection, stream: Stream) -> list[str]:
    """The keys of `incoming` whose record is not present: never landed, or ended."""
    found = connection.execute(
        f"SELECT _key FROM incoming ANTI JOIN (SELECT _key FROM ({present(stream)}) WHERE NOT _deleted) USING (_key)"
        " ORDER BY _key"
    ).fetchall()
    return [key for (key,) in found]


def _choose_new(connection: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Note in `chosen` the positions of `incoming` that do not repeat the end of what is known."""
    # Where the source tells no time of change, all versions of a key form one succession.
    moment = "_version_at" if stream.version_at is not None else "NULL::TIMESTAMPTZ"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE chosen AS
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
            FROM {quoted(stream.name)} AS log SEMI JOIN come ON log._key = come._key
            GROUP BY log._key, moment
        )
        SELECT FALSE AS is_correction, unnest(come.positions[
            1 + coalesce(list_max([
                n FOR n IN range(1, 1 + least(len(known.hashes), len(come.hashes)))
                IF known.hashes[len(known.hashes) - n + 1 :] = come.hashes[: n]
            ]), 0) :
        ]) AS _position
        FROM come LEFT JOIN known ON come._key = known._key AND come.moment IS NOT DISTINCT FROM known.moment
        """
    )


def _choose_present(connection: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Note in `chosen` the last of each key in `incoming` that is not as the record is known to be.

    One whose time of change has not moved on holds from now: what it was before was true then.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE chosen AS
        SELECT last._version_at <= known._version_at IS TRUE AS is_correction, last._position
        FROM ({_last_of_incoming()}) AS last LEFT JOIN ({present(stream)}) AS known ON last._key = known._key
        WHERE last._hash IS DISTINCT FROM known._hash
        """
    )


def _last_of_incoming() -> str:
    return (
        "SELECT _key, _version_at, _hash, _position FROM incoming"
        " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _version_at DESC, _position DESC) = 1"
    )


def _choose_corrections(connection: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    """Note in `chosen` what must hold from now on although its own time of change lies before what is known.

    So it is with a record that was ended and came back, and with one whose time of change was set back.
    """
    connection.execute(
        f"""
        INSERT INTO chosen
        SELECT TRUE, last._position
        FROM ({_last_of_incoming()}) AS last JOIN ({present(stream)}) AS known ON last._key = known._key
        WHERE last._hash <> known._hash AND last._version_at < known._version_at
        """
    )


def _versions(stream: Stream) -> str:
    """SQL for what was chosen of `incoming`."""
    return (
        "SELECT _key, if(is_correction, $landed_at, _version_at) AS _version_at, _deleted, _hash,"
        f" is_correction, _position{_listed(field.name for field in stream.fields)}"
        " FROM incoming JOIN chosen USING (_position)"
    )


def _tombstones(stream: Stream) -> str:
    """SQL for the end of what is in `ended`."""
    return (
        f"SELECT _key, greatest($landed_at, _version_at) AS _version_at, TRUE AS _deleted, '{_GONE}' AS _hash,"
        f" TRUE AS is_correction, -1 AS _position{_listed(stream.key)} FROM ended"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    landed_at: datetime,
    fields: Iterable[str],
    selects: Sequence[str],
) -> None:
    """Append what `selects` give, in one INSERT, new versions before corrections and tombstones."""
    names = _listed(fields)
    connection.execute(
        f"""
        INSERT INTO {quoted(stream.name)} (_key, _version_at, _landed_at, _deleted, _hash, _sequence{names})
        SELECT _key, _version_at, $landed_at, _deleted, _hash,
            $last_sequence + row_number() OVER (ORDER BY is_correction, _position, _key){names}
        FROM ({" UNION ALL BY NAME ".join(selects)})
        """,
        {"landed_at": landed_at, "last_sequence": _last_sequence(connection, stream)},
    )


def _listed(names: Iterable[str]) -> str:
    """Names to add to a list of columns."""
    return "".join(f", {quoted(name)}" for name in names)


def _last_sequence(connection: duckdb.DuckDBPyConnection, stream: Stream) -> int:
    return int((first_row(connection, f"SELECT coalesce(max(_sequence), 0) FROM {quoted(stream.name)}") or (0,))[0])
