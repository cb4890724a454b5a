"""One agency, seen by every system: whichever is asked, the number is the one that the agency's own records give.

The expected values are counted here from the records, in plain Python, without any of the engine's code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okr_sync import pipeline
from okr_sync.pipeline import RunReport, SyncOptions
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.database import write_database
from okr_sync.sandbox.serve import Wishes, write_tour

NOW = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 10, 1, tzinfo=HANOI)


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Agency, RunReport]]:
    folder = tmp_path_factory.mktemp("tour") / "project"
    write_tour(folder)
    agency = Wishes(size=0.5, now=NOW, is_frozen=True).grow()
    with Sandbox(agency) as sandbox, pytest.MonkeyPatch.context() as patch:
        write_database(folder / "agency.db", agency)
        for name, value in {**sandbox.variables(), "AGENCY_DATABASE": "sqlite:///agency.db"}.items():
            patch.setenv(name, value)
        yield agency, pipeline.run(folder, SyncOptions(), clock=agency.clock.now)


def value(report: RunReport, key_result: str) -> float:
    (found,) = [one.observation.value for one in report.outcomes if one.key_result.id == key_result]
    assert found is not None
    return found


def test_every_source_is_read(toured: tuple[Agency, RunReport]) -> None:
    """No stream fails, and no number is withheld."""
    _, report = toured
    assert [(one.source, one.stream, one.error) for one in report.failed_syncs] == []
    assert report.withheld == []


def test_surveys(toured: tuple[Agency, RunReport]) -> None:
    """The NPS of the cycle, from Notion and from Lark."""
    agency, report = toured
    scores = [one.score for one in agency.surveys.all if one.answered_at >= START]
    nps = 100 * (sum(one >= 9 for one in scores) - sum(one <= 6 for one in scores)) / len(scores)
    assert value(report, "nps") == pytest.approx(nps)
    assert value(report, "nps_again") == pytest.approx(nps)


def test_work(toured: tuple[Agency, RunReport]) -> None:
    """What was done after its due day, of all that was done in the cycle, from Jira and from Asana."""
    agency, report = toured
    done = [one for one in agency.issues if one.status in ("Done", "Cancelled") and one.due_on is not None]
    done = [one for one in done if one.status_changed_at >= START]
    late = [one for one in done if one.due_on and one.status_changed_at.astimezone(HANOI).date() > one.due_on]
    assert value(report, "late") == pytest.approx(len(late) / len(done))
    assert value(report, "late_again") == pytest.approx(len(late) / len(done))


def test_sales(toured: tuple[Agency, RunReport]) -> None:
    """Contracts that were renewed, of all that were decided in the cycle, from Salesforce and from HubSpot."""
    agency, report = toured
    closed = [one for one in agency.deals.all if one.pipeline == "renewal" and one.closed_at and one.closed_at >= START]
    share = sum(one.stage == "won" for one in closed) / len(closed)
    assert value(report, "renewals") == pytest.approx(share)
    assert value(report, "renewals_again") == pytest.approx(share)


def test_time_to_contract(toured: tuple[Agency, RunReport]) -> None:
    """Days from the first contact to the signature, of what was signed in the cycle, from the stages of HubSpot."""
    agency, report = toured
    won = [one for one in agency.deals.all if one.pipeline == "new" and one.stage == "won"]
    spans = [one.closed_at - one.created_at for one in won if one.closed_at and one.closed_at >= START]
    assert value(report, "cycle_time") == pytest.approx(sum(spans, timedelta()) / timedelta(days=1) / len(spans))


def test_support(toured: tuple[Agency, RunReport]) -> None:
    """Hours to the first reply of what came in during the cycle, from three desks; Zendesk counts whole minutes."""
    agency, report = toured
    replied = [one for one in agency.tickets if one.created_at >= START and one.first_reply_seconds is not None]
    hours = [timedelta(seconds=one.first_reply_seconds or 0) / timedelta(hours=1) for one in replied]
    assert value(report, "response") == pytest.approx(sum(hours) / len(hours), abs=1 / 60)
    assert value(report, "response_again") == pytest.approx(sum(hours) / len(hours))
    assert value(report, "response_too") == pytest.approx(sum(hours) / len(hours))


def test_bookings_and_uptime(toured: tuple[Agency, RunReport]) -> None:
    """Visits that were booked, from a database; hours of outage, from an API that is declared."""
    agency, report = toured
    visits = [one for one in agency.visits.all if one.started_at >= START]
    assert value(report, "conversion") == pytest.approx(sum(one.reached == "booked" for one in visits) / len(visits))
    outages = [one for one in agency.outages.all if one.started_at >= START]
    hours = sum(((one.ended_at or NOW) - one.started_at) / timedelta(hours=1) for one in outages)
    assert value(report, "downtime") == pytest.approx(hours)
