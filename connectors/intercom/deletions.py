"""The ids of deleted conversations, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from connectors.intercom.fields import moment
from okr_sync.connector import IncompleteError, Record, SettingsError
from okr_sync.http import RefusedError
from okr_sync.http.values import to_integer

if TYPE_CHECKING:
    from okr_sync.http.client import Client

PAGE_SIZE = 60
MOST_PAGES = 10_000


def deleted_since(client: Client, where: str, second: int) -> Iterator[Sequence[Record]]:
    """Conversations that were deleted in `second` or later, as far as the list tells.

    The description leaves open whether the list is ordered by time or by id, its example is by time: reading ends
    early only behind a page that is.
    """
    for page in range(1, MOST_PAGES):
        answer = _page(client, page)
        deleted = answer.get("conversations")
        if not isinstance(deleted, list):
            raise IncompleteError(f"{where}: an answer without deleted conversations; the next run reads it again")
        tombstones = [_tombstone(where, one) for one in deleted]
        seconds = [to_integer(one["deleted_at"]) for one in deleted]
        yield [one for one, deleted_at in zip(tombstones, seconds, strict=True) if deleted_at >= second]
        is_past = bool(seconds) and seconds == sorted(seconds, reverse=True) and seconds[-1] < second
        if is_past or not (answer.get("pages") or {}).get("next"):
            return
        if not deleted:
            break
    raise IncompleteError(f"{where}: the list of deleted conversations has no end")


def _page(client: Client, page: int) -> dict[str, Any]:
    try:
        return client.get_json("/conversations/deleted", {"page": page, "per_page": PAGE_SIZE, "order": "desc"})
    except RefusedError as error:
        raise SettingsError(
            f"{error}; where this version of the API has no list of deleted conversations, write"
            " `deletions: census` in streams.conversations"
        ) from error


def _tombstone(where: str, raw: dict[str, Any]) -> Record:
    try:
        return Record({"id": str(raw["id"]), "updated_at": moment(raw["deleted_at"])}, is_deleted=True)
    except (KeyError, ValueError, OverflowError) as error:
        raise IncompleteError(
            f"{where}: a deleted conversation without its id or its time ({error}); the next run reads it again"
        ) from error
