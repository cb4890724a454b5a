"""The connector for SQL databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.address import parse_address
from connectors.sql.database import Clock, Database, Session
from connectors.sql.engines import POSTGRESQL
from connectors.sql.finding import find_table, stream_of
from connectors.sql.privileges import unneeded_privileges
from connectors.sql.settings import SqlSettings, SqlStream
from connectors.sql.table import Progress, Table
from okr_sync.connector import (
    Checkpoint,
    Connector,
    Context,
    Field,
    FieldType,
    Identity,
    Page,
    Record,
    Stream,
    Vitals,
)


class Sql(Connector):
    """Tables and queries of one database. Nothing but SELECTs is sent, in transactions that can only read.

    A stream with a cursor is read by its changes, each time from the database's own time at the start of the last read,
    less `lag`. Deletions are what `deleted` says; without it, a census of keys finds them in the same state of the
    database that was read. A stream without a cursor is read whole.
    """

    Settings = SqlSettings
    description = "Tables and queries of PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, Snowflake and BigQuery"

    settings: SqlSettings

    def __init__(self, settings: SqlSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._database: Database | None = None
        self._tables: dict[str, Table] = {}
        self._session: tuple[str, Session] | None = None
        """The transaction that the named stream was read in: its census sees the same."""
        self._clock: Clock | None = None

    def declared_streams(self) -> Sequence[Stream]:
        return [_declared(name, stream) for name, stream in self.settings.streams.items()]

    def connect(self) -> Sequence[Stream]:
        """Sign in, and ask the database for the columns of every stream.

        Raises:
            SettingsError: the address is none, its driver is not installed, or a stream's table, query or fields are
                not what the settings say.
            AccessError: the database refuses us, or a table to us.
            UnavailableError: it does not answer.
        """
        source = self.context.source
        address = parse_address(source, self.settings.url.get_secret_value(), self.context.folder)
        self._database = Database(source, address, self.settings.statement_timeout)
        self._clock = self._database.clock(self.context.clock)
        self._tables = {name: self._table(name, stream) for name, stream in self.settings.streams.items()}
        return [table.stream for table in self._tables.values()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """What changed, in the order of cursor and key: a read that is cut goes on behind its last page.

        Rows without a cursor are a rejection, for no read by the cursor would ever give them.
        """
        table = self._tables[stream.name]
        mark = {"database": self._connected.address.mark}
        # The address is a secret, so that the engine does not see when it becomes that of another database.
        is_ours = {**mark, **(checkpoint or {})}["database"] == mark["database"]
        progress = Progress.of(checkpoint if is_ours else None)
        if table.cursor is not None and progress.place is None:
            # Asked before the snapshot is taken, so that nothing falls between two reads.
            self._clock = self._connected.clock(self.context.clock)
            progress = progress.until(self._clock.seen_until, table.lag)
        session = self._begin(stream.name)
        if table.cursor is None:
            yield from table.everything(session)
        else:
            for page in table.changes(session, table.cursor, progress):
                yield replace(page, checkpoint={**mark, **page.checkpoint})
        if not stream.has_census:
            self._end()

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        return self._tables[stream.name].keys(self._same_session(stream.name))

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        return self._tables[stream.name].with_keys(self._same_session(stream.name), keys)

    def count(self, stream: Stream) -> int | None:
        with self._connected.session(_what(stream.name)) as session:
            return self._tables[stream.name].count(session)

    def identity(self) -> Identity | None:
        """The user and the database; in PostgreSQL, what the user may do to the streams' tables beyond reading."""
        database = self._connected
        if database.address.engine.identity is None:
            return None
        with database.session() as session:
            user, name = session.one(sa.text(database.address.engine.identity))
            is_telling = database.address.engine is POSTGRESQL
            tables = [table.selection.relation for table in self._tables.values()]
            unneeded = unneeded_privileges(session, tables) if is_telling else ()
        return Identity(f"{user} in {name}", unneeded=unneeded)

    @property
    def vitals(self) -> Vitals:
        return Vitals(None if self._clock is None else self._clock.difference)

    @property
    def request_count(self) -> int:
        return 0 if self._database is None else self._database.request_count

    def close(self) -> None:
        self._end()
        if self._database is not None:
            self._database.close()

    @property
    def _connected(self) -> Database:
        if self._database is None:
            raise RuntimeError("connect() comes first")
        return self._database

    def _table(self, name: str, settings: SqlStream) -> Table:
        where = f"source {self.context.source}: {_what(name)}"
        zone = self.context.timezone if settings.timezone is None else ZoneInfo(settings.timezone)
        with self._connected.session(_what(name)) as session:
            return find_table(where, name, settings, zone, session)

    def _begin(self, stream: str) -> Session:
        self._end()
        self._session = (stream, self._connected.session(_what(stream)))
        return self._session[1]

    def _same_session(self, stream: str) -> Session:
        if self._session is not None and self._session[0] == stream:
            return self._session[1]
        return self._begin(stream)

    def _end(self) -> None:
        if self._session is not None:
            self._session[1].close()
            self._session = None


def _what(stream: str) -> str:
    return f"stream {stream}"


def _declared(name: str, settings: SqlStream) -> Stream:
    """The stream as far as the settings tell."""
    fields = tuple(Field(field, settings.fields.get(field, FieldType.UNKNOWN)) for field in settings.required)
    return stream_of(name, settings, fields, is_open=True)
