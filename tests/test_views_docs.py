"""The examples of docs/views.md, loaded as a project and run over files: values worked out by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from okr_sync import pipeline
from okr_sync.workspace import Workspace, open_workspace

PAGE = Path(__file__).parents[1] / "docs" / "views.md"
NOW = datetime(2026, 11, 10, 5, tzinfo=UTC)
"""Noon in Hanoi."""
FILES = {
    # A renews 1 of 2, B 1 of 1, C 0 of 1. An sold 30 of 25, Bình 5 of 10, Chi nothing of 0.
    "deals": "id,client,pipeline,is_won,amount,owner\n"
    "d1,A,renewal,true,10,An\nd2,A,renewal,false,99,An\nd3,B,renewal,true,20,An\nd4,C,renewal,false,7,Bình\n"
    "d5,C,new,true,5,Bình\n",
    "people": "name,quota\nAn,25\nBình,10\nChi,0\n",
    "contracts": "client,value\nA,300\nB,100\nD,5000\n",
    # A: 1 and 3 hours, mean 2; B: open for 6 hours at noon. D never wrote.
    "tickets": "id,client,created_at,first_replied_at\n"
    "t1,A,2026-11-01 08:00,2026-11-01 09:00\nt2,A,2026-11-02 08:00,2026-11-02 11:00\nt3,B,2026-11-10 06:00,\n",
    # W-1: 2 hours and 1 hour in review, renamed meanwhile; W-2: 10 hours, still in review; W-3: never.
    "issues": "key,status,title,created_at,updated_at\n"
    "W-1,Open,a,2026-11-01 08:00,2026-11-01 08:00\nW-1,In Review,a,2026-11-01 08:00,2026-11-01 10:00\n"
    "W-1,In Review,b,2026-11-01 08:00,2026-11-01 12:00\nW-1,Done,b,2026-11-01 08:00,2026-11-01 13:00\n"
    "W-2,In Review,c,2026-11-10 02:00,2026-11-10 02:00\nW-3,Open,d,2026-11-05 08:00,2026-11-05 08:00\n",
}
SOURCES = """
timezone: Asia/Ho_Chi_Minh
cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}
sources:
  crm:
    connector: files
    streams:
      deals: {path: deals.csv, key: id, fields: {amount: {type: number}, is_won: {type: boolean}}}
      contracts: {path: contracts.csv, key: client, fields: {value: {type: number}}}
  hr: {connector: files, streams: {people: {path: people.csv, key: name, fields: {quota: {type: number}}}}}
  support:
    connector: files
    streams:
      tickets:
        path: tickets.csv
        key: id
        fields: {created_at: {type: timestamp}, first_replied_at: {type: timestamp}}
  jira:
    connector: files
    streams:
      issues:
        path: issues.csv
        key: key
        version_at: updated_at
        created_at: created_at
        fields: {created_at: {type: timestamp}, updated_at: {type: timestamp}}
"""
EXPECTED = {
    "mean_renewal": (0.5 + 1 + 0) / 3,
    "at_quota": 2 / 3,  # An, and Chi, whose quota is 0
    "weighted_response": (2 * 300 + 6 * 100) / 400,
    "review": (3 + 10) / 2,
    "hours_in_review": 3 + 10,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of all the page's examples, each metric with a key result."""
    (tmp_path / "okr-sync.yaml").write_text(SOURCES, "utf-8")
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    (tmp_path / "okrs").mkdir()
    names = []
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[:-1]):
        (tmp_path / "okrs" / f"{number}.yaml").write_text(block, "utf-8")
        names += yaml.safe_load(block)["metrics"]
    key_results = [{"id": name, "name": name, "metric": name, "at_least": 0} for name in names]
    objective = {"objective": "Phục vụ tốt", "id": "service", "key_results": key_results}
    (tmp_path / "okrs" / "service.yaml").write_text(yaml.safe_dump(objective, allow_unicode=True), "utf-8")
    return tmp_path


