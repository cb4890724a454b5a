"""Where several cycles run at the same time, each objective is computed, stored and shown within its own.

The points of the records are powers of two, so that a sum tells which of them counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.errors import OkrSyncError, ProjectError
from okr_sync.pipeline import SyncOptions
from okr_sync.report import StatusReport
from okr_sync.store import Observation
from okr_sync.terminal.status import print_status
from okr_sync.workspace import open_workspace
from tests.soundness.desk import QUARTERS, Desk
from tests.soundness.desk import day as day_of

TET = {"name": "Tết 2027", "start": "2027-01-15", "end": "2027-02-28"}
YEAR = {"starts": ["jan"]}
CLOSED = {"stream": "desk.tasks", "time": "closed_at", "value": "sum(points)"}
METRICS = {
    "closed": CLOSED,
    "before": {**CLOSED, "window": "previous_cycle"},
    "same_days": {**CLOSED, "window": "previous_cycle to date"},
}


def closed(points: int, closed_at: str) -> str:
    return f"{points},2025-01-01,2025-01-01,{closed_at},done,{points}"


def objective(name: str, cycle: str | None = None, **others: Any) -> dict[str, Any]:
    """An objective with a key result for each metric, all of whose ids begin with its name."""
    key_results = [{"id": f"{name}_{one}", "name": one, "metric": one, "target": 100} for one in METRICS]
    written = {"objective": name, "id": name, "key_results": key_results, **others}
    return written if cycle is None else {**written, "cycle": cycle}


def side_by_side(folder: Path, *kinds: Mapping[str, Any], **objectives: Mapping[str, Any]) -> Desk:
    desk = Desk(folder, cycles={"cycles": list(kinds)})
    for name, one in objectives.items():
        desk.write_json(f"okrs/{name}.yaml", one)
    desk.write_json("okrs/metrics.yaml", {"metrics": METRICS})
    return desk


def values(desk: Desk, now: str, as_of: str | None = None) -> dict[tuple[str, str], float | None]:
    """By cycle and key result."""
    return {(one.cycle, one.key_result): one.value for one in observed(desk, now, as_of)}


def observed(desk: Desk, now: str, as_of: str | None = None) -> list[Observation]:
    return [one.observation for one in desk.run(now, as_of).outcomes]


def status(desk: Desk, as_of: str | None = None) -> StatusReport:
    return pipeline.status(desk.folder, day_of(as_of), desk.clock)


def printed(report: StatusReport) -> list[str]:
    file = StringIO()
    print_status(report, Console(file=file, width=120))
    return [line.rstrip() for line in file.getvalue().splitlines() if line.strip()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = side_by_side(
        tmp_path, QUARTERS, YEAR, TET, team=objective("team"), company=objective("company", "2026"),
        season=objective("season", "Tết 2027"),
    )  # fmt: skip
    desk.tasks(
        closed(1, "2025-12-31T23:59:59.999"),
        closed(2, "2026-01-01T00:00"),
        closed(4, "2026-09-30T23:59:59.999"),
        closed(8, "2026-10-01T00:00"),
        closed(16, "2026-12-31T23:59:59.999"),
        closed(32, "2027-01-15T00:00"),
    )
    return desk


def test_each_objective_is_computed_within_its_own_cycle(desk: Desk) -> None:
    """The same formula over the year and over the quarter; the quarter before is not the year before."""
    assert values(desk, "2026-10-10T12:00+07:00") == {
        ("2026-Q4", "team_closed"): 8,
        ("2026-Q4", "team_before"): 4,
        ("2026-Q4", "team_same_days"): None,  # nothing was closed from 1 July to noon of the 10th
        ("2026", "company_closed"): 2 + 4 + 8,
        ("2026", "company_before"): 1,
        ("2026", "company_same_days"): None,
    }


def test_expected_progress_is_of_each_cycle(desk: Desk) -> None:
    """On 31 October, 31 of 92 days of the quarter are over, and 304 of 365 of the year."""
    expected = {one.cycle: one.expected_progress for one in observed(desk, "2026-11-10T12:00+07:00", "2026-10-31")}
    assert expected == {"2026-Q4": pytest.approx(31 / 92), "2026": pytest.approx(304 / 365)}


@pytest.mark.parametrize(
    ("as_of", "cycles"),
    [
        ("2026-12-31", {"2026-Q4", "2026"}),
        ("2027-01-01", {"2027-Q1"}),  # `company` is of 2026 alone
        ("2027-01-14", {"2027-Q1"}),
        ("2027-01-15", {"2027-Q1", "Tết 2027"}),
        ("2027-02-28", {"2027-Q1", "Tết 2027"}),
        ("2027-03-01", {"2027-Q1"}),
    ],
)
def test_a_cycle_counts_on_its_days_alone(desk: Desk, as_of: str, cycles: set[str]) -> None:
    """Beside others, a fixed cycle is there from its first day to its last, and an objective with its cycle."""
    assert {one.cycle for one in observed(desk, "2027-03-10T12:00+07:00", as_of)} == cycles
    assert {one.cycle for one in status(desk, as_of).objectives} == cycles


def test_fixed_cycle_beside_others(desk: Desk) -> None:
    """Its window begins with it, and before it lie as many days: 45, from 1 December on."""
    found = values(desk, "2027-01-15T12:00+07:00")
    assert {name: value for (cycle, name), value in found.items() if cycle == "Tết 2027"} == {
        "season_closed": 32,
        "season_before": 16,
        "season_same_days": None,  # 1 December until noon
    }


def test_plan_explain_and_status_agree_with_run(desk: Desk) -> None:
    """Every command looks at each key result within its own cycle."""
    desk.now = desk.now.replace(month=11)
    pipeline.run(desk.folder, SyncOptions(), clock=desk.clock)
    planned = pipeline.plan(desk.folder, clock=desk.clock)
    assert [one.is_changed for one in planned.outcomes] == [False] * 6
    report = status(desk)
    assert [(one.id, one.cycle) for one in report.objectives] == [("team", "2026-Q4"), ("company", "2026")]
    stored = {one.id: one.value for each in report.objectives for one in each.key_results}
    assert (stored["team_closed"], stored["company_closed"]) == (8, 14)
    for name, cycle, value in (("team_closed", "2026-Q4", 8), ("company_closed", "2026", 14)):
        found = pipeline.explain(desk.folder, name, clock=desk.clock)
        assert (found.as_of.cycle.name, found.values["closed"].value, found.report.value) == (cycle, value, value)
    with pytest.raises(OkrSyncError, match="there is no key result 'season_closed' in 2026-Q4 or 2026"):
        pipeline.explain(desk.folder, "season_closed", clock=desk.clock)


def test_status_is_grouped_by_cycle(desk: Desk) -> None:
    """Where there is more than one cycle, each has its heading; JSON says the cycle of each objective."""
    desk.run("2026-10-10T12:00+07:00")
    report = status(desk)
    lines = printed(report)
    assert lines[0] == "2026-Q4 and 2026 as of 10 Oct 2026, │ marks expected progress"
    headings = [line.split(" ─")[0] for line in lines if line.endswith("──")]
    assert headings == ["2026-Q4", "2026"]
    content = json.loads(json.dumps(report.as_json()))
    assert (content["cycle"], [one["cycle"] for one in content["objectives"]]) == ("2026-Q4", ["2026-Q4", "2026"])


def test_status_of_one_cycle_has_no_headings(desk: Desk) -> None:
    """Cycles without an objective do not show."""
    desk.run("2027-01-02T12:00+07:00")
    lines = printed(status(desk))
    assert lines[0] == "2027-Q1 as of 2 Jan 2027, │ marks expected progress"
    assert not [line for line in lines if line.endswith("──")]


def test_objective_without_a_cycle_is_of_the_first_kind(tmp_path: Path) -> None:
    """The order of the kinds decides whether it runs by the year or by the quarter."""
    desk = side_by_side(tmp_path, YEAR, QUARTERS, team=objective("team"))
    desk.tasks(closed(2, "2026-01-01T00:00"), closed(8, "2026-10-01T00:00"))
    assert values(desk, "2026-10-10T12:00+07:00")["2026", "team_closed"] == 10


def test_fixed_cycles_one_after_the_other(tmp_path: Path) -> None:
    """Where all are fixed, the one that ended last stays until the next begins, and before the first there is none."""
    first = {"name": "one", "start": "2026-10-01", "end": "2026-10-10"}
    second = {"name": "two", "start": "2026-10-21", "end": "2026-10-31"}
    one, two = objective("a", "one"), objective("b", "two")
    desk = side_by_side(tmp_path, first, second, a=one, b=two)
    desk.tasks(closed(1, "2026-10-10T23:59:59.999"), closed(2, "2026-10-11T00:00"), closed(4, "2026-10-21T00:00"))
    now = "2026-11-10T12:00+07:00"
    found = {day: values(desk, now, day) for day in ("2026-10-10", "2026-10-20", "2026-10-21", "2026-11-09")}
    closed_points = {day: {name: one for (_, name), one in those.items() if name.endswith("closed")}
                     for day, those in found.items()}  # fmt: skip
    assert closed_points == {
        "2026-10-10": {"a_closed": 1},
        "2026-10-20": {"a_closed": 1},
        "2026-10-21": {"b_closed": 4},
        "2026-11-09": {"b_closed": 4},
    }
    with pytest.raises(OkrSyncError, match="as of 2026-09-30: cycle one begins on 2026-10-01"):
        desk.run(now, "2026-09-30")


def test_one_day_cycle(tmp_path: Path) -> None:
    """A cycle of one day begins at its midnight, ends after its evening, and is over then."""
    desk = side_by_side(
        tmp_path, QUARTERS, {"name": "day", "start": "2026-10-05", "end": "2026-10-05"}, a=objective("a", "day")
    )
    desk.tasks(
        closed(1, "2026-10-04T00:00"),
        closed(2, "2026-10-04T23:59:59.999"),
        closed(4, "2026-10-05T00:00"),
        closed(8, "2026-10-05T23:59:59.999"),
        closed(16, "2026-10-06T00:00"),
    )
    found = observed(desk, "2026-10-07T12:00+07:00", "2026-10-05")
    assert {one.key_result: one.value for one in found} == {"a_closed": 12, "a_before": 3, "a_same_days": 3}
    assert {(one.expected_progress, one.status) for one in found} == {(1.0, "missed")}


def test_same_id_in_cycles_that_never_meet(tmp_path: Path) -> None:
    """Per-cycle folders keep their ids: each day shows its own cycle's objective, and history keeps them apart."""
    desk = side_by_side(tmp_path, QUARTERS, YEAR)
    for cycle, target in (("2026-Q3", 10), ("2026-Q4", 20)):
        one = {"id": "closed", "name": cycle, "metric": "closed", "target": target}
        desk.write_json(f"okrs/{cycle}/all.yaml", {"objective": cycle, "id": "all", "key_results": [one]})
    desk.tasks(closed(1, "2026-09-30T12:00"), closed(2, "2026-10-01T12:00"))
    now = "2026-10-10T12:00+07:00"
    assert {(one.cycle, one.value, one.target) for one in observed(desk, now, "2026-09-30")} == {("2026-Q3", 1, 10)}
    assert {(one.cycle, one.value, one.target) for one in observed(desk, now)} == {("2026-Q4", 2, 20)}
    assert [one.name for one in status(desk, "2026-09-30").objectives] == ["2026-Q3"]
    assert [one.value for one in desk.history("closed")] == [2]
    assert pipeline.explain(desk.folder, "closed", day_of("2026-09-30"), clock=desk.clock).report.target == 10


