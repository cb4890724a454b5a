"""Find what a stream's settings name: its relation, its columns, its cursor."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from connectors.sql.cursor import Cursor, zone_of
from connectors.sql.database import Session
from connectors.sql.description import describe
from connectors.sql.records import Records
from connectors.sql.relation import relation_of
from connectors.sql.selection import Selection
from connectors.sql.settings import TIMES, SqlStream
from connectors.sql.table import Table
from okr_sync.connector import Field, SettingsError, Stream


def find_table(where: str, name: str, settings: SqlStream, zone: ZoneInfo, session: Session) -> Table:
    """The stream `name` as the database has it.

    Raises:
        SettingsError: the database has not what the settings name, or it does not fit.
    """
    relation = relation_of(where, settings, session.engine)
    columns = describe(where, settings, relation.columns(session), zone)
    selection = Selection(relation, columns, settings.key)
    return Table(
        stream=stream_of(name, settings, [column.field for column in columns]),
        selection=selection,
        records=Records(columns, settings.key, settings.version_at, settings.deleted),
        cursor=_cursor(where, settings, selection, zone, session),
        lag=settings.lag,
    )


def stream_of(name: str, settings: SqlStream, fields: Sequence[Field], *, is_open: bool = False) -> Stream:
    has_cursor = settings.cursor_field is not None
    return Stream(
        name=name,
        fields=tuple(fields),
        key=settings.key,
        version_at=settings.version_at,
        created_at=settings.created_at,
        is_open=is_open,
        is_full_read=not has_cursor,
        has_census=has_cursor and settings.deleted is None,
    )


def _cursor(where: str, settings: SqlStream, selection: Selection, zone: ZoneInfo, session: Session) -> Cursor | None:
    if settings.cursor_field is None:
        return None
    column = next(one for one in selection.columns if one.field.name == settings.cursor_field)
    kind = column.told or column.field.type
    if session.engine.has_text_times:
        return Cursor(column.sql, column.field.type, zone, is_text=True)
    if kind not in TIMES:
        raise SettingsError(
            f"{where}: cursor {settings.cursor_field} is a {kind} in the database, which compares with no time;"
            " write a query that casts it"
        )
    return Cursor(column.sql, kind, zone_of(column.wall, zone, lambda: session.one(selection.latest(column.sql))[0]))
