"""The incremental export of tickets, page by page, and the cursor from which the next run goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.zendesk.changes import TicketChanges
from connectors.zendesk.fields import Ticket, TicketField
from connectors.zendesk.past import TicketPasts
from connectors.zendesk.starting import LAG, asked_from, epoch
from okr_sync.connector import Checkpoint, IncompleteError, Page, Record
from okr_sync.http import BusyError, PageGuard, RefusedError
from okr_sync.http.columns import Reading, forgiving

if TYPE_CHECKING:
    from okr_sync.http.client import Client

log = logging.getLogger(__name__)

_EXPORT = "/api/v2/incremental/tickets/cursor.json"
_LARGEST_PAGE = 1000
_SMALLEST_PAGE = 50


def ticket_reading(columns: Sequence[TicketField]) -> Reading[Ticket]:
    return Reading(columns, lambda one: f"ticket {one.raw.get('id')}", lambda one: one.raw.get("status") == "deleted")


@dataclass
class TicketExport:
    """One read of the tickets. `start_time` is where it begins without a cursor."""

    client: Client
    where: str
    reading: Reading[Ticket]
    start_time: int
    history_days: int | None = None
    """How far the past is rebuilt; `None` where it is not."""
    page_size: int = _LARGEST_PAGE

    def pages(self, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Tickets changed since the cursor. The cursor of the last page is kept: the next run goes on from it.

        Zendesk orders by a time of its own that `updated_at` may lie before, so no ticket is left out by its times.
        A cursor that Zendesk does not take any more cannot be repaired: everything is read again, which costs time and
        loses nothing.
        """
        cursor: str | None = (checkpoint or {}).get("cursor")
        past = self._past(checkpoint or {})
        guard = PageGuard(self.where)
        if cursor is not None:
            guard.check(cursor, 1)
        answer, cursor = self._first_page(cursor)
        while True:
            if not isinstance(answer.get("tickets"), list) or not isinstance(answer.get("end_of_stream"), bool):
                raise IncompleteError(
                    f"{self.where}: an answer without tickets or end_of_stream; the next run reads it again"
                )
            tickets = _tickets(answer)
            records, rejected = self.reading.records(tickets)
            before = [] if past is None else past.records(_readable(tickets, records))
            cursor = answer.get("after_cursor") or cursor
            yield Page([*before, *records], self._at(cursor, past, is_last=answer["end_of_stream"]), rejected=rejected)
            if answer["end_of_stream"]:
                return
            if cursor is None or not answer.get("after_cursor"):
                raise IncompleteError(f"{self.where}: Zendesk says that more pages follow, but not where")
            guard.check(cursor, len(answer["tickets"]))
            answer = self._ask({"cursor": cursor})

    def _past(self, point: Checkpoint) -> TicketPasts | None:
        if self.history_days is None:
            return None
        begins = self.client.server_time or datetime.now(UTC)
        since = point.get("past_after") or point.get("past_from") or epoch(begins - timedelta(days=self.history_days))
        return TicketPasts(
            TicketChanges(self.client, self.where, datetime.fromtimestamp(since, UTC)),
            Reading(forgiving(self.reading.columns), self.reading.name_of),
            is_first="past_after" not in point,
        )

    def _at(self, cursor: str | None, past: TicketPasts | None, *, is_last: bool) -> Checkpoint:
        """Where the export stands, and up to when versions have landed: all of what it has given by its end."""
        point: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
        if past is None:
            return point
        if is_last and self.client.server_time is not None:
            return point | {"past_after": epoch(self.client.server_time - LAG)}
        return point | {"past_from" if past.is_first else "past_after": epoch(past.changes.since)}

    def _first_page(self, cursor: str | None) -> tuple[dict[str, Any], str | None]:
        """The page after `cursor`, and `cursor` where Zendesk took it."""
        if cursor is not None:
            try:
                return self._ask({"cursor": cursor}), cursor
            except RefusedError as error:
                if error.status not in (400, 422):
                    raise
                log.warning("%s: Zendesk refused the cursor; all tickets are read again (%s)", self.where, error)
        return asked_from(self.start_time, lambda start: self._ask({"start_time": start})), None

    def _ask(self, position: Mapping[str, str | int]) -> dict[str, Any]:
        """One page from `position`. A page that takes too long is asked for again at half the size."""
        while True:
            asked = {**position, "include": "metric_sets", "per_page": self.page_size}
            try:
                return self.client.get_json(_EXPORT, asked, lambda busy: not self._is_too_large(busy))
            except BusyError as busy:
                if not self._is_too_large(busy):
                    raise
                self.page_size = max(_SMALLEST_PAGE, self.page_size // 2)

    def _is_too_large(self, busy: BusyError) -> bool:
        return busy.is_timeout and self.page_size > _SMALLEST_PAGE


def _readable(tickets: Sequence[Ticket], records: Sequence[Record]) -> list[Ticket]:
    known = {one.fields["id"] for one in records if not one.is_deleted}
    return [one for one in tickets if str(one.raw["id"]) in known]


def _tickets(answer: Mapping[str, Any]) -> list[Ticket]:
    metrics = {one["ticket_id"]: one for one in answer.get("metric_sets") or []}
    return [Ticket(one, metrics.get(one["id"], {})) for one in answer["tickets"]]
