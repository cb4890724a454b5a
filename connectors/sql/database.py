"""The connection to one database: only statements that read, and only errors of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from connectors.sql.address import Address
from connectors.sql.engines import Reason
from connectors.sql.faults import SqlFaults
from okr_sync.connector import SettingsError, UnavailableError

PAGE_ROWS = 1_000
"""Rows that are in memory at a time."""
_TIMEOUT = timedelta(minutes=30)
_WAIT_SECONDS = 30
"""How long SQLite waits for somebody else's writing."""

registry.register("okr_sync_duckdb", "connectors.sql.duck_dialect", "DuckDialect")


@dataclass(frozen=True, slots=True)
class Clock:
    """The database's own time."""

    now: datetime
    seen_until: datetime | None
    """Up to when everything that was committed can be seen: earlier than `now` where we read a copy, or not known."""
    difference: timedelta
    """`now` minus our own time."""


class Database:
    """One database. Nothing is sent before `session`."""

    def __init__(self, source: str, address: Address, timeout: timedelta | None) -> None:
        if timeout is not None and address.engine.timeout is None:
            raise SettingsError(
                f"source {source}: statement_timeout: {address.engine.name} cannot be told one; leave it out"
            )
        self.source = source
        self.address = address
        self.faults = SqlFaults(source, address)
        self.request_count = 0
        self._timeout = _TIMEOUT if timeout is None else timeout
        self._pool = self._make_pool()

    def session(self, what: str = "") -> Session:
        """A transaction that can only read and, where the database can, sees one state of it until it is closed.

        Raises:
            UnavailableError: the database does not answer, though it was asked several times.
            AccessError: it refuses us.
        """
        from okr_sync.http.retry import retrying  # noqa: PLC0415 - slow to import, see okr_sync.http

        return retrying(lambda: self._begin(what))

    def clock(self, own: Callable[[], datetime]) -> Clock:
        """The time now, in a transaction of its own: what is read after it is not older. `own` is our clock."""
        with self.session() as session:
            times = session.one(verbatim(self.address.engine.clock))
        now = self._instant(times[0])
        return Clock(now, None if times[-1] is None else self._instant(times[-1]), now - own())

    def close(self) -> None:
        self._pool.dispose()

    def _make_pool(self) -> sa.Engine:
        """Raises SettingsError: the driver is not installed, or is none for us."""
        engine, url = self.address.engine, self.address.url
        is_ours = url.drivername == engine.driver
        missing = {name: value for name, value in engine.connecting.items() if is_ours and name not in url.query}
        try:
            if engine.has_text_times:
                return _sqlite_pool(str(url.database))
            pool = sa.create_engine(url, hide_parameters=True, connect_args=missing, **engine.options)
        except (NoSuchModuleError, ImportError):
            raise SettingsError(
                f"source {self.source}: url: the driver of {engine.name} is not installed, or not the one that the"
                f" address names; run: pip install {engine.package}"
            ) from None
        except Exception as error:  # noqa: BLE001 - each driver reads its options in its own way
            raise self.faults.because(Reason.MISMATCH, error) from None
        if pool.dialect.is_async:
            raise SettingsError(
                f"source {self.source}: url: {url.drivername} is a driver for asyncio, which is not supported;"
                " leave the driver out"
            )
        return pool

    def _begin(self, what: str) -> Session:
        if self.address.engine.is_file and not Path(str(self.address.url.database)).is_file():
            raise UnavailableError(
                f"source {self.source}: {self.address}: there is no such file; check `url:`, or put the file back"
            )
        engine = self.address.engine
        timeout = () if engine.timeout is None else (engine.timeout(self._timeout),)
        try:
            connection = self._pool.connect()
        except Exception as error:  # noqa: BLE001 - drivers of warehouses raise errors of their own when they sign in
            raise self.faults.of(error, what) from None
        session = Session(self, connection, what)
        try:
            for statement in (*engine.opening, *timeout, *engine.snapshot):
                session.send(statement)
        except BaseException:
            session.close()
            raise
        return session

    def _instant(self, value: object) -> datetime:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo is None and self.address.engine.is_clock_utc:
            return moment.replace(tzinfo=UTC)
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise UnavailableError(
                f"source {self.source}: {self.address}: the clock says {value!r}, which is no time with a zone, so"
                " changes cannot be told from what is known; write `cursor: null` to read everything each time"
            )
        return moment.astimezone(UTC)


def verbatim(sql: str) -> sa.TextClause:
    """SQL as it is written: a colon in it names no parameter."""
    return sa.text(sql.replace(":", r"\:"))


class Session:
    """One transaction, for one stream at a time. Statements are counted as requests."""

    def __init__(self, database: Database, connection: sa.Connection, what: str) -> None:
        self.connection = connection
        self.engine = database.address.engine
        self._database = database
        self._what = what
        self._result: sa.CursorResult[Any] | None = None

    def send(self, statement: str) -> None:
        """A statement that prepares the transaction."""
        with self.asking(count=0):
            self.connection.exec_driver_sql(statement)

    def one(self, select: sa.Executable) -> Sequence[Any]:
        with self.asking():
            return self.connection.execute(select).one()

    def columns(self, select: sa.Executable) -> list[tuple[str, object]]:
        """The names of an answer's columns, and the codes of their types."""
        with self.asking():
            result = self.connection.execute(select)
            codes = [described[1] for described in result.cursor.description]
            names = list(result.keys())
            result.close()
        return list(zip(names, codes, strict=True))

    def pages(self, select: sa.Executable) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of an answer, which the database keeps until they are asked for."""
        with self.asking():
            self._result = self.connection.execute(select, execution_options={"yield_per": PAGE_ROWS})
        pages = self._result.partitions()
        while True:
            with self.asking(count=0):
                page = next(pages, None)
            if page is None:
                return
            yield page

    @contextmanager
    def asking(self, count: int = 1) -> Iterator[None]:
        """Errors of the driver become those of the contract."""
        self._database.request_count += count
        try:
            yield
        except SQLAlchemyError as error:
            raise self._database.faults.of(error, self._what) from None

    def close(self) -> None:
        with self.asking(count=0):
            if self._result is not None:
                self._result.close()
            self.connection.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _sqlite_pool(path: str) -> sa.Engine:
    """Opens the file for reading only."""
    url = sa.URL.create("sqlite", database=f"file:{quote(path)}", query={"mode": "ro", "uri": "true"})
    # No isolation level: Python's driver begins no transactions by itself, we do.
    return sa.create_engine(url, hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS, "isolation_level": None})
