"""The connector: one run of the tap to learn what it has, then one for each stream, with that stream alone chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.singer.catalog import Catalog, parse_catalog
from connectors.singer.reading import StreamReading
from connectors.singer.settings import SingerSettings
from connectors.singer.table import Table, declared_stream, table_of
from connectors.singer.tap import Tap
from okr_sync.connector import Checkpoint, Connector, Context, Page, SettingsError, Stream


class Singer(Connector):
    """Reads the streams of one Singer tap that the project names.

    A stream that the tap reads as a full table is read whole each time, and what it does not give any more is deleted.
    Of the others a deletion is known only where the tap reports it (`_sdc_deleted_at`).
    """

    Settings = SingerSettings
    description = "Singer: whatever a tap reads, such as tap-github or tap-postgres"

    settings: SingerSettings

    def __init__(self, settings: SingerSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._tap: Tap | None = None
        self._listed: frozenset[str] = frozenset()
        self._tables: dict[str, Table] = {}
        self._unreadable: dict[str, SettingsError] = {}
        """Why a stream cannot be described."""

    def declared_streams(self) -> Sequence[Stream]:
        return [declared_stream(name, one) for name, one in self.settings.streams.items()]

    def connect(self) -> Sequence[Stream]:
        """Ask the tap for its streams. One that the tap has not, or not so, is offered open; reading it tells why.

        Raises:
            SettingsError: the tap cannot be started.
            UnavailableError: it fails, hangs, or prints no catalog. It does not tell whether a credential is to blame.
        """
        self._tap = Tap(self.context.source, self.settings, self.context.folder)
        catalog = parse_catalog(self._tap.faults.where, self._tap.discover())
        self._listed = catalog.names
        return [self._described(declared, catalog) for declared in self.declared_streams()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """What the tap gives after the state in `checkpoint`.

        The tap's own state is kept, and only once all that came before it has landed; what it reads twice because of
        that is harmless. A field that is new makes it read all anew, since records read before would lack it.
        """
        if self._tap is None:
            raise RuntimeError("connect() comes before read()")
        table = self._readable(stream)
        reading = StreamReading(table, self._listed, checkpoint, self._tap.faults)
        with self._tap.read(table.told_catalog, reading.state) as lines:
            yield from reading.pages(lines)

    def count(self, stream: Stream) -> int | None:
        """Taps count nothing; asked of a stream that cannot be read, this says why."""
        self._readable(stream)
        return None

    def close(self) -> None:
        if self._tap is not None:
            self._tap.close()

    def _described(self, declared: Stream, catalog: Catalog) -> Stream:
        name = declared.name
        where = f"source {self.context.source}: stream {name}"
        try:
            table = table_of(where, declared, self.settings.streams[name], catalog, self.context.timezone)
        except SettingsError as error:
            self._unreadable[name] = error
            return replace(declared, fields=(), is_open=True)
        self._tables[name] = table
        return table.stream

    def _readable(self, stream: Stream) -> Table:
        if stream.name in self._unreadable:
            raise self._unreadable[stream.name]
        return self._tables[stream.name]
