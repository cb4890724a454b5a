"""A day is provisional until it has settled: late data restates it quietly until then, and loudly afterwards."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from typing import Any

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.closing import Closer
from okr_sync.pipeline import RunReport
from okr_sync.planning import FailOn, Kind
from okr_sync.terminal.run import print_changes
from okr_sync.workspace import open_workspace
from tests.soundness.desk import Desk

N = {"stream": "desk.tasks", "value": "count(*)"}
FIRST = "1,2026-10-01,2026-10-01T09:00,,open,1"
LATE = "2,2026-10-02,2026-10-02T09:00,,open,1"


def write(desk: Desk, settle: str | None, **metric: Any) -> None:
    trust = {} if settle is None else {"trust": {"settle": settle}}
    desk.okrs({"n": {**N, **trust, **metric}}, n={"metric": "n", "target": 100})


def told(desk: Desk) -> list[tuple[int, int, float | None, bool]]:
    """Day, revision, value and whether it is provisional."""
    return [(one.as_of.day, one.revision, one.value, one.is_provisional) for one in desk.history("n")]


def printed(report: RunReport) -> str:
    console = Console(file=io.StringIO(), width=120)
    print_changes(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def nights(desk: Desk, late_on: int, last: int) -> list[RunReport]:
    """A run at 22:00 of every day from 2 October; a task of the 2nd comes to be known on another day."""
    reports = []
    for number in range(2, last + 1):
        desk.tasks(FIRST, *([LATE] if number >= late_on else []))
        reports.append(desk.run(f"2026-10-{number:02}T22:00+07:00"))
    return reports


def test_late_within_settling_is_quiet(desk: Desk) -> None:
    """2 October settles at the end of the 4th. What landed on the 4th reaches it by itself; on the 5th it is final."""
    write(desk, "2d")
    reports = nights(desk, late_on=4, last=5)
    assert [one for one in told(desk) if one[0] == 2] == [(2, 1, 1, True), (2, 2, 2, True), (2, 3, 2, False)]
    assert [one for one in told(desk) if one[0] == 3] == [(3, 1, 1, True), (3, 2, 2, True)]
    assert [[(one.observation.as_of.day, one.observation.value) for one in report.settled] for report in reports] == [
        [],
        [],
        [(2, 2), (3, 2)],
        [(2, 2)],
    ]
    assert [report.restated for report in reports] == [[]] * 4
    assert "settling: 2 values restated on 2 provisional days, 0 final" in printed(reports[2])
    assert "restated:" not in printed(reports[2])


def test_late_after_settling_is_loud(desk: Desk) -> None:
    """The final 2nd stays by itself; whoever computes it is told, by plan and by run, and --fail-on stops it."""
    write(desk, "2d")
    nights(desk, late_on=6, last=7)
    assert [one for one in told(desk) if one[0] == 2] == [(2, 1, 1, True), (2, 2, 1, False)]
    plan = pipeline.plan(desk.folder, date(2026, 10, 2), desk.clock)
    assert [one.name for one in plan.restated] == ["n"]
    assert plan.failing(FailOn.RESTATEMENT) == ["n would restate 2026-10-02, which is final"]
    report = desk.run(as_of="2026-10-02", sync=False)
    assert "restated, which was final:" in printed(report)
    assert told(desk)[2] == (2, 3, 2, False)


def test_nothing_settles_where_nothing_says_so(desk: Desk) -> None:
    """Without `settle:` a day stays as its run stored it, and nothing is provisional."""
    write(desk, None)
    reports = nights(desk, late_on=4, last=5)
    assert told(desk) == [(2, 1, 1, False), (3, 1, 1, False), (4, 1, 2, False), (5, 1, 2, False)]
    assert [report.settled for report in reports] == [[]] * 4


def test_the_project_has_a_default_and_a_metric_its_own(desk: Desk) -> None:
    """`settle: 0d` of a metric is final at once, where the project says 2d."""
    text = json.loads((desk.folder / "okr-sync.yaml").read_text("utf-8"))
    desk.write_json("okr-sync.yaml", {**text, "trust": {"settle": "2d"}})
    desk.okrs({"n": N, "m": {**N, "trust": {"settle": "0d"}}})
    desk.tasks(FIRST)
    desk.run("2026-10-02T22:00+07:00")
    assert [desk.history(name)[0].is_provisional for name in ("n", "m")] == [True, False]
    report = pipeline.status(desk.folder, None, desk.clock)
    assert [report.key_result(name).is_provisional for name in ("n", "m")] == [True, False]


def test_plan_shows_what_a_run_does_to_provisional_days(desk: Desk) -> None:
    """The same values on the same days, quiet, and nothing is written by the plan."""
    write(desk, "2d")
    nights(desk, late_on=4, last=3)
    desk.tasks(FIRST, LATE)
    desk.now = datetime.fromisoformat("2026-10-04T22:00+07:00")
    pipeline.sync(desk.folder, pipeline.SyncOptions(), desk.clock)
    before = told(desk)
    plan = pipeline.plan(desk.folder, None, desk.clock)
    assert told(desk) == before
    planned = [one.observation for one in plan.settling]
    assert [one.observation for one in desk.run(sync=False).settled] == planned
    assert [(one.as_of.day, one.value) for one in planned] == [(2, 2), (3, 2)]
    quiet = pipeline.plan(desk.folder, date(2026, 10, 2), desk.clock)
    assert ([one.kind for one in quiet.key_results], quiet.restated) == ([Kind.UNCHANGED], [])


def test_another_definition_leaves_provisional_days_alone(desk: Desk) -> None:
    """A changed formula counts from its own day on; what the old one said of the days before stays."""
    write(desk, "2d")
    nights(desk, late_on=9, last=3)
    write(desk, "2d", value="count(*) * 10")
    desk.run("2026-10-04T22:00+07:00")
    assert told(desk) == [(2, 1, 1, True), (3, 1, 1, True), (4, 1, 10, True)]


def test_a_failed_read_confirms_nothing(desk: Desk) -> None:
    """While the source fails the provisional days keep their values; the next complete read settles them."""
    write(desk, "2d")
    nights(desk, late_on=9, last=3)
    desk.write("data/tasks.csv", "no,such,header\n")
    assert desk.run("2026-10-05T22:00+07:00").settled == []
    assert [one for one in told(desk) if one[0] < 5] == [(2, 1, 1, True), (3, 1, 1, True)]
    desk.tasks(FIRST, LATE)
    desk.run("2026-10-06T22:00+07:00")
    assert [one[1:] for one in told(desk) if one[0] < 5] == [(1, 1, True), (2, 2, False), (1, 1, True), (2, 2, False)]


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_closed_cycle_is_frozen(desk: Desk, is_closed: bool) -> None:
    """Late data on the provisional last day of a cycle changes nothing of it once it is closed, and does before."""
    write(desk, "2d")
    desk.tasks(FIRST)
    desk.run("2026-12-31T22:00+07:00")
    desk.run("2027-01-01T08:00+07:00", as_of="2026-12-31")
    if is_closed:
        pipeline.close(desk.folder, "2026-Q4", Closer("An Owner"), desk.clock)
    desk.tasks(FIRST, LATE)
    report = desk.run("2027-01-01T22:00+07:00")
    with pipeline.open_store(open_workspace(desk.folder, desk.clock)) as store:
        values = [one.value for one in store.history("2026-Q4", "n")]  # missed, as the day is over
    assert (len(report.settled), values) == ((0, [1, 1]) if is_closed else (1, [1, 1, 2]))


@pytest.mark.parametrize("night", ["2026-10-04T22:00+07:00", "2026-10-20T22:00+07:00"])
def test_two_runs_settle_like_one(desk: Desk, night: str) -> None:
    """Also long after: what no run has confirmed is provisional still, and the second run finds nothing new."""
    write(desk, "2d")
    nights(desk, late_on=9, last=3)
    desk.tasks(FIRST, LATE)
    assert len(desk.run(night).settled) == 2
    assert desk.run(night).settled == []
