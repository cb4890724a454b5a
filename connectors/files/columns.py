"""Batches of cells into records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connectors.files.batch import Batch, Reader
from connectors.files.declaration import Declaration
from connectors.files.natives import ParseNative, native_parser
from connectors.files.texts import ParseText, UnfinishedError, text_parser
from okr_sync.connector import DataError, Field, IncompleteError, Record, Value

_LONGEST_SHOWN = 80
_UNREADABLE = (ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Column:
    """One column on its way to a field."""

    header: str
    """Its own name in the file."""
    field: str
    parse_text: ParseText
    parse_native: ParseNative
    allowed: str
    """What its cells may hold, to follow `is not` in a message."""
    missing: Collection[str]
    is_required: bool
    """True where a missing value leaves a record without its key or its time of change."""

    def values(self, cells: Sequence[object]) -> list[Value]:
        """A value for each cell; ValueError or ArithmeticError where one does not fit."""
        missing, parse_text, parse_native = self.missing, self.parse_text, self.parse_native
        # All in one expression: it runs once for every cell there is.
        return [
            (None if cell in missing else parse_text(cell))
            if isinstance(cell, str)
            else (None if cell is None else parse_native(cell))
            for cell in cells
        ]


def column_of(header: str, field: Field, declaration: Declaration, *, is_sheet: bool) -> Column:
    """The column `header` of one of a stream's files, which becomes `field`."""
    notation, settings = declaration.notation(field.name, is_sheet=is_sheet), declaration.settings
    return Column(
        header=header,
        field=field.name,
        parse_text=text_parser(field.type, notation),
        parse_native=native_parser(field.type, notation.zone),
        allowed=notation.allowed(field.type),
        missing=frozenset(settings.missing),
        is_required=field.name in settings.key or field.name == settings.version_at,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a stream: what becomes of its columns."""

    reader: Reader
    columns: Sequence[Column]

    def records(self, batch: Batch) -> list[Record]:
        """The records of one batch.

        Raises:
            DataError: a cell cannot be read as declared, or a value that every record needs is missing.
            IncompleteError: a cell of a sheet holds an error, or a formula that is still at work.
        """
        names = [column.field for column in self.columns]
        values = [
            self._values(column, cells, batch.lines) for column, cells in zip(self.columns, batch.columns, strict=True)
        ]
        return [Record(dict(zip(names, record, strict=True))) for record in zip(*values, strict=True)]

    def _values(self, column: Column, cells: Sequence[object], lines: Sequence[int]) -> list[Value]:
        try:
            values = column.values(cells)
        except _UNREADABLE:
            self._refuse_unreadable(column, cells, lines)
            raise
        if column.is_required and None in values:
            raise DataError(
                f"{self.reader.place(lines[values.index(None)])}: column {column.header!r} has no value, but every"
                " record needs one there: it is part of the key or the time of change; fill it in or remove the record"
            )
        return values

    def _refuse_unreadable(self, column: Column, cells: Sequence[object], lines: Sequence[int]) -> None:
        for line, cell in zip(lines, cells, strict=True):
            try:
                column.values([cell])
            except UnfinishedError as error:
                raise IncompleteError(
                    f"{self.reader.place(line)}: column {column.header!r}: {_shown(cell)} is no value: its formula"
                    " failed or is still at work; repair it, or list it under `missing:` where it means none"
                ) from error
            except _UNREADABLE as error:
                raise DataError(
                    f"{self.reader.place(line)}: column {column.header!r}: {_shown(cell)} is not {column.allowed};"
                    " correct it, declare another type under `fields:`, or list it under `missing:` where it means none"
                ) from error


def _shown(cell: object) -> str:
    text = repr(cell if isinstance(cell, str | int | float | bool) else str(cell))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
