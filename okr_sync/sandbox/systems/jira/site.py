"""A stand-in for Jira Cloud: the part of its REST API v3 that reads issues."""

from __future__ import annotations

from json import JSONDecodeError

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import DOMAIN, MEMBERS
from okr_sync.sandbox.http import Account, Json, RefusedError, answer, basic_credentials, written
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.jira.fields import FIELDS, asked_fields
from okr_sync.sandbox.systems.jira.issues import IssueWriter, jira_time
from okr_sync.sandbox.systems.jira.search import JiraOptions, JiraSearch, SearchRequest, jira_error

ACCOUNT = Account(f"okr-bot@{DOMAIN}", "sandbox-jira")
LARGEST_BULK = 100
_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline"
    " is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


class Jira(System):
    """One site with one user."""

    vendor = "Jira Cloud"

    def __init__(self, agency: Agency, url: str, options: JiraOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or JiraOptions()
        self._writer = IssueWriter(agency, url, self._options.zone)
        self._searches = JiraSearch(agency, self._writer, self._options)

    def variables(self) -> dict[str, str]:
        return {"JIRA_BASE_URL": self.url, "JIRA_EMAIL": ACCOUNT.email, "JIRA_API_TOKEN": ACCOUNT.token}

    def routes(self) -> list[Route]:
        api = "/rest/api/3"
        return [
            Route(f"{api}/serverInfo", self.server_info),
            Route(f"{api}/myself", self.myself),
            Route(f"{api}/field", self.fields),
            Route(f"{api}/search/jql", self.search, methods=["GET", "POST"]),
            Route(f"{api}/search/approximate-count", self.approximate_count, methods=["POST"]),
            Route(f"{api}/search", self.removed_search, methods=["GET", "POST"]),
            Route(f"{api}/issue/bulkfetch", self.bulk_fetch, methods=["POST"]),
            Route(f"{api}/jql/parse", self.parse_jql, methods=["POST"]),
        ]

    async def server_info(self, request: Request) -> Response:
        self._is_signed_in(request)
        return answer(
            {
                "baseUrl": self.url,
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
                "buildNumber": 100284,
                "serverTime": jira_time(self.agency.clock.now(), self._options.zone),
                "serverTitle": "Jira",
            }
        )

    async def myself(self, request: Request) -> Response:
        if not self._is_signed_in(request):
            raise jira_error(401, "Client must be authenticated to access this resource.")
        account_id = f"712020:{len(MEMBERS) + 1:08d}-agency"
        return answer(
            {
                "self": f"{self.url}/rest/api/3/user?accountId={account_id}",
                "accountId": account_id,
                "accountType": "atlassian",
                "emailAddress": ACCOUNT.email,
                "displayName": "OKR bot",
                "active": True,
                "timeZone": self._options.zone.key,
                "locale": "en_US",
            }
        )

    async def fields(self, request: Request) -> Response:
        self._is_signed_in(request)
        return answer([field.described() for field in FIELDS])

    async def search(self, request: Request) -> Response:
        is_signed_in = self._is_signed_in(request)
        asked = (
            SearchRequest.from_query(request.query_params)
            if request.method == "GET"
            else SearchRequest.from_body(await _body(request))
        )
        if not is_signed_in:
            return answer({"issues": [], "isLast": True})
        return written(self._searches.page(asked))

    async def approximate_count(self, request: Request) -> Response:
        is_signed_in = self._is_signed_in(request)
        found = self._searches.find(str((await _body(request)).get("jql") or ""))
        return answer({"count": len(found) if is_signed_in else 0})

    async def removed_search(self, request: Request) -> Response:
        self._is_signed_in(request)
        raise jira_error(410, _REMOVED)

    async def bulk_fetch(self, request: Request) -> Response:
        is_signed_in = self._is_signed_in(request)
        body = await _body(request)
        keys, asked = body.get("issueIdsOrKeys"), body.get("fields")
        if not isinstance(keys, list) or not 1 <= len(keys) <= LARGEST_BULK:
            raise jira_error(400, f"Between 1 and {LARGEST_BULK} issue IDs or keys are required.")
        fields = asked_fields([str(name) for name in asked] if isinstance(asked, list) else ["*navigable"])
        found = {issue.id: issue for issue in map(self.agency.find_issue, map(str, keys)) if issue and is_signed_in}
        issues = ",".join(self._writer.write(found[issue_id], fields) for issue_id in sorted(found))
        return written(f'{{"issues":[{issues}],"issueErrors":[]}}')

    async def parse_jql(self, request: Request) -> Response:
        self._is_signed_in(request)
        queries = (await _body(request)).get("queries")
        if not isinstance(queries, list) or not queries:
            raise jira_error(400, "At least one query is required.")
        return answer({"queries": [self._parsed(str(query)) for query in queries]})

    def _parsed(self, jql: str) -> Json:
        try:
            self._searches.find(jql)
        except RefusedError as error:
            return {"query": jql, "errors": error.content["errorMessages"]}
        return {"query": jql}

    def _is_signed_in(self, request: Request) -> bool:
        """False for an anonymous request.

        Raises:
            RefusedError: somebody else's credentials, or none that exist.
        """
        credentials = basic_credentials(request)
        if credentials is None:
            return False
        if credentials != (ACCOUNT.email, ACCOUNT.token):
            raise jira_error(401, "Client must be authenticated to access this resource.")
        return True


async def _body(request: Request) -> Json:
    try:
        body = await request.json()
    except JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise jira_error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return body
