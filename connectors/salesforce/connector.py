"""The connector: which streams there are, and what is asked for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.salesforce.describing import Descriptions
from connectors.salesforce.faults import REMEDY, judge
from connectors.salesforce.querying import Desk, batches
from connectors.salesforce.reading import Read
from connectors.salesforce.resolving import Plan, declare, histories_of, resolve
from connectors.salesforce.session import Session, request_budget
from connectors.salesforce.settings import ObjectSettings, SalesforceSettings
from connectors.salesforce.soql import among, select
from connectors.salesforce.streams import STANDARD
from connectors.salesforce.window import Window, refuse_long_pause
from okr_sync.connector import Checkpoint, Context, Identity, IncompleteError, Page, Record, Stream
from okr_sync.http import Faults, secret_forms
from okr_sync.http.connector import HttpConnector

_FETCH_SIZE = 200
"""How many ids go into one query: an address may hold 16,384 bytes."""


class Salesforce(HttpConnector):
    """Reads the objects of one org, as one user of it sees them."""

    Settings = SalesforceSettings
    description = "Salesforce: opportunities, leads, accounts, cases with milestones, field history, any other object"

    settings: SalesforceSettings

    def __init__(self, settings: SalesforceSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._api = f"/services/data/v{settings.api_version}"
        self._session: Session | None = None
        names = dict.fromkeys((*STANDARD, *settings.streams))
        self._plans = {name: declare(name, settings.streams.get(name, ObjectSettings())) for name in names}

    def declared_streams(self) -> Sequence[Stream]:
        return self._streams(self.settings.base_url)

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = self.settings.checked_url(self.context.source)
        client_id, secret = self.settings.client_id, self.settings.client_secret.get_secret_value()
        faults = Faults(self.context.source, REMEDY, secret_forms(client_id, secret), self.context.clock)
        self._session = Session(url, client_id, secret, faults)
        headers = self._session.headers()
        token = headers["Authorization"].removeprefix("Bearer ")
        faults = replace(faults, secrets=(*faults.secrets, token))
        habits = Habits(judge(faults), self._session.headers, request_budget)
        self.client = Client(url, faults, headers=headers, habits=habits)
        descriptions = Descriptions(self.client, self.context.source, self._api)
        plans = self._plans.values()
        histories = [histories_of(one.declared.object)[0][0] for one in plans if one.settings.history]
        descriptions.load([*(one.declared.object for one in plans), *histories])
        self._plans = {
            name: resolve(plan, descriptions, f"{self.where}: streams.{name}") for name, plan in self._plans.items()
        }
        return self._streams(url)

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Where the last read broke off, it is gone on with first; what changed since it began comes after that."""
        plan, desk = self._readable(stream), self._desk(stream)
        now = self.client.server_time or self.context.clock()
        if not stream.has_census:
            refuse_long_pause(f"{self.where}: stream {stream.name}", checkpoint, now)
        interrupted = Window.interrupted(checkpoint)
        if interrupted is not None:
            yield from Read(desk, plan, interrupted, self.settings.bulk_above).pages()
            checkpoint = interrupted.completed
        window = Window.after(checkpoint, self.client.server_time or self.context.clock())
        yield from Read(desk, plan, window, self.settings.bulk_above).pages()

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        """The ids of all records that are not deleted and fit `where`, up to 2,000 a request."""
        plan = self._readable(stream)
        query = select(["Id"], plan.declared.object, [plan.settings.where])
        for batch in batches(self._desk(stream), "query", query):
            yield [str(raw["Id"]) for raw in batch.raws]

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        plan = self._readable(stream)
        for start in range(0, len(keys), _FETCH_SIZE):
            ids = among(keys[start : start + _FETCH_SIZE])
            for batch in batches(self._desk(stream), "query", select(plan.paths, plan.declared.object, [ids])):
                records, rejected = plan.reading.records(batch.raws)
                if rejected:
                    raise IncompleteError(f"{self.where}: {rejected[0].record}: {rejected[0].reason}")
                yield records

    def identity(self) -> Identity | None:
        """What is missing shows where a stream is counted: nobody needs to see what nobody reads."""
        if self._session is None or not self._session.user_id.isalnum():
            return None
        query = select(["Username"], "User", [f"Id = '{self._session.user_id}'"])
        found = self.client.get_json(f"{self._api}/query", {"q": query}).get("records") or [{}]
        return Identity(str(found[0].get("Username") or self._session.user_id))

    def count(self, stream: Stream) -> int | None:
        plan = self._readable(stream)
        query = select(["COUNT()"], plan.declared.object, [plan.settings.where])
        total = self.client.get_json(f"{self._api}/query", {"q": query}).get("totalSize")
        return total if isinstance(total, int) else None

    @property
    def request_count(self) -> int:
        return super().request_count + (0 if self._session is None else self._session.request_count)

    def _streams(self, url: str) -> list[Stream]:
        return [plan.stream(url) for plan in self._plans.values()]

    def _readable(self, stream: Stream) -> Plan:
        plan = self._plans[stream.name]
        if plan.problem is not None:
            raise plan.problem
        return plan

    def _desk(self, stream: Stream) -> Desk:
        return Desk(self.client, self._api, f"{self.where}: stream {stream.name}")
