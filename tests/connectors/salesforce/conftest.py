"""The connector, connected to a sandbox's Salesforce or to a scripted one on the loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.salesforce import Salesforce
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.streams import STANDARD
from okr_sync.connector import Checkpoint, Context, Page, Record, Stream
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.org import SalesforceOptions

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
API = "/services/data/v66.0"
QUERY = f"{API}/queryAll"


@pytest.fixture
def agency() -> Agency:
    """120 deals and 80 tickets; nothing has happened for half an hour."""
    grown = Agency.grow(7, NOW - timedelta(minutes=30), issue_count=0, ticket_count=80, survey_count=0)
    grown.grow_business(7, deal_count=120, visit_count=0, listing_count=0, outage_count=0)
    grown.clock.advance(timedelta(minutes=30))
    return grown


def org(agency: Agency, *faults: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, faults, Options(of_systems={"salesforce": SalesforceOptions(**options)}), ["salesforce"])


def connector(variables: dict[str, str], *, has_history: bool = False, **settings: Any) -> Salesforce:
    streams = {**{name: {} for name in STANDARD}, **settings.pop("streams", {})}
    written = {
        "streams": {name: {"history": has_history, **one} for name, one in streams.items()},
        "connector": "salesforce",
        "url": variables["SF_URL"],
        "client_id": variables["SF_CLIENT_ID"],
        "client_secret": variables["SF_CLIENT_SECRET"],
        **settings,
    }
    return Salesforce(
        SalesforceSettings.model_validate(written),
        Context("crm", Path(), ZoneInfo("Asia/Ho_Chi_Minh")),
    )


@contextmanager
def connected(sandbox: Sandbox, **settings: Any) -> Iterator[tuple[Salesforce, dict[str, Stream]]]:
    with connector(sandbox.variables(), **settings) as one:
        yield one, {stream.name: stream for stream in one.connect()}


def read(
    sandbox: Sandbox, stream: str = "opportunities", checkpoint: Checkpoint | None = None, **settings: Any
) -> list[Page]:
    with connected(sandbox, **settings) as (one, streams):
        return list(one.read(streams[stream], checkpoint))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each key. No page has a record that could not be read."""
    assert [page.rejected for page in pages if page.rejected] == []
    return {str(record.fields["id"]): record for page in pages for record in page.records}


def opportunity_ids(agency: Agency) -> set[str]:
    return {salesforce_id("Opportunity", deal.id) for deal in agency.deals.all}


def queries(sandbox: Sandbox) -> list[int]:
    """The statuses of the answers to queries of records."""
    return [one.status for one in sandbox.requests if one.path.startswith(QUERY)]
