"""How Salesforce writes what it answers with: JSON for queries, CSV for bulk jobs, a list for an error."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from okr_sync.sandbox.http import Json, RefusedError, answer
from okr_sync.sandbox.systems.salesforce.ids import kind_of
from okr_sync.sandbox.systems.salesforce.matching import Getter, Row, Search
from okr_sync.sandbox.systems.salesforce.objects import ObjectType


class SalesforceError(RefusedError):
    """One error; there may be several in a list, and the list is there for one, too."""

    def __init__(self, status: int, code: str, message: str) -> None:
        Exception.__init__(self, f"{status} {code} {message}")
        self.status = status
        self.content: Json = {"message": message, "errorCode": code}
        self.response = answer([self.content], status)


@lru_cache(maxsize=1 << 16)
def json_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    get: Getter
    parents: list[tuple[str, Getter]]
    """The relationships on the way to it, and how the id of the record behind each is had."""


def _column(search: Search, kind: ObjectType, path: str) -> _Column:
    *names, _ = path.split(".")
    ways = [".".join(names[: depth + 1]) for depth in range(len(names))]
    parents = [(name, search.getter(kind, f"{way}.Id")[1]) for name, way in zip(names, ways, strict=True)]
    field, get = search.getter(kind, path)
    return _Column(field.name, get, parents)


class RowWriter:
    """Writes the asked paths of rows of one object."""

    def __init__(self, search: Search, kind: ObjectType, paths: Sequence[str], version: str) -> None:
        self._url = f"/services/data/{version}/sobjects"
        self._columns = [_column(search, kind, path) for path in paths]

    def json(self, row: Row) -> Json:
        written: dict[str, Any] = self._begun(row["Id"])
        for one in self._columns:
            inside: dict[str, Any] | None = written
            for parent, get_id in one.parents:
                # A parent that is not there is null, and not an object without values.
                inside = inside and inside.setdefault(parent, self._begun(get_id(row)))
            if inside is not None:
                inside[one.name] = _in_json(one.get(row))
        return written

    def _begun(self, record_id: str | None) -> Any:
        """A record to which nothing was added yet: what it is, and where."""
        if record_id is None:
            return None
        kind = kind_of(record_id)
        return {"attributes": {"type": kind, "url": f"{self._url}/{kind}/{record_id}"}}

    def csv(self, rows: Iterable[Row]) -> str:
        """Each part of a result begins with the names of its columns."""
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([".".join([*(parent for parent, _ in one.parents), one.name]) for one in self._columns])
        writer.writerows([_in_csv(one.get(row)) for one in self._columns] for row in rows)
        return text.getvalue()


def _in_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return json_time(value)
    return value.isoformat() if isinstance(value, date) else value


def _in_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    return value.isoformat() if isinstance(value, date) else str(value)
