"""Read a table of a Base: every record, in pages, until it is sure that these were all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.lark.fields import RawRecord
from connectors.lark.paging import items_of, pages
from connectors.lark.session import data_of
from okr_sync.connector import IncompleteError, Page
from okr_sync.http.columns import Reading

if TYPE_CHECKING:
    from okr_sync.http.client import Client

_ATTEMPTS = 3
"""How often a table is read that changes while it is read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is asked for, and how its records are read."""

    where: str
    """How messages begin."""
    app: str
    id: str
    page_size: int
    reading: Reading[RawRecord]


def base_path(app: str) -> str:
    return f"/open-apis/bitable/v1/apps/{app}"


def table_path(app: str, table: str) -> str:
    return f"{base_path(app)}/tables/{table}"


def list_fields(client: Client, where: str, app: str, table: str) -> list[dict[str, Any]]:
    path = f"{table_path(app, table)}/fields"
    answers = pages(where, lambda position: client.get_json(path, {"page_size": 100, **position}))
    return [one for data in answers for one in items_of(data)]


def count_records(client: Client, table: Table) -> int:
    """How many records the app sees."""
    total = data_of(table.where, _search(client, table, {}, page_size=1)).get("total")
    if not isinstance(total, int):
        raise IncompleteError(f"{table.where}: an answer without total")
    return total


def read_records(client: Client, table: Table) -> Iterator[Page]:
    """Every record. Where pages do not add up, records came or went meanwhile, and the table is read again.

    A page leads to the next by position, so that a record that goes makes another one slip through.

    Raises:
        IncompleteError: the pages never add up.
    """
    for _ in range(_ATTEMPTS):
        seen: set[Any] = set()
        totals: set[Any] = set()
        for data in pages(table.where, lambda position: _search(client, table, position, table.page_size)):
            items = items_of(data)
            seen.update(one.get("record_id") for one in items)
            totals.add(data.get("total"))
            records, rejected = table.reading.records(items)
            yield Page(records, {}, data.get("total"), rejected)
            if totals == {len(seen)} and not data.get("page_token"):
                break  # the end, though some answers say that more follows
        if totals == {len(seen)}:
            return
    raise IncompleteError(
        f"{table.where}: {len(seen)} records came where the answers told of {' and '.join(sorted(map(str, totals)))};"
        " the table changes while it is read, or the answers are cut; try again later"
    )


def _search(client: Client, table: Table, position: dict[str, str], page_size: int) -> dict[str, Any]:
    """Without a view: whoever edits its filter would change numbers."""
    path = f"{table_path(table.app, table.id)}/records/search"
    return client.post_json(path, {"automatic_fields": True}, {"page_size": page_size, **position})
