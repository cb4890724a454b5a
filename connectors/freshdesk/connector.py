"""The connector: three lists of tickets (present, deleted, spam), each read from where it was left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from connectors.freshdesk.choices import Choices, read_choices
from connectors.freshdesk.custom_fields import find_columns
from connectors.freshdesk.fields import ticket_reading, ticket_stream
from connectors.freshdesk.settings import FreshdeskSettings
from connectors.freshdesk.walking import Step, Walk
from okr_sync.connector import (
    Budget,
    Checkpoint,
    Context,
    Field,
    FieldType,
    Identity,
    IncompleteError,
    Page,
    Stream,
)
from okr_sync.http import Faults, secret_forms
from okr_sync.http.connector import HttpConnector
from okr_sync.http.headers import request_budget

if TYPE_CHECKING:
    from okr_sync.http.client import Json

LAG = timedelta(minutes=2)
"""How long before the start of a read the next one begins: a list may be read from a copy that is behind."""
LISTS: Mapping[str, Mapping[str, str]] = {
    "tickets": {"include": "stats"},
    "deleted": {"filter": "deleted"},
    "spam": {"filter": "spam"},
}
"""What chooses each list. A ticket is in one of them; the trash and the spam are emptied after 30 days."""
_GLOBAL_SCOPE = 1
_REMEDY = (
    "check domain and api_key of the source; the key is in the agent's profile settings, and the agent must be allowed"
    " to see all tickets and the ticket fields"
)


class Freshdesk(HttpConnector):
    """Reads the tickets of one Freshdesk account, as one agent sees them."""

    Settings = FreshdeskSettings
    description = "Freshdesk: tickets with reply and resolution times, due times and escalations"

    settings: FreshdeskSettings

    def __init__(self, settings: FreshdeskSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._reading = ticket_reading(Choices())

    def declared_streams(self) -> Sequence[Stream]:
        declared = [Field(name, FieldType.UNKNOWN) for name in self.settings.streams.tickets.fields]
        return [ticket_stream(self.settings.base_url, declared)]

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = self.settings.checked_url(self.context.source)
        key = self.settings.api_key.get_secret_value()
        # Freshdesk wants a password and does not look at it.
        faults = Faults(self.context.source, _REMEDY, (*secret_forms(key, "X")[:1], key), self.context.clock)
        self.client = Client(url, faults, auth=(key, "X"), habits=Habits(budget=_budget))
        account_fields: list[dict[str, Json]] = self.client.get_list("/api/v2/ticket_fields").body
        custom = find_columns(self.context.source, self.settings.streams.tickets.fields, account_fields)
        self._reading = ticket_reading(read_choices(account_fields), custom)
        return [ticket_stream(url, [one.field for one in custom])]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """The present tickets first: one that is deleted meanwhile is found in the trash after them.

        The checkpoint has a time for each list: behind a list that was read to its end, the start of the read less
        `LAG`; before that, the time that it had come to.
        """
        next_since = (self.client.server_time or self.context.clock()) - LAG
        begin = {"tickets": self._start(next_since), "deleted": next_since, "spam": next_since}
        reached = {name: moment.isoformat() for name, moment in begin.items()} | dict(checkpoint or {})
        for name, asked in LISTS.items():
            walk = Walk(self.client, f"{self.where}: stream {stream.name}: list {name}", asked)
            for step in walk.steps(datetime.fromisoformat(reached[name])):
                reached[name] = step.since.isoformat()
                yield self._page(name, step, dict(reached))
            reached[name] = next_since.isoformat()
        yield Page([], dict(reached))

    def identity(self) -> Identity | None:
        """The agent of the key. One who sees the tickets of some groups only would give numbers of these alone."""
        agent = self.client.get_json("/api/v2/agents/me")
        contact = agent.get("contact") or {}
        is_global = agent.get("ticket_scope") in (None, _GLOBAL_SCOPE)
        return Identity(
            str(contact.get("email") or agent.get("id")), missing=() if is_global else ("global ticket scope",)
        )

    def _start(self, latest: datetime) -> datetime:
        """The first moment of `start` in the project's zone. Without a time, Freshdesk gives the last 30 days only."""
        return min(datetime.combine(self.settings.start, time.min, tzinfo=self.context.timezone), latest)

    def _page(self, name: str, step: Step, checkpoint: Checkpoint) -> Page:
        if name == "tickets":
            self._refuse_without_statistics(step.raws)
        records, rejected = self._reading.records(step.raws)
        if name != "tickets":
            records = [replace(one, is_deleted=True) for one in records]
        return Page(records, checkpoint, rejected=rejected)

    def _refuse_without_statistics(self, raws: Sequence[Mapping[str, Any]]) -> None:
        for raw in raws:
            if not isinstance(raw.get("stats"), dict):
                raise IncompleteError(
                    f"{self.where}: stream tickets: ticket {raw.get('id')} came without the statistics that were asked"
                    " for; the next run reads it again"
                )


def _budget(headers: Mapping[str, str]) -> Budget | None:
    found, limit = request_budget(headers), headers.get("X-RateLimit-Total", "").strip()
    return replace(found, limit=int(limit)) if found is not None and limit.isdecimal() else found
