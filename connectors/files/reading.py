"""The files of one stream: looked at, to know its fields, then read in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.files.batch import DataFile, Header, Reader
from connectors.files.columns import Part, column_of
from connectors.files.declaration import Declaration
from connectors.files.formats import reader_of
from connectors.files.header import field_names, require
from connectors.files.natives import common_type
from connectors.files.settings import FileStream
from connectors.files.written import TIMES
from okr_sync.connector import Field, FieldType, Page, SettingsError, Stream


@dataclass(frozen=True, slots=True)
class _Look:
    """A file and what its header says."""

    file: DataFile
    reader: Reader
    header: Header
    names: Sequence[str]
    """The field that each column becomes."""


@dataclass(frozen=True, slots=True)
class StreamFiles:
    """A stream as its files have it."""

    stream: Stream
    declaration: Declaration
    looks: Sequence[_Look]

    def pages(self) -> Iterator[Page]:
        """Every record of every file. The checkpoint is empty: whatever changed since the last read, all is read.

        Raises:
            DataError: a line or a cell is not what it should be; nothing is left out.
            IncompleteError: a file changed while it was read, or a sheet holds errors.
        """
        counts = [look.header.record_count for look in self.looks]
        known = [count for count in counts if count is not None]
        expected_count = sum(known) if len(known) == len(counts) else None
        for look in self.looks:
            part = self._part(look)
            with look.file.whole():
                for batch in look.reader.batches(look.header):
                    yield Page(part.records(batch), {}, expected_count)

    def count(self) -> int:
        """How many records there are: lines with one key are versions of one.

        Raises:
            SourceError: as `pages`.
        """
        key = self.stream.key
        return len({tuple(record.fields[name] for name in key) for page in self.pages() for record in page.records})

    def _part(self, look: _Look) -> Part:
        fields = {field.name: field for field in self.stream.fields}
        columns = [
            column_of(column.name, fields[name], self.declaration, is_sheet=look.file.is_sheet)
            for name, column in zip(look.names, look.header.columns, strict=True)
        ]
        return Part(look.reader, columns)


def look_at(declaration: Declaration, files: Sequence[DataFile], record_limit: int | None = None) -> StreamFiles:
    """Find the stream's fields from the headers of `files`.

    Where a format has no types of its own for a field, they come from the first `record_limit` records (`None`: all).

    Raises:
        DataError: a file is empty, not in its format, or two of its columns have one name.
        SettingsError: a field that the settings name is in no file, or is not what they use it for.
    """
    looks = [_look(file, declaration.settings, record_limit) for file in files]
    _require_fields(declaration, looks)
    fields = _fields(declaration, looks, FieldType.TEXT if record_limit is None else FieldType.UNKNOWN)
    is_open = record_limit is not None and not all(look.reader.has_header for look in looks)
    stream = declaration.stream(fields, is_open=is_open)
    _require_times(declaration, stream)
    return StreamFiles(stream, declaration, looks)


def _look(file: DataFile, settings: FileStream, record_limit: int | None) -> _Look:
    with file.whole():
        reader = reader_of(file, settings)
        header = reader.header(record_limit)
    names = field_names([column.name for column in header.columns], settings.fields, str(file))
    return _Look(file, reader, header, names)


def _require_fields(declaration: Declaration, looks: Sequence[_Look]) -> None:
    """Every file has the fields; where records need not have all of them, the files together have."""
    together = {name for look in looks for name in look.names}
    for look in looks:
        require(declaration.required, look.names if look.reader.has_header else together, str(look.file))


def _fields(declaration: Declaration, looks: Sequence[_Look], otherwise: FieldType) -> list[Field]:
    """The columns of all files; `otherwise` is the type of those that hold no values."""
    own_names: dict[str, str] = {}
    types: dict[str, set[FieldType | None]] = {}
    for look in looks:
        for name, column in zip(look.names, look.header.columns, strict=True):
            own_names.setdefault(name, column.name)
            types.setdefault(name, set()).update(column.types)
    declared = {name: field.type for name, field in declaration.settings.fields.items()}
    found = {name: common_type(seen) or otherwise for name, seen in types.items()}
    return [
        Field(name, declared.get(name, found[name]), "" if own_name == name else own_name)
        for name, own_name in own_names.items()
    ]


def _require_times(declaration: Declaration, stream: Stream) -> None:
    for role, name in (("version_at", stream.version_at), ("created_at", stream.created_at)):
        field = None if name is None else stream.field(name)
        if field is not None and field.type not in TIMES:
            raise SettingsError(
                f"{declaration}: {role} names {name}, which is {field.type}; declare it as a timestamp or a date"
            )
