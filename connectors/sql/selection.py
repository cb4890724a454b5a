"""The SELECTs of one stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.sql.cursor import Cursor
from connectors.sql.description import Column
from connectors.sql.relation import Relation

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for of a relation. Its columns are those of the stream, in their order."""

    relation: Relation
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def everything(self) -> sa.Select[Any]:
        return self._select(*(column.sql for column in self.columns))

    def keys(self) -> sa.Select[Any]:
        return self._select(*self._key())

    def count(self) -> sa.Select[Any]:
        return self._select(sa.func.count())

    def count_by(self, field: str) -> sa.Select[Any]:
        column = self._column(field)
        return self._select(column, sa.func.count()).group_by(column)

    def latest(self, column: sa.ColumnClause[Any]) -> sa.Select[Any]:
        return self._select(sa.func.max(column))

    def without(self, cursor: Cursor) -> sa.Select[Any]:
        """How many rows have no cursor, and the key of one of them."""
        first = (sa.func.min(_as_text(column)) for column in self._key())
        return self._select(sa.func.count(), *first).where(cursor.expression.is_(None))

    def changes(self, cursor: Cursor, since: Condition | None) -> sa.Select[Any]:
        """Rows in the order of cursor and key; behind the columns, a row holds its place in that order.

        Keys are compared as texts: any order will do that is the same each time, and a text is the one form of a key
        that a checkpoint can hold and every database takes back.
        """
        place = (cursor.expression, *map(_as_text, self._key()))
        labelled = (one.label(f"okr_place_{number}") for number, one in enumerate(place))
        select = self._select(*(column.sql for column in self.columns), *labelled)
        wanted = cursor.expression.is_not(None) if since is None else since
        return select.where(wanted).order_by(*place)

    def not_before(self, cursor: Cursor, place: Sequence[str]) -> Condition:
        """Rows at this place in the order or behind it: the row at the place comes again, and its equals with it."""
        at = cursor.restored(place[0])
        keys = _not_before([_as_text(column) for column in self._key()], place[1:])
        # The first condition is in the second, but an index can answer it.
        return sa.and_(cursor.expression >= at, sa.or_(cursor.expression > at, keys))

    def _select(self, *wanted: sa.ColumnElement[Any]) -> sa.Select[Any]:
        return sa.select(*wanted).select_from(self.relation.from_clause([column.sql for column in self.columns]))

    def _column(self, field: str) -> sa.ColumnClause[Any]:
        return next(column.sql for column in self.columns if column.field.name == field)

    def _key(self) -> list[sa.ColumnClause[Any]]:
        return [self._column(name) for name in self.key]


def _as_text(column: sa.ColumnClause[Any]) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.String)


def _not_before(columns: Sequence[sa.ColumnElement[str]], values: Sequence[str]) -> Condition:
    """`columns >= values`, part by part: not every database compares rows."""
    column, value = columns[0], sa.literal(values[0])
    if len(columns) == 1:
        return column >= value
    return sa.or_(column > value, sa.and_(column == value, _not_before(columns[1:], values[1:])))
