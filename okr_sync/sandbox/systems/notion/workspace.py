"""A stand-in for Notion: data sources, their rows, and the whole values of single properties, as of 2025-09-03."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json, answer
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.notion.entries import Book, Entry
from okr_sync.sandbox.systems.notion.errors import invalid, not_found, notion_error
from okr_sync.sandbox.systems.notion.query import LARGEST_PAGE, Found, Query, find, page_of, read_query
from okr_sync.sandbox.systems.notion.schema import DATABASES, SOURCES, DataSource, Property
from okr_sync.sandbox.systems.notion.writing import BOT_ID, Writer, property_items

TOKEN = "ntn_sandbox0notion"  # noqa: S105 - of the sandbox alone
VERSION = "2025-09-03"
_OLD_VERSIONS = ("2021-05-13", "2021-08-16", "2022-02-22", "2022-06-28")
ROW_CAP = 10_000
_LISTED = ("title", "rich_text", "people", "relation", "rollup")
"""The types whose values the address of a single property gives as a list."""
_KEPT_SEARCHES = 8


@dataclass(frozen=True, slots=True)
class NotionOptions:
    page_cap: int = LARGEST_PAGE
    """How many rows a page holds at most, whatever the request says."""
    row_cap: int = ROW_CAP
    """How many rows one query gives at most."""
    item_cap: int = LARGEST_PAGE
    """How many items of a property a page holds at most."""
    lag: timedelta = timedelta()
    """How long queries do not find what is new, or edited."""
    tells_more: bool = True
    """Whether a relation that is cut says so."""
    is_trash_stamped: bool = True
    """Whether a row that goes to the trash counts as edited then."""
    unshared: frozenset[str] = frozenset()
    """The data sources that the integration does not see."""
    names: Mapping[str, str] = field(default_factory=dict)
    """New names of properties, by their ids."""


class Notion(System):
    """One workspace with one internal integration."""

    vendor = "Notion"

    def __init__(self, agency: Agency, url: str, options: NotionOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or NotionOptions()
        self._writer: tuple[int, Writer] | None = None
        self._searches: dict[tuple[int, datetime | None, str, str], Found] = {}

    def variables(self) -> dict[str, str]:
        return {"NOTION_TOKEN": TOKEN, "NOTION_URL": self.url}

    def routes(self) -> list[Route]:
        return [
            Route("/v1/users/me", self.bot_user),
            Route("/v1/databases/{id}", self.database),
            Route("/v1/data_sources/{id}", self.data_source),
            Route("/v1/data_sources/{id}/query", self.rows, methods=["POST"]),
            Route("/v1/pages/{id}", self.page),
            Route("/v1/pages/{id}/properties/{property:path}", self.property_item),
            Route("/{path:path}", self.nothing, methods=["GET", "POST", "PATCH", "DELETE"]),
        ]

    async def bot_user(self, request: Request) -> Response:
        _sign_in(request)
        owner = {"type": "workspace", "workspace": True}
        bot = {"owner": owner, "workspace_name": "Agency", "workspace_limits": {"max_file_upload_size_in_bytes": 5}}
        user = {"object": "user", "id": BOT_ID, "name": "OKR bot", "avatar_url": None, "type": "bot", "bot": bot}
        return answer(user)

    async def database(self, request: Request) -> Response:
        _sign_in(request)
        wanted = _id(request)
        written = self.writer.database(wanted) if wanted in DATABASES else None
        if written is None or not written["data_sources"]:
            raise not_found("database", wanted)
        return answer(written)

    async def data_source(self, request: Request) -> Response:
        _sign_in(request)
        return answer(self.writer.data_source(self._source(request)))

    async def rows(self, request: Request) -> Response:
        _sign_in(request)
        source = self._source(request)
        properties = self.writer.properties(source)
        wanted = request.query_params.getlist("filter_properties")
        unknown = set(wanted) - {one.id for one in properties}
        if unknown:
            raise invalid(f"No property of this data source has the ID {min(unknown)!r}.")
        query = read_query(await request.body(), {text for one in properties for text in (one.id, one.name)})
        found = self._found(query, source)
        page, cursor, is_cut = page_of(query, found, self._options.page_cap, self._options.row_cap)
        status: Json = {"type": "complete"}
        if is_cut:
            status = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
        return answer(
            {
                "object": "list",
                "results": [self.writer.page(one, wanted, tells_more=self._options.tells_more) for one in page],
                "next_cursor": cursor,
                "has_more": cursor is not None,
                "type": "page_or_data_source",
                "page_or_data_source": {},
                "request_status": status,
            }
        )

    async def page(self, request: Request) -> Response:
        _sign_in(request)
        return answer(self.writer.page(self._entry(request), tells_more=self._options.tells_more))

    async def property_item(self, request: Request) -> Response:
        _sign_in(request)
        entry = self._entry(request)
        wanted = request.path_params["property"]  # decoded once, as everything in a path
        one = next((p for p in self.writer.properties(SOURCES[entry.source_id]) if p.id == wanted), None)
        if one is None:
            raise not_found("property", wanted)
        if one.kind not in _LISTED:
            return answer({"object": "property_item", **self.writer.value(one, entry, None)})
        return answer(self._items(request, one, entry))

    async def nothing(self, request: Request) -> Response:
        _sign_in(request)
        raise notion_error(400, "invalid_request_url", "Invalid request URL.")

    @property
    def writer(self) -> Writer:
        """Made anew when the agency has changed."""
        revision = self.agency.revision
        if self._writer is None or self._writer[0] != revision:
            book = Book(self.agency, is_trash_stamped=self._options.is_trash_stamped)
            self._writer = revision, Writer(book, self._options.unshared, self._options.names)
        return self._writer[1]

    def _items(self, request: Request, one: Property, entry: Entry) -> Json:
        items = property_items(self.writer, one, entry)
        size = _page_size(request.query_params.get("page_size"))
        first = _offset(request.query_params.get("start_cursor"))
        last = first + min(size, self._options.item_cap)
        cursor = _cursor(last) if last < len(items) else None
        address = f"{self.url}/v1/pages/{entry.id}/properties/{one.encoded_id}"
        described: Json = {
            "id": one.encoded_id,
            "next_url": None if cursor is None else f"{address}?start_cursor={cursor}",
            "type": one.kind,
            one.kind: {},
        }
        if one.kind == "rollup":
            described["rollup"] = self._rollup_so_far(one, entry, is_whole=cursor is None)
        return {
            "object": "list",
            "results": items[first:last],
            "next_cursor": cursor,
            "has_more": cursor is not None,
            "type": "property_item",
            "property_item": described,
        }

    def _rollup_so_far(self, one: Property, entry: Entry, *, is_whole: bool) -> Json:
        function = one.config["function"]
        if function == "show_original":
            return {"type": "array", "array": [], "function": function}
        if not is_whole:
            return {"type": "incomplete", "incomplete": {}, "function": function}
        return self.writer.rollup(one, entry, None)

    def _found(self, query: Query, source: DataSource) -> Found:
        """What a query finds, kept for its next page."""
        lag = self._options.lag
        visible_until = self.agency.clock.now() - lag if lag else None
        key = (self.agency.revision, visible_until, source.id, query.digest)
        if key not in self._searches:
            if len(self._searches) >= _KEPT_SEARCHES:
                del self._searches[next(iter(self._searches))]
            rows = self.writer.book.rows[source.id]
            if visible_until is not None:
                rows = [one for one in rows if one.edited_at <= visible_until]
            self._searches[key] = find(query, rows)
        return self._searches[key]

    def _source(self, request: Request) -> DataSource:
        wanted = _id(request)
        if wanted not in SOURCES or wanted in self._options.unshared:
            raise not_found("data_source", wanted)
        return SOURCES[wanted]

    def _entry(self, request: Request) -> Entry:
        wanted = _id(request)
        entry = self.writer.book.by_id.get(wanted)
        if entry is None or entry.source_id in self._options.unshared:
            raise not_found("page", wanted)
        return entry


def _sign_in(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        raise notion_error(401, "unauthorized", "API token is invalid.")
    version = request.headers.get("notion-version")
    if version is None:
        raise notion_error(400, "missing_version", "The Notion-Version header is missing.")
    if version in _OLD_VERSIONS:
        raise notion_error(400, "invalid_request_url", f"Version {version} knows no data sources.")
    if version != VERSION:
        raise invalid(f"Notion-Version header should be {VERSION}, instead was {version!r}.")


def _id(request: Request) -> str:
    text = request.path_params["id"]
    try:
        return str(UUID(text))
    except ValueError:
        raise invalid(f"The ID in the path should be a valid uuid, instead was {text!r}.") from None


def _page_size(text: str | None) -> int:
    if text is None:
        return LARGEST_PAGE
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PAGE:
        raise invalid(f"page_size should be between 1 and {LARGEST_PAGE}, instead was {text!r}.")
    return int(text)


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"item {offset}".encode()).decode()


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("item "))
    except (binascii.Error, ValueError):
        raise invalid(f"start_cursor should be a valid cursor, instead was {cursor!r}.") from None
