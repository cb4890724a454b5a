"""A stand-in for Asana: one workspace, seen by the token of a bot."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json, answer
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.asana.answers import LARGEST_PAGE, Pages, error, shown, wishes
from okr_sync.sandbox.systems.asana.goals import goals
from okr_sync.sandbox.systems.asana.objects import BOT, BOT_EMAIL, CUSTOM_FIELDS, PLACES, WORKSPACE
from okr_sync.sandbox.systems.asana.projects import PORTFOLIOS, portfolio, project
from okr_sync.sandbox.systems.asana.tasks import Tasks, task

TOKEN = "2/1201000000020999/sandbox-asana"  # noqa: S105 - opens nothing but the sandbox
_API = "/api/1.0"
_FILTERS = ("project", "tag", "section", "user_task_list", "assignee")
_FOREVER = datetime(1970, 1, 1, tzinfo=UTC)

Method = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class AsanaOptions:
    page_cap: int = LARGEST_PAGE
    """How many objects a page holds at most, whatever the request says."""
    offset_life: timedelta = timedelta(minutes=10)
    """How long the place in a list is remembered. Asana does not say; a quarter of an hour has been too long."""
    is_paid: bool = True
    """Without, there are neither goals nor portfolios nor custom fields."""
    requests_per_minute: int | None = None
    """150 for a free workspace, 1,500 for a paid one; `None` for any number."""


class Asana(System):
    """Unknown parameters are passed over, as Asana does."""

    vendor = "Asana"

    def __init__(self, agency: Agency, url: str, options: AsanaOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or AsanaOptions()
        self._tasks = Tasks(agency)
        self._request_times: deque[datetime] = deque()

    def variables(self) -> dict[str, str]:
        return {"ASANA_URL": self.url, "ASANA_TOKEN": TOKEN}

    def routes(self) -> Sequence[Route]:
        methods: dict[str, Method] = {
            "/users/me": self.me,
            "/workspaces": self.workspaces,
            "/workspaces/{workspace}/projects": self.projects,
            "/workspaces/{workspace}/custom_fields": self.custom_fields,
            "/custom_fields/{gid}": self.custom_field,
            "/projects/{gid}": self.project,
            "/tasks": self.tasks,
            "/portfolios": self.portfolios,
            "/portfolios/{gid}/items": self.portfolio_items,
            "/goals": self.goals,
            "/{rest:path}": self.nowhere,
        }
        return [Route(f"{_API}{path}", self._guarded(method)) for path, method in methods.items()]

    async def me(self, request: Request) -> Response:
        return _one(request, BOT | {"email": BOT_EMAIL, "workspaces": [WORKSPACE]})

    async def workspaces(self, request: Request) -> Response:
        return self._list(request, [WORKSPACE])

    async def projects(self, request: Request) -> Response:
        """None is archived."""
        _refuse_stranger(request.path_params["workspace"])
        if request.query_params.get("archived") == "true":
            return self._list(request, [])
        return self._list(request, [project(one, self.agency, self._tasks, self.url) for one in PLACES])

    async def project(self, request: Request) -> Response:
        place = next((one for one in PLACES if one.gid == request.path_params["gid"]), None)
        if place is None:
            raise error(404, f"project: Unknown object: {request.path_params['gid']}")
        return _one(request, project(place, self.agency, self._tasks, self.url))

    async def tasks(self, request: Request) -> Response:
        query = request.query_params
        if sum(name in query for name in _FILTERS) != 1:
            raise error(
                400, "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
            )
        gid = query.get("project", "")
        if all(one.gid != gid for one in PLACES):
            raise error(404 if gid.isdecimal() else 400, f"project: {_unfound(gid)}")
        modified, completed = (_moment(query, name) for name in ("modified_since", "completed_since"))
        found = [
            one
            for one in self._tasks.of_project(gid)
            if one.updated_at >= modified and (one.resolved_at is None or one.resolved_at >= completed)
        ]
        return self._list(request, found, [one.id for one in found])

    async def custom_fields(self, request: Request) -> Response:
        self._refuse_unpaid("Custom Fields")
        _refuse_stranger(request.path_params["workspace"])
        return self._list(request, [one.definition for one in CUSTOM_FIELDS if one.is_shared])

    async def custom_field(self, request: Request) -> Response:
        self._refuse_unpaid("Custom Fields")
        found = next((one for one in CUSTOM_FIELDS if one.gid == request.path_params["gid"]), None)
        if found is None:
            raise error(404, f"custom_field: Unknown object: {request.path_params['gid']}")
        return _one(request, found.definition)

    async def portfolios(self, request: Request) -> Response:
        self._refuse_unpaid("Portfolios")
        if "workspace" not in request.query_params:
            raise error(400, "workspace: Missing input")
        return self._list(request, [portfolio(gid, self.url) for gid in PORTFOLIOS])

    async def portfolio_items(self, request: Request) -> Response:
        self._refuse_unpaid("Portfolios")
        gid = request.path_params["gid"]
        if gid not in PORTFOLIOS:
            raise error(404, f"portfolio: Unknown object: {gid}")
        return self._list(request, [one.reference for one in PORTFOLIOS[gid][1]])

    async def goals(self, request: Request) -> Response:
        self._refuse_unpaid("Goals")
        return self._list(request, list(goals(self.agency)))

    async def nowhere(self, _: Request) -> Response:
        raise error(404, "No matching route for request")

    def _list(self, request: Request, things: Sequence[Any], keys: Iterable[int] | None = None) -> Response:
        """In the order of their ids. Issues become tasks only once they are on the page."""
        ordered = things if keys is not None else sorted(things, key=lambda one: int(one["gid"]))
        known = list(keys) if keys is not None else [int(one["gid"]) for one in ordered]
        pages = Pages(self.url, self.agency.clock.now(), self._options.offset_life, self._options.page_cap)
        path = request.url.path.removeprefix(_API)
        page = pages.page(path, dict(request.query_params), ordered, known)
        asked = wishes(request.query_params.get("opt_fields", ""))
        data = [shown(task(one, self.url) if isinstance(one, Issue) else one, asked) for one in page.things]
        is_paged = "limit" in request.query_params
        return answer({"data": data, "next_page": page.following} if is_paged else {"data": data})

    def _guarded(self, method: Method) -> Method:
        async def guarded(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                raise error(401, "Not Authorized")
            self._count_request()
            return await method(request)

        return guarded

    def _count_request(self) -> None:
        """Refuses the request that is one too many within a minute of the agency's clock."""
        limit, now = self._options.requests_per_minute, self.agency.clock.now()
        while self._request_times and self._request_times[0] <= now - timedelta(minutes=1):
            self._request_times.popleft()
        if limit is not None and len(self._request_times) >= limit:
            wait = int((self._request_times[0] + timedelta(minutes=1) - now).total_seconds())
            raise error(429, "You have made too many requests recently.", {"Retry-After": str(max(1, wait))})
        self._request_times.append(now)

    def _refuse_unpaid(self, what: str) -> None:
        if not self._options.is_paid:
            raise error(402, f"{what} are not available for free users.")


def _one(request: Request, thing: Json) -> Response:
    """A single object is whole unless fields are asked for."""
    asked = wishes(request.query_params.get("opt_fields", ""))
    return answer({"data": shown(thing, asked) if asked else thing})


def _refuse_stranger(workspace: str) -> None:
    if workspace != WORKSPACE["gid"]:
        raise error(404, f"workspace: {_unfound(workspace)}")


def _unfound(gid: str) -> str:
    return f"Unknown object: {gid}" if gid.isdecimal() else f"Not a recognized ID: {gid}"


def _moment(query: Mapping[str, str], name: str) -> datetime:
    try:
        return datetime.fromisoformat(query[name]) if name in query else _FOREVER
    except ValueError:
        raise error(400, f"{name}: Invalid date: {query[name]}") from None
