"""The names of a file's columns, and the fields they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from connectors.files.settings import FieldSettings
from okr_sync.connector import DataError, SettingsError
from okr_sync.errors import nearest
from okr_sync.names import same_form, snake


def field_names(header: Sequence[str], fields: Mapping[str, FieldSettings], file: str) -> tuple[str, ...]:
    """The name of the field that each column becomes.

    Raises:
        DataError: two columns have one name.
        SettingsError: a column that `fields` names is not there, or two columns would become one field.
    """
    columns = [same_form(name) for name in header]
    _refuse_repeats(columns, file)
    claimed = _claimed(columns, fields, file)
    names = tuple(
        claimed[column] if column in claimed else identifier(column, position)
        for position, column in enumerate(columns, start=1)
    )
    _refuse_collisions(names, columns, file)
    return names


def require(required: Collection[str], names: Collection[str], file: str) -> None:
    """Check that a file has the fields that its stream rests on.

    Raises:
        SettingsError: one is missing; the message gives the nearest name.
    """
    for name in required:
        if name not in names:
            hint = nearest(name, names)
            if len(names) == 1:
                hint = f"; the only column is {next(iter(names))!r}: check `delimiter:`"
            raise SettingsError(f"{file}: there is no column {name!r}{hint}")


def identifier(column: str, position: int) -> str:
    """The name in formulas: lower case letters without marks, digits, and `_` for everything else.

    What would be empty or begin with a digit goes behind `column_`; a column without a name gets its position.
    """
    return snake(column, "column") or f"column_{position}"


def _refuse_repeats(columns: Sequence[str], file: str) -> None:
    for column, count in Counter(filter(None, columns)).items():
        if count > 1:
            raise DataError(f"{file}: {count} columns are named {column!r}; give each column a name of its own")


def _claimed(columns: Sequence[str], fields: Mapping[str, FieldSettings], file: str) -> dict[str, str]:
    """The columns that `from:` gives to a field."""
    claimed: dict[str, str] = {}
    for name, settings in fields.items():
        if settings.column is None:
            continue
        column = same_form(settings.column)
        if column not in columns:
            raise SettingsError(f"{file}: there is no column {column!r} for field {name}{nearest(column, columns)}")
        if column in claimed:
            raise SettingsError(f"{file}: fields {claimed[column]} and {name} are both from column {column!r}")
        claimed[column] = name
    return claimed


def _refuse_collisions(names: Sequence[str], columns: Sequence[str], file: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            several = " and ".join(repr(column) for column, one in zip(columns, names, strict=True) if one == name)
            raise SettingsError(
                f"{file}: columns {several} would all be the field {name};"
                f" name one of them under `fields`, such as other_{name}: {{type: text, from: ...}}"
            )
