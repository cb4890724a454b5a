"""Both stand-ins on one free port of this machine, for as long as a `with` block lasts."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from starlette.applications import Starlette

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import DOMAIN
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.http import Account, RefusedError, refuse
from okr_sync.sandbox.jira import Jira
from okr_sync.sandbox.jira_search import JiraOptions
from okr_sync.sandbox.threaded import ThreadedServer
from okr_sync.sandbox.traffic import Exchange, Traffic
from okr_sync.sandbox.zendesk import Zendesk, ZendeskOptions

JIRA_ACCOUNT = Account(f"okr-bot@{DOMAIN}", "sandbox-jira")
ZENDESK_ACCOUNT = Account(f"okr-bot@{DOMAIN}", "sandbox-zendesk")
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """How the two systems behave. Port 0 is any free one."""

    port: int = 0
    jira: JiraOptions = field(default_factory=JiraOptions)
    zendesk: ZendeskOptions = field(default_factory=ZendeskOptions)


class Sandbox:
    """A Jira site and a Zendesk account that show what an agency has.

    The vendors' paths do not meet, so both answer on one port and every path is exactly the vendor's. The port is taken
    when a sandbox is made (`OSError` where it is not free); requests are answered inside its `with` block.
    """

    def __init__(self, agency: Agency, faults: Sequence[Fault] = (), options: Options | None = None) -> None:
        options = Options() if options is None else options
        self.agency = agency
        self._socket = socket.create_server((_HOST, options.port))
        url = f"http://{_HOST}:{self._socket.getsockname()[1]}"
        self.jira_url = url
        self.zendesk_url = url
        jira = Jira(agency, url, JIRA_ACCOUNT, options.jira)
        zendesk = Zendesk(agency, url, ZENDESK_ACCOUNT, options.zendesk)
        app = Starlette(routes=jira.routes() + zendesk.routes(), exception_handlers={RefusedError: refuse})
        self._traffic = Traffic(app, agency.clock, faults)
        self._server = ThreadedServer(self._traffic)

    @property
    def requests(self) -> tuple[Exchange, ...]:
        """Every request so far, in the order of their answers."""
        return tuple(self._traffic.exchanges)

    def variables(self) -> dict[str, str]:
        """The environment variables that a project's `${NAME}` stand for."""
        return {
            "JIRA_BASE_URL": self.jira_url,
            "JIRA_EMAIL": JIRA_ACCOUNT.email,
            "JIRA_API_TOKEN": JIRA_ACCOUNT.token,
            "ZENDESK_URL": self.zendesk_url,
            "ZENDESK_SUBDOMAIN": "agency",
            "ZENDESK_EMAIL": ZENDESK_ACCOUNT.email,
            "ZENDESK_API_TOKEN": ZENDESK_ACCOUNT.token,
        }

    def __enter__(self) -> Self:
        self._server.start(self._socket)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._socket.close()
