"""The reading side: every version of the records of a stream, with the span of time for which it held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from okr_sync.connector import Stream
from okr_sync.warehouse.place import Warehouse, quoted


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns and rows of a query."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class History:
    """Streams opened for reading: each is a relation named `source.stream` with the fields asked for and `_key`.

    A version holds from `_valid_from` (inclusive) to `_valid_to` (exclusive); open ends are infinite. The first known
    version of a record holds from its creation, or from the beginning where that is not known, although it was not
    known before `_known_from`. Deleted records have no version after their deletion.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, fields: Mapping[str, Collection[str]]) -> None:
        self._connection = connection
        self._fields = fields
        self._added: set[str] = set()

    def holds(self, stream: str, fields: Collection[str]) -> bool:
        """Whether the stream was opened with all of these fields."""
        return stream in self._fields and set(fields) <= set(self._fields[stream])

    def fields(self, stream: str) -> Collection[str]:
        """The fields that the stream was opened with; none where it was not."""
        return self._fields.get(stream, ())

    def add(self, name: str, make: Callable[[], pa.Table]) -> None:
        """Put a relation beside the streams, to be joined with them; what is there already stays."""
        if name not in self._added:
            add_relation(self._connection, name, make())
            self._added.add(name)

    def only(self, fields: Mapping[str, Collection[str]]) -> History:
        """The same as if it had been opened with `fields`, all of which it was opened with."""
        history = History(self._connection, fields)
        history._added = self._added
        return history

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Answer:
        """Run compiled SQL. Instants are parameters; times in the answer are in the project's zone.

        `parameters` may hold more than the statement names.
        """
        (statement,) = self._connection.extract_statements(sql)
        used = {name: value for name, value in (parameters or {}).items() if name in statement.named_parameters}
        result = self._connection.execute(statement, used)
        return Answer(tuple(column[0] for column in result.description or ()), result.fetchall())


@contextmanager
def open_history(
    warehouse: Warehouse,
    streams: Mapping[str, Stream],
    fields: Mapping[str, Collection[str]],
    known_at: datetime | None = None,
) -> Iterator[History]:
    """Open the streams named in `fields` with the fields that will be read; `streams` holds them as they landed.

    Of what landed after `known_at` nothing is there: the past as it was known then.
    """
    sources = sorted({name.split(".", 1)[0] for name in fields})
    with warehouse.read(sources) as connection:
        for name, wanted in fields.items():
            connection.execute(_spans(name, streams[name], sorted(wanted), known_at))
        for source in sources:
            connection.execute(f"DETACH DATABASE IF EXISTS {quoted(source)}")
        yield History(connection, fields)


def add_relation(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """A temporary relation of these rows."""
    connection.register("_rows", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT * FROM _rows")
    connection.unregister("_rows")


def held_at(instant: str) -> str:
    """The condition under which a version is the one that held right before `instant` (a SQL expression)."""
    return f"_valid_from < {instant} AND _valid_to >= {instant}"


def _spans(name: str, stream: Stream, fields: Sequence[str], known_at: datetime | None) -> str:
    source, log = name.split(".", 1)
    columns = "".join(f", {quoted(field)}" for field in fields)
    begins = (
        f"least({quoted(stream.created_at)}, _version_at)" if stream.created_at is not None else "NULL::TIMESTAMPTZ"
    )
    landed = "" if known_at is None else f" WHERE _landed_at <= '{known_at.isoformat()}'::TIMESTAMPTZ"
    return f"""
        CREATE TEMP TABLE {quoted(name)} AS
        WITH version AS (
            SELECT _key{columns}, _deleted, _version_at, {begins} AS _created_at,
                _version_at = min(_version_at) OVER (PARTITION BY _key) AS _is_first,
                coalesce(lead(_version_at) OVER succession, 'infinity'::TIMESTAMPTZ) AS _valid_to
            FROM {quoted(source)}.{quoted(log)}{landed}
            WINDOW succession AS (PARTITION BY _key ORDER BY _version_at, _sequence)
        )
        SELECT _key{columns}, _version_at AS _known_from, _valid_to,
            CASE WHEN _is_first THEN coalesce(_created_at, '-infinity'::TIMESTAMPTZ) ELSE _version_at END AS _valid_from
        FROM version
        WHERE NOT _deleted AND _valid_to > _version_at
    """
