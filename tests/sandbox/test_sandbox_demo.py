"""The demo project: what it says, and that it can be run again."""

from __future__ import annotations

import csv
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from okr_sync.errors import OkrSyncError
from okr_sync.installed import installed_connectors
from okr_sync.project.goals import GoalKind
from okr_sync.project.load import load
from okr_sync.project.model import Project
from okr_sync.sandbox import Agency
from okr_sync.sandbox.demo import serve_demo, write_demo, write_demo_project
from tests.sandbox.clients import NOW


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_demo_project(tmp_path / "demo", Agency.grow(1, NOW, issue_count=0, ticket_count=0))
    return load(tmp_path / "demo", installed_connectors())


def test_project_is_right(project: Project) -> None:
    """The reference set: six objectives, each with two to four key results of every kind, one of them over teams."""
    assert set(project.sources) == {"jira", "support", "crm", "uptime", "surveys", "travel"}
    assert [one.id for one in project.objectives] == ["agency", "delivery", "operations", "seo", "service", "travel"]
    assert [len(one.counted) for one in project.objectives] == [3, 4, 4, 4, 4, 4]
    results = [result for objective in project.objectives for result in objective.key_results]
    members = [result.id for result in results if result.member_of == "finished"]
    assert members == ["finished_web", "finished_seo", "finished_ops"]
    assert {result.goal_kind for result in results} == {
        GoalKind.MOVE,
        GoalKind.KEEP,
        GoalKind.REACH,
        GoalKind.MILESTONES,
        GoalKind.ALL_OF,
    }
    assert sorted(project.kpis) == ["open_tickets", "refunds"]
    assert len(project.objectives_in(project.cycle_at(date(2026, 11, 18)))) == 6


def test_survey(project: Project) -> None:
    """One line an answer, with the time in the agency's zone; the last answer is no later than now."""
    with (project.folder / "data" / "nps.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 320
    assert list(rows[0]) == ["response_id", "answered_at", "client", "score"]
    assert all(row["answered_at"].endswith("+07:00") for row in rows)
    assert datetime.fromisoformat(rows[-1]["answered_at"]) <= NOW
    assert {int(row["score"]) for row in rows} <= set(range(11))


def test_variables_are_set_while_it_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the block the project's variables name the sandbox; after it they are what they were."""
    monkeypatch.delenv("JIRA_BASE_URL", raising=False)
    monkeypatch.setenv("JIRA_EMAIL", "before@agency.example")
    with serve_demo(tmp_path / "demo") as sandbox:
        assert os.environ["JIRA_BASE_URL"] == sandbox.url("jira")
        assert os.environ["JIRA_EMAIL"] == "okr-bot@agency.example"
    assert "JIRA_BASE_URL" not in os.environ
    assert os.environ["JIRA_EMAIL"] == "before@agency.example"


def test_second_demo_goes_on(tmp_path: Path) -> None:
    """The same folder has the same agency at the same address, whatever was changed in its files."""
    folder = tmp_path / "demo"
    with serve_demo(folder, seed=5) as first:
        (folder / "okrs" / "support.yaml").write_text("objective: khác\nid: other\nkey_results: []\n", "utf-8")
    with serve_demo(folder, seed=6) as second:
        assert (second.agency.issues, second.agency.tickets) == (first.agency.issues, first.agency.tickets)
        assert second.url("jira") == first.url("jira")
        assert second.agency.clock.now() >= datetime(2026, 1, 1, tzinfo=UTC)
        assert (folder / "okrs" / "support.yaml").read_text("utf-8").startswith("objective: khác")


def test_two_demos_of_one_folder_at_once(tmp_path: Path) -> None:
    """The second one takes another port, and does not take the first one's place."""
    folder = tmp_path / "demo"
    with serve_demo(folder) as first, serve_demo(folder) as second:
        assert first.url("jira") != second.url("jira")
    with serve_demo(folder) as third:
        assert third.url("jira") == first.url("jira")


def test_project_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A folder with a project that is not the demo is refused, and nothing in it changes."""
    mine = tmp_path / "okr-sync.yaml"
    mine.write_text("timezone: UTC\n", "utf-8")
    with pytest.raises(OkrSyncError, match="holds a project already"), serve_demo(tmp_path):
        pass
    with pytest.raises(OkrSyncError, match="holds a project already"):
        write_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["okr-sync.yaml"]
    assert mine.read_text("utf-8") == "timezone: UTC\n"
