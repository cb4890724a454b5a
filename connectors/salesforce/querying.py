"""A query read to its end, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.salesforce.fields import Raw
from okr_sync.connector import IncompleteError
from okr_sync.http import PageGuard

if TYPE_CHECKING:
    from okr_sync.http.client import Client


@dataclass(frozen=True, slots=True)
class Desk:
    """Where queries are asked; `api` is the path of the REST API in its version, `where` begins messages."""

    client: Client
    api: str
    where: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Up to 2,000 records, and how many the whole query has found."""

    raws: list[Raw]
    total: int | None
    next_url: str | None


def batches(desk: Desk, resource: str, soql: str) -> Iterator[Batch]:
    """`query` leaves out what is deleted, `queryAll` does not.

    Raises:
        IncompleteError: the batches end before all that was counted has come.
        StaleQueryError: Salesforce has forgotten where the query stood.
    """
    guard, received_count = PageGuard(desk.where), 0
    answer = desk.client.get_json(f"{desk.api}/{resource}", {"q": soql})
    while True:
        batch = _checked(desk.where, answer)
        received_count += len(batch.raws)
        if batch.next_url is None:
            refuse_fewer(desk.where, received_count, batch.total)
        yield batch
        if batch.next_url is None:
            return
        guard.check(batch.next_url, len(batch.raws))
        answer = desk.client.get_json(batch.next_url)


def refuse_fewer(where: str, received_count: int, total: int | None) -> None:
    if total is not None and received_count < total:
        raise IncompleteError(f"{where}: Salesforce counted {total} records and gave {received_count}; run it again")


def _checked(where: str, answer: dict[str, Any]) -> Batch:
    raws, is_done, next_url = answer.get("records"), answer.get("done"), answer.get("nextRecordsUrl")
    if not isinstance(raws, list) or not isinstance(is_done, bool):
        raise IncompleteError(f"{where}: an answer without records or done; the next run reads it again")
    if not is_done and not next_url:
        raise IncompleteError(f"{where}: Salesforce says that more records follow, but not where; run it again")
    total = answer.get("totalSize")
    return Batch(raws, total if isinstance(total, int) else None, None if is_done else str(next_url))
