"""Worklogs: all of them once, then what was written, changed and deleted since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okr_sync.connector import IncompleteError, UnavailableError
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.records import Worklog
from tests.connectors.jira.stand_in import asked, connected, landed, read, stand_in

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
UPDATED = "/rest/api/3/worklog/updated"


@pytest.fixture
def agency() -> Agency:
    """Its last worklogs are minutes old: Jira tells of them by now."""
    one = Agency.grow(seed=7, now=NOW - timedelta(minutes=5), issue_count=40, ticket_count=0, survey_count=0)
    assert len(one.worklogs) > 100
    one.clock.advance(timedelta(minutes=5))
    return one


def known(agency: Agency) -> dict[str, tuple[Any, ...]]:
    return {
        str(one.id): (str(one.issue_id), one.started_at, one.seconds / 3600, one.updated_at)
        for one in agency.worklogs.all
    }


def shown(present: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    names = ("issue_id", "started_at", "spent_hours", "updated_at")
    return {key: tuple(one[name] for name in names) for key, one in present.items()}


@pytest.mark.parametrize(("options", "requests"), [({}, 3), ({"list_cap": 50}, 7)])
def test_first_read(agency: Agency, options: dict[str, Any], requests: int) -> None:
    """Every worklog, page by page: account, and two requests a page; there is nothing to delete yet."""
    assert 101 <= len(agency.worklogs) <= 150
    with stand_in(agency, **options) as sandbox:
        pages = read(sandbox, "worklogs")
    assert shown(landed(pages)) == known(agency)
    assert len(sandbox.requests) == requests
    assert "worklog/deleted" not in asked(sandbox)


def test_hours_are_hours(agency: Agency) -> None:
    """5400 seconds are an hour and a half; nothing logged is 0 hours, not missing."""
    issue = agency.issues[0]
    for number, seconds in ((1, 5400), (2, 0)):
        agency.worklogs.add(Worklog(number, issue.id, "dev", NOW, seconds, NOW, NOW))
    agency.clock.advance(timedelta(hours=1))
    with stand_in(agency) as sandbox:
        present = landed(read(sandbox, "worklogs"))
    assert (present["1"]["spent_hours"], present["2"]["spent_hours"]) == (1.5, 0.0)
    assert (present["1"]["author"], present["1"]["created_at"]) == ("Nhóm lập trình", NOW)


def test_changes_and_deletions(agency: Agency) -> None:
    """The next night brings what was changed, and a tombstone for what was deleted; a night without costs three."""
    with stand_in(agency) as sandbox:
        pages = read(sandbox, "worklogs")
        agency.clock.advance(timedelta(days=1))
        edited, gone, *_ = agency.worklogs.all
        agency.worklogs.edit(edited.id, seconds=7200)
        agency.worklogs.delete(gone.id)
        agency.clock.advance(timedelta(hours=1))
        second = read(sandbox, "worklogs", pages[-1].checkpoint)
        assert shown(landed(second, landed(pages))) == known(agency)
        (tombstone,) = [one for page in second for one in page.records if one.is_deleted]
        assert tombstone.fields == {"id": str(gone.id), "updated_at": NOW + timedelta(days=1)}
        before = len(sandbox.requests)
        agency.clock.advance(timedelta(days=1))
        assert landed(read(sandbox, "worklogs", second[-1].checkpoint)) == {}
        assert asked(sandbox, before) == ["myself", "worklog/deleted", "worklog/updated"]
        # A day and an hour after the start, five minutes of lag and ten of overlap before that.
        since = int((NOW + timedelta(days=1, hours=1) - timedelta(minutes=15)).timestamp() * 1000)
        assert [one.query for one in sandbox.requests[before + 1 :]] == [f"since={since}"] * 2


def test_last_minute_comes_with_the_next_read(agency: Agency) -> None:
    """Jira does not tell of the last minute yet; what was logged in it is not lost."""
    with stand_in(agency) as sandbox:
        agency.clock.advance(timedelta(hours=1))
        edited = agency.worklogs.edit(agency.worklogs.all[0].id, seconds=60)
        agency.clock.advance(timedelta(seconds=30))
        first = read(sandbox, "worklogs")
        assert str(edited.id) not in landed(first)
        agency.clock.advance(timedelta(minutes=5))
        assert shown(landed(read(sandbox, "worklogs", first[-1].checkpoint))) == {
            str(edited.id): known(agency)[str(edited.id)]
        }


def test_ties_over_the_border_of_a_page(agency: Agency) -> None:
    """Worklogs of one instant that a page cuts in two are all read, whichever side of it the next page begins on."""
    agency.clock.advance(timedelta(hours=1))
    for one in agency.worklogs.all[:15]:
        agency.worklogs.edit(one.id, seconds=60)
    agency.clock.advance(timedelta(hours=1))
    with stand_in(agency, list_cap=len(agency.worklogs) - 5) as sandbox:
        assert shown(landed(read(sandbox, "worklogs"))) == known(agency)


def test_interrupted_read_goes_on(agency: Agency) -> None:
    """A first read that breaks off goes on near its last page, and deletions since its beginning are not lost."""
    broken = faults.Fault(faults.server_error(500), UPDATED, requests=range(3, 9))
    with stand_in(agency, broken, list_cap=50) as sandbox:
        pages = []
        with connected(sandbox) as (connector, streams), pytest.raises(UnavailableError):
            for page in connector.read(streams["worklogs"], None):
                pages.append(page)  # noqa: PERF402 - those before the error count
        assert len(landed(pages)) >= 99
        agency.clock.advance(timedelta(hours=1))
        agency.worklogs.delete(agency.worklogs.all[0].id)
        agency.clock.advance(timedelta(hours=1))
        rest = read(sandbox, "worklogs", pages[-1].checkpoint)
    assert shown(landed(rest, landed(pages))) == known(agency)


@pytest.mark.parametrize(
    "change",
    [{"values": None}, {"lastPage": None}, {"lastPage": False, "until": None}, {"lastPage": False, "until": 5}],
)
def test_answers_that_are_not_the_whole(agency: Agency, change: dict[str, Any]) -> None:
    """Without values, an end, a way to go on, or with one that leads nowhere, the read is incomplete."""
    deed = faults.rewritten(lambda _, content: content | change)
    with stand_in(agency, faults.Fault(deed, UPDATED)) as sandbox, pytest.raises(IncompleteError):
        read(sandbox, "worklogs")


def test_worklog_that_cannot_be_read(agency: Agency) -> None:
    """One entry that is none is named, and the others are there."""

    def spoil(_: faults.Call, content: Any) -> Any:
        return [{**content[0], "timeSpentSeconds": "long"}, *content[1:]]

    with stand_in(agency, faults.Fault(faults.rewritten(spoil), "/rest/api/3/worklog/list")) as sandbox:
        pages = read(sandbox, "worklogs")
    (rejected,) = pages[0].rejected
    assert rejected.reason.startswith("spent_hours cannot be read as number")
    assert len(landed(pages)) == len(agency.worklogs) - 1
