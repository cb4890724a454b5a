"""CSV and TSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import ClassVar

from connectors.files.batch import BATCH_RECORDS, Batch, DataFile, Header, HeaderColumn
from connectors.files.formats.text import opened
from okr_sync.connector import DataError, FieldType

_LONGEST_CELL = 1 << 24
csv.field_size_limit(_LONGEST_CELL)  # real comments are longer than the 128 KiB it begins with; it has no other switch

_Line = tuple[int, list[str]]
"""Where a record begins, and its cells."""


class DelimitedReader:
    """Reads lines of cells as RFC 4180 describes them. A line without any character holds no record."""

    has_header: ClassVar[bool] = True

    def __init__(self, file: DataFile, encoding: str, delimiter: str) -> None:
        self._file = file
        self._encoding = encoding
        self._delimiter = delimiter

    def header(self, record_limit: int | None) -> Header:
        del record_limit  # every cell is text
        _, names = next(self._lines(), (1, []))
        if not names:
            raise DataError(f"{self._file}: the file is empty; its first line must hold the names of the columns")
        return Header([HeaderColumn(name, frozenset({FieldType.TEXT})) for name in names])

    def batches(self, header: Header) -> Iterator[Batch]:
        lines = self._of_width(len(header.columns))
        while batch := list(islice(lines, BATCH_RECORDS)):
            yield Batch([start for start, _ in batch], list(zip(*(cells for _, cells in batch), strict=True)))

    def place(self, line: int) -> str:
        return f"{self._file}, line {line}"

    def _of_width(self, width: int) -> Iterator[_Line]:
        lines = self._lines()
        next(lines, None)
        for start, cells in lines:
            if len(cells) != width:
                raise DataError(
                    f"{self.place(start)}: {len(cells)} cells where the header has {width}; a cell that holds"
                    f" {self._delimiter!r}, a quote or a line break must stand in double quotes"
                )
            yield start, cells

    def _lines(self) -> Iterator[_Line]:
        return (line for line in self._rows() if line[1])

    def _rows(self) -> Iterator[_Line]:
        """All lines, those without any character too."""
        start = 1
        with opened(self._file, self._encoding) as text:
            reader = csv.reader(self._without_nul(text), delimiter=self._delimiter, strict=True)
            try:
                for cells in reader:
                    yield start, cells
                    start = reader.line_num + 1
            except csv.Error as error:
                raise DataError(
                    f"{self._file}, line {start}: {error}; a cell that begins with a double quote must end with one,"
                    " and a double quote inside of it is written twice"
                ) from error

    def _without_nul(self, text: Iterable[str]) -> Iterator[str]:
        for number, line in enumerate(text, start=1):
            if "\0" in line:
                raise DataError(
                    f"{self._file}, line {number}: a NUL character; the file is damaged, or is not"
                    f" {self._encoding}: see `encoding:`"
                )
            yield line
