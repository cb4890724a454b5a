"""The names of a database's columns, and the fields they become."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from okr_sync.connector import SettingsError
from okr_sync.errors import nearest

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans({"đ": "d", "Đ": "D"})  # letters of their own in Unicode, not a d with a mark


def field_names(columns: Sequence[str], where: str) -> list[str]:
    """The field that each column becomes.

    Raises:
        SettingsError: two columns would be one field.
    """
    names = [identifier(column, position) for position, column in enumerate(columns, start=1)]
    for name in dict.fromkeys(names):
        clashing = [column for column, one in zip(columns, names, strict=True) if one == name]
        if len(clashing) > 1:
            raise SettingsError(
                f"{where}: columns {' and '.join(map(repr, clashing))} would all be the field {name};"
                " write a query that names them apart"
            )
    return names


def identifier(column: str, position: int) -> str:
    """`updatedAt`, `UPDATED_AT` and `Updated at` are `updated_at`; é is e; `2nd` is `column_2nd`."""
    decomposed = unicodedata.normalize("NFKD", column.translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    name = _NO_LETTER.sub("_", _WORDS.sub("_", plain).lower()).strip("_")
    if not name:
        return f"column_{position}"
    return f"column_{name}" if name[0].isdigit() else name


def require(wanted: Collection[str], known: Collection[str], where: str) -> None:
    """Raises SettingsError: a field that the settings name is not there; the message gives the nearest name."""
    for name in wanted:
        if name not in known:
            raise SettingsError(f"{where}: there is no column {name!r}{nearest(name, known)}")
