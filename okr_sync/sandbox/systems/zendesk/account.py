"""A stand-in for Zendesk Support: the exports of tickets and of metric events, the lists, and the account itself."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import DOMAIN
from okr_sync.sandbox.http import Account, RefusedError, answer, basic_credentials, to_json, written
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.zendesk import lists
from okr_sync.sandbox.systems.zendesk.budget import Budget
from okr_sync.sandbox.systems.zendesk.desk import holidays, schedules, ticket_fields
from okr_sync.sandbox.systems.zendesk.listings import Listings
from okr_sync.sandbox.systems.zendesk.tickets import TicketWriter, zendesk_time

ACCOUNT = Account(f"okr-bot@{DOMAIN}", "sandbox-zendesk")
LARGEST_PAGE = 1000
NEWEST_LEFT_OUT = timedelta(seconds=60)
SIDELOADS = ("users", "groups", "organizations", "metric_sets")

Position = tuple[int, int]
"""Where a reader stands: the generated timestamp and the id of the last ticket it was given."""


@dataclass(frozen=True, slots=True)
class ZendeskOptions:
    exports_per_minute: int | None = None
    """How many requests for exports an account may send in a minute: 10 at Zendesk, `None` for any number."""
    page_cap: int = LARGEST_PAGE
    """How many records a page holds at most, whatever the request says."""
    updates_cap: int = LARGEST_PAGE
    """How many updates of tickets a page of their export holds at most."""
    requests_per_minute: int = 700
    """How many requests an account may send in a minute, as its headers say. The limit is told, not enforced."""


def zendesk_error(status: int, error: str, description: str) -> RefusedError:
    return RefusedError(status, {"error": error, "description": description})


class Zendesk(System):
    """One account with one administrator."""

    vendor = "Zendesk Support"

    def __init__(self, agency: Agency, url: str, options: ZendeskOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or ZendeskOptions()
        self._writer = TicketWriter(url)
        self._exported: tuple[int, list[Ticket], list[Position]] | None = None
        self._listings = Listings(agency, url)
        self._budget = Budget(agency.clock, self._options.requests_per_minute)
        self._export_times: deque[float] = deque()

    def variables(self) -> dict[str, str]:
        return {
            "ZENDESK_URL": self.url,
            "ZENDESK_SUBDOMAIN": "agency",
            "ZENDESK_EMAIL": ACCOUNT.email,
            "ZENDESK_API_TOKEN": ACCOUNT.token,
        }

    def routes(self) -> list[Route]:
        """Each address with and without `.json`, as Zendesk has them."""
        answers = {
            "/api/v2/users/me": self.current_user,
            "/api/v2/tickets/count": self.ticket_count,
            "/api/v2/ticket_fields": self.fields,
            "/api/v2/incremental/tickets/cursor": self.export,
            "/api/v2/incremental/ticket_events": self.ticket_events,
            "/api/v2/incremental/ticket_metric_events": self.metric_events,
            "/api/v2/satisfaction_ratings": self.ratings,
            "/api/v2/satisfaction_ratings/count": self.rating_count,
            "/api/v2/business_hours/schedules": self.schedules,
            "/api/v2/business_hours/schedules/{schedule}/holidays": self.holidays,
        }
        return [
            Route(path + ending, self._budget.told(method))
            for path, method in answers.items()
            for ending in ("", ".json")
        ]

    async def current_user(self, request: Request) -> Response:
        """An anonymous request is answered too: with a user without an id."""
        if basic_credentials(request) is None:
            return answer({"user": {"id": None, "name": "Anonymous user", "email": "invalid@example.com"}})
        self._sign_in(request)
        return answer({"user": self._writer.user(20_999, "OKR bot", ACCOUNT.email, "admin")})

    async def ticket_count(self, request: Request) -> Response:
        self._sign_in(request)
        return self._count(sum(ticket.status != "deleted" for ticket in self.agency.tickets))

    async def rating_count(self, request: Request) -> Response:
        self._sign_in(request)
        return self._count(len(self._listings.ratings().records))

    async def fields(self, request: Request) -> Response:
        self._sign_in(request)
        return answer({"ticket_fields": ticket_fields(f"{self.url}/api/v2"), "next_page": None})

    async def schedules(self, request: Request) -> Response:
        self._sign_in(request)
        return answer({"schedules": schedules()})

    async def holidays(self, request: Request) -> Response:
        self._sign_in(request)
        return answer({"holidays": holidays(request.path_params["schedule"])})

    async def ratings(self, request: Request) -> Response:
        """By cursor, or the first hundred."""
        self._sign_in(request)
        sized = request.query_params if "page[size]" in request.query_params else _first_hundred(request)
        return answer(self._listings.ratings().by_cursor(sized, self._options.page_cap))

    async def ticket_events(self, request: Request) -> Response:
        self._sign_in(request)
        self._count_export()
        self._start(request.query_params.get("start_time"), None)
        told = self._listings.updates().until(self.agency.clock.now() - NEWEST_LEFT_OUT)
        return answer(told.by_time(request.query_params, self._options.updates_cap))

    async def metric_events(self, request: Request) -> Response:
        self._sign_in(request)
        self._count_export()
        query = request.query_params
        self._start(query.get("start_time"), None)
        told = self._listings.events().until(self.agency.clock.now() - NEWEST_LEFT_OUT)
        is_sized = "page[size]" in query
        return answer(told.by_cursor(query, self._options.page_cap) if is_sized else told.by_time(query))

    async def export(self, request: Request) -> Response:
        self._sign_in(request)
        self._count_export()
        query = request.query_params
        start = self._start(query.get("start_time"), query.get("cursor"))
        size = query.get("per_page", str(LARGEST_PAGE))
        if not size.isdigit() or not 1 <= int(size) <= LARGEST_PAGE:
            raise zendesk_error(400, "InvalidPaginationParameter", f"per_page must be between 1 and {LARGEST_PAGE}.")
        tickets, end, is_last = self._page(start, min(int(size), self._options.page_cap))
        if query.get("exclude_deleted") == "true":
            tickets = [ticket for ticket in tickets if ticket.status != "deleted"]
        includes = [name for name in query.get("include", "").split(",") if name in SIDELOADS]
        return written(self._written(tickets, end, includes, is_last=is_last))

    def _count(self, value: int) -> Response:
        return answer({"count": {"value": value, "refreshed_at": zendesk_time(self.agency.clock.now())}})

    def _page(self, start: Position, size: int) -> tuple[list[Ticket], Position, bool]:
        """The tickets after `start`, where the last of them stands, and whether there are no more by now."""
        tickets, positions = self._in_export_order()
        newest = int((self.agency.clock.now() - NEWEST_LEFT_OUT).timestamp())
        stop = bisect_right(positions, (newest, 1 << 62))
        first = bisect_right(positions, start)
        last = min(first + size, stop)
        page = tickets[first:last]
        return page, positions[last - 1] if page else start, last >= stop

    def _in_export_order(self) -> tuple[list[Ticket], list[Position]]:
        revision = self.agency.revision
        if self._exported is None or self._exported[0] != revision:
            tickets = sorted(self.agency.tickets, key=_position)
            self._exported = revision, tickets, [_position(ticket) for ticket in tickets]
        return self._exported[1:]

    def _written(self, tickets: list[Ticket], end: Position, includes: list[str], *, is_last: bool) -> str:
        cursor = _cursor(end)
        url = f"{self.url}/api/v2/incremental/tickets/cursor.json?cursor={cursor}"
        parts = [f'"tickets":[{",".join(map(self._writer.ticket, tickets))}]']
        parts += [f'"{name}":{self._sideload(name, tickets)}' for name in includes]
        parts += [
            f'"after_url":"{url}","after_cursor":"{cursor}","before_url":null,"before_cursor":null',
            f'"end_of_stream":{"true" if is_last else "false"}',
        ]
        return f"{{{','.join(parts)}}}"

    def _sideload(self, name: str, tickets: list[Ticket]) -> str:
        if name == "metric_sets":
            return f"[{','.join(map(self._writer.metric_set, tickets))}]"
        if name == "users":
            return to_json(self._writer.users(tickets))
        return to_json(self._writer.groups(tickets) if name == "groups" else self._writer.organizations(tickets))

    def _start(self, start_time: str | None, cursor: str | None) -> Position:
        if cursor is not None:
            return _read_cursor(cursor)
        if start_time is None or not start_time.isdigit():
            raise zendesk_error(400, "InvalidValue", "start_time must be a number of seconds since 1970.")
        if int(start_time) > (self.agency.clock.now() - NEWEST_LEFT_OUT).timestamp():
            raise zendesk_error(
                422, "StartTimeTooRecent", "Too recent start_time. Use a start_time older than 60 seconds."
            )
        return int(start_time), 0

    def _count_export(self) -> None:
        """Refuses the request that is one too many within a minute of the agency's clock."""
        limit, now = self._options.exports_per_minute, self.agency.clock.now().timestamp()
        while self._export_times and self._export_times[0] <= now - 60:
            self._export_times.popleft()
        if limit is not None and len(self._export_times) >= limit:
            wait = max(1, int(self._export_times[0] + 60 - now))
            raise RefusedError(
                429,
                {
                    "error": "APIRateLimitExceeded",
                    "description": "Number of allowed incremental ticket export API requests per minute exceeded",
                },
                {"Retry-After": str(wait)},
            )
        self._export_times.append(now)

    def _sign_in(self, request: Request) -> None:
        if basic_credentials(request) != (f"{ACCOUNT.email}/token", ACCOUNT.token):
            raise RefusedError(401, {"error": "Couldn't authenticate you"})


def _first_hundred(request: Request) -> QueryParams:
    return QueryParams([*request.query_params.multi_items(), ("page[size]", str(lists.LARGEST_PAGE))])


def _position(ticket: Ticket) -> Position:
    return int(ticket.generated_at.timestamp()), ticket.id


def _cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(f"{position[0]}.0||{position[1]}|".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Position:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        timestamp, ticket_id = text.removesuffix("|").split(".0||")
        return int(timestamp), int(ticket_id)
    except (binascii.Error, ValueError):
        raise zendesk_error(400, "InvalidCursor", "The cursor is not valid.") from None
