"""A stand-in for Intercom: search of conversations, the list of deleted ones, and what a reader asks before it."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import DOMAIN
from okr_sync.sandbox.http import Json, answer
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.intercom.conversations import (
    conversation_id,
    epoch,
    teams,
    ticket_id_of,
    write_conversation,
)
from okr_sync.sandbox.systems.intercom.searching import (
    LARGEST_PAGE,
    Asked,
    Found,
    cursor_of,
    intercom_error,
    position,
    read_search,
)

TOKEN = "sandbox-intercom"  # noqa: S105 - of the stand-in
NEWEST_VERSION = (2, 16)
OLDEST_VERSION = (1, 0)
LISTS_DELETIONS_SINCE = (2, 16)
_LARGEST_DELETED_PAGE = 60


@dataclass(frozen=True, slots=True)
class IntercomOptions:
    page_cap: int = LARGEST_PAGE
    """How many conversations a page holds at most, whatever the request says."""
    index_lag: timedelta = timedelta(seconds=60)
    """How long a change takes to be found by search."""
    sla_lag: timedelta = timedelta()
    """How long after the reply an SLA is judged, without a change of the conversation."""
    requests_per_10_seconds: int | None = None
    """1,666 at Intercom; `None` for any number."""


class Intercom(System):
    """One workspace in the region `us`, and one app that may read it."""

    vendor = "Intercom"

    def __init__(self, agency: Agency, url: str, options: IntercomOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or IntercomOptions()
        self._sorted: tuple[int, list[Ticket]] | None = None
        self._result: tuple[tuple[int, datetime, str], Found] | None = None
        self._times: deque[float] = deque()

    def variables(self) -> dict[str, str]:
        return {"INTERCOM_URL": self.url, "INTERCOM_REGION": "us", "INTERCOM_TOKEN": TOKEN}

    def routes(self) -> list[Route]:
        return [
            Route("/me", self.current_admin),
            Route("/teams", self.teams),
            Route("/conversations/search", self.found_conversations, methods=["POST"]),
            Route("/conversations/deleted", self.deleted_conversations),
            Route("/conversations/{id}", self.conversation),
        ]

    async def current_admin(self, request: Request) -> Response:
        headers, _ = self._admit(request)
        app = {"type": "app", "id_code": "agency01", "name": "Agency", "region": "US", "timezone": "Asia/Bangkok"}
        admin = {"type": "admin", "id": "20999", "email": f"okr-bot@{DOMAIN}", "name": "OKR bot", "app": app}
        return answer({**admin, "email_verified": True, "has_inbox_seat": False}, headers=headers)

    async def teams(self, request: Request) -> Response:
        headers, _ = self._admit(request)
        return answer({"type": "team.list", "teams": teams()}, headers=headers)

    async def found_conversations(self, request: Request) -> Response:
        headers, _ = self._admit(request)
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise intercom_error(400, "bad_request", "the body is no JSON") from None
        asked = read_search(body)
        return answer(self._written(self._found(asked, json.dumps(body["query"])), asked), headers=headers)

    async def deleted_conversations(self, request: Request) -> Response:
        """Newest first. The address of the next page is given, unlike in a search."""
        headers, version = self._admit(request)
        if version < LISTS_DELETIONS_SINCE:
            raise intercom_error(
                400, "intercom_version_invalid", "Requested resource is not available in current API version."
            )
        query = request.query_params
        page, size = int(query.get("page", 1)), int(query.get("per_page", 20))
        if page < 1 or not 1 <= size <= _LARGEST_DELETED_PAGE:
            raise intercom_error(400, "parameter_invalid", "page or per_page is out of range")
        deleted = [ticket for ticket in self.agency.tickets if ticket.status == "deleted"]
        deleted.sort(key=lambda ticket: (ticket.updated_at, ticket.id), reverse=query.get("order", "desc") == "desc")
        pages = max(1, -(-len(deleted) // size))
        following = f"{self.url}/conversations/deleted?per_page={size}&page={page + 1}" if page < pages else None
        paging = {"type": "pages", "page": page, "next": following, "per_page": size, "total_pages": pages}
        listed = [_deleted(ticket) for ticket in deleted[(page - 1) * size : page * size]]
        content = {"type": "conversations.list", "conversations": listed, "total_count": len(deleted), "pages": paging}
        return answer(content, headers=headers)

    async def conversation(self, request: Request) -> Response:
        headers, _ = self._admit(request)
        wanted = ticket_id_of(request.path_params["id"])
        found = next((one for one in self.agency.tickets if one.id == wanted and one.status != "deleted"), None)
        if found is None:
            raise intercom_error(404, "not_found", "Resource Not Found")
        return answer(self._write(found), headers=headers)

    def _written(self, found: Found, asked: Asked) -> Json:
        size, count = min(asked.per_page, self._options.page_cap), len(found.tickets)
        place = found.place_behind(asked.after, is_ascending=asked.is_ascending)
        tickets = found.tickets if asked.is_ascending else found.tickets[::-1]
        page = tickets[place : place + size]
        paging: Json = {
            "type": "pages",
            "page": place // size + 1,
            "per_page": size,
            "total_pages": -(-count // size),
        }
        if place + size < count:
            paging["next"] = {"per_page": size, "starting_after": cursor_of(page[-1])}
        conversations = [self._write(one) for one in page]
        return {"type": "conversation.list", "pages": paging, "total_count": count, "conversations": conversations}

    def _write(self, ticket: Ticket) -> Json:
        return write_conversation(ticket, self.agency.clock.now(), self._options.sla_lag)

    def _found(self, asked: Asked, query: str) -> Found:
        """Whatever fits, but for the newest changes. The pages of one search are cut from one result."""
        newest = self.agency.clock.now() - self._options.index_lag
        key = self.agency.revision, newest, query
        if self._result is None or self._result[0] != key:
            indexed = (one for one in self._present() if one.updated_at <= newest)
            self._result = key, Found([one for one in indexed if asked.test(one)])
        return self._result[1]

    def _present(self) -> list[Ticket]:
        """In the order of their changes."""
        if self._sorted is None or self._sorted[0] != self.agency.revision:
            present = [ticket for ticket in self.agency.tickets if ticket.status != "deleted"]
            self._sorted = self.agency.revision, sorted(present, key=position)
        return self._sorted[1]

    def _admit(self, request: Request) -> tuple[dict[str, str], tuple[int, int]]:
        """The headers that every answer carries, and the version of the API."""
        headers = self._count()
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise intercom_error(401, "unauthorized", "Access Token Invalid")
        written = request.headers.get("intercom-version", "2.10")
        major, _, minor = written.partition(".")
        version = (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)
        if not OLDEST_VERSION <= version <= NEWEST_VERSION:
            raise intercom_error(400, "intercom_version_invalid", "The requested version could not be found")
        return headers, version

    def _count(self) -> dict[str, str]:
        """Refuses the request that is one too many within ten seconds, without saying how long to wait."""
        limit, now = self._options.requests_per_10_seconds, self.agency.clock.now().timestamp()
        while self._times and self._times[0] <= now - 10:
            self._times.popleft()
        shown = 1666 if limit is None else limit
        resets_at = int((self._times[0] if self._times else now) + 10)
        headers = {"X-RateLimit-Limit": str(shown), "X-RateLimit-Reset": str(resets_at)}
        if limit is not None and len(self._times) >= limit:
            raise intercom_error(
                429, "rate_limit_exceeded", "Exceeded rate limit", {**headers, "X-RateLimit-Remaining": "0"}
            )
        self._times.append(now)
        return {**headers, "X-RateLimit-Remaining": str(max(0, shown - len(self._times)))}


def _deleted(ticket: Ticket) -> Json:
    return {
        "type": "conversation",
        "id": conversation_id(ticket.id),
        "metrics_retained": False,
        "deleted_at": epoch(ticket.updated_at),
    }
