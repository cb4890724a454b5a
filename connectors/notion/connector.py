"""The connector: which data source a stream reads, what changed since the last read, and what went to the trash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from connectors.notion.rows import Query, read_rows
from connectors.notion.settings import DataSourceSettings, NotionSettings
from connectors.notion.standard import TOMBSTONES, Row, is_trashed
from connectors.notion.table import Table, declared_stream, describe
from connectors.notion.whole import complete
from okr_sync.connector import (
    Checkpoint,
    Connector,
    Context,
    FieldType,
    Identity,
    Page,
    SettingsError,
    Stream,
    Vitals,
)
from okr_sync.http import Faults, RefusedError, checked_address

if TYPE_CHECKING:
    from connectors.notion.connection import Connection

_LAG = timedelta(minutes=2)
"""How far Notion's queries may be behind its pages. Their times are rounded to the minute."""
_OVERLAP = timedelta(minutes=2)
"""How far the next read goes back: a second edit within a minute leaves the time of the first one."""
_TRASH_DAYS = 30
"""How long rows stay in the trash; after that they are gone without a word."""
_REMEDY = (
    "check token of the source: it is the secret of an integration, made at https://www.notion.so/profile/integrations,"
    " which must be allowed to read content"
)
_SHARE = (
    "either there is none of this id, or it is not shared with the integration: open it in Notion, and add the"
    " integration under ••• > Connections"
)


@dataclass(frozen=True, slots=True)
class _Span:
    """One read of what changed: after it, everything up to `next_since` is known."""

    next_since: str
    shape: str
    since: str | None = None
    created_since: str | None = None
    """Where the read stands, once it has begun: rows come in the order of their creation."""

    @property
    def checkpoint(self) -> Checkpoint:
        return {name: one for name, one in asdict(self).items() if one is not None}


