"""The connector: reads what the settings declare, page by page, and trusts no page to be the last without a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.http.answers import records_of, total_of
from connectors.http.fields import Raw, reading_of
from connectors.http.paging import MisplacedError, Position, Seen, first_position, next_position
from connectors.http.settings import HttpSettings, filled
from connectors.http.sign_in import SignIn, secrets_of, sign_in
from connectors.http.stream import Cursor, StreamDeclaration
from connectors.http.tally import Tally
from okr_sync.connector import Checkpoint, Context, IncompleteError, Page, SettingsError, Stream
from okr_sync.http import READ_SECONDS, Faults, PageGuard, checked_address
from okr_sync.http.columns import Reading
from okr_sync.http.connector import HttpConnector

_REMEDY = "check auth of the source: whether the credentials are right, still valid, and may read this address"
_CSV = ("text/csv", "text/plain", "application/csv", "application/octet-stream")


class Http(HttpConnector):
    """Reads an API that the project declares, or that is ready-made by name."""

    Settings = HttpSettings
    description = "Any JSON or CSV API, declared in YAML; ready-made: Better Stack, Statuspage, PostHog, Stripe, GA4"

    settings: HttpSettings

    def __init__(self, settings: HttpSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._sign_in = SignIn()

    def declared_streams(self) -> Sequence[Stream]:
        return [self._stream(name, one) for name, one in self.settings.declarations.items()]

    def connect(self) -> Sequence[Stream]:
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.base_url, "https://api.example.org/v1")
        for name, one in self.settings.declarations.items():
            self._zone(name, one)
        faults = Faults(
            self.context.source, self.settings.remedy or _REMEDY, secrets_of(self.settings.auth), self.context.clock
        )
        self._sign_in = sign_in(self.context.source, self.settings.auth, faults)
        faults = replace(faults, secrets=(*faults.secrets, *self._sign_in.tokens))
        wait = self.settings.read_timeout
        self.client = Client(
            url,
            faults,
            auth=self._sign_in.basic,
            headers={**self.settings.all_headers, **self._sign_in.headers},
            read_seconds=READ_SECONDS if wait is None else wait.total_seconds(),
            habits=Habits(renew=self._sign_in.renew),
        )
        if self.settings.checking_path is not None:
            self.client.get_any(self.settings.checking_path, self._sign_in.params)
        return self.declared_streams()

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """The pages in their order. Of changes, the next read begins before the API's clock at the first page."""
        declaration = self.settings.declarations[stream.name]
        cursor, zone = declaration.cursor or Cursor(), self._zone(stream.name, declaration)
        begins_at = cursor.begins_at(zone)
        if checkpoint is not None and "since" in checkpoint:
            begins_at = datetime.fromisoformat(checkpoint["since"])
        before = {"since": begins_at.isoformat()}
        reading = self._reading(stream.name, declaration)
        after: dict[str, str] | None = None
        for page, is_last in self._pages(stream.name, declaration, cursor.written(begins_at, zone)):
            if after is None:
                now = self.client.server_time or self.context.clock()
                after = {"since": max(begins_at, now - cursor.lag - cursor.overlap).isoformat()}
            records, rejected = reading.records(page.records)
            yield Page(records, after if is_last else before, page.total, rejected)

    def count(self, stream: Stream) -> int | None:
        """The first page is asked for in any case: an address that does not answer shows here."""
        declaration = self.settings.declarations[stream.name]
        zone = self._zone(stream.name, declaration)
        since = (declaration.cursor or Cursor()).written(self.context.clock(), zone)
        page = self._page(stream.name, declaration, since, first_position(declaration.paging), 0)
        return page.total if not declaration.is_by_changes else None

    def _pages(self, name: str, declaration: StreamDeclaration, since: str) -> Iterator[tuple[Seen, bool]]:
        """Every page, and whether it is the last."""
        where = self._named(name)
        guard = PageGuard(where)
        position: Position | None = first_position(declaration.paging)
        read_count, before = 0, ""
        tally = Tally(where, declaration)
        while position is not None:
            page = self._page(name, declaration, since, position, read_count)
            print_of_page = _digest(page.records)
            if page.records and print_of_page == before:
                raise IncompleteError(
                    f"{where}: two pages in a row are the same; is its paging declared as the API has it?"
                )
            before, read_count = print_of_page, page.read_count
            tally.add(page)
            try:
                position = next_position(declaration.paging, page)
            except MisplacedError as error:
                raise IncompleteError(f"{where}: {error}") from None
            if position is not None:
                guard.check(position.token, len(page.records))
            else:
                tally.refuse_gaps(page)
            yield page, position is None

    def _page(self, name: str, declaration: StreamDeclaration, since: str, position: Position, read_count: int) -> Seen:
        path = position.address or filled(declaration.path, {**self.settings.values, "since": since})
        content, headers = self._answer(declaration, path, since, position)
        where = self._named(name)
        records = records_of(where, declaration, content, is_first=read_count == 0)
        here = Position(position.params, str(self.client.url_of(path)))
        total = total_of(where, declaration, content)
        return Seen(here, content, headers, records, read_count + len(records), total)

    def _answer(
        self, declaration: StreamDeclaration, path: str, since: str, position: Position
    ) -> tuple[Any, Mapping[str, str]]:
        values = {**self.settings.values, "since": since}
        params = {} if position.address else filled(declaration.params, values)
        params = {name: str(one).lower() if isinstance(one, bool) else one for name, one in params.items()}
        params |= self._sign_in.params
        if declaration.method == "POST":
            body = {**filled(declaration.body or {}, values), **position.params}
            reply = self.client.post(path, body, params or None)
        elif declaration.format == "csv":
            reply = self.client.get_text(path, {**params, **position.params} or None, kinds=_CSV)
        else:
            reply = self.client.get_any(path, {**params, **position.params} or None)
        return reply.body, reply.headers

    def _stream(self, name: str, one: StreamDeclaration) -> Stream:
        return Stream(
            name=name,
            fields=self._reading(name, one).fields,
            key=one.keys,
            version_at=one.version_at,
            created_at=one.created_at,
            is_full_read=not one.is_by_changes,
            link=one.link,
            description=one.description or f"What {one.path} answers with",
        )

    def _reading(self, name: str, declaration: StreamDeclaration) -> Reading[Raw]:
        return reading_of(declaration, self._zone(name, declaration))

    def _zone(self, name: str, declaration: StreamDeclaration) -> ZoneInfo | None:
        if declaration.timezone in (None, "project"):
            return self.context.timezone if declaration.timezone else None
        try:
            return ZoneInfo(str(declaration.timezone))
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingsError(
                f"{self._named(name)}: timezone {declaration.timezone!r} is none; write one such as Asia/Ho_Chi_Minh"
            ) from None

    def _named(self, name: str) -> str:
        return f"{self.where}: stream {name}"


def _digest(records: Sequence[Raw]) -> str:
    return hashlib.sha256(json.dumps(records, sort_keys=True, default=str).encode()).hexdigest()
