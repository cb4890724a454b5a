"""How what comes joins what is known: everything one landing writes to a stream's log, in a single INSERT.

It works on a relation named `incoming` with the columns of `okr_sync.warehouse.columns`, in SQL that every engine reads
alike. All reading comes before the one INSERT: DuckDB 2.0.0 answers wrongly, from stale statistics, when a table is
read again in a transaction that wrote to it twice (`tests/warehouse/test_log.py` has the case).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from okr_sync.connector import IncompleteError, Stream
from okr_sync.warehouse.ends import MADE_HERE, End, is_made_here
from okr_sync.warehouse.place import Transaction, quoted

LARGEST_DROP = 0.2
"""The share of a stream's records that may vanish between two full reads before it counts as lost permission."""
SMALLEST_DROP = 20
"""Fewer vanished records than this are always taken for deletions, unless they were all there were."""
SMALLEST_WHOLE = 5
"""As many or more records do not all vanish between two reads by being deleted."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What one landing wrote: new versions (tombstones that the source sent among them) and deletions."""

    new_count: int
    deleted_count: int = 0
    not_visible_count: int = 0
    """Of the deletions, records that were not listed any more."""
    out_of_scope_count: int = 0
    """Of the deletions, records that the settings do not choose any more."""


def merge(
    transaction: Transaction,
    stream: Stream,
    landed_at: datetime,
    *,
    is_whole: bool,
    has_last_word: bool,
    end: End = End.NOT_VISIBLE,
) -> Landing:
    """Write what `incoming` brings that is not known yet.

    Args:
        transaction: with the relation `incoming`.
        stream: its log exists.
        landed_at: the time of this landing.
        is_whole: `incoming` lists every record that exists; the others end.
        has_last_word: the last version of each key in `incoming` is the present one, whatever its time of change.
        end: why what is not in a whole `incoming` has ended.
    """
    if stream.changes_silently and stream.version_at is not None:
        _choose_present(transaction, stream)
    else:
        _choose_new(transaction, stream)
        if stream.is_past_partial:
            _leave_known_past(transaction, stream)
        if stream.version_at is not None:  # without times of its own, what lands last is the present
            _choose_corrections(transaction, stream, has_last_word=has_last_word)
    ended_count = choose_ended(transaction, stream) if is_whole else 0
    silent_count = _choose_silent_ends(transaction, stream) if stream.ends_silently else 0
    ((new_count, deleted_count),) = transaction.rows(
        "SELECT count(*), count(*) FILTER (WHERE _deleted) FROM chosen JOIN incoming USING (_position)"
    )
    fields = [field.name for field in stream.fields]
    selects = [_versions(stream)]
    if ended_count:
        selects.append(_tombstones("ended", stream, fields, end))
    if silent_count:
        selects.append(_tombstones("ended_silently", stream, fields, End.DELETED))
    _insert(transaction, stream, landed_at, fields, selects)
    by_end = {End.NOT_VISIBLE: 0, End.OUT_OF_SCOPE: 0, end: ended_count}
    deleted_count += ended_count + silent_count
    return Landing(new_count, deleted_count, by_end[End.NOT_VISIBLE], by_end[End.OUT_OF_SCOPE])


def present(transaction: Transaction, stream: Stream) -> str:
    """SQL for the last version of each key: what tells it apart, its key fields, and nothing else."""
    return _first_of_each(
        f"_key, _version_at, _deleted, _hash{_listed(stream.key)}",
        transaction.table(stream.name),
        "PARTITION BY _key ORDER BY _version_at DESC, _sequence DESC",
    )


def is_large_drop(known: int, gone: int) -> bool:
    """Whether so many of the `known` records are gone that a lost permission is likelier than deletions."""
    is_whole = gone == known and known >= SMALLEST_WHOLE
    return is_whole or (gone >= SMALLEST_DROP and gone > known * LARGEST_DROP)


def refuse_large_drop(transaction: Transaction, stream: Stream) -> None:
    """Raises IncompleteError where too many of the present records are not in `incoming`."""
    ((known, gone),) = transaction.rows(
        f"SELECT count(*), count(*) FILTER (WHERE come._key IS NULL) FROM ({present(transaction, stream)}) AS present"
        " LEFT JOIN (SELECT DISTINCT _key FROM incoming) AS come ON come._key = present._key WHERE NOT _deleted"
    )
    if is_large_drop(known, gone):
        raise IncompleteError(
            f"stream {stream.name}: {gone} of {known} records are gone since the last read. That looks like a cut file"
            " or a lost permission, so nothing was landed; if they were really deleted, or the source's"
            " settings no longer choose them, sync it once with --accept-deletions"
        )


