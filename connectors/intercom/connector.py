"""The connector: what changed, what is still open, what was deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from connectors.intercom.deletions import deleted_since
from connectors.intercom.faults import REMEDY, budget, judge
from connectors.intercom.fields import CONVERSATIONS, conversation_reading, conversation_stream
from connectors.intercom.searching import ALL, Found, Search, changed_since, not_closed_before
from connectors.intercom.settings import IntercomSettings
from okr_sync.connector import (
    Checkpoint,
    Context,
    Identity,
    IncompleteError,
    Page,
    Record,
    Stream,
)
from okr_sync.http import Faults, RefusedError
from okr_sync.http.connector import HttpConnector

log = logging.getLogger(__name__)

LAG = timedelta(minutes=3)
"""How long a change may take to be found by search."""


class Intercom(HttpConnector):
    """Reads the conversations of one workspace."""

    Settings = IntercomSettings
    description = "Intercom: conversations with reply times, SLA and ratings"

    settings: IntercomSettings

    def __init__(self, settings: IntercomSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._reading = conversation_reading({})
        self._me: Mapping[str, Any] = {}

    def declared_streams(self) -> Sequence[Stream]:
        return [conversation_stream(None, has_census=self._has_census)]

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        token = self.settings.token.get_secret_value()
        faults = Faults(self.context.source, REMEDY, (token,), self.context.clock)
        headers = {"Authorization": f"Bearer {token}", "Intercom-Version": self.settings.api_version}
        habits = Habits(judge(faults), budget=budget)
        self.client = Client(self.settings.checked_url(self.context.source), faults, headers=headers, habits=habits)
        self._me = self.client.get_json("/me")
        teams = self.client.get_json("/teams").get("teams") or []
        self._reading = conversation_reading({str(one["id"]): str(one["name"]) for one in teams})
        return [conversation_stream(self._app_url(), has_census=self._has_census)]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """What changed since the last read, then the open rest, whose SLA may be judged without a change, then the
        deleted ones: what a search still gives is then deleted all the same.
        """
        now = self.client.server_time or self.context.clock()
        reached = {"since": None, "next_since": int((now - LAG).timestamp()), **(checkpoint or {})}
        since, next_since = reached["since"], reached["next_since"]
        for found in self._changed(reached):
            if found.cursor is not None:
                reached["cursor"] = found.cursor
            yield self._page(found, dict(reached))
        if since is not None:
            for found in self._search.pages(not_closed_before(since)):
                yield self._page(found, dict(reached))
        if not self._has_census:
            for records in deleted_since(self.client, self._where, next_since if since is None else since):
                yield Page(records, dict(reached))
        yield Page([], {"since": next_since})

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        """All ids, 150 a request."""
        for found in self._search.pages(ALL):
            yield [str(raw["id"]) for raw in found.raws]

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        for key in keys:
            try:
                raw = self.client.get_json(f"/conversations/{key}")
            except RefusedError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                continue
            records, rejected = self._reading.records([raw])
            if rejected:
                raise IncompleteError(f"{self._where}: {rejected[0].record}: {rejected[0].reason}")
            yield records

    def identity(self) -> Identity | None:
        workspace = (self._me.get("app") or {}).get("name")
        return Identity(f"{self._me.get('email')}, workspace {workspace}")

    def count(self, stream: Stream) -> int | None:
        return self._search.count(ALL)

    @property
    def _search(self) -> Search:
        return Search(self.client, self._where)

    @property
    def _where(self) -> str:
        return f"{self.where}: stream {CONVERSATIONS.name}"

    @property
    def _has_census(self) -> bool:
        return self.settings.streams.conversations.deletions == "census"

    def _changed(self, reached: Mapping[str, Any]) -> Iterator[Found]:
        """From the cursor of a read that broke off, if Intercom still takes it."""
        query = changed_since(self._start() if reached["since"] is None else reached["since"])
        if "cursor" in reached:
            try:
                yield from self._search.pages(query, reached["cursor"])
            except RefusedError as refusal:
                log.warning("%s: begins anew, for the cursor of the read before was refused: %s", self._where, refusal)
            else:
                return
        yield from self._search.pages(query)

    def _start(self) -> int:
        """The first moment of `start` in the project's zone."""
        return int(datetime.combine(self.settings.start, time.min, tzinfo=self.context.timezone).timestamp())

    def _page(self, found: Found, checkpoint: Checkpoint) -> Page:
        records, rejected = self._reading.records(found.raws)
        return Page(records, checkpoint, rejected=rejected)

    def _app_url(self) -> str | None:
        """The inbox of the workspace, for people."""
        app = self._me.get("app") or {}
        region = str(app.get("region") or "us").lower()
        host = "app.intercom.com" if region == "us" else f"app.{region}.intercom.com"
        return f"https://{host}/a/inbox/{app['id_code']}" if app.get("id_code") else None
