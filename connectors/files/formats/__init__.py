"""The formats of files: one reader each, found by the ending of a file's name or by `format:`."""

from __future__ import annotations

from pathlib import PurePosixPath

from connectors.files.batch import DataFile, Reader
from connectors.files.formats.delimited import DelimitedReader
from connectors.files.formats.excel import ExcelReader
from connectors.files.formats.json_lines import JsonLinesReader
from connectors.files.formats.sheet import SheetReader
from connectors.files.settings import FileStream
from connectors.files.written import FormatName
from okr_sync.connector import SettingsError

_ENDINGS: dict[str, FormatName] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
}


def reader_of(file: DataFile, settings: FileStream) -> Reader:
    """The reader of `file`.

    Raises:
        SettingsError: neither the settings nor the file's name tell its format.
    """
    if file.is_sheet:
        return SheetReader(file, settings.encoding, ",")
    name = settings.format or _ENDINGS.get(PurePosixPath(file.name).suffix.lower())
    match name:
        case "csv":
            return DelimitedReader(file, settings.encoding, settings.delimiter or ",")
        case "tsv":
            return DelimitedReader(file, settings.encoding, settings.delimiter or "\t")
        case "jsonl":
            return JsonLinesReader(file, settings.encoding, frozenset(settings.missing))
        case "parquet":
            from connectors.files.formats.parquet import ParquetReader  # noqa: PLC0415 - slow to import

            return ParquetReader(file)
        case "excel":
            return ExcelReader(file, settings.sheet, frozenset(settings.missing))
    raise SettingsError(
        f"{file}: the name's ending does not tell the format; write `format:` with one of csv, tsv, jsonl, parquet"
        f" and excel, or use one of the endings {', '.join(_ENDINGS)}"
    )
