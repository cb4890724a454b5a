"""The connector: the incremental export, page by page, and the cursor from which the next run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from connectors.zendesk.custom_fields import find_fields
from connectors.zendesk.fields import STANDARD, Ticket, TicketField, ticket_stream
from connectors.zendesk.settings import ZendeskSettings
from okr_sync.connector import (
    AccessError,
    Checkpoint,
    Context,
    Field,
    FieldType,
    IncompleteError,
    Page,
    Stream,
)
from okr_sync.http import BusyError, Faults, PageGuard, RefusedError, secret_forms
from okr_sync.http.columns import Reading
from okr_sync.http.connector import HttpConnector

_EXPORT = "/api/v2/incremental/tickets/cursor.json"
_TOO_RECENT = "StartTimeTooRecent"
_LARGEST_PAGE = 1000
_SMALLEST_PAGE = 50
_LAG = timedelta(seconds=61)
"""An export must begin more than a minute ago."""
_REMEDY = (
    "check email and token of the source; tokens are made in the Admin Center under Apps and integrations > APIs,"
    " and only administrators may export tickets"
)


class Zendesk(HttpConnector):
    """Reads the tickets of one Zendesk account, those deleted there included."""

    Settings = ZendeskSettings
    description = "Zendesk Support: tickets with reply and resolution times"

    settings: ZendeskSettings

    def __init__(self, settings: ZendeskSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._reading = _reading(STANDARD)
        self._page_size = _LARGEST_PAGE

    def declared_streams(self) -> Sequence[Stream]:
        declared = [Field(name, FieldType.UNKNOWN) for name in self.settings.streams.tickets.fields]
        return [ticket_stream(self.settings.base_url, declared)]

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = self.settings.checked_url(self.context.source)
        user, token = f"{self.settings.email}/token", self.settings.token.get_secret_value()
        faults = Faults(self.context.source, _REMEDY, secret_forms(user, token), self.context.clock)
        self.client = Client(url, faults, auth=(user, token))
        self._refuse_strangers(self.client.get_json("/api/v2/users/me.json").get("user") or {})
        wanted = self.settings.streams.tickets.fields
        custom = find_fields(self.context.source, wanted, self._account_fields()) if wanted else ()
        self._reading = _reading((*STANDARD, *custom))
        return [ticket_stream(url, [one.field for one in custom])]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Tickets changed since the cursor. The cursor of the last page is kept: the next run goes on from it.

        Zendesk orders by a time of its own that `updated_at` may lie before, so no ticket is left out by its times.
        """
        where = f"source {self.context.source}: stream tickets"
        guard = PageGuard(where)
        cursor: str | None = (checkpoint or {}).get("cursor")
        if cursor is not None:
            guard.check(cursor, 1)
        while True:
            answer = self._next_page(cursor)
            if not isinstance(answer.get("tickets"), list) or not isinstance(answer.get("end_of_stream"), bool):
                raise IncompleteError(
                    f"{where}: an answer without tickets or end_of_stream; the next run reads it again"
                )
            records, rejected = self._reading.records(self._tickets(answer))
            cursor = answer.get("after_cursor") or cursor
            yield Page(records, {} if cursor is None else {"cursor": cursor}, rejected=rejected)
            if answer["end_of_stream"]:
                return
            if not answer.get("after_cursor"):
                raise IncompleteError(f"{where}: Zendesk says that more pages follow, but not where")
            guard.check(answer["after_cursor"], len(answer["tickets"]))

    def _refuse_strangers(self, user: Mapping[str, Any]) -> None:
        if user.get("id") is None:
            raise AccessError(
                f"source {self.context.source}: Zendesk took the request as anonymous: credentials refused; {_REMEDY}"
            )
        if user.get("role") != "admin":
            raise AccessError(
                f"source {self.context.source}: {self.settings.email} has the role {user.get('role')!r}; {_REMEDY}"
            )

    def _account_fields(self) -> list[dict[str, Any]]:
        return self.client.get_json("/api/v2/ticket_fields.json").get("ticket_fields") or []

    def _next_page(self, cursor: str | None) -> dict[str, Any]:
        if cursor is not None:
            return self._export({"cursor": cursor})
        start_time = self._start_time()
        try:
            return self._export({"start_time": start_time})
        except RefusedError as error:
            if _TOO_RECENT not in error.reason:
                raise
            return self._export({"start_time": start_time - 300})  # an earlier start leaves nothing out

    def _start_time(self) -> int:
        """The first moment of `start` in the project's zone, but never one that Zendesk takes for too recent."""
        start = datetime.combine(self.settings.start, time.min, tzinfo=self.context.timezone)
        now = self.client.server_time or self.context.clock()
        return int(min(start, now - _LAG).timestamp())

    def _export(self, position: Mapping[str, str | int]) -> dict[str, Any]:
        """One page from `position`. A page that takes too long is asked for again at half the size."""
        while True:
            asked = {**position, "include": "metric_sets", "per_page": self._page_size}
            try:
                return self.client.get_json(_EXPORT, asked, lambda busy: not self._is_too_large(busy))
            except BusyError as busy:
                if not self._is_too_large(busy):
                    raise
                self._page_size = max(_SMALLEST_PAGE, self._page_size // 2)

    def _is_too_large(self, busy: BusyError) -> bool:
        return busy.is_timeout and self._page_size > _SMALLEST_PAGE

    def _tickets(self, answer: Mapping[str, Any]) -> list[Ticket]:
        metrics = {one["ticket_id"]: one for one in answer.get("metric_sets") or []}
        return [Ticket(one, metrics.get(one["id"], {})) for one in answer["tickets"]]


def _reading(columns: Sequence[TicketField]) -> Reading[Ticket]:
    return Reading(columns, lambda one: f"ticket {one.raw.get('id')}", lambda one: one.raw.get("status") == "deleted")
