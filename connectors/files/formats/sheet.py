"""The CSV of a Google Sheet."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.files.formats.delimited import DelimitedReader


class SheetReader(DelimitedReader):
    """Numbers records as the sheet numbers its rows. A row without any content holds no record."""

    def place(self, line: int) -> str:
        return f"{self._file}, row {line}"

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        return ((row, cells) for row, (_, cells) in enumerate(self._rows(), start=1) if any(cells))
