"""Rows into records, and into rejections where a value is not what it should be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sql.description import Column
from connectors.sql.values import ALLOWED, UNREADABLE
from okr_sync.connector import Record, Rejection, Value

Row = Sequence[Any]
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Records:
    """How the rows of one stream are read. A row holds the columns first; what follows is not looked at."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    version_at: str | None
    deleted: str | None

    def read(self, rows: Sequence[Row]) -> tuple[list[Record], list[Rejection]]:
        """The records of a page, and what cannot be read of it."""
        try:
            return self._all(rows), []
        except UNREADABLE:
            return self._one_by_one(rows)

    def keys(self, rows: Sequence[Row]) -> list[str]:
        """The keys of rows that hold the columns of the key alone, as text; of a row that is rejected for it, none."""
        columns = [self.column(name) for name in self.key]
        keys = (self._key(columns, row) for row in rows)
        return [key for key in keys if key is not None]

    def key_of(self, row: Row) -> str | None:
        """The same of one row that holds all columns."""
        columns = [self.column(name) for name in self.key]
        return self._key(columns, [row[self.columns.index(one)] for one in columns])

    def is_deleted(self, raw: object) -> bool:
        """By a boolean that is true, or by a time that is set, in the column that tells deletions."""
        if self.deleted is None:
            return False
        try:
            return _tells_deletion(_value(self.column(self.deleted), raw))
        except UNREADABLE:
            return False

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.field.name == name)

    def _key(self, columns: Sequence[Column], row: Row) -> str | None:
        try:
            parts = [_value(column, raw) for column, raw in zip(columns, row, strict=True)]
        except UNREADABLE:
            return None
        return None if None in parts else key_text(parts)

    def _all(self, rows: Sequence[Row]) -> list[Record]:
        """Column by column, which takes half the time; ValueError or ArithmeticError where any value does not fit."""
        if not rows:
            return []
        columns = []
        for column, values in zip(self.columns, zip(*rows, strict=True), strict=False):
            read = column.read
            columns.append([None if value is None else read(value) for value in values])
            if None in columns[-1] and self._is_required(column):
                raise ValueError("no value")
        return [self._record(values) for values in zip(*columns, strict=True)]

    def _one_by_one(self, rows: Sequence[Row]) -> tuple[list[Record], list[Rejection]]:
        records, rejected = [], []
        for row in rows:
            reason = self._wrong(row)
            if reason is None:
                records.extend(self._all([row]))
            else:
                rejected.append(Rejection(self._shown_key(row), reason))
        return records, rejected

    def _record(self, values: Sequence[Value]) -> Record:
        fields = dict(zip((column.field.name for column in self.columns), values, strict=True))
        return Record(fields, is_deleted=self.deleted is not None and _tells_deletion(fields[self.deleted]))

    def _wrong(self, row: Row) -> str | None:
        """Which field of the row cannot be read, and why."""
        for column, raw in zip(self.columns, row, strict=False):
            name, kind = column.field.name, column.field.type
            if raw is None and self._is_required(column):
                return f"{name} has no value, but every record needs one there"
            try:
                _value(column, raw)
            except UNREADABLE:
                return f"{name}: {_shown(raw)} is not {ALLOWED[kind]}; correct it, or declare another type of {name}"
        return None

    def _is_required(self, column: Column) -> bool:
        return column.field.name in self.key or column.field.name == self.version_at

    def _shown_key(self, row: Row) -> str:
        raws = dict(zip((column.field.name for column in self.columns), row, strict=False))
        return ", ".join(f"{name} {_shown(raws[name])}" for name in self.key)


def key_text(parts: Sequence[Value]) -> str:
    """A key as the engine writes it."""
    return str(parts[0]) if len(parts) == 1 else json.dumps(parts, default=str, ensure_ascii=False)


def _tells_deletion(value: Value) -> bool:
    return value is not None and value is not False


def _value(column: Column, raw: object) -> Value:
    return None if raw is None else column.read(raw)


def _shown(raw: object) -> str:
    text = repr(raw) if isinstance(raw, str | bytes) else str(raw)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
