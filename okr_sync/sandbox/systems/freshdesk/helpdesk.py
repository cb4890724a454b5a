"""A stand-in for Freshdesk: the lists of tickets with their limits, and what a reader asks before them."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import DOMAIN
from okr_sync.sandbox.http import RefusedError, answer, basic_credentials
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.freshdesk.asking import LARGEST_PAGE, LAST_PAGE, Asked, read_query
from okr_sync.sandbox.systems.freshdesk.tickets import is_spam, ticket_fields, write_ticket

API_KEY = "sandbox-freshdesk"
UNASKED_DAYS = timedelta(days=30)
"""Without `updated_since`, tickets created before that are left out."""


@dataclass(frozen=True, slots=True)
class FreshdeskOptions:
    requests_per_minute: int | None = None
    """From 50 on trial to 700 at Freshdesk, less for lists of tickets; `None` for any number."""
    page_cap: int = LARGEST_PAGE
    """How many tickets a page holds at most, whatever the request says."""
    last_page: int = LAST_PAGE
    ticket_scope: int = 1
    """What the agent sees: 1 all tickets, 2 those of the agent's groups, 3 those assigned to the agent."""


class Freshdesk(System):
    """One account with one agent, who sees everything."""

    vendor = "Freshdesk"

    def __init__(self, agency: Agency, url: str, options: FreshdeskOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or FreshdeskOptions()
        self._lists: dict[str, tuple[int, list[Ticket], list[datetime]]] = {}
        self._times: deque[float] = deque()

    def variables(self) -> dict[str, str]:
        return {"FRESHDESK_URL": self.url, "FRESHDESK_DOMAIN": "agency", "FRESHDESK_API_KEY": API_KEY}

    def routes(self) -> list[Route]:
        return [
            Route("/api/v2/agents/me", self.current_agent),
            Route("/api/v2/ticket_fields", self.fields),
            Route("/api/v2/tickets", self.tickets),
        ]

    async def current_agent(self, request: Request) -> Response:
        headers = self._admit(request)
        contact = {"name": "OKR bot", "email": f"okr-bot@{DOMAIN}", "active": True, "time_zone": "Hanoi"}
        agent = {"id": 43_000_020_999, "available": True, "occasional": False, "type": "support_agent"}
        return answer({**agent, "ticket_scope": self._options.ticket_scope, "contact": contact}, headers=headers)

    async def fields(self, request: Request) -> Response:
        headers = self._admit(request)
        return answer(ticket_fields(), headers=headers)

    async def tickets(self, request: Request) -> Response:
        """One page. The link to the next one is in a header, and missing on the last page."""
        headers = self._admit(request)
        asked = read_query(request.query_params.multi_items(), self._options.last_page)
        found = self._found(asked)
        size = min(asked.per_page, self._options.page_cap)
        first = (asked.page - 1) * size
        page = found[first : first + size]
        if first + size < len(found):
            following = request.url.include_query_params(page=asked.page + 1)
            headers["Link"] = f'<{self.url}{following.path}?{following.query}>; rel="next"'
        return answer([write_ticket(one, asked.includes) for one in page], headers=headers)

    def _found(self, asked: Asked) -> list[Ticket]:
        found, times = self._by_change(asked.which)
        if asked.updated_since is not None:
            found = found[bisect_left(times, asked.updated_since.replace(microsecond=0)) :]
        else:
            oldest = self.agency.clock.now() - UNASKED_DAYS
            found = [one for one in found if one.created_at >= oldest]
        if asked.order_by != "updated_at":  # everything is due equally long after its creation
            found = sorted(found, key=lambda one: (one.created_at, one.id))
        return found[::-1] if asked.is_descending else found

    def _by_change(self, which: str) -> tuple[list[Ticket], list[datetime]]:
        """The tickets of one list in the order of their changes, and the times of these."""
        known = self._lists.get(which)
        if known is None or known[0] != self.agency.revision:
            chosen = [one for one in self.agency.tickets if _list_of(one) == which]
            chosen.sort(key=lambda one: (one.updated_at, one.id))
            known = self._lists[which] = self.agency.revision, chosen, [one.updated_at for one in chosen]
        return known[1:]

    def _admit(self, request: Request) -> dict[str, str]:
        """The headers that every answer carries. Refused requests count, too."""
        limit, now = self._options.requests_per_minute, self.agency.clock.now().timestamp()
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        if limit is not None and len(self._times) >= limit:
            wait = max(1, int(self._times[0] + 60 - now))
            raise RefusedError(
                429, {"message": "You have exceeded the limit of requests per minute"}, {"Retry-After": str(wait)}
            )
        self._times.append(now)
        credentials = basic_credentials(request)
        if credentials is None or credentials[0] != API_KEY:
            raise RefusedError(
                401, {"code": "invalid_credentials", "message": "You have to be logged in to perform this action."}
            )
        shown = 700 if limit is None else limit
        return {
            "X-RateLimit-Total": str(shown),
            "X-RateLimit-Remaining": str(max(0, shown - len(self._times))),
            "X-RateLimit-Used-CurrentRequest": "3" if "include" in request.query_params else "1",
        }


def _list_of(ticket: Ticket) -> str:
    if ticket.status == "deleted":
        return "deleted"
    return "spam" if is_spam(ticket) else ""
