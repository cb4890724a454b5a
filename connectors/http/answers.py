"""What an answer holds: its records, whether it is the whole, and what it says of its size."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from connectors.http.paths import find
from connectors.http.stream import StreamDeclaration
from okr_sync.connector import IncompleteError, SettingsError

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


def records_of(where: str, declaration: StreamDeclaration, content: Any) -> list[dict[str, Any]]:
    """The records of an answer.

    Raises:
        IncompleteError: the answer says that it is not the whole.
        SettingsError: there are no records where they are declared to be.
    """
    if declaration.format == "csv":
        return _rows(where, content)
    if declaration.cut_short is not None and _found(where, declaration.cut_short, content):
        raise IncompleteError(f"{where}: the answer is not the whole: {declaration.cut_short} says so; ask for less")
    found = content if declaration.records is None else _found(where, declaration.records, content)
    if not isinstance(found, list):
        place = "the answer itself" if declaration.records is None else f"records {declaration.records!r}"
        raise SettingsError(f"{where}: {place} is {_shown(found)}, not a list; {_hint(content)}")
    names = None if declaration.columns is None else _found(where, declaration.columns, content)
    return [_record(where, one, names) for one in found]


def refuse_unread_pages(where: str, declaration: StreamDeclaration, content: Any, headers: Mapping[str, str]) -> None:
    """Without paging, an answer that says that more follows is not the whole."""
    if declaration.paging is not None or declaration.format == "csv":
        return
    said = [name for name in _MORE if isinstance(content, dict) and content.get(name)]
    if 'rel="next"' in headers.get("Link", ""):
        said.append("the header Link")
    if said:
        raise IncompleteError(f"{where}: {said[0]} says that more follows; declare the stream's paging")


def total_of(where: str, declaration: StreamDeclaration, content: Any) -> int | None:
    """How many records the whole has, where the answer is declared to say so."""
    if declaration.total is None:
        return None
    total = _found(where, declaration.total, content)
    return total if isinstance(total, int) else None


def _record(where: str, one: Any, names: Any) -> dict[str, Any]:
    if isinstance(names, list) and isinstance(one, list):
        return dict(zip(map(str, names), one, strict=True))
    if not isinstance(one, dict):
        raise SettingsError(f"{where}: a record is {_shown(one)}, not an object; see records and columns")
    return one


def _rows(where: str, text: str) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise IncompleteError(f"{where}: line {reader.line_num} of the CSV is broken off: {error}") from None
    if any(None in row or None in row.values() for row in rows):
        raise IncompleteError(f"{where}: a line of the CSV has more or fewer values than its first line has names")
    return rows


def _found(where: str, path: str, content: Any) -> Any:
    try:
        return find(path, content)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from None


def _shown(value: Any) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"


def _hint(content: Any) -> str:
    return f"the answer has {', '.join(content)}" if isinstance(content, dict) and content else "see records"
