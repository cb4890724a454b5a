"""The connector: what changed since the last read, what was archived, what was merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.hubspot.api import BATCH_SIZE, Api
from connectors.hubspot.columns import ID, Raw, asked_for
from connectors.hubspot.endings import archived, merged
from connectors.hubspot.habits import budget, judge
from connectors.hubspot.past import versions
from connectors.hubspot.settings import HOME, HubSpotSettings
from connectors.hubspot.streams import Known, Streams
from connectors.hubspot.values import to_moment
from connectors.hubspot.window import Window, pages, refuse_long_pause
from okr_sync.connector import (
    Checkpoint,
    Context,
    DataError,
    Identity,
    IncompleteError,
    Page,
    Record,
    SettingsError,
    SourceError,
    Stream,
)
from okr_sync.http import Faults, checked_address
from okr_sync.http.connector import HttpConnector
from okr_sync.http.values import to_timestamp

_REMEDY = (
    "check the token of the source; it is made in HubSpot's settings, as a service key or a private app, and needs the"
    " scope crm.objects.<object>.read of every object that is read (tickets: tickets)"
)


class HubSpot(HttpConnector):
    """Reads the CRM of one HubSpot account."""

    Settings = HubSpotSettings
    description = "HubSpot CRM: deals, contacts, companies, tickets, line items, surveys, custom objects"

    settings: HubSpotSettings

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._account: Mapping[str, Any] = {"portalId": settings.account}
        self._known: dict[str, Known] = {}

    def declared_streams(self) -> Sequence[Stream]:
        return Streams(self.settings, self._account).declared()

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.url, HOME)
        token = self.settings.token.get_secret_value()
        faults = Faults(self.context.source, _REMEDY, (token,), self.context.clock)
        habits = Habits(judge=judge(faults, lambda: self._account.get("timeZone")), budget=budget)
        self.client = Client(url, faults, headers={"Authorization": f"Bearer {token}"}, habits=habits)
        self._api = Api(self.client, self.settings.api_version, self.where)
        self._account = self._own_account()
        self._known = Streams(self.settings, self._account).known(self._api)
        return [one.stream for one in self._known.values()]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """What changed, from an hour before the last read began; then all that is archived, which no time can select.

        A record shows its stage by name. Where names are others than at the last read, all records are read again.
        """
        known = self._readable(stream)
        point = checkpoint or {}
        self._refuse_another_account(point)
        now = self.client.server_time or self.context.clock()
        if not stream.has_census:
            refuse_long_pause(f"{self.where}: stream {stream.name}", point, now)
        known_until = to_moment(point.get("since_ms", 0))
        if point and _is_renamed(point.get("names", {}), known.names):
            point = {}
        interrupted = Window.interrupted(point)
        if interrupted is not None:
            yield from self._changes(known, interrupted, known_until)
            point = interrupted.done
        window = Window.until(self.client.server_time or self.context.clock(), point.get("since_ms"))
        yield from self._changes(known, window, known_until)
        for listed in self._api.listed(known.object.name, archived=True):
            records, rejected = archived(listed)
            yield Page([*records, *merged(listed)], self._at(known, window.done), rejected=rejected)

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        for listed in self._api.listed(self._readable(stream).object.name, archived=False):
            yield [str(one["id"]) for one in listed]

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        known = self._readable(stream)
        for start in range(0, len(keys), BATCH_SIZE):
            raws = self._api.read(known.object.name, keys[start : start + BATCH_SIZE], known.properties)
            records, rejected = known.reading.records(self._with_deals(known, raws))
            if rejected:
                raise DataError(f"{self.where}: stream {stream.name}: {rejected[0].record}: {rejected[0].reason}")
            yield records

    def identity(self) -> Identity:
        """Scopes that are missing show where a stream is counted: nobody needs those of streams that nobody reads."""
        name = f"account {self._account.get('portalId')} on {self._account.get('uiDomain')}"
        try:
            scopes = self._api.token_info(self.settings.token.get_secret_value()).get("scopes") or []
        except SourceError:
            return Identity(name)  # HubSpot tells the scopes of private apps alone
        return Identity(name, unneeded=tuple(sorted(one for one in scopes if one.endswith(".write"))))

    def count(self, stream: Stream) -> int:
        return self._api.count(self._readable(stream).object.name)

    def _own_account(self) -> dict[str, Any]:
        account, wanted = self._api.account(), self.settings.account
        if wanted is not None and account.get("portalId") != wanted:
            raise SettingsError(
                f"{self.where}: the token is of account {account.get('portalId')}, and account is {wanted};"
                " use a token of that account, or correct account"
            )
        return account

    def _refuse_another_account(self, point: Checkpoint) -> None:
        ours = self._account.get("portalId")
        read = point.get("account", ours)
        if read != ours:
            raise SettingsError(
                f"{self.where}: the token is of account {ours}, and so far account {read} was read; use a token of that"
                " account, or give the source of this one another name, so that their records do not mix"
            )

    def _readable(self, stream: Stream) -> Known:
        known = self._known[stream.name]
        if known.refusal is not None:
            raise known.refusal
        return known

    def _changes(self, known: Known, window: Window, known_until: datetime) -> Iterator[Page]:
        """Versions before the present one come as far as they began after `known_until`: older ones have landed."""
        where = f"{self.where}: stream {known.stream.name}"
        expected_count: int | None = None
        for found in pages(self._api, known.object, known.properties, window, where):
            expected_count = found.total if expected_count is None else expected_count
            raws = self._with_deals(known, found.records)
            records, rejected = known.reading.records(raws)
            readable = {one.fields[ID.field.name] for one in records}
            past, _ = known.past_reading.records(
                self._past(known, [one for one in raws if str(one["id"]) in readable], known_until)
            )
            point = window.done if found.is_last else found.rest.on_its_way
            yield Page([*past, *records, *merged(found.records)], self._at(known, point), expected_count, rejected)

    def _past(self, known: Known, raws: Sequence[Raw], since: datetime) -> Iterator[Raw]:
        if not known.has_history or not raws:
            return
        names = asked_for(known.columns)
        histories = self._api.histories(known.object.name, [str(one["id"]) for one in raws], names)
        for raw in (one for one in raws if str(one["id"]) in histories):  # others are gone by now
            try:
                found = versions(raw, histories[str(raw["id"])], names)
            except (ValueError, OverflowError) as error:
                raise IncompleteError(
                    f"{self.where}: stream {known.stream.name}: the history of record {raw['id']} has a change whose"
                    f" time cannot be read: it is {error}; history: false under streams.{known.stream.name} reads"
                    " records without their past"
                ) from error
            yield from (one for one in found if to_timestamp(one["updatedAt"]) > since)

    def _at(self, known: Known, point: dict[str, Any]) -> Checkpoint:
        names = {"names": dict(known.names)} if known.names else {}
        return {**point, "account": self._account.get("portalId"), **names}

    def _with_deals(self, known: Known, raws: Sequence[Raw]) -> Sequence[Raw]:
        if not known.object.has_deals:
            return raws
        deals = self._api.deals_of(known.object.name, [str(one["id"]) for one in raws])
        return [{**one, "deal_id": deals.get(str(one["id"]))} for one in raws]


def _is_renamed(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """True where an id has another name, or is new: the last read may have met it before it was known.

    Ids that are gone change no record's name.
    """
    return any(before.get(key) != name for key, name in now.items())