def test_same_id_in_cycles_that_meet(tmp_path: Path) -> None:
    """A quarter and the year around it run at the same time, so that one id would name two things."""
    desk = side_by_side(tmp_path, QUARTERS, YEAR, a=objective("all", "2026"), b=objective("all", "2026-Q4"))
    with pytest.raises(ProjectError) as caught:
        open_workspace(desk.folder)
    met = "and cycles 2026 and 2026-Q4 run at the same time; choose another id"
    assert [(one.place, one.field, one.message) for one in caught.value.problems][:2] == [
        ("okrs/b.yaml:1", "id", f"the objective 'all' exists already, at okrs/a.yaml:1, {met}"),
        (
            "okrs/b.yaml:1",
            "key_results.all_closed.id",
            f"the key result 'all_closed' exists already, at okrs/a.yaml:1, {met}",
        ),
    ]


def test_more_days_than_there_are_records(tmp_path: Path) -> None:
    """A window that begins before anything is known counts what there is, and a previous cycle without records none."""
    desk = Desk(tmp_path)
    desk.okrs({
        "long": {**CLOSED, "window": "trailing 99999 days"},
        "before": {**CLOSED, "window": "previous_cycle", "value": "count(*)"},
    })  # fmt: skip
    desk.tasks(closed(1, "2026-10-01T12:00"))
    assert desk.values() == {"long": 1, "before": 0}
