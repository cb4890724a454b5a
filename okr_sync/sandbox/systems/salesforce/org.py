"""A stand-in for Salesforce: one org with a user for programs, its REST API and its Bulk API 2.0."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import JSONDecodeError
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json, RefusedError, answer, basic_credentials
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.salesforce.answers import SalesforceError
from okr_sync.sandbox.systems.salesforce.company import BOT_ID
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.objects import visible_objects
from okr_sync.sandbox.systems.salesforce.queries import (
    LARGEST_BATCH,
    LARGEST_PART,
    SMALLEST_BATCH,
    Jobs,
    Queries,
)
from okr_sync.sandbox.systems.salesforce.tables import OrgTables

CLIENT_ID, CLIENT_SECRET = "3MVG9-sandbox-okr-sync", "sandbox-salesforce"
ORG_ID = salesforce_id("Organization", 1)
OLDEST_VERSION, NEWEST_VERSION = 47, 68
LARGEST_COMPOSITE = 25
_DAY = timedelta(hours=24)

Method = Callable[[Request, str], Awaitable[Response]]
"""Answers a request to the API in a version."""


@dataclass(frozen=True, slots=True)
class SalesforceOptions:
    """What differs between orgs."""

    batch_cap: int = LARGEST_BATCH
    """How many records a batch of a query has at most, whatever a request wishes: fewer where records are large."""
    part_cap: int = LARGEST_PART
    """The same of a part of a bulk job's results."""
    daily_requests: int = 100_000
    """How many requests the org allows in 24 hours, to all programs together."""
    session_lifetime: timedelta = timedelta(hours=2)
    job_polls: int = 1
    """How often a bulk job says that it is not done yet."""
    hidden: frozenset[str] = frozenset()
    """Objects and fields that the account may not see: `Lead`, `Opportunity.Amount`."""
    not_in_bulk: frozenset[str] = frozenset()
    """Objects that the Bulk API does not have."""
    is_multi_currency: bool = False


