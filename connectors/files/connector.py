"""The connector for files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.files.address import is_address
from connectors.files.declaration import Declaration
from connectors.files.places import find_files
from connectors.files.reading import StreamFiles, look_at
from connectors.files.settings import FilesSettings
from okr_sync.connector import Checkpoint, Connector, Context, Page, SourceError, Stream

if TYPE_CHECKING:
    from connectors.files.download import Downloads

_RECORDS_LOOKED_AT = 100
"""Enough of a local file to check formulas against its fields; `connect` looks at all of it."""


class Files(Connector):
    """Files of records. Every read lists all of them, so a record that is gone from its file is deleted."""

    Settings = FilesSettings
    description = "CSV, TSV, JSON lines, Parquet and Excel files, local or at an http(s) address"
    settings: FilesSettings

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._downloads: Downloads | None = None
        self._streams: dict[str, StreamFiles] = {}
        self._declarations = [
            Declaration(context.source, name, stream, context.timezone) for name, stream in settings.streams.items()
        ]

    def declared_streams(self) -> Sequence[Stream]:
        """The streams with the fields of their local files; as far as settings tell where a file cannot be read."""
        return [self._declared(declaration) for declaration in self._declarations]

    def connect(self) -> Sequence[Stream]:
        """Fetch what is at an address, and look at every file.

        Raises:
            UnavailableError: a file is not there, or its address does not answer.
            AccessError: a file may not be read.
            SettingsError: a file has not the columns that the settings name.
            DataError: a file is empty or damaged.
        """
        self._streams = {declaration.name: self._look_at(declaration) for declaration in self._declarations}
        return [files.stream for files in self._streams.values()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """All records, whatever `checkpoint` says: what is not listed counts as deleted."""
        return self._streams[stream.name].pages()

    @property
    def request_count(self) -> int:
        return 0 if self._downloads is None else self._downloads.request_count

    def close(self) -> None:
        if self._downloads is not None:
            self._downloads.close()

    def _declared(self, declaration: Declaration) -> Stream:
        if any(map(is_address, declaration.settings.path)):
            return declaration.stream_as_declared()
        try:
            return self._look_at(declaration, _RECORDS_LOOKED_AT).stream
        except SourceError:  # `connect` raises it, when the file is needed
            return declaration.stream_as_declared()

    def _look_at(self, declaration: Declaration, record_limit: int | None = None) -> StreamFiles:
        files = find_files(str(declaration), declaration.settings.path, self.context.folder, self._fetch)
        return look_at(declaration, files, record_limit)

    def _fetch(self, url: str) -> Path:
        from connectors.files.download import Downloads  # noqa: PLC0415 - slow to import, see okr_sync.http

        if self._downloads is None:
            self._downloads = Downloads(self.context.source)
        return self._downloads.fetch(url)