def choose_ended(transaction: Transaction, stream: Stream) -> int:
    """Note in `ended` the present records that are not in `incoming`; give how many."""
    transaction.note(
        "ended",
        f"SELECT * FROM ({present(transaction, stream)}) AS present"
        " WHERE NOT _deleted AND NOT EXISTS (SELECT 1 FROM incoming WHERE incoming._key = present._key)",
    )
    ((count,),) = transaction.rows("SELECT count(*) FROM ended")
    return int(count)


def write_ended(transaction: Transaction, stream: Stream, landed_at: datetime, end: End) -> None:
    """Append a tombstone for every record in `ended`."""
    _insert(transaction, stream, landed_at, stream.key, [_tombstones("ended", stream, stream.key, end)])


def unknown_keys(transaction: Transaction, stream: Stream) -> list[str]:
    """The keys of `incoming` whose record is not present: never landed, or ended."""
    found = transaction.rows(
        f"SELECT _key FROM incoming WHERE NOT EXISTS (SELECT 1 FROM ({present(transaction, stream)}) AS present"
        " WHERE present._key = incoming._key AND NOT _deleted) ORDER BY _key"
    )
    return [key for (key,) in found]


def _choose_new(transaction: Transaction, stream: Stream) -> None:
    """Note in `chosen` the positions of `incoming` that do not repeat the end of what is known.

    `_after` is the time that such a version may not lie before, since it holds from now: NULL where the source tells
    since when it holds.
    """
    # Where the source tells no time of change, all versions of a key form one succession.
    moment = "_version_at" if stream.version_at is not None else "TIMESTAMPTZ 'epoch'"
    after = "CAST(NULL AS TIMESTAMPTZ)" if stream.version_at is not None else "known.latest"
    transaction.note(
        "chosen",
        f"""
        WITH each AS (
            SELECT _key, {moment} AS moment, _position, _hash,
                lag(_hash) OVER (PARTITION BY _key, {moment} ORDER BY _position) AS before
            FROM incoming
        ), succession AS (
            SELECT _key, moment, _position, _hash,
                row_number() OVER (PARTITION BY _key, moment ORDER BY _position) AS n
            FROM each WHERE before IS DISTINCT FROM _hash
        ), come AS (
            SELECT _key, moment, array_agg(_hash ORDER BY n) AS hashes FROM succession GROUP BY _key, moment
        ), known AS (
            SELECT _key, {moment} AS moment, array_agg(_hash ORDER BY _sequence) AS hashes, count(*) AS length,
                max(_version_at) AS latest
            FROM {transaction.table(stream.name)} WHERE _key IN (SELECT _key FROM incoming) GROUP BY _key, {moment}
        ), repeated AS (
            SELECT _key, moment, max(n) AS length
            FROM succession JOIN known USING (_key, moment) JOIN come USING (_key, moment)
            WHERE n <= known.length AND _hash = known.hashes[known.length]
                AND known.hashes[known.length - n + 1 : known.length] = come.hashes[1 : n]
            GROUP BY _key, moment
        )
        SELECT {after} AS _after, _position
        FROM succession LEFT JOIN repeated USING (_key, moment) LEFT JOIN known USING (_key, moment)
        WHERE n > coalesce(repeated.length, 0)
        """,
    )


def _choose_present(transaction: Transaction, stream: Stream) -> None:
    """Note in `chosen` the last of each key in `incoming` that is not as the record is known to be.

    One whose time of change has not moved on holds from now: what it was before was true then.
    """
    transaction.note(
        "chosen",
        f"""
        SELECT CASE WHEN last._version_at <= known._version_at THEN known._version_at END AS _after, last._position
        FROM ({_LAST_OF_INCOMING}) AS last LEFT JOIN ({present(transaction, stream)}) AS known
            ON last._key = known._key
        WHERE last._hash IS DISTINCT FROM known._hash
        """,
    )


def _choose_corrections(transaction: Transaction, stream: Stream, *, has_last_word: bool) -> None:
    """Note in `chosen` what must hold from now on although its own time of change lies before what is known.

    So it is with a record that came back after it was ended here because it was not listed, which no source has said;
    and, where `incoming` has the last word, with one whose own word or time of change was taken back.
    """
    ours = "" if has_last_word else f" AND {is_made_here('known._hash')} AND NOT last._deleted"
    transaction.rows(
        f"""
        INSERT INTO chosen
        SELECT known._version_at, last._position
        FROM ({_LAST_OF_INCOMING}) AS last JOIN ({present(transaction, stream)}) AS known ON last._key = known._key
        WHERE last._hash <> known._hash AND last._version_at < known._version_at{ours}
        """
    )


