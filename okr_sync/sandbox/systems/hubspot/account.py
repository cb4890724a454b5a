"""A stand-in for HubSpot CRM: objects, search, properties, pipelines and associations of one account."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import ZONE
from okr_sync.sandbox.http import Json, answer
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.hubspot import pipelines
from okr_sync.sandbox.systems.hubspot.kinds import Kind
from okr_sync.sandbox.systems.hubspot.objects import KIND_OF
from okr_sync.sandbox.systems.hubspot.records import HubSpotOptions, Records
from okr_sync.sandbox.systems.hubspot.sales import CURRENCY, deal_of_item
from okr_sync.sandbox.systems.hubspot.search import read_search
from okr_sync.sandbox.systems.hubspot.wire import hubspot_error, invalid, not_found, partial

TOKEN = "pat-na1-sandbox-hubspot"  # noqa: S105 - of the sandbox alone
ACCOUNT = 4_410_001
DAILY_LIMIT = 650_000
_BATCH = 100
_BATCH_OF_HISTORIES = 50
_DATED = "2026-09"
_SCOPES = tuple(
    f"crm.objects.{name}.read"
    for name in ("companies", "contacts", "custom", "deals", "feedback_submissions", "line_items")
)


class HubSpot(System):
    """One account, and the private app that reads it."""

    vendor = "HubSpot CRM"

    def __init__(self, agency: Agency, url: str, options: HubSpotOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or HubSpotOptions()
        self._records = Records(agency, self._options)
        self._search_times: deque[datetime] = deque()
        self._request_count = 0

    def variables(self) -> dict[str, str]:
        return {"HUBSPOT_URL": self.url, "HUBSPOT_TOKEN": TOKEN}

    def routes(self) -> list[Route]:
        """Each address by its version, and by the date that names the later one."""
        gets = {"objects/{kind}": self.listed, "properties/{kind}": self.properties, "pipelines/{kind}": self.pipelines}
        posts = {
            "objects/{kind}/search": self.search,
            "objects/{kind}/batch/read": self.batch,
            "associations/{kind}/deals/batch/read": self.deals,
        }
        every = [(path, method, "GET") for path, method in gets.items()]
        every += [(path, method, "POST") for path, method in posts.items()]
        return [
            Route("/account-info/{version}/details", self.details),
            Route("/oauth/v2/private-apps/get/access-token-info", self.token_info, methods=["POST"]),
            *(Route(_classic(path), method, methods=[verb]) for path, method, verb in every),
            *(Route(_dated(path), method, methods=[verb]) for path, method, verb in every),
        ]

    async def details(self, request: Request) -> Response:
        self._sign_in(request)
        content = {
            "portalId": ACCOUNT,
            "accountType": "STANDARD",
            "timeZone": ZONE.key,
            "companyCurrency": CURRENCY,
            "additionalCurrencies": [],
            "utcOffset": "+07:00",
            "utcOffsetMilliseconds": 7 * 3_600_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
        return self._answered(content)

    async def token_info(self, request: Request) -> Response:
        self._sign_in(request)
        if (await _body(request)).get("tokenKey") != TOKEN:
            raise hubspot_error(404, "OBJECT_NOT_FOUND", "The token is not known.")
        scopes = [*_SCOPES, "oauth", "tickets", "crm.objects.deals.write"]
        return self._answered({"userId": 31_000, "hubId": ACCOUNT, "appId": 77_001, "scopes": scopes})

    async def listed(self, request: Request) -> Response:
        kind, query = self._kind(request), request.query_params
        size = _whole(query.get("limit", "10"))
        if not 1 <= size <= _BATCH:
            raise invalid(f"limit must be between 1 and {_BATCH}.")
        after, wants_archived = _whole(query.get("after", "0")), query.get("archived") == "true"
        rows = self._records.after(kind, after, is_archived=wants_archived)
        page = rows[: min(size, self._options.page_cap)]
        names = [name for name in query.get("properties", "").split(",") if name]
        content: Json = {"results": [self._records.written(kind, one, names) for one in page]}
        if len(page) < len(rows):
            following = str(page[-1].id)
            link = f"{self.url}{request.url.path}?after={following}"
            content["paging"] = {"next": {"after": following, "link": link}}
        return self._answered(content)

    async def search(self, request: Request) -> Response:
        """Its limit is its own, and its answers do not say how many requests are left."""
        kind = self._kind(request)
        self._count_search()
        search = read_search(kind, await _body(request))
        rows, total = self._records.index(kind).find(search)
        page = rows[: self._options.page_cap]
        content: Json = {
            "total": total,
            "results": [self._records.written(kind, one, search.properties) for one in page],
        }
        if search.after + len(page) < total:
            content["paging"] = {"next": {"after": str(search.after + len(page))}}
        return answer(content)

    async def batch(self, request: Request) -> Response:
        kind, body = self._kind(request), await _body(request)
        ids = [int(one["id"]) for one in body["inputs"]]
        names, told = body["properties"], body["propertiesWithHistory"]
        if len(ids) > _BATCH:
            raise invalid(f"The maximum number of inputs is {_BATCH}.")
        if told and len(ids) > _BATCH_OF_HISTORIES:
            raise invalid(f"The maximum number of inputs for property histories is {_BATCH_OF_HISTORIES}.")
        found = {one: self._records.find(kind, one) for one in ids}
        results = [self._records.with_histories(kind, row, names, told) for row in found.values() if row is not None]
        missing = [str(one) for one, row in found.items() if row is None]
        errors = [not_found("Could not get some objects, they may be deleted.", {"ids": missing})] if missing else []
        return self._answered(*partial(results, errors))

    async def deals(self, request: Request) -> Response:
        if self._kind(request).name != "line_items":
            raise invalid("The stand-in knows the deals of line items alone.")
        ids = [str(one["id"]) for one in (await _body(request))["inputs"]]
        deals = {one: deal for one in ids if (deal := deal_of_item(int(one))) in self.agency.deals}
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 20, "label": None}]
        results: list[Json] = [
            {"from": {"id": one}, "to": [{"toObjectId": deal, "associationTypes": kinds}]}
            for one, deal in deals.items()
        ]
        errors = [
            not_found(
                f"No deal is associated with line item {one}.",
                {"fromObjectId": [one], "fromObjectType": ["line_item"], "toObjectType": ["deal"]},
                "crm.associations.NO_ASSOCIATIONS_FOUND",
            )
            for one in ids
            if one not in deals
        ]
        return self._answered(*partial(results, errors))

    async def properties(self, request: Request) -> Response:
        return self._answered({"results": [one.written() for one in self._kind(request).properties.values()]})

    async def pipelines(self, request: Request) -> Response:
        own = pipelines.PIPELINES.get(self._kind(request).name, ())
        return self._answered({"results": pipelines.written(own, self._options.labels)})

    def _kind(self, request: Request) -> Kind:
        self._sign_in(request)
        name = request.path_params["kind"]
        if name not in KIND_OF:
            raise hubspot_error(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}")
        if KIND_OF[name].name in self._options.refused:
            raise hubspot_error(
                403,
                "MISSING_SCOPES",
                "This app hasn't been granted all required scopes to make this call.",
                errors=[
                    {
                        "message": "One or more of the following scopes are required.",
                        "context": {"requiredGranularScopes": [f"crm.objects.{name}.read"]},
                    }
                ],
            )
        return KIND_OF[name]

    def _count_search(self) -> None:
        limit, now = self._options.searches_per_second, self.agency.clock.now()
        while self._search_times and self._search_times[0] <= now - timedelta(seconds=1):
            self._search_times.popleft()
        if limit is not None and len(self._search_times) >= limit:
            raise hubspot_error(
                429,
                "RATE_LIMITS",
                "You have reached your secondly limit.",
                errorType="RATE_LIMIT",
                policyName="SECONDLY",
            )
        self._search_times.append(now)

    def _answered(self, content: object, status: int = 200) -> Response:
        self._request_count += 1
        headers = {
            "X-HubSpot-RateLimit-Daily": str(DAILY_LIMIT),
            "X-HubSpot-RateLimit-Daily-Remaining": str(DAILY_LIMIT - self._request_count),
        }
        return answer(content, status, headers)

    def _sign_in(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise hubspot_error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")


def _classic(path: str) -> str:
    """`v3`, but `v4` for associations."""
    return f"/crm/{'v4' if path.startswith('associations') else 'v3'}/{path}"


def _dated(path: str) -> str:
    area, _, rest = path.partition("/")
    return f"/crm/{area}/{_DATED}/{rest}"


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON on line 1, column 1.")
    return body


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise invalid(f"{text!r} is not a whole number.")
    return int(text)
