"""Excel workbooks, and those of LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from connectors.files.batch import BATCH_RECORDS, Batch, DataFile, Header, HeaderColumn
from connectors.files.natives import as_text, type_of
from okr_sync.connector import DataError, FieldType, SettingsError
from okr_sync.errors import nearest

_Line = tuple[int, list[object]]
"""The number of a line of cells, and the cells: `None` for an empty one."""


class ExcelReader:
    """Reads one sheet, whose first line with any content holds the names. Empty lines hold no record.

    The sheet is held in memory as a whole: the format cannot be read otherwise. Cells with an error (#N/A) are empty.
    """

    has_header: ClassVar[bool] = True

    def __init__(self, file: DataFile, sheet: str | None, missing: frozenset[str]) -> None:
        self._file = file
        self._sheet = sheet
        self._missing = missing

    def header(self, record_limit: int | None) -> Header:
        lines = self._lines()
        _, names = next(lines, (0, None))
        if names is None:
            raise DataError(f"{self._file}: the sheet is empty; its first line must hold the names of the columns")
        types: list[set[FieldType | None]] = [set() for _ in names]
        record_count = 0
        for _, cells in islice(lines, record_limit):
            record_count += 1
            for seen, cell in zip(types, cells, strict=True):
                seen.add(type_of(cell, self._missing))
        columns = [
            HeaderColumn("" if name is None else as_text(name), frozenset(seen))
            for name, seen in zip(names, types, strict=True)
        ]
        return Header(columns, record_count)

    def batches(self, header: Header) -> Iterator[Batch]:
        del header
        lines = self._lines()
        next(lines, None)
        while batch := list(islice(lines, BATCH_RECORDS)):
            numbers, cells = zip(*batch, strict=True)
            yield Batch(numbers, list(zip(*cells, strict=True)))

    def place(self, line: int) -> str:
        return f"{self._file}, row {line}"

    def _lines(self) -> Iterator[_Line]:
        try:
            with self._file.path.open("rb") as raw, load_workbook(raw) as workbook:
                for number, cells in enumerate(self._chosen(workbook).iter_rows(), start=1):
                    values: list[object] = [None if cell == "" else cell for cell in cells]
                    if any(value is not None for value in values):
                        yield number, values
        except CalamineError as error:
            raise DataError(
                f"{self._file}: is not a workbook that can be read ({error}); save it again, without a password"
            ) from error

    def _chosen(self, workbook: CalamineWorkbook) -> CalamineSheet:
        name = workbook.sheet_names[0] if self._sheet is None else self._sheet
        if name not in workbook.sheet_names:
            raise SettingsError(f"{self._file}: there is no sheet {name!r}{nearest(name, workbook.sheet_names)}")
        return workbook.get_sheet_by_name(name)
