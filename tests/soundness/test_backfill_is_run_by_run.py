"""A backfill stores what a run on each of its days would have stored, and what it stored stays."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okr_sync import pipeline
from okr_sync.closing import Closer
from okr_sync.errors import OkrSyncError
from okr_sync.store import ClosedCycleError
from okr_sync.workspace import open_workspace
from tests.soundness.desk import STREAM, Desk

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 10)
HISTORY = (
    "1,2026-09-20,2026-09-20T09:00,,open,1",
    "1,2026-09-20,2026-09-28T09:00,2026-09-28T09:00,done,1",
    "2,2026-10-03,2026-10-03T09:00,,open,2",
    "2,2026-10-03,2026-10-05T09:00,2026-10-05T09:00,done,2",
    "1,2026-09-20,2026-10-06T09:00,,open,1",
    "3,2026-10-07,2026-10-07T09:00,,open,9",
)
STREAMS = {"stream": "desk.tasks"}
METRICS: dict[str, Any] = {
    "n": {**STREAMS, "value": "count(*)"},
    "done": {**STREAMS, "where": "status = 'done'", "value": "count(*)"},
    "points": {**STREAMS, "time": "created_at", "value": "sum(points)", "trust": {"max_move": "200%"}},
    "last_week": {**STREAMS, "time": "created_at", "window": "trailing 7 days", "value": "count(*)"},
    "age": {**STREAMS, "value": "max(hours(created_at, as_of()))", "unit": "hours"},
    "share_done": {**STREAMS, "value": "share(status = 'done')"},
    "both": {"value": "n + done"},
    "kinds": {"stream": "by_status", "value": "count(*)"},
    "versions": {"stream": "desk.tasks.versions", "value": "count(*)"},
    "working": {
        **STREAMS,
        "value": "sum(business_hours(created_at, coalesce(closed_at, as_of())))",
        "unit": "hours",
    },
}
KEY_RESULTS: list[dict[str, Any]] = [
    {"id": "n", "name": "n", "metric": "n", "baseline": "at cycle start", "target": "+300%"},
    {"id": "points", "name": "points", "metric": "points", "baseline": 0, "target": 100},
    {"id": "last_week", "name": "last week", "metric": "last_week", "target": 5},
    {"id": "age", "name": "age", "metric": "age", "at_most": "20d"},
    {"id": "kept", "name": "kept", "metric": "share_done", "at_least": "50%"},
    {"id": "both", "name": "both", "metric": "both", "target": 6},
    {"id": "all", "name": "all", "all_of": [{"metric": "n", "at_least": 2}, {"metric": "done", "at_least": 1}]},
    {"id": "steps", "name": "steps", "milestones": [{"name": "a", "done": "n >= 2"}, {"name": "b", "done": "n > 8"}]},
    {"id": "kinds", "name": "kinds", "metric": "kinds", "at_least": 2},
    {"id": "versions", "name": "versions", "metric": "versions", "at_most": 4},
    {"id": "working", "name": "working", "metric": "working", "baseline": "at cycle start", "target": "+900h"},
    {
        "id": "each",
        "name": "{status}",
        "metric": "n",
        "for_each": {"status": ["open", "done"]},
        "roll_up": "worst",
        "target": 4,
    },
]  # fmt: skip
OKR: dict[str, Any] = {
    "objective": "All",
    "id": "everything",
    "key_results": KEY_RESULTS,
    "initiatives": [{"name": "Tasks", "stream": "desk.tasks", "where": "points > 0", "done": "status = 'done'"}],
    "metrics": METRICS,
    "views": {"by_status": {"select": "select status, count(*) as n from desk.tasks group by status"}},
    "kpis": {"share": {"name": "share", "metric": "share_done", "at_least": "50%"}},
}
SPAN = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


@pytest.fixture
def desks(desk: Desk, tmp_path: Path) -> tuple[Desk, Desk]:
    """Twice the same project, with the same records landed and nothing computed."""
    desk.cycles = {**desk.cycles, "calendar": {"country": "VN", "hours": {"mon-fri": ["08:30-12:00", "13:30-18:00"]}}}
    desk.configure()
    desk.tasks(*HISTORY)
    desk.write_json("okrs/okr.yaml", OKR)
    pipeline.sync(desk.folder, pipeline.SyncOptions(), desk.clock)
    other = tmp_path / "other"
    shutil.copytree(desk.folder, other)
    return desk, Desk(other, desk.now, cycles=desk.cycles)


def everything(desk: Desk) -> dict[str, list[Any]]:
    """Every revision of every day of all that is stored, without the runs that stored it."""

    def said(one: Any) -> dict[str, Any]:
        return {name: value for name, value in asdict(one).items() if name != "run_id"}

    workspace = open_workspace(desk.folder, desk.clock)
    names = [one.id for each in workspace.project.objectives for one in each.key_results]
    with pipeline.open_store(workspace) as store:
        found = {name: [said(one) for one in store.history("2026-Q4", name)] for name in names}
        found["KPIs"] = [{name: said(one) for name, one in store.kpis_at(on).items()} for on in SPAN]
        found["initiatives"] = [
            {name: said(one) for name, one in store.completions_at("2026-Q4", on).items()} for on in SPAN
        ]
        return found


def test_backfill_is_run_by_run(desks: tuple[Desk, Desk]) -> None:
    """Goals of every kind, measured baselines, gates that look at the day before, KPIs, initiatives: all the same."""
    by_run, by_backfill = desks
    counts = [by_run.run(as_of=on.isoformat(), sync=False).recorded_count for on in SPAN]
    report = pipeline.backfill(by_backfill.folder, (FIRST, LAST), clock=by_backfill.clock)

    assert everything(by_backfill) == everything(by_run)
    assert [one.recorded_count for one in report.days] == counts
    assert [one.restated_count for one in report.days] == [0] * 10


def test_values_by_hand(desks: tuple[Desk, Desk]) -> None:
    """Task 1 is there from the start, 2 from the 3rd, 3 from the 7th; 9 points more than 3 are too large a move."""
    desk, _ = desks
    report = pipeline.backfill(desk.folder, (FIRST, LAST), clock=desk.clock)

    assert [one.value for one in desk.history("n")] == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    assert [one.value for one in desk.history("points")] == [None, None, 2, 2, 2, 2, 2, 2, 2, 2]
    assert [one.computed_value for one in desk.history("points")] == [None] * 6 + [11] * 4
    withheld = report.kept_back("withheld")
    assert [(name, [on for on, _ in days]) for name, days in withheld.items()] == [("points", SPAN[6:])]
    assert [on for on, _ in report.kept_back("no data")["points"]] == SPAN[:2]


def test_a_second_backfill_stores_nothing(desks: tuple[Desk, Desk]) -> None:
    """What is stored already is not stored again; a changed formula restates every day."""
    desk, _ = desks
    pipeline.backfill(desk.folder, (FIRST, LAST), clock=desk.clock)
    assert pipeline.backfill(desk.folder, (FIRST, LAST), clock=desk.clock).recorded_count == 0

    changed = {**METRICS, "last_week": {**METRICS["last_week"], "value": "count(*) * 2"}}
    desk.write_json("okrs/okr.yaml", {**OKR, "metrics": changed})
    again = pipeline.backfill(desk.folder, (FIRST, LAST), clock=desk.clock)
    assert (again.recorded_count, again.restated_count) == (10, 10)
    assert [one.revision for one in desk.history("last_week")] == [1, 2] * 10


def test_what_is_interrupted_keeps_the_days_that_are_done(desks: tuple[Desk, Desk]) -> None:
    """Interrupted after the third day, three are stored; going on gives what one backfill gives."""
    interrupted, whole = desks

    def stop(_: date, done_count: int, count: int) -> None:
        assert count == 10
        if done_count == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.backfill(interrupted.folder, (FIRST, LAST), stop, interrupted.clock)
    assert [one.as_of for one in interrupted.history("n")] == SPAN[:3]

    pipeline.backfill(interrupted.folder, (FIRST, LAST), clock=interrupted.clock)
    pipeline.backfill(whole.folder, (FIRST, LAST), clock=whole.clock)
    assert everything(interrupted) == everything(whole)


def test_a_backfill_of_its_last_day_lets_a_cycle_be_closed(desk: Desk) -> None:
    """Each of its days was computed as a whole, and none can be written after the cycle is closed."""
    desk.tasks(*HISTORY)
    desk.okrs({"n": "count(*)"})
    desk.now = datetime.fromisoformat("2027-01-05T12:00+07:00")
    pipeline.sync(desk.folder, pipeline.SyncOptions(), desk.clock)
    span = date(2026, 12, 30), date(2026, 12, 31)
    pipeline.backfill(desk.folder, span, clock=desk.clock)
    pipeline.close(desk.folder, "2026-Q4", Closer("An", None, ()), desk.clock)

    message = "cycle 2026-Q4 was closed on 05 Jan 2027 by An: nothing of it is written any more"
    with pytest.raises(ClosedCycleError) as refused:
        pipeline.backfill(desk.folder, (date(2026, 12, 31), date(2027, 1, 1)), clock=desk.clock)
    assert str(refused.value) == message
    assert desk.history("n") == []  # of 2027-Q1, to which the 1st of January belongs


def test_a_closed_cycle_stays_while_another_of_the_same_days_is_computed(tmp_path: Path) -> None:
    """The quarter is closed, the year goes on: of the one nothing is written, of the other each day."""
    cycles = [{"starts": ["jan", "apr", "jul", "oct"]}, {"starts": ["jan"]}]
    desk = Desk(tmp_path, datetime.fromisoformat("2026-10-01T12:00+07:00"), cycles={"cycles": cycles})
    desk.tasks("1,2026-09-20,2026-09-20T09:00,,open,1")
    for cycle, name in (("2026-Q3", "quarter"), ("2026", "year")):
        okr = {
            "objective": name,
            "id": f"of_{name}",
            "cycle": cycle,
            "key_results": [{"id": name, "name": name, "metric": "n", "target": 4}],
        }
        desk.write_json(f"okrs/{name}.yaml", okr)
    desk.write_json("okrs/metrics.yaml", {"metrics": {"n": METRICS["n"]}})
    pipeline.run(desk.folder, pipeline.SyncOptions(), date(2026, 9, 30), desk.clock)
    pipeline.close(desk.folder, "2026-Q3", Closer("An", None, ()), desk.clock)

    report = pipeline.backfill(desk.folder, (date(2026, 9, 28), date(2026, 9, 30)), clock=desk.clock)
    assert [one.cycle for one in report.closings] == ["2026-Q3"]
    assert [one.recorded_count for one in report.days] == [1, 1, 0]
    with pipeline.open_store(open_workspace(desk.folder, desk.clock)) as store:
        assert [one.as_of.day for one in store.history("2026", "year")] == [28, 29, 30]
        assert [one.as_of.day for one in store.history("2026-Q3", "quarter")] == [30]


def test_an_id_that_means_another_thing_in_another_cycle(tmp_path: Path) -> None:
    """Over the border of two quarters, each day reads the streams of its own cycle's key results."""
    desk = Desk(tmp_path / "desk", datetime.fromisoformat("2026-10-03T12:00+07:00"))
    others = {**STREAM, "path": "data/others*.csv"}
    desk.configure(tasks=STREAM, others=others)
    desk.tasks("1,2026-09-20,2026-09-20T09:00,,open,1")
    desk.tasks("2,2026-10-02,2026-10-02T09:00,,open,1", file="others.csv")
    metrics = {"n": METRICS["n"], "m": {"stream": "desk.others", "value": "count(*)"}}
    desk.write_json("okrs/metrics.yaml", {"metrics": metrics})
    for cycle, metric in (("2026-Q3", "n"), ("2026-Q4", "m")):
        steps = {"id": "steps", "name": "steps", "milestones": [{"name": "a", "done": f"{metric} >= 1"}]}
        okr = {"objective": "O", "id": "o", "cycle": cycle, "key_results": [steps]}
        desk.write_json(f"okrs/{cycle}.yaml", okr)
    pipeline.sync(desk.folder, pipeline.SyncOptions(), desk.clock)

    pipeline.backfill(desk.folder, (date(2026, 9, 29), date(2026, 10, 3)), clock=desk.clock)
    with pipeline.open_store(open_workspace(desk.folder, desk.clock)) as store:
        assert [one.value for one in store.history("2026-Q3", "steps")] == [1, 1]
        assert [one.value for one in store.history("2026-Q4", "steps")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("span", "message"),
    [
        (("2026-10-05", "2026-10-04"), "from 2026-10-05 to 2026-10-04 is no span of days; give the earlier day first"),
        (
            ("2026-10-05", "2026-10-11"),
            "as of 2026-10-11: that day has not come yet; today is 2026-10-10 in Asia/Ho_Chi_Minh",
        ),
    ],
)
def test_spans_that_are_none(desk: Desk, span: tuple[str, str], message: str) -> None:
    """Refused before anything is written."""
    desk.tasks(*HISTORY)
    desk.okrs({"n": "count(*)"})
    first, last = (date.fromisoformat(one) for one in span)
    with pytest.raises(OkrSyncError) as refused:
        pipeline.backfill(desk.folder, (first, last), clock=desk.clock)
    assert str(refused.value) == message
