"""The connector: one run of the tap to learn what it has, then one for each stream, with that stream alone chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.singer.catalog import parse_catalog
from connectors.singer.reading import StreamReading
from connectors.singer.settings import SingerSettings
from connectors.singer.table import Table, declared_stream, table_of
from connectors.singer.tap import Tap
from okr_sync.connector import Checkpoint, Connector, Context, Page, Stream


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

    def declared_streams(self) -> Sequence[Stream]:
        return [declared_stream(name, one) for name, one in self.settings.streams.items()]

    def connect(self) -> Sequence[Stream]:
        """Ask the tap for its streams.

        Raises:
            SettingsError: the tap cannot be started, or has not what the project names.
            UnavailableError: it fails, hangs, or prints no catalog. It does not tell whether a credential is to blame.
        """
        self._tap = Tap(self.context.source, self.settings, self.context.folder)
        where = self._tap.faults.where
        catalog = parse_catalog(where, self._tap.discover())
        self._listed = catalog.names
        for declared in self.declared_streams():
            name = declared.name
            settings = self.settings.streams[name]
            self._tables[name] = table_of(f"{where}: stream {name}", declared, settings, catalog, self.context.timezone)
        return [table.stream for table in self._tables.values()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """What the tap gives after the state in `checkpoint`.

        The tap's own state is kept, and only once all that came before it has landed; what it reads twice because of
        that is harmless. A field that is new makes it read all anew, since records read before would lack it.
        """
        if self._tap is None:
            raise RuntimeError("connect() comes before read()")
        table = self._tables[stream.name]
        reading = StreamReading(table, self._listed, checkpoint, self._tap.faults)
        with self._tap.read(table.told_catalog, reading.state) as lines:
            yield from reading.pages(lines)

    def close(self) -> None:
        if self._tap is not None:
            self._tap.close()
