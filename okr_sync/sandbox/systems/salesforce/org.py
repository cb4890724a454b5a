"""A stand-in for Salesforce: one org with a user for programs, its REST API and its Bulk API 2.0."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json, RefusedError, answer
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.salesforce.access import CLIENT_ID, CLIENT_SECRET, Access
from okr_sync.sandbox.systems.salesforce.answers import SalesforceError
from okr_sync.sandbox.systems.salesforce.objects import visible_objects
from okr_sync.sandbox.systems.salesforce.queries import (
    LARGEST_BATCH,
    LARGEST_PART,
    SMALLEST_BATCH,
    Jobs,
    Queries,
)
from okr_sync.sandbox.systems.salesforce.tables import OrgTables

OLDEST_VERSION, NEWEST_VERSION = 47, 68
LARGEST_COMPOSITE = 25

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
        self._access = Access(agency.clock, url, options.session_lifetime, options.daily_requests)

    def variables(self) -> dict[str, str]:
        return {
            "SF_URL": self.url,
            "SF_MY_DOMAIN": "agency",
            "SF_CLIENT_ID": CLIENT_ID,
            "SF_CLIENT_SECRET": CLIENT_SECRET,
        }

    def routes(self) -> list[Route]:
        api = "/services/data/{version}"
        paths: dict[str, tuple[str, Method]] = {
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
        routes = [Route(api + path, self._signed_in(method), methods=[verb]) for path, (verb, method) in paths.items()]
        return [Route("/services/oauth2/token", self._access.token, methods=["POST"]), *routes]

    async def limits(self, _: Request, __: str) -> Response:
        limit, used = self._options.daily_requests, self._access.used_count
        return answer({"DailyApiRequests": {"Max": limit, "Remaining": max(0, limit - used)}})

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
        self._access.count()
        match method, url.strip("/").removeprefix("services/data/").split("/"):
            case "GET", [asked, "sobjects", name, "describe"] if asked == version:
                try:
                    return {"statusCode": 200, "result": self._described(name)}
                except SalesforceError as error:
                    return {"statusCode": error.status, "result": [error.content]}
        return {"statusCode": 400, "result": [{"errorCode": "UNSUPPORTED", "message": f"not in a batch: {url}"}]}

    def _signed_in(self, method: Method) -> Callable[[Request], Awaitable[Response]]:
        """Counts, and says with every answer how many requests were used."""

        async def endpoint(request: Request) -> Response:
            try:
                self._access.enter(request)
                response = await method(request, _version(request))
            except RefusedError as error:
                response = error.response
            used = f"api-usage={self._access.used_count}/{self._options.daily_requests}"
            response.headers["Sforce-Limit-Info"] = used
            return response

        return endpoint


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