class Salesforce(System):
    vendor = "Salesforce"

    def __init__(self, agency: Agency, url: str, options: SalesforceOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options = options or SalesforceOptions()
        types = visible_objects(options.hidden, is_multi_currency=options.is_multi_currency)
        self._tables = OrgTables(agency, types, is_multi_currency=options.is_multi_currency)
        self._queries = Queries(self._tables, options.batch_cap)
        self._jobs = Jobs(self._queries, options.job_polls, options.not_in_bulk)
        self._tokens: dict[str, datetime] = {}
        self._calls: deque[datetime] = deque()

    def variables(self) -> dict[str, str]:
        return {
            "SF_URL": self.url,
            "SF_MY_DOMAIN": "agency",
            "SF_CLIENT_ID": CLIENT_ID,
            "SF_CLIENT_SECRET": CLIENT_SECRET,
        }

    def routes(self) -> list[Route]:
        api = "/services/data/{version}"
        methods: dict[str, tuple[str, Method]] = {
            "/limits": ("GET", self.limits),
            "/sobjects": ("GET", self.objects),
            "/sobjects/{name}/describe": ("GET", self.describe),
            "/composite/batch": ("POST", self.batch),
            "/query": ("GET", self.query),
            "/queryAll": ("GET", self.query),
            "/query/{place}": ("GET", self.more),
            "/queryAll/{place}": ("GET", self.more),
            "/jobs/query": ("POST", self.start_job),
            "/jobs/query/{job}": ("GET", self.job),
            "/jobs/query/{job}/results": ("GET", self.job_results),
        }
        routes = [Route(api + path, self._api(method), methods=[verb]) for path, (verb, method) in methods.items()]
        return [Route("/services/oauth2/token", self.token, methods=["POST"]), *routes]

    async def token(self, request: Request) -> Response:
        """Its errors are objects, unlike all others."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        client_id, secret = basic_credentials(request) or (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials":
            raise _sign_in_error("unsupported_grant_type", "grant type not supported")
        if client_id != CLIENT_ID:
            raise _sign_in_error("invalid_client_id", "client identifier invalid")
        if secret != CLIENT_SECRET:
            raise _sign_in_error("invalid_client", "invalid client credentials")
        token = f"{ORG_ID[:15]}!sandbox.session.{len(self._tokens) + 1}"
        self._tokens[token] = now = self.agency.clock.now()
        return answer(
            {
                "access_token": token,
                "signature": "c2FuZGJveA==",
                "scope": "api",
                "instance_url": self.url,
                "id": f"https://login.salesforce.com/id/{ORG_ID}/{BOT_ID}",
                "token_type": "Bearer",
                "issued_at": str(int(now.timestamp() * 1000)),
            }
        )

    async def limits(self, _: Request, __: str) -> Response:
        limit = self._options.daily_requests
        return answer({"DailyApiRequests": {"Max": limit, "Remaining": max(0, limit - len(self._calls))}})

    async def objects(self, _: Request, __: str) -> Response:
        listed = [{"name": one.name, "label": one.label, "queryable": True} for one in self._tables.types.values()]
        return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})

    async def describe(self, request: Request, _: str) -> Response:
        return answer(self._described(request.path_params["name"]))

    async def batch(self, request: Request, version: str) -> Response:
        """Several requests in one, as far as they ask for descriptions. Each counts."""
        asked = (await _body(request)).get("batchRequests")
        if not isinstance(asked, list) or not 1 <= len(asked) <= LARGEST_COMPOSITE:
            raise SalesforceError(400, "INVALID_BATCH_REQUEST", f"Between 1 and {LARGEST_COMPOSITE} requests, please")
        results = [self._batch_result(str(one.get("method")), str(one.get("url")), version) for one in asked]
        return answer({"hasErrors": any(one["statusCode"] != 200 for one in results), "results": results})

    async def query(self, request: Request, version: str) -> Response:
        soql, resource = request.query_params.get("q"), request.url.path.rpartition("/")[2]
        if not soql:
            raise SalesforceError(400, "MALFORMED_QUERY", "A query string has to be specified")
        return answer(self._queries.ask(soql, resource, version, _wish(request)))

    async def more(self, request: Request, version: str) -> Response:
        return answer(self._queries.go_on(request.path_params["place"], version, _wish(request)))

    async def start_job(self, request: Request, version: str) -> Response:
        return answer(self._jobs.start(await _body(request), version, self.agency.clock.now()))

    async def job(self, request: Request, _: str) -> Response:
        return answer(self._jobs.state(request.path_params["job"], self.agency.clock.now()))

    async def job_results(self, request: Request, _: str) -> Response:
        query = request.query_params
        size = min(int(query.get("maxRecords", LARGEST_PART)), self._options.part_cap)
        text, locator, count = self._jobs.part(
            request.path_params["job"], query.get("locator"), size, self.agency.clock.now()
        )
        return Response(
            text, 200, {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(count)}, media_type="text/csv"
        )

    def _described(self, name: str) -> Json:
        found = self._tables.types.get(name.lower())
        if found is None:
            raise SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
        return found.described()

    def _batch_result(self, method: str, url: str, version: str) -> Json:
        self._calls.append(self.agency.clock.now())
        match method, url.strip("/").removeprefix("services/data/").split("/"):
            case "GET", [asked, "sobjects", name, "describe"] if asked == version:
                try:
                    return {"statusCode": 200, "result": self._described(name)}
                except SalesforceError as error:
                    return {"statusCode": error.status, "result": [error.content]}
        return {"statusCode": 400, "result": [{"errorCode": "UNSUPPORTED", "message": f"not in a batch: {url}"}]}

    def _api(self, method: Method) -> Callable[[Request], Awaitable[Response]]:
        """Signs in, counts, and says with every answer how many requests were used."""

        async def endpoint(request: Request) -> Response:
            try:
                self._sign_in(request)
                self._count()
                response = await method(request, _version(request))
            except RefusedError as error:
                response = error.response
            response.headers["Sforce-Limit-Info"] = f"api-usage={len(self._calls)}/{self._options.daily_requests}"
            return response

        return endpoint

    def _sign_in(self, request: Request) -> None:
        issued_at = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if issued_at is None or self.agency.clock.now() - issued_at >= self._options.session_lifetime:
            raise SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def _count(self) -> None:
        now = self.agency.clock.now()
        while self._calls and self._calls[0] <= now - _DAY:
            self._calls.popleft()
        if len(self._calls) >= self._options.daily_requests:
            raise SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._calls.append(now)


def _sign_in_error(error: str, description: str) -> RefusedError:
    return RefusedError(400, {"error": error, "error_description": description})


def _version(request: Request) -> str:
    version: str = request.path_params["version"]
    number = version.removeprefix("v").removesuffix(".0")
    if version != f"v{number}.0" or not number.isdigit() or not OLDEST_VERSION <= int(number) <= NEWEST_VERSION:
        raise SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
    return version


def _wish(request: Request) -> int:
    """`Sforce-Query-Options: batchSize=500`."""
    _, _, size = request.headers.get("sforce-query-options", "").partition("batchSize=")
    return min(max(int(size), SMALLEST_BATCH), LARGEST_BATCH) if size.isdigit() else LARGEST_BATCH


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise SalesforceError(400, "JSON_PARSER_ERROR", "The body is not a JSON object")
    return body
