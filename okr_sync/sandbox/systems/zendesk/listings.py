"""The account's lists, in their order, worked out once for each state of the agency."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.zendesk.desk import rating
from okr_sync.sandbox.systems.zendesk.lists import Listing, Place
from okr_sync.sandbox.systems.zendesk.metric_events import events_of, id_of
from okr_sync.sandbox.systems.zendesk.ticket_events import updates_of
from okr_sync.sandbox.systems.zendesk.tickets import RATED, rating_id

Placed = Iterable[tuple[Place, Json]]


class Listings:
    def __init__(self, agency: Agency, account_url: str) -> None:
        self._agency = agency
        self._api = f"{account_url}/api/v2"
        self._known: dict[str, tuple[int, Listing]] = {}

    def ratings(self) -> Listing:
        return self._listing("satisfaction_ratings", "/satisfaction_ratings.json", self._placed_ratings)

    def events(self) -> Listing:
        """Those still to come included."""
        return self._listing("ticket_metric_events", "/incremental/ticket_metric_events.json", self._placed_events)

    def updates(self) -> Listing:
        """What changed in tickets."""
        return self._listing("ticket_events", "/incremental/ticket_events.json", self._placed_updates)

    def _placed_updates(self) -> Placed:
        for one in self._agency.tickets:
            for at, update in updates_of(self._agency.ticket_versions(one.id)):
                yield (int(at.timestamp()), int(str(update["id"]))), update

    def _placed_ratings(self) -> Placed:
        for one in self._agency.tickets:
            if one.satisfaction in RATED:
                yield (int(one.updated_at.timestamp()), rating_id(one)), rating(one, self._api)

    def _placed_events(self) -> Placed:
        for ticket in self._agency.tickets:
            for number, (at, event) in enumerate(events_of(ticket)):
                yield (int(at.timestamp()), id_of(ticket, number)), event

    def _listing(self, name: str, path: str, placed: Callable[[], Placed]) -> Listing:
        revision = self._agency.revision
        if name not in self._known or self._known[name][0] != revision:
            both = sorted(placed(), key=lambda one: one[0])
            listing = Listing(name, self._api + path, [place for place, _ in both], [record for _, record in both])
            self._known[name] = revision, listing
        return self._known[name][1]
