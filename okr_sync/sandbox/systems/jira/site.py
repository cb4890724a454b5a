"""A stand-in for Jira: the parts of its REST APIs that read, in the cloud (v3) and in a data center (v2)."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONDecodeError

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import DOMAIN, MEMBERS
from okr_sync.sandbox.http import Account, Json, RefusedError, answer, basic_credentials, written
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.jira.changes import Changes
from okr_sync.sandbox.systems.jira.fields import CLOUD_ONLY, FIELDS, asked_fields
from okr_sync.sandbox.systems.jira.issues import IssueWriter, jira_time
from okr_sync.sandbox.systems.jira.lists import Lists
from okr_sync.sandbox.systems.jira.offsets import OffsetSearch
from okr_sync.sandbox.systems.jira.search import JiraOptions, JiraSearch, SearchRequest, jira_error, whole_number

ACCOUNT = Account(f"okr-bot@{DOMAIN}", "sandbox-jira")
ACCESS_TOKEN = "sandbox-jira-pat"  # noqa: S105 - nothing but the sandbox takes it
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
        self._is_cloud = not self._options.is_data_center
        self._writer = IssueWriter(agency, url, self._options.zone, is_cloud=self._is_cloud)
        self._searches = JiraSearch(agency, self._writer, self._options)
        self._changes = Changes(agency, self._writer.objects, url, self._options)
        self._offsets = OffsetSearch(self._searches, self._writer, self._changes, self._options)
        self._lists = Lists(agency, url, self._writer.objects, self._options)

    def variables(self) -> dict[str, str]:
        if not self._is_cloud:
            return {"JIRA_BASE_URL": self.url, "JIRA_PAT": ACCESS_TOKEN}
        return {"JIRA_BASE_URL": self.url, "JIRA_EMAIL": ACCOUNT.email, "JIRA_API_TOKEN": ACCOUNT.token}

    def routes(self) -> list[Route]:
        return [*self._shared_routes(), *(self._cloud_routes() if self._is_cloud else self._data_center_routes())]

    def _shared_routes(self) -> list[Route]:
        api, agile = f"/rest/api/{3 if self._is_cloud else 2}", "/rest/agile/1.0"
        return [
            Route(f"{api}/serverInfo", self.server_info),
            Route(f"{api}/myself", self.myself),
            Route(f"{api}/mypermissions", self.my_permissions),
            Route(f"{api}/field", self.fields),
            Route(f"{api}/status", self.statuses),
            Route(f"{api}/worklog/updated", self.updated_worklogs),
            Route(f"{api}/worklog/deleted", self.deleted_worklogs),
            Route(f"{api}/worklog/list", self.worklogs, methods=["POST"]),
            Route(f"{api}/issue/{{key}}/changelog", self.changelog),
            Route(f"{agile}/board", self.boards),
            Route(f"{agile}/board/{{board:int}}/sprint", self.sprints),
            Route("/rest/servicedeskapi/request/{key}/sla", self.slas),
        ]

    def _data_center_routes(self) -> list[Route]:
        return [Route("/rest/api/2/search", self.offset_search), Route("/rest/api/2/project", self.projects)]

    def _cloud_routes(self) -> list[Route]:
        api = "/rest/api/3"
        return [
            Route(f"{api}/search/jql", self.search, methods=["GET", "POST"]),
            Route(f"{api}/search/approximate-count", self.approximate_count, methods=["POST"]),
            Route(f"{api}/search", self.removed_search, methods=["GET", "POST"]),
            Route(f"{api}/issue/bulkfetch", self.bulk_fetch, methods=["POST"]),
            Route(f"{api}/changelog/bulkfetch", self.bulk_changelog, methods=["POST"]),
            Route(f"{api}/project/search", self.search_projects),
            Route(f"{api}/jql/parse", self.parse_jql, methods=["POST"]),
        ]

    async def server_info(self, request: Request) -> Response:
        self._is_signed_in(request)
        return answer(
            {
                "baseUrl": self.url,
                "version": "1001.0.0-SNAPSHOT" if self._is_cloud else "10.3.2",
                "versionNumbers": [1001, 0, 0] if self._is_cloud else [10, 3, 2],
                "deploymentType": "Cloud" if self._is_cloud else "Server",
                "buildNumber": 100284,
                "serverTime": jira_time(self.agency.clock.now(), self._options.zone),
                "serverTitle": "Jira",
            }
        )

    async def myself(self, request: Request) -> Response:
        if not self._is_signed_in(request):
            raise jira_error(401, "Client must be authenticated to access this resource.")
        account_id = f"712020:{len(MEMBERS) + 1:08d}-agency"
        link = f"{self.url}/rest/api/3/user?accountId={account_id}"
        cloud: Json = {"self": link, "accountId": account_id, "accountType": "atlassian"}
        data_center: Json = {
            "self": f"{self.url}/rest/api/2/user?username=okr-bot",
            "key": "JIRAUSER1",
            "name": "okr-bot",
        }
        return answer(
            {
                **(cloud if self._is_cloud else data_center),
                "emailAddress": ACCOUNT.email,
                "displayName": "OKR bot",
                "active": True,
                "timeZone": self._options.zone.key,
                "locale": "en_US",
            }
        )

    async def statuses(self, request: Request) -> Response:
        return self._for_members(request, self._lists.statuses)

    async def fields(self, request: Request) -> Response:
        self._is_signed_in(request)
        described = [field.described() for field in FIELDS if self._is_cloud or field.id not in CLOUD_ONLY]
        for one in [] if self._is_cloud else described:
            del one["untranslatedName"]
        return answer(described)

    async def my_permissions(self, request: Request) -> Response:
        return self._for_members(request, lambda: self._lists.permissions(request.query_params.get("permissions")))

    async def boards(self, request: Request) -> Response:
        return self._for_members(request, lambda: self._lists.boards(request.query_params))

    async def sprints(self, request: Request) -> Response:
        board = request.path_params["board"]
        return self._for_members(request, lambda: self._lists.sprints(board, request.query_params))

    async def slas(self, request: Request) -> Response:
        issue = self.agency.find_issue(request.path_params["key"])
        return self._for_members(request, lambda: self._lists.slas(issue, request.query_params))

    async def search_projects(self, request: Request) -> Response:
        return self._for_members(request, lambda: self._lists.search_projects(request.query_params))

    async def projects(self, request: Request) -> Response:
        has_archived = request.query_params.get("includeArchived") == "true"
        return self._for_members(request, lambda: self._lists.projects(is_live=True, is_archived=has_archived))

    async def updated_worklogs(self, request: Request) -> Response:
        return self._for_members(request, lambda: self._changes.updated(whole_number(request.query_params, "since", 0)))

    async def deleted_worklogs(self, request: Request) -> Response:
        return self._for_members(request, lambda: self._changes.deleted(whole_number(request.query_params, "since", 0)))

    async def worklogs(self, request: Request) -> Response:
        ids = (await _body(request)).get("ids")
        return self._for_members(request, lambda: self._changes.worklogs(ids if isinstance(ids, list) else [None]))

    async def bulk_changelog(self, request: Request) -> Response:
        body = await _body(request)
        return self._for_members(request, lambda: self._changes.bulk(body))

    async def changelog(self, request: Request) -> Response:
        issue = self.agency.find_issue(request.path_params["key"])
        if issue is None:
            raise jira_error(404, "Issue does not exist or you do not have permission to see it.")
        start, size = (whole_number(request.query_params, *one) for one in (("startAt", 0), ("maxResults", 100)))
        return self._for_members(request, lambda: self._changes.of_issue(issue, start, size))

    async def offset_search(self, request: Request) -> Response:
        is_signed_in = self._is_signed_in(request)
        if not is_signed_in:
            return answer({"startAt": 0, "maxResults": 50, "total": 0, "issues": []})
        return written(self._offsets.page(request.query_params))

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

    def _for_members(self, request: Request, make: Callable[[], object]) -> Response:
        """An answer that nobody gets without an account."""
        if not self._is_signed_in(request):
            raise jira_error(401, "Client must be authenticated to access this resource.")
        return answer(make())

    def _is_signed_in(self, request: Request) -> bool:
        """False for an anonymous request.

        Raises:
            RefusedError: somebody else's credentials, or none that exist.
        """
        sent = request.headers.get("authorization", "")
        if not sent:
            return False
        is_right = (
            basic_credentials(request) == (ACCOUNT.email, ACCOUNT.token)
            if self._is_cloud
            else sent == f"Bearer {ACCESS_TOKEN}"
        )
        if not is_right:
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