class Notion(Connector):
    """Reads data sources of one workspace, each as a stream, as far as they are shared with an integration."""

    Settings = NotionSettings
    description = "Notion: the rows of any data source, typed from its schema"

    settings: NotionSettings

    def __init__(self, settings: NotionSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._connection: Connection | None = None
        self._tables: dict[str, Table] = {}
        self._unreadable: dict[str, SettingsError] = {}

    def declared_streams(self) -> Sequence[Stream]:
        return [declared_stream(name, one) for name, one in self.settings.streams.items()]

    def connect(self) -> Sequence[Stream]:
        from connectors.notion.connection import Connection  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.url, "https://api.notion.com")
        token = self.settings.token.get_secret_value()
        self._connection = Connection(url, token, Faults(self.context.source, _REMEDY, (token,), self.context.clock))
        return [self._described(name, one) for name, one in self.settings.streams.items()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Rows edited since the last read, and those in the trash; or every row, where the stream is read so.

        The checkpoint is `since`, up to which all was read; while a read is under way also where it stands. It counts
        no more once the properties are others: rows read before lack what they would have now.
        """
        table = self._readable(stream)
        if stream.is_full_read:
            yield from (self._page(table, rows, {}) for rows in read_rows(self._connected, self._query(table)))
            return
        now = self._connected.server_time or self.context.clock()
        _refuse_long_pause(self._where(table), checkpoint or {}, now)
        known = checkpoint if checkpoint is not None and checkpoint.get("shape") == table.shape else {}
        since = known.get("since")
        next_since = _minute(now - _LAG)
        if "next_since" in known:
            yield from self._changes(table, _Span(**known))
            since = known["next_since"]
        yield from self._changes(table, _Span(next_since, table.shape, since))

    def count(self, stream: Stream) -> int | None:
        """Notion counts nothing; asked of a stream that cannot be read, this says why."""
        self._readable(stream)
        return None

    def identity(self) -> Identity | None:
        user = self._connected.me()
        workspace = (user.get("bot") or {}).get("workspace_name")
        name = f'integration "{user.get("name")}"'
        return Identity(f'{name} of the workspace "{workspace}"' if workspace else name)

    @property
    def vitals(self) -> Vitals:
        return Vitals() if self._connection is None else self._connection.vitals

    @property
    def request_count(self) -> int:
        return 0 if self._connection is None else self._connection.request_count

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _described(self, name: str, settings: DataSourceSettings) -> Stream:
        """A data source that is not shared, or not as the settings say, does not keep the others from being read."""
        try:
            self._tables[name] = self._table(name, settings)
        except SettingsError as error:
            if self._connected.server_time is None:  # nobody answered: what is wrong is not this data source
                raise
            self._unreadable[name] = error
            declared = declared_stream(name, settings)
            known = [one for one in declared.fields if one.type is not FieldType.UNKNOWN]
            return replace(declared, fields=tuple(known), is_open=True)
        return self._tables[name].stream

    def _readable(self, stream: Stream) -> Table:
        if stream.name in self._unreadable:
            raise self._unreadable[stream.name]
        return self._tables[stream.name]

    def _table(self, name: str, settings: DataSourceSettings) -> Table:
        where = f"source {self.context.source}: streams.{name}"
        data_source = settings.data_source or self._only_data_source(where, settings.database or "")
        try:
            found = self._connected.data_source(data_source)
        except RefusedError as error:
            hint = f"no data source {data_source}: {_SHARE}; if it is the id of a database, write it as database"
            raise _not_shared(where, hint, error) from error
        if found.get("in_trash"):
            raise SettingsError(
                f"{where}: the data source {data_source} is in Notion's trash; restore it, or name another"
            )
        return describe(where, declared_stream(name, settings), settings, found, self.context.timezone)

    def _only_data_source(self, where: str, database: str) -> str:
        try:
            found: list[dict[str, Any]] = self._connected.database(database).get("data_sources") or []
        except RefusedError as error:
            raise _not_shared(where, f"no database {database}: {_SHARE}", error) from error
        if len(found) != 1:
            choices = " or ".join(f"{one['id']} ({one['name']})" for one in found)
            remedy = f"write one of them as data_source: {choices}" if found else _SHARE
            raise SettingsError(f"{where}: the database {database} has {len(found)} data sources; {remedy}")
        only: str = found[0]["id"]
        return only

    def _changes(self, table: Table, span: _Span) -> Iterator[Page]:
        """The trash is read as a whole: it is small, and nothing says that what goes there is stamped."""
        edited_since = None if span.since is None else _minute(datetime.fromisoformat(span.since) - _OVERLAP)
        rows_query = replace(self._query(table), edited_since=edited_since, created_since=span.created_since)
        for rows in read_rows(self._connected, rows_query):
            span = replace(span, created_since=rows[-1].get("created_time") or span.created_since) if rows else span
            yield self._page(table, rows, span.checkpoint)
        for rows in read_rows(self._connected, replace(self._query(table), asked=("title",), is_trash=True)):
            gone, rejected = TOMBSTONES.records(one for one in rows if is_trashed(one))
            yield Page(gone, span.checkpoint, rejected=rejected)
        yield Page([], {"since": span.next_since, "shape": span.shape})

    def _page(self, table: Table, rows: Sequence[Row], checkpoint: Checkpoint) -> Page:
        alive = [complete(self._connected, self._where(table), table, one) for one in rows if not is_trashed(one)]
        records, rejected = table.reading.records(alive)
        gone, unreadable = TOMBSTONES.records(one for one in rows if is_trashed(one))
        return Page([*records, *gone], checkpoint, rejected=[*rejected, *unreadable])

    def _query(self, table: Table) -> Query:
        return Query(self._where(table), table.data_source, table.asked)

    def _where(self, table: Table) -> str:
        return f"source {self.context.source}: stream {table.stream.name}"

    @property
    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("connect() comes before read()")
        return self._connection


def _minute(moment: datetime) -> str:
    return moment.replace(second=0, microsecond=0).isoformat()


def _refuse_long_pause(where: str, checkpoint: Checkpoint, now: datetime) -> None:
    """Raises SettingsError where rows may have left the trash before a read could see them there."""
    read_at = checkpoint.get("since") or checkpoint.get("next_since")
    if read_at is not None and now - datetime.fromisoformat(read_at) > timedelta(days=_TRASH_DAYS):
        raise SettingsError(
            f"{where}: the last whole read was on {read_at[:10]}, and Notion's trash keeps rows for {_TRASH_DAYS} days,"
            " so some that are gone would still count; write read: everything, for this sync or for good"
        )


def _not_shared(where: str, hint: str, error: RefusedError) -> SettingsError:
    return SettingsError(f"{where}: {hint}") if error.status == HTTPStatus.NOT_FOUND else error
