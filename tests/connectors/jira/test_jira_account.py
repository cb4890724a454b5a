"""What a doctor asks of the connector: who we are, what we may, how many issues there are, limits and clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from okr_sync.connector import Budget, Identity
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json
from tests.connectors.jira.conftest import Site, found, issue
from tests.connectors.jira.stand_in import connected, stand_in
from tests.loopback import Answer

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
PERMISSIONS = "/rest/api/3/mypermissions"


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=7, now=NOW, issue_count=30, ticket_count=0, survey_count=0)


@pytest.mark.parametrize(("is_admin", "unneeded"), [(False, ()), (True, ("ADMINISTER",))])
def test_identity(agency: Agency, is_admin: bool, unneeded: tuple[str, ...]) -> None:
    """The account by its address; whoever only reads needs no administrator's rights."""
    with stand_in(agency, is_admin=is_admin) as sandbox, connected(sandbox) as (connector, _):
        assert connector.identity() == Identity("okr-bot@agency.example", (), unneeded)


def test_account_that_may_see_nothing(agency: Agency) -> None:
    """Without the right to browse any project every search is empty: it is named as missing."""

    def withheld(_: faults.Call, content: Json) -> Json:
        return {"permissions": {"BROWSE_PROJECTS": {"havePermission": False}}}

    fault = faults.Fault(faults.rewritten(withheld), PERMISSIONS)
    with stand_in(agency, fault) as sandbox, connected(sandbox) as (connector, _):
        assert connector.identity() == Identity("okr-bot@agency.example", ("BROWSE_PROJECTS",), ())


def test_account_that_hides_its_address(site: Site) -> None:
    """People may hide their address even from their own token; then their name is shown."""
    site.myself = Answer({"accountId": "5b10", "displayName": "OKR bot"})
    site.permissions = Answer({"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}})
    with site.connector() as connector:
        connector.connect()
        assert connector.identity() == Identity("OKR bot")


@pytest.mark.parametrize(
    ("token", "count"),
    [(None, 2), ("t1", None)],
)
def test_count_is_exact_or_none(site: Site, token: str | None, count: int | None) -> None:
    """Ids come in pages of thousands: one such page tells; where there are more, nothing does but an approximation."""
    site.pages = [found(issue(1), issue(2), token=token)]
    with site.connector(select="project = WEB") as connector:
        stream = connector.connect()[0]
        assert connector.count(stream) == count
    assert [(one.one("fields"), one.one("maxResults")) for one in site.searches] == [("id", "5000")]
    assert site.server.paths()[1:] == ["/rest/api/3/search/jql"]


def test_other_streams_are_not_counted(agency: Agency) -> None:
    """Nobody counts changes or hours in a request or two."""
    with stand_in(agency) as sandbox, connected(sandbox) as (connector, streams):
        counts = {name: connector.count(stream) for name, stream in streams.items() if name != "issues"}
    assert counts == dict.fromkeys(["changelog", "worklogs", "sprints", "projects", "slas"])


def test_vitals(site: Site) -> None:
    """How many requests are left, and how far the site's clock is from ours, as its last answers said."""
    site.myself = Answer(
        {"accountId": "5b10"},
        headers={
            "X-RateLimit-Limit": "350",
            "X-RateLimit-Remaining": "17",
            "Date": "Mon, 05 Oct 2026 02:00:00 GMT",
        },
    )
    with site.connector(clock=lambda: datetime(2026, 10, 5, 1, 59, 30, tzinfo=UTC)) as connector:
        assert connector.vitals.budget is None
        connector.connect()
        assert connector.vitals.budget == Budget(17, 350)
        assert connector.vitals.clock_difference == timedelta(seconds=30)
