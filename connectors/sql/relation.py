"""What a stream reads from: a table, or a query that takes the place of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from connectors.sql.database import Session, verbatim
from connectors.sql.engines import Engine, Told, Wall
from connectors.sql.settings import SqlStream
from connectors.sql.statement import refuse_all_but_select
from okr_sync.connector import FieldType, SettingsError
from okr_sync.errors import nearest

_PART = re.compile(r'"([^"]+)"|([^."]+)')
_ALIAS = "records"
_CLASSES: tuple[tuple[type[sa.types.TypeEngine[Any]], Told | None], ...] = (
    (sa.types.NullType, None),
    (sa.LargeBinary, Told(None)),
    (sa.BINARY, Told(None)),
    (sa.VARBINARY, Told(None)),
    (sa.Boolean, Told(FieldType.BOOLEAN)),
    (sa.Integer, Told(FieldType.INTEGER)),
    (sa.Numeric, Told(FieldType.NUMBER)),
    (sa.Float, Told(FieldType.NUMBER)),
    (sa.Date, Told(FieldType.DATE)),
    (sa.DateTime, Told(FieldType.TIMESTAMP, Wall.UNTOLD)),
)
"""The types that SQLAlchemy reads in a catalog; all others are texts."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a checked query."""

    stream: str
    """The stream it is for, with its source, for messages."""
    table: str | None
    query: str | None

    def from_clause(self, columns: Sequence[sa.ColumnClause[Any]] = ()) -> sa.FromClause:
        if self.query is None:
            schema, name = self.names
            return sa.table(name, *columns, schema=schema)
        # The line ends, so that a comment at the end of the query does, too.
        return verbatim(self.query.strip().rstrip(";") + "\n").columns(*columns).subquery(_ALIAS)

    @property
    def names(self) -> tuple[str | None, str]:
        """Schema and table of `public.visits`, with or without double quotes around each."""
        parts = [quoted or plain for quoted, plain in _PART.findall(str(self.table))]
        return ".".join(parts[:-1]) or None, parts[-1]

    def sql_name(self, session: Session) -> str:
        """The table as statements write it."""
        schema, name = self.names
        return session.connection.dialect.identifier_preparer.format_table(sa.table(name, schema=schema))

    def columns(self, session: Session) -> list[tuple[str, Told | None]]:
        """Names and types, as far as the database tells them.

        Raises:
            SettingsError: there is no such table, or the query is wrong.
        """
        engine = session.engine
        if self.table is not None and engine.type_of is None:
            return self._catalog(session)
        select = sa.select(sa.text("*")).select_from(self.from_clause()).limit(0)
        try:
            found = session.columns(select)
        except SettingsError as error:
            raise self._unknown(session) or error from None
        return [(name, None if engine.type_of is None else engine.type_of(code)) for name, code in found]

    def _catalog(self, session: Session) -> list[tuple[str, Told | None]]:
        schema, name = self.names
        with session.asking():
            try:
                found = sa.inspect(session.connection).get_columns(name, schema)
            except NoSuchTableError:
                found = []
        if not found:
            raise self._unknown(session) or SettingsError(f"{self.stream}: table {self.table} has no columns")
        return [(column["name"], _told(column["type"])) for column in found]

    def _unknown(self, session: Session) -> SettingsError | None:
        """The error of a table that is not there, with the nearest name; `None` where it is."""
        if self.table is None:
            return None
        schema, name = self.names
        session.connection.rollback()  # PostgreSQL answers nothing more in a transaction with an error
        try:
            inspector = sa.inspect(session.connection)
            known = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
        except SQLAlchemyError:
            return None  # the database's own words will have to do
        if name in known:
            return None
        prefix = "" if schema is None else f"{schema}."
        hint = nearest(f"{prefix}{name}", {f"{prefix}{one}" for one in known})
        return SettingsError(f"{self.stream}: the database shows us no table {prefix}{name}{hint}")


def relation_of(stream: str, settings: SqlStream, engine: Engine) -> Relation:
    """Raises SettingsError: the query is not one SELECT, or the table is no name of one."""
    if settings.query is not None:
        try:
            refuse_all_but_select(settings.query, engine.dialect)
        except ValueError as error:
            raise SettingsError(f"{stream}: query: {error}") from None
    elif _PART.sub("", str(settings.table)).strip(".") or not _PART.findall(str(settings.table)):
        raise SettingsError(f"{stream}: table {settings.table!r} is not a name; write one such as public.visits")
    return Relation(stream, settings.table, settings.query)


def _told(kind: sa.types.TypeEngine[Any]) -> Told | None:
    return next((told for known, told in _CLASSES if isinstance(kind, known)), Told(FieldType.TEXT))