def opened(folder: Path) -> Workspace:
    return open_workspace(folder, lambda: NOW)


def test_examples(folder: Path) -> None:
    """Each example gives the value worked out by hand."""
    report = pipeline.run(folder, pipeline.SyncOptions(), clock=lambda: NOW)
    found = {one.key_result.id: one.observation.value for one in report.outcomes}
    assert found == {name: pytest.approx(value) for name, value in EXPECTED.items()}


def test_metric_test_over_a_view(folder: Path) -> None:
    """The page's test of a metric gives rows of the view."""
    *_, block = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    metrics = yaml.safe_load((folder / "okrs" / "0.yaml").read_text("utf-8"))
    (folder / "okrs" / "0.yaml").write_text(yaml.safe_dump({**metrics, **yaml.safe_load(block)}), "utf-8")
    pipeline.check(folder, lambda: NOW)


def test_lineage(folder: Path) -> None:
    """A key result over a view depends on the streams below it, which are synced for it."""
    workspace = opened(folder)
    key_results = {one.id: one for one in workspace.project.objectives[0].key_results}
    assert workspace.streams_read(key_results["weighted_response"]) == ["crm.contracts", "support.tickets"]
    assert workspace.streams_read(key_results["hours_in_review"]) == ["jira.issues"]
    plans = {plan.source: list(plan.settings_hashes) for plan in workspace.plans()}
    assert plans == {"crm": ["deals", "contracts"], "hr": ["people"], "support": ["tickets"], "jira": ["issues"]}


def test_definition(folder: Path) -> None:
    """A change of a view below changes the definition of the key results over it, and of no other."""
    before = opened(folder).definitions
    path = folder / "okrs" / "1.yaml"
    path.write_text(path.read_text("utf-8").replace("where is_won", "where is_won and amount > 0"), "utf-8")
    after = opened(folder).definitions
    assert {name for name in before if before[name].hash != after[name].hash} == {"at_quota"}


def test_gates_of_the_streams_below(folder: Path) -> None:
    """A sync of a stream below a view that is not complete withholds the value over the view."""
    pipeline.run(folder, pipeline.SyncOptions(), clock=lambda: NOW)
    (folder / "people.csv").unlink()
    report = pipeline.run(folder, pipeline.SyncOptions(), clock=lambda: NOW)
    status = {one.key_result.id: str(one.observation.status) for one in report.outcomes}
    assert {name for name, each in status.items() if each == "withheld"} == {"at_quota"}


def test_repeated_key_is_withheld(folder: Path) -> None:
    """A declared key that the data do not keep withholds the value, with the reason."""
    view = {"key": "client", "select": "select client, amount from crm.deals"}
    metrics = {"mean_renewal": {"stream": "renewal_by_client", "value": "sum(amount)"}}
    text = yaml.safe_dump({"views": {"renewal_by_client": view}, "metrics": metrics})
    (folder / "okrs" / "0.yaml").write_text(text, "utf-8")
    report = pipeline.run(folder, pipeline.SyncOptions(), clock=lambda: NOW)
    (observation,) = [one.observation for one in report.outcomes if one.key_result.id == "mean_renewal"]
    assert (observation.status, observation.value) == ("withheld", None)
    assert "client is not a key of view renewal_by_client: 2 values of it stand in several rows, such as A in 2" in (
        observation.reason
    )


def test_streams_and_evidence(folder: Path) -> None:
    """`streams` lists views after the streams, and `explain` shows the rows of the view."""
    pipeline.run(folder, pipeline.SyncOptions(), clock=lambda: NOW)
    reports = {one.name: one for one in pipeline.streams(folder, lambda: NOW)}
    assert reports["response_and_value"].below == ("crm.contracts", "support.tickets")
    explanation = pipeline.explain(folder, "weighted_response", clock=lambda: NOW)
    (evidence,) = explanation.evidence
    assert (evidence.columns, sorted(evidence.rows)) == (
        ("client", "response", "value"),
        [("A", 2.0, 300.0), ("B", 6.0, 100.0)],
    )
