"""The names of a database's columns, and the fields they become."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zlib import crc32

from okr_sync.connector import SettingsError
from okr_sync.errors import nearest
from okr_sync.names import snake_of_camel


def field_names(columns: Sequence[str], where: str) -> list[str]:
    """The field that each column becomes.

    Raises:
        SettingsError: two columns would be one field.
    """
    names = [identifier(column) for column in columns]
    for name in dict.fromkeys(names):
        clashing = [column for column, one in zip(columns, names, strict=True) if one == name]
        if len(clashing) > 1:
            raise SettingsError(
                f"{where}: columns {' and '.join(map(repr, clashing))} would all be the field {name};"
                " write a query that names them apart"
            )
    return names


def identifier(column: str) -> str:
    """`updatedAt`, `UPDATED_AT` and `Updated at` are `updated_at`; é is e; `2nd` is `column_2nd`.

    A name without a Latin letter or digit gives `column_` and a checksum: its place in the table would not do, for that
    changes when another column goes.
    """
    return snake_of_camel(column, "column") or f"column_{crc32(column.encode()):08x}"


def require(wanted: Collection[str], known: Collection[str], where: str) -> None:
    """Raises SettingsError: a field that the settings name is not there; the message gives the nearest name."""
    for name in wanted:
        if name not in known:
            raise SettingsError(f"{where}: there is no column {name!r}{nearest(name, known)}")
