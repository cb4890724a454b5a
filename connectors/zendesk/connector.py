"""The connector: which streams there are, and what is asked for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from connectors.zendesk import ratings, sla
from connectors.zendesk.custom_fields import find_fields
from connectors.zendesk.export import TicketExport, ticket_reading
from connectors.zendesk.fields import STANDARD, ticket_stream
from connectors.zendesk.paging import listed
from connectors.zendesk.ratings import rating_pages, ratings_stream
from connectors.zendesk.schedules import schedule_page, schedules_stream
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.sla import SlaResults, sla_stream
from connectors.zendesk.starting import LAG, epoch
from okr_sync.connector import AccessError, Checkpoint, Context, Field, FieldType, Identity, Page, Stream
from okr_sync.http import Faults, secret_forms
from okr_sync.http.connector import HttpConnector

_REMEDY = (
    "check email and token of the source; tokens are made in the Admin Center under Apps and integrations > APIs,"
    " and only administrators may export tickets"
)
_COUNTS = {"tickets": "/api/v2/tickets/count", "satisfaction_ratings": ratings.COUNT_PATH}
_EXACT_COUNT = 100_000
"""Beyond it Zendesk gives a number of yesterday, or this one."""


class Zendesk(HttpConnector):
    """Reads one Zendesk account as one of its administrators."""

    Settings = ZendeskSettings
    description = (
        "Zendesk Support: tickets with reply and resolution times, SLA results, satisfaction ratings, schedules"
    )

    settings: ZendeskSettings

    def __init__(self, settings: ZendeskSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._reading = ticket_reading(STANDARD)
        self._user = settings.email

    def declared_streams(self) -> Sequence[Stream]:
        declared = [Field(name, FieldType.UNKNOWN) for name in self.settings.streams.tickets.fields]
        return _streams(self.settings.base_url, declared)

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = self.settings.checked_url(self.context.source)
        user, token = f"{self.settings.email}/token", self.settings.token.get_secret_value()
        faults = Faults(self.context.source, _REMEDY, secret_forms(user, token), self.context.clock)
        self.client = Client(url, faults, auth=(user, token))
        self._refuse_strangers(self.client.get_json("/api/v2/users/me.json").get("user") or {})
        wanted = self.settings.streams.tickets.fields
        custom = find_fields(self.context.source, wanted, self._account_fields()) if wanted else ()
        self._reading = ticket_reading((*STANDARD, *custom))
        return _streams(url, [one.field for one in custom])

    def identity(self) -> Identity:
        return Identity(self._user)

    def count(self, stream: Stream) -> int | None:
        """Tickets that are not deleted, and ratings; `None` where there are too many for Zendesk to count at once."""
        if stream.name not in _COUNTS:
            return None
        count = self.client.get_json(_COUNTS[stream.name]).get("count") or {}
        value = count.get("value")
        is_exact = isinstance(value, int) and value < _EXACT_COUNT and count.get("refreshed_at") is not None
        return value if is_exact else None

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        where = f"{self.where}: stream {stream.name}"
        now = self.client.server_time or self.context.clock()
        first = min(self._start, now - LAG)
        since = max(epoch(first), (checkpoint or {}).get("since", 0))
        if stream.name == "tickets":
            tickets = self.settings.streams.tickets
            days = tickets.history_days if tickets.history else None
            yield from TicketExport(self.client, where, self._reading, epoch(first), days).pages(checkpoint)
        elif stream.name == "sla_results":
            revocable = timedelta(days=self.settings.streams.sla_results.revocable_days)
            events = listed(self.client, where, sla.PATH, since)
            yield from SlaResults(checkpoint, now, revocable).pages(events)
        elif stream.name == "satisfaction_ratings":
            yield from rating_pages(listed(self.client, where, ratings.PATH, since), checkpoint, now - LAG, where)
        else:
            yield schedule_page(self.client, where)

    @property
    def _start(self) -> datetime:
        """The first moment of `start` in the project's zone."""
        return datetime.combine(self.settings.start, time.min, tzinfo=self.context.timezone)

    def _refuse_strangers(self, user: Mapping[str, Any]) -> None:
        if user.get("id") is None:
            raise AccessError(f"{self.where}: Zendesk took the request as anonymous: credentials refused; {_REMEDY}")
        if user.get("role") != "admin":
            raise AccessError(f"{self.where}: {self.settings.email} has the role {user.get('role')!r}; {_REMEDY}")
        self._user = str(user.get("email") or self.settings.email)

    def _account_fields(self) -> list[dict[str, Any]]:
        return self.client.get_json("/api/v2/ticket_fields.json").get("ticket_fields") or []


def _streams(site_url: str, ticket_fields: Sequence[Field]) -> list[Stream]:
    return [
        ticket_stream(site_url, ticket_fields),
        sla_stream(site_url),
        ratings_stream(site_url),
        schedules_stream(),
    ]