def _leave_known_past(transaction: Transaction, stream: Stream) -> None:
    """Take out of `chosen` what is rebuilt of a span from which versions are known: they hold what it lacks.

    What is rebuilt lies before the present one of its key, which comes with it.
    """
    transaction.rows(
        f"""
        DELETE FROM chosen WHERE _position IN (
            SELECT incoming._position
            FROM incoming JOIN ({_LAST_OF_INCOMING}) AS last ON incoming._key = last._key
            JOIN (
                SELECT _key, min(_version_at) AS earliest, max(_version_at) AS latest
                FROM {transaction.table(stream.name)} GROUP BY _key
            ) AS known ON incoming._key = known._key
            WHERE incoming._version_at < last._version_at AND NOT incoming._deleted
                AND incoming._version_at BETWEEN known.earliest AND known.latest
        )
        """
    )


def _choose_silent_ends(transaction: Transaction, stream: Stream) -> int:
    """Note in `ended_silently` the present records that the source says are gone as of a time at which they were alive.

    Give how many. What the source says of them is no version of its own: it comes again with every read.
    """
    known = f"JOIN ({present(transaction, stream)}) AS known ON come._key = known._key"
    is_silent = "come._deleted AND come._version_at <= known._version_at"
    transaction.note(
        "ended_silently",
        f"SELECT known.* FROM ({_LAST_OF_INCOMING}) AS come {known} WHERE {is_silent} AND NOT known._deleted",
    )
    transaction.rows(
        f"DELETE FROM chosen WHERE _position IN (SELECT come._position FROM incoming AS come {known} WHERE {is_silent})"
    )
    ((count,),) = transaction.rows("SELECT count(*) FROM ended_silently")
    return int(count)


def _versions(stream: Stream) -> str:
    """SQL for what was chosen of `incoming`.

    What holds from now follows what is known even where our clock was set back, or another machine's is behind.
    """
    fields = "".join(f", incoming.{quoted(field.name)}" for field in stream.fields)
    return (
        "SELECT _key, CASE WHEN _after IS NULL THEN _version_at ELSE greatest($1, _after) END AS _version_at,"
        f" _deleted, _hash, _after IS NOT NULL AS _is_correction, _position{fields}"
        " FROM incoming JOIN chosen USING (_position)"
    )


def _tombstones(ended: str, stream: Stream, fields: Iterable[str], end: End) -> str:
    """SQL for the end of what is in the relation `ended`: of its fields only the key is known."""
    kept = "".join(f", {quoted(name) if name in stream.key else 'NULL'}" for name in fields)
    return (
        f"SELECT _key, greatest($1, _version_at) AS _version_at, TRUE AS _deleted, '{MADE_HERE[end]}' AS _hash,"
        f" TRUE AS _is_correction, -1 AS _position{kept} FROM {ended}"
    )


def _insert(
    transaction: Transaction, stream: Stream, landed_at: datetime, fields: Iterable[str], selects: Sequence[str]
) -> None:
    """Append what `selects` give, in one INSERT, new versions before corrections and tombstones."""
    names = _listed(fields)
    ((last_sequence,),) = transaction.rows(f"SELECT coalesce(max(_sequence), 0) FROM {transaction.table(stream.name)}")
    transaction.rows(
        f"""
        INSERT INTO {transaction.table(stream.name)} (_key, _version_at, _landed_at, _deleted, _hash, _sequence{names})
        SELECT _key, _version_at, $1, _deleted, _hash,
            $2 + row_number() OVER (ORDER BY _is_correction, _position, _key){names}
        FROM ({" UNION ALL ".join(selects)}) AS added
        """,
        landed_at,
        last_sequence,
    )


def _first_of_each(columns: str, relation: str, order: str) -> str:
    """SQL for the first row of each partition."""
    return (
        f"SELECT {columns} FROM (SELECT {columns}, row_number() OVER ({order}) AS _rank FROM {relation}) AS ranked"
        " WHERE _rank = 1"
    )


_LAST_OF_INCOMING = _first_of_each(
    "_key, _version_at, _deleted, _hash, _position",
    "incoming",
    "PARTITION BY _key ORDER BY _version_at DESC, _position DESC",
)


def _listed(names: Iterable[str]) -> str:
    """Names to add to a list of columns."""
    return "".join(f", {quoted(name)}" for name in names)
