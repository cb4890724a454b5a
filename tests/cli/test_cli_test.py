"""`okr-sync test`: the metrics' own tests, and which rows mattered where one fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.example import OkrSync, edit

SETTINGS = """\
timezone: Asia/Ho_Chi_Minh
cycle: {name: spring, start: 2025-01-01, end: 2025-04-10}
sources:
  jira: {connector: jira, url: "${NOBODY}", email: a, token: "${NOBODY}"}
  surveys: {connector: files, streams: {nps: {path: nowhere.csv, key: id, fields: {score: integer, team: text}}}}
"""
METRICS = """\
metrics:
  nps:
    stream: surveys.nps
    where: team = 'WEB'
    value: 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*)
    tests:
      - {rows: [{team: WEB, score: 10}, {team: WEB, score: 3}], expect: 0}
      - name: one from elsewhere
        rows: [{team: WEB, score: 10}, {team: WEB, score: 9}, {team: WEB, score: 7}, {team: OPS, score: 3}]
        expect: 50
  each:
    value: 1 / nps
    unit: percent
    tests:
      - {rows: [{nps: 4}], expect: 25%}
      - {rows: [{nps: 0}], expect: 0}
      - {rows: [], expect: 0}
      - {rows: [{nps: four}], expect: 0}
  answers: {stream: surveys.nps, value: count(*)}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Metrics with tests, over a source whose variables are not set."""
    monkeypatch.delenv("NOBODY", raising=False)
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "okrs" / "m.yaml").write_text(METRICS, "utf-8")
    return tmp_path


def test_failures_show_which_rows_mattered(folder: Path, okr_sync: OkrSync) -> None:
    """A failed test shows expected, got and difference, and each row with what the value would be without it."""
    said = okr_sync("test", "--project", folder)
    assert (said.code, said.err) == (3, "")
    assert [line.rstrip() for line in said.out.splitlines()] == [
        "nps",
        "  ok  test 1",
        "  failed  test 2 (one from elsewhere)  okrs/m.yaml:8",
        "      expected    50",
        "      got         66.6666666667",
        "      difference  +16.6666666667",
        "",
        "      row  team  score  counts                 without it",
        "      1    WEB   10     yes                    50 (-16.6667)",  # 100 * 1 / 2
        "      2    WEB   9      yes                    50 (-16.6667)",
        "      3    WEB   7      yes                    100 (+33.3333)",  # 100 * 2 / 2
        "      4    OPS   3      no: left out by where",
        "",
        "each",
        "  ok  test 1",
        "  failed  test 2  okrs/m.yaml:16",
        "      expected  0",
        "      got       no data",
        "  failed  test 3  okrs/m.yaml:17",
        "      a metric over metrics is tested with one row, the values of its inputs: [{nps: 1}]; this has 0 rows",
        "  failed  test 4  okrs/m.yaml:18",
        "      row 1: nps is 'four', not a number",
        "6 tests: 4 failed; metrics without tests: answers",
    ]


def test_tests_of_one_metric_as_json(folder: Path, okr_sync: OkrSync) -> None:
    """Machines get every test of the metrics asked for, whole numbers of a failure included."""
    said = okr_sync("test", "nps", "--json", "--project", folder)
    first, second = json.loads(said.out)["tests"]
    assert said.code == 3
    assert first == {
        "metric": "nps",
        "number": 1,
        "name": None,
        "place": "okrs/m.yaml:7",
        "has_passed": True,
        "expected": 0.0,
        "value": 0.0,
        "difference": 0.0,
        "error": None,
        "rows": [],
    }
    assert (second["name"], second["has_passed"], second["expected"]) == ("one from elsewhere", False, 50.0)
    assert second["rows"][3] == {"row": {"team": "OPS", "score": 3}, "counts": False, "value_without": None}


def test_all_well(folder: Path, okr_sync: OkrSync) -> None:
    """Where every test passes, the exit code says so."""
    edit(folder / "okrs" / "m.yaml", "expect: 50", "expect: 66.66666666666667")
    said = okr_sync("test", "nps", "--project", folder)
    assert (said.code, said.out.splitlines()[-1]) == (0, "2 tests: all passed")


def test_no_tests(folder: Path, okr_sync: OkrSync) -> None:
    """A metric without tests is named, and is no failure."""
    said = okr_sync("test", "answers", "--project", folder)
    assert (said.code, said.out) == (0, "no tests; metrics without tests: answers\n")


def test_metric_that_does_not_exist(folder: Path, okr_sync: OkrSync) -> None:
    """A misspelt metric is told with the nearest one."""
    said = okr_sync("test", "npss", "--project", folder)
    assert (said.code, said.out) == (2, "")
    assert said.err == "there is no metric 'npss' in the project; did you mean 'nps'?\n"


def test_check_runs_the_same_tests(folder: Path, okr_sync: OkrSync, monkeypatch: pytest.MonkeyPatch) -> None:
    """`okr-sync check` names the failures, a line each."""
    monkeypatch.setenv("NOBODY", "https://nobody.example")
    said = okr_sync("check", "--project", folder)
    assert said.code == 3
    assert said.err.splitlines()[0] == (
        "okrs/m.yaml:8: metrics.nps.tests: test 2 (one from elsewhere): gives 66.6666666667, expected 50"
    )
    assert len(said.err.splitlines()) == 4
