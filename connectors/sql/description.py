"""The columns of a stream: their fields, their types, and whether they are what the settings use them for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.engines import Told, Wall
from connectors.sql.names import field_names, require
from connectors.sql.settings import TIMES, SqlStream
from connectors.sql.values import Read, reader
from okr_sync.connector import Field, FieldType, SettingsError

_KEYS = (FieldType.TEXT, FieldType.INTEGER, FieldType.DATE, FieldType.TIMESTAMP)
_DELETED = (FieldType.BOOLEAN, *TIMES)


@dataclass(frozen=True, slots=True)
class Column:
    """One column on its way to a field."""

    own_name: str
    field: Field
    wall: Wall
    """Where it is a time: whose clock it shows."""
    told: FieldType | None
    """The database's own type."""
    read: Read

    @property
    def sql(self) -> sa.ColumnClause[Any]:
        return sa.column(self.own_name)


def describe(
    where: str, settings: SqlStream, found: Sequence[tuple[str, Told | None]], zone: ZoneInfo
) -> tuple[Column, ...]:
    """The columns with the fields they become; columns of bytes are left out unless `fields` declares them.

    Raises:
        SettingsError: two columns would be one field, a field is not there, has no type, or not the one it needs.
    """
    names = field_names([own_name for own_name, _ in found], where)
    require(settings.required, names, where)
    _refuse_untyped(where, settings, [name for name, (_, told) in zip(names, found, strict=True) if told is None])
    columns = tuple(
        _column(own_name, name, told or Told(None, Wall.UNTOLD), settings.fields.get(name), zone)
        for name, (own_name, told) in zip(names, found, strict=True)
        if name in settings.fields or (told is not None and told.type is not None)
    )
    _check_roles(where, settings, {column.field.name: column.field.type for column in columns})
    return columns


def _check_roles(where: str, settings: SqlStream, types: dict[str, FieldType]) -> None:
    """Raises SettingsError: a field cannot be what the settings use it for."""
    for name in settings.key:
        _check(where, "key", name, types.get(name), _KEYS)
    for role, name in settings.roles.items():
        _check(where, role, name, types.get(name), _DELETED if role == "deleted" else TIMES)


def _check(where: str, role: str, name: str, kind: FieldType | None, allowed: Sequence[FieldType]) -> None:
    if kind not in allowed:
        seen = "bytes" if kind is None else f"a {kind}" if kind is not FieldType.INTEGER else "an integer"
        raise SettingsError(
            f"{where}: {role} names {name}, {seen}; it must be a {' or '.join(allowed)}: declare it under `fields:`,"
            " or write a query that casts it"
        )


def _column(own_name: str, name: str, told: Told, declared: FieldType | None, zone: ZoneInfo) -> Column:
    kind = declared or told.type or FieldType.TEXT
    description = "" if own_name == name else own_name
    read = reader(kind, ZoneInfo("UTC") if told.wall is Wall.UTC else zone)
    return Column(own_name, Field(name, kind, description), told.wall, told.type, read)


def _refuse_untyped(where: str, settings: SqlStream, untyped: Sequence[str]) -> None:
    missing = [name for name in untyped if name not in settings.fields]
    if missing:
        example = ", ".join(f"{name}: text" for name in missing)
        raise SettingsError(
            f"{where}: the database tells no type of {', '.join(missing)}; declare each, such as fields: {{{example}}}"
        )
