"""The files of one stream: looked at, to know its fields, then read in pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.files.batch import DataFile, Header, Reader
from connectors.files.columns import Part, column_of
from connectors.files.formats import reader_of
from connectors.files.header import field_names, require
from connectors.files.natives import common_type
from connectors.files.settings import TIMES, FileStream
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
    parts: Sequence[Part]

    def pages(self) -> Iterator[Page]:
        """Every record of every file. The checkpoint is empty: whatever changed since the last read, all is read.

        Raises:
            DataError: a line or a cell is not what it should be; nothing is left out.
            IncompleteError: a file changed while it was read.
        """
        counts = [part.header.record_count for part in self.parts]
        known = [count for count in counts if count is not None]
        expected_count = sum(known) if len(known) == len(counts) else None
        for part in self.parts:
            with part.file.whole():
                for batch in part.reader.batches(part.header):
                    yield Page(part.records(batch), {}, expected_count)


def look_at(
    name: str, settings: FileStream, files: Sequence[DataFile], zone: ZoneInfo, record_limit: int | None = None
) -> StreamFiles:
    """Find the stream's fields from the headers of `files`.

    Where a format has no types of its own for a field, they come from the first `record_limit` records (`None`: all).

    Raises:
        DataError: a file is empty, not in its format, or two of its columns have one name.
        SettingsError: a field that the settings name is in no file, or is not what they use it for.
    """
    looks = [_look(file, settings, record_limit) for file in files]
    _require_fields(settings, looks)
    types = _types(settings, looks, FieldType.TEXT if record_limit is None else FieldType.UNKNOWN)
    _require_times(files[0].stream, settings, types)
    stream = Stream(
        name,
        tuple(_fields(looks, types)),
        settings.key,
        settings.version_at,
        settings.created_at,
        is_open=record_limit is not None and not all(look.reader.has_header for look in looks),
        is_full_read=True,
    )
    return StreamFiles(stream, [_part(look, settings, types, zone) for look in looks])


def _look(file: DataFile, settings: FileStream, record_limit: int | None) -> _Look:
    with file.whole():
        reader = reader_of(file, settings)
        header = reader.header(record_limit)
        return _Look(
            file, reader, header, field_names([column.name for column in header.columns], settings.fields, str(file))
        )


def _require_fields(settings: FileStream, looks: Sequence[_Look]) -> None:
    """Every file has the fields; where records need not have all of them, the files together have."""
    together = {name for look in looks for name in look.names}
    for look in looks:
        require(settings.required, look.names if look.reader.has_header else together, str(look.file))


def _types(settings: FileStream, looks: Sequence[_Look], otherwise: FieldType) -> dict[str, FieldType]:
    found: dict[str, set[FieldType | None]] = {}
    for look in looks:
        for name, column in zip(look.names, look.header.columns, strict=True):
            found.setdefault(name, set()).update(column.types)
    found_types = {name: common_type(types) or otherwise for name, types in found.items()}
    declared = {name: field.type for name, field in settings.fields.items()}
    return found_types | declared


def _require_times(stream: str, settings: FileStream, types: Mapping[str, FieldType]) -> None:
    for role, field in (("version_at", settings.version_at), ("created_at", settings.created_at)):
        if field is not None and types[field] not in TIMES:
            raise SettingsError(
                f"{stream}: {role} names {field}, which is {types[field]}; declare it as a timestamp or a date"
            )


def _fields(looks: Sequence[_Look], types: Mapping[str, FieldType]) -> Iterator[Field]:
    own_names = {
        name: column.name for look in looks for name, column in zip(look.names, look.header.columns, strict=True)
    }
    for name, own_name in own_names.items():
        yield Field(name, types[name], "" if own_name == name else own_name)


def _part(look: _Look, settings: FileStream, types: Mapping[str, FieldType], zone: ZoneInfo) -> Part:
    names = zip(look.names, look.header.columns, strict=True)
    columns = [column_of(own.name, name, types[name], settings, zone) for name, own in names]
    return Part(look.file, look.reader, look.header, columns)
