"""The connector against the sandbox's Jira, in the cloud or in a data center."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.jira import Jira
from connectors.jira.settings import JiraSettings
from okr_sync.connector import Checkpoint, Context, Page, Stream, Value
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options, Sandbox
from okr_sync.sandbox.systems.jira.search import JiraOptions

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Present = dict[str, dict[str, Value]]


def stand_in(agency: Agency, *faults: Fault, **options: Any) -> Sandbox:
    """A Jira with these `JiraOptions`."""
    return Sandbox(agency, faults, Options(of_systems={"jira": JiraOptions(**options)}), systems=["jira"])


@contextmanager
def connected(sandbox: Sandbox, **streams: Any) -> Iterator[tuple[Jira, dict[str, Stream]]]:
    """The connector and its streams by name; a data center is known by its access token.

    Issues come without their past unless a test asks for it.
    """
    streams["issues"] = {"history": False, **streams.get("issues", {})}
    named = sandbox.variables()
    account = {"token": named["JIRA_PAT"]} if "JIRA_PAT" in named else {
        "email": named["JIRA_EMAIL"], "token": named["JIRA_API_TOKEN"],
    }  # fmt: skip
    written = {"connector": "jira", "url": named["JIRA_BASE_URL"], **account, "streams": streams}
    context = Context("jira", Path(), ZONE, sandbox.agency.clock.now)
    with Jira(JiraSettings.model_validate(written), context) as connector:
        yield connector, {one.name: one for one in connector.connect()}


def read(sandbox: Sandbox, name: str, checkpoint: Checkpoint | None = None, **streams: Any) -> list[Page]:
    with connected(sandbox, **streams) as (connector, known):
        return list(connector.read(known[name], checkpoint))


def landed(pages: Sequence[Page], before: Present | None = None) -> Present:
    """What is known of each record after these pages."""
    present = dict(before or {})
    for one in (one for page in pages for one in page.records):
        present[str(one.fields["id"])] = dict(one.fields)
        if one.is_deleted:
            del present[str(one.fields["id"])]
    return present


def asked(sandbox: Sandbox, since: int = 0) -> list[str]:
    """The ends of the paths that were asked for."""
    return [one.path.removeprefix("/rest/api/3/").removeprefix("/rest/api/2/") for one in sandbox.requests[since:]]
