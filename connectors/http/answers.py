"""What an answer holds: its records, whether it is the whole, and what it says of its size."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.http.paging import LINK
from connectors.http.paths import find, is_true
from connectors.http.stream import StreamDeclaration
from okr_sync.connector import IncompleteError, SettingsError
from okr_sync.http.values import to_integer

_MORE = (
    "has_more",
    "hasMore",
    "more",
    "next",
    "next_page",
    "nextPage",
    "next_page_token",
    "nextPageToken",
    "next_cursor",
)
"""Where answers usually say that there is more."""


def records_of(where: str, declaration: StreamDeclaration, content: Any, *, is_first: bool) -> list[dict[str, Any]]:
    """The records of an answer; `is_first` of the pages of a read.

    Raises:
        IncompleteError: the answer says that it is not the whole.
        SettingsError: there are no records where they are declared to be.
    """
    if declaration.format == "csv":
        return _rows(where, declaration, content, is_first=is_first)
    if declaration.cut_short is not None and is_true(_found(where, declaration.cut_short, content)):
        raise IncompleteError(f"{where}: the answer is not the whole: {declaration.cut_short} says so; ask for less")
    found = content if declaration.records is None else _found(where, declaration.records, content)
    if not isinstance(found, list):
        place = "the answer itself" if declaration.records is None else f"records {declaration.records!r}"
        raise SettingsError(f"{where}: {place} is {_shown(found)}, not a list; {_hint(content)}")
    names = None if declaration.columns is None else _found(where, declaration.columns, content)
    return [_record(where, one, names) for one in found]


def refuse_unread_pages(where: str, content: Any, headers: Mapping[str, str]) -> None:
    """An answer that says that more follows is not the last one, and no whole without paging."""
    said = [*_said(content), *(["the header Link"] if LINK.search(headers.get("Link", "")) else [])]
    if said:
        raise IncompleteError(
            f"{where}: {said[0]} says that more follows; declare the stream's paging as the API has it"
        )


def total_of(where: str, declaration: StreamDeclaration, content: Any) -> int | None:
    """How many records the whole has, where the answer is declared to say so.

    Raises:
        SettingsError: what is there is no count.
    """
    total = None if declaration.total is None else _found(where, declaration.total, content)
    if total is None:
        return None
    try:
        return to_integer(total)
    except ValueError:
        raise SettingsError(f"{where}: total {declaration.total!r} is {_shown(total)}, not a count") from None


def _said(content: Any) -> Iterator[str]:
    """Where the answer, or an object in it, says that more follows."""
    if isinstance(content, dict):
        yield from (name for name in _MORE if is_true(content.get(name)))
        for outer, held in content.items():
            if isinstance(held, dict):
                yield from (f"{outer}.{name}" for name in _MORE if is_true(held.get(name)))


def _record(where: str, one: Any, names: Any) -> dict[str, Any]:
    if isinstance(names, list) and isinstance(one, list):
        return dict(zip(map(str, names), one, strict=True))
    if not isinstance(one, dict):
        raise SettingsError(f"{where}: a record is {_shown(one)}, not an object; see records and columns")
    return one


def _rows(where: str, declaration: StreamDeclaration, text: str, *, is_first: bool) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        rows = list(reader)
        names = list(reader.fieldnames or ())
    except csv.Error as error:
        raise IncompleteError(f"{where}: line {reader.line_num} of the CSV is broken off: {error}") from None
    if any(None in row or None in row.values() for row in rows):
        raise IncompleteError(f"{where}: a line of the CSV has more or fewer values than its first line has names")
    if is_first and not names:
        raise IncompleteError(f"{where}: the CSV is empty, without even a line of names")
    if names:
        _refuse_header(where, declaration, names)
    return rows


def _refuse_header(where: str, declaration: StreamDeclaration, names: Sequence[str]) -> None:
    """A CSV says which columns it has: one that is not there is not one that is empty."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(
            f"{where}: the CSV has several columns {', '.join(map(repr, twice))}, so neither can be read"
        )
    for name, one in declaration.typed_fields.items():
        if _found(where, one.at or name, dict.fromkeys(names, "1")) is None:
            raise SettingsError(
                f"{where}: field {name}: the CSV has no column {one.at or name!r}; it has {', '.join(map(repr, names))}"
            )


def _found(where: str, path: str, content: Any) -> Any:
    try:
        return find(path, content)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from None


def _shown(value: Any) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"


def _hint(content: Any) -> str:
    return f"the answer has {', '.join(content)}" if isinstance(content, dict) and content else "see records"
