"""A stand-in for Better Stack Uptime: the monitors of clients' sites, and the times during which they were down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENT_OF, CLIENTS, Client
from okr_sync.sandbox.http import Json, RefusedError, answer
from okr_sync.sandbox.records import Outage
from okr_sync.sandbox.system import System

TOKEN = "sandbox-betterstack"  # noqa: S105 - signs in to nothing but this
API = "/api/v2"
DEFAULT_PAGE = 20
LARGEST_PAGE = 50
FIRST_MONITOR_ID = 2_000_001


@dataclass(frozen=True, slots=True)
class BetterStackOptions:
    page_cap: int = LARGEST_PAGE
    """How many records a page holds at most, whatever the request says."""


class BetterStack(System):
    """One team."""

    vendor = "Better Stack Uptime"

    def __init__(self, agency: Agency, url: str, options: BetterStackOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or BetterStackOptions()
        self._incidents: tuple[int, list[Json]] | None = None

    def variables(self) -> dict[str, str]:
        return {"BETTERSTACK_URL": f"{self.url}{API}", "BETTERSTACK_TOKEN": TOKEN}

    def routes(self) -> Sequence[Route]:
        return [Route(f"{API}/monitors", self.monitors), Route(f"{API}/incidents", self.incidents)]

    async def monitors(self, request: Request) -> Response:
        return self._page(request, "monitors", [self._monitor(one) for one in CLIENTS])

    async def incidents(self, request: Request) -> Response:
        """Newest first."""
        if self._incidents is None or self._incidents[0] != self.agency.revision:
            newest = sorted(self.agency.outages.all, key=lambda one: (one.started_at, one.id), reverse=True)
            self._incidents = self.agency.revision, [_incident(one) for one in newest]
        return self._page(request, "incidents", self._incidents[1])

    def _page(self, request: Request, path: str, records: Sequence[Json]) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise RefusedError(401, {"errors": "Invalid Team API token."})
        number = int(request.query_params.get("page", "1"))
        asked = int(request.query_params.get("per_page", str(DEFAULT_PAGE)))
        size = min(asked, LARGEST_PAGE, self._options.page_cap)
        last = max(1, -(-len(records) // size))

        def link(page: int) -> str | None:
            return f"{self.url}{API}/{path}?page={page}&per_page={asked}" if 1 <= page <= last else None

        pagination = {"first": link(1), "last": link(last), "prev": link(number - 1), "next": link(number + 1)}
        return answer({"data": records[(number - 1) * size : number * size], "pagination": pagination})

    def _monitor(self, client: Client) -> Json:
        own = [one for one in self.agency.outages.all if one.client == client.tag]
        is_down = any(one.ended_at is None for one in own)
        attributes: Json = {
            "url": _site(client),
            "pronounceable_name": client.name,
            "monitor_type": "status",
            "status": "down" if is_down else "up",
            "last_checked_at": _time(self.agency.clock.now()),
            "created_at": "2026-01-05T02:00:00.000Z",
            "updated_at": _time(max((one.updated_at for one in own), default=None)) or "2026-01-05T02:00:00.000Z",
            "paused_at": None,
        }
        return {"id": str(_monitor_id(client)), "type": "monitor", "attributes": attributes}


def _incident(outage: Outage) -> Json:
    client = CLIENT_OF[outage.client]
    attributes: Json = {
        "name": client.name,
        "url": _site(client),
        "cause": "Status 503",
        "started_at": _time(outage.started_at),
        "acknowledged_at": None,
        "resolved_at": _time(outage.ended_at),
    }
    monitor = {"data": {"id": str(_monitor_id(client)), "type": "monitor"}}
    return {
        "id": str(outage.id),
        "type": "incident",
        "attributes": attributes,
        "relationships": {"monitor": monitor},
    }


def _monitor_id(client: Client) -> int:
    return FIRST_MONITOR_ID + CLIENTS.index(client)


def _site(client: Client) -> str:
    return f"https://{client.tag.replace('_', '-')}.example"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
