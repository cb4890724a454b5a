"""Records from HTTP into DuckDB: how fast, and in how much memory, at two sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import httpx

from connectors.jira import Jira
from connectors.jira.fields import STANDARD
from connectors.jira.settings import JiraSettings
from connectors.zendesk import Zendesk
from connectors.zendesk.settings import ZendeskSettings
from okr_sync.connector import Connector, Context
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import open_warehouse
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show
from tests.benchmarks.stand_in import NOW, served

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SMALL, LARGE = 10_000, 200_000
Row = tuple[str, str, str, str, str]
Variables = Mapping[str, str]


def run() -> None:
    columns = ("what", "records", "records/s", "records per CPU second", "peak memory, MB")
    show("sync: from a stand-in over HTTP into DuckDB", columns, _rows())


def _rows() -> Iterator[Row]:
    with served(issue_count=SMALL) as variables:
        yield from _cases("jira", variables, _read_jira)
    with served(ticket_count=SMALL) as variables:
        yield from _cases("zendesk", variables, _read_zendesk)
    with served(issue_count=LARGE) as variables, TemporaryDirectory() as folder:
        yield _case("jira: first sync", variables, folder)
        yield _case("jira: nothing new", variables, folder)


def _cases(source: str, variables: Variables, read_plainly: Callable[[Variables], int]) -> Iterator[Row]:
    count, cost = in_fresh_process(_plain_read, read_plainly, variables)
    yield _row(f"{source}: httpx and json.loads alone", count, cost)
    with TemporaryDirectory() as folder:
        yield _case(f"{source}: first sync", variables, folder)
        yield _case(f"{source}: nothing new", variables, folder)
        yield _case(f"{source}: all again, all known", variables, folder, settings_hash="changed settings")


def _case(what: str, variables: Variables, folder: str, settings_hash: str = "settings") -> Row:
    result, cost = in_fresh_process(_sync, what.partition(":")[0], variables, folder, settings_hash)
    return _row(what, result.read_count, cost)


def _row(what: str, count: int, cost: Cost) -> Row:
    if count < SMALL / 2:
        return what, f"{count:,}", f"({cost.seconds:.2f} s)", "", f"{cost.peak_megabytes:.0f}"
    speeds = f"{count / cost.seconds:,.0f}", f"{count / cost.cpu_seconds:,.0f}"
    return what, f"{count:,}", *speeds, f"{cost.peak_megabytes:.0f}"


def _plain_read(read: Callable[[Variables], int], variables: Variables) -> tuple[int, Cost]:
    return measured(lambda: read(variables))


def _sync(source: str, variables: Variables, folder: str, settings_hash: str) -> tuple[StreamSync, Cost]:
    connector, stream = _jira(variables) if source == "jira" else _zendesk(variables)
    return synced(SourcePlan(source, connector, {stream: settings_hash}), folder)


def synced(plan: SourcePlan, folder: str) -> tuple[StreamSync, Cost]:
    """The sync of a source's only stream into a warehouse in `folder`."""
    syncing = Syncing(open_warehouse("duckdb:///warehouse", Path(folder), ZONE), lambda: NOW)
    (result,), cost = measured(lambda: sync_source(plan, syncing))
    if result.error is not None:
        raise RuntimeError(result.error)
    return result, cost


def context(source: str) -> Context:
    return Context(source, Path(), ZONE, lambda: NOW)


def _jira(variables: Variables) -> tuple[Connector, str]:
    written = {"url": "JIRA_BASE_URL", "email": "JIRA_EMAIL", "token": "JIRA_API_TOKEN"}
    settings = {name: variables[variable] for name, variable in written.items()}
    return Jira(JiraSettings.model_validate({"connector": "jira", **settings}), context("jira")), "issues"


def _zendesk(variables: Variables) -> tuple[Connector, str]:
    written = {"url": "ZENDESK_URL", "email": "ZENDESK_EMAIL", "token": "ZENDESK_API_TOKEN"}
    settings = {name: variables[variable] for name, variable in written.items()}
    return Zendesk(ZendeskSettings.model_validate({"connector": "zendesk", **settings}), context("zendesk")), "tickets"


def _read_jira(variables: Variables) -> int:
    """The pages that the connector reads, by nothing but httpx and the parser of JSON."""
    fields = ",".join(sorted({one.source_id for one in STANDARD}))
    asked = {"jql": "updated >= 0 ORDER BY created ASC, key ASC", "fields": fields, "maxResults": "1000"}
    count = 0
    account = variables["JIRA_EMAIL"], variables["JIRA_API_TOKEN"]
    with httpx.Client(base_url=variables["JIRA_BASE_URL"], auth=account) as client:
        while True:
            page = client.get("/rest/api/3/search/jql", params=asked).json()
            count += len(page["issues"])
            if "nextPageToken" not in page:
                return count
            asked["nextPageToken"] = page["nextPageToken"]


def _read_zendesk(variables: Variables) -> int:
    position: dict[str, str] = {"start_time": "0"}
    count = 0
    account = f"{variables['ZENDESK_EMAIL']}/token", variables["ZENDESK_API_TOKEN"]
    with httpx.Client(base_url=variables["ZENDESK_URL"], auth=account) as client:
        while True:
            asked = {**position, "include": "metric_sets", "per_page": "1000"}
            page = client.get("/api/v2/incremental/tickets/cursor.json", params=asked).json()
            count += len(page["tickets"])
            if page["end_of_stream"]:
                return count
            position = {"cursor": page["after_cursor"]}
