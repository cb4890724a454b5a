"""The connector for files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.files.address import scheme_of
from connectors.files.declaration import Declaration
from connectors.files.places import Places, find_files
from connectors.files.reading import StreamFiles, look_at
from connectors.files.settings import FilesSettings
from okr_sync.connector import Checkpoint, Connector, Context, FieldType, Page, SourceError, Stream

if TYPE_CHECKING:
    from connectors.files.download import Downloads
    from connectors.files.storage import Storage

_RECORDS_LOOKED_AT = 100
"""Enough of a local file to check formulas against its fields; `connect` looks at all of it."""


class Files(Connector):
    """Files of records. Every read lists all of them, so a record that is gone from its file is deleted.

    A stream whose files cannot be found or understood fails alone: reading it raises the reason.
    """

    Settings = FilesSettings
    description = (
        "CSV, TSV, JSON lines, Parquet and Excel files, local, at an http(s) address or in a storage (S3, Google Cloud,"
        " Azure, SFTP); Google Sheets"
    )
    settings: FilesSettings

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._downloads: Downloads | None = None
        self._storage: Storage | None = None
        self._found: dict[str, StreamFiles | SourceError] = {}
        self._declarations = [
            Declaration(context.source, name, stream, context.timezone) for name, stream in settings.streams.items()
        ]

    def declared_streams(self) -> Sequence[Stream]:
        """The streams with the fields of their local files; as far as settings tell where a file cannot be read."""
        return [self._declared(declaration) for declaration in self._declarations]

    def connect(self) -> Sequence[Stream]:
        """Fetch what is at an address, and look at every file.

        A stream that cannot be described is offered all the same, open and with the fields whose types settings tell:
        `read` raises the reason, so it fails alone and keeps what landed of it.
        """
        return [self._connected(declaration) for declaration in self._declarations]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """All records, whatever `checkpoint` says: what is not listed counts as deleted.

        Raises:
            UnavailableError: a file is not there, or its address does not answer.
            AccessError: a file may not be read.
            SettingsError: a file has not the columns that the settings name.
            DataError: a file is empty or damaged, or a cell is not as declared.
            IncompleteError: a file changes while it is read, or a sheet holds errors.
        """
        return self._files_of(stream).pages()

    def count(self, stream: Stream) -> int:
        """How many keys the files hold, found by reading what `connect` fetched, without a further request.

        Raises:
            SourceError: as `read`.
        """
        return self._files_of(stream).count()

    @property
    def request_count(self) -> int:
        return sum(one.request_count for one in (self._downloads, self._storage) if one is not None)

    def close(self) -> None:
        for one in (self._downloads, self._storage):
            if one is not None:
                one.close()

    def _declared(self, declaration: Declaration) -> Stream:
        if any(map(scheme_of, declaration.settings.path)):
            return declaration.stream_as_declared()
        try:
            return self._look_at(declaration, _RECORDS_LOOKED_AT).stream
        except SourceError:  # `connect` raises it, when the file is needed
            return declaration.stream_as_declared()

    def _connected(self, declaration: Declaration) -> Stream:
        try:
            files = self._look_at(declaration)
        except SourceError as error:
            self._found[declaration.name] = error
            declared = declaration.stream_as_declared()
            return replace(declared, fields=tuple(one for one in declared.fields if one.type is not FieldType.UNKNOWN))
        self._found[declaration.name] = files
        return files.stream

    def _files_of(self, stream: Stream) -> StreamFiles:
        found = self._found[stream.name]
        if isinstance(found, SourceError):
            raise found
        return found

    def _look_at(self, declaration: Declaration, record_limit: int | None = None) -> StreamFiles:
        places = Places(self.context.folder, self._download, self._copy)
        return look_at(declaration, find_files(str(declaration), declaration.settings.path, places), record_limit)

    def _copy(self, path: str) -> list[tuple[str, Path]]:
        from connectors.files.storage import Storage  # noqa: PLC0415 - slow to import, see okr_sync.http

        if self._storage is None:
            self._storage = Storage(self.context.source, self.settings.storage)
        return self._storage.fetch(path)

    def _download(self, url: str) -> Path:
        from connectors.files.download import Downloads  # noqa: PLC0415 - slow to import, see okr_sync.http

        if self._downloads is None:
            self._downloads = Downloads(self.context.source)
        return self._downloads.fetch(url)
