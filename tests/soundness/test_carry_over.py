"""An objective that goes on from an earlier cycle is not taken for one that begins anew: what is expected of it starts
where it stood, as stored, and its old numbers stay where they are."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.pipeline import SyncOptions
from okr_sync.store import Observation
from okr_sync.terminal.status import print_status
from okr_sync.workspace import open_workspace
from tests.soundness.desk import Desk, day, observations, without_reading

DONE = {"stream": "desk.tasks", "where": "status = 'done'", "value": "count(*)"}


def write(desk: Desk, cycle: str, **others: Any) -> None:
    """In its folder, the cycle's objective: 8 tasks done of 0 at the start."""
    key_result = {"id": "done", "name": "Done", "metric": "done", "baseline": 0, "target": 8}
    kept = {"id": "calm", "name": "Calm", "metric": "done", "at_most": 100}
    written = {"objective": "Do it", "id": "work", "key_results": [key_result, kept], **others}
    desk.write_json(f"okrs/{cycle}/work.yaml", written)
    desk.write_json("okrs/metrics.yaml", {"metrics": {"done": DONE}})


def done(desk: Desk, count: int) -> None:
    """Tasks that were done since before the third quarter."""
    desk.tasks(*(f"{n},2026-06-01,2026-06-01,2026-06-01,done,1" for n in range(count)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    write(desk, "2026-Q3")
    write(desk, "2026-Q4", carry_over="2026-Q3")
    return desk


def found(desk: Desk, now: str = "2026-11-15T12:00+07:00", as_of: str | None = None) -> dict[str, Observation]:
    return observations(desk.run(now, as_of))


def test_expected_progress_goes_on_from_what_was_reached(desk: Desk) -> None:
    """3 of 8 are 37.5 % at the end of September; half of October to December later half of the rest is expected."""
    done(desk, 3)
    assert found(desk, "2026-09-30T12:00+07:00")["done"].progress == 3 / 8
    done(desk, 5)
    one = found(desk, as_of="2026-11-15")["done"]  # 46 of 92 days
    assert (one.cycle, one.value, one.baseline, one.target, one.progress) == ("2026-Q4", 5, 0, 8, 5 / 8)
    assert one.expected_progress == pytest.approx(3 / 8 + 5 / 8 / 2)
    assert one.status == "on track"  # 62.5 of 68.75 % are 0.909 of it; without the carry-over, 62.5 of 50 %
    assert one.reason == (
        "progress 62 % where 68 % is expected by 15 Nov; carried over from 2026-Q3 at 37 %"
    )  # fmt: skip


def test_expected_progress_reaches_the_end(desk: Desk) -> None:
    """On the last day all of it is expected, as of every goal."""
    done(desk, 3)
    desk.run("2026-09-30T12:00+07:00")
    one = found(desk, "2027-01-10T12:00+07:00", "2026-12-31")["done"]
    assert (one.expected_progress, one.status) == (1.0, "missed")


def test_nothing_stored(desk: Desk) -> None:
    """Where the named cycle was never computed, expected progress begins at 0, and the reason says so."""
    done(desk, 5)
    one = found(desk, as_of="2026-11-15")["done"]
    assert one.expected_progress == pytest.approx(0.5)
    assert one.reason == (
        "progress 62 % where 50 % is expected by 15 Nov;"
        " carried over from 2026-Q3, of which nothing is stored, so expected progress begins at 0 %"
    )


def test_ended_without_data(desk: Desk) -> None:
    """No data at the end of the named cycle is not a progress of 0, and the reason tells the two apart."""
    desk.write_json("okrs/metrics.yaml", {"metrics": {"done": {**DONE, "value": "sum(points)"}}})
    done(desk, 0)
    assert found(desk, "2026-09-30T12:00+07:00")["done"].status == "no data"
    done(desk, 4)
    reason = found(desk)["done"].reason
    assert reason.endswith("; carried over from 2026-Q3, which ended without data, so expected progress begins at 0 %")


@pytest.mark.parametrize(("count", "expected"), [(0, 0.0), (8, 1.0), (12, 1.0)])
def test_what_was_reached_counts_from_0_to_1(desk: Desk, count: int, expected: float) -> None:
    """Nothing and everything are values like others, and more than everything is not expected."""
    done(desk, count)
    desk.run("2026-09-30T12:00+07:00")
    one = found(desk, "2026-10-02T12:00+07:00", "2026-10-01")["done"]
    assert one.expected_progress == pytest.approx(expected + (1 - expected) / 92)


def test_below_the_baseline(desk: Desk) -> None:
    """A progress below 0 is not expected to be kept: expected progress begins at 0."""
    write(desk, "2026-Q3", key_results=[{"id": "done", "name": "D", "metric": "done", "baseline": 4, "target": 8}])
    done(desk, 2)
    assert found(desk, "2026-09-30T12:00+07:00")["done"].progress == -0.5
    one = found(desk, as_of="2026-10-01")["done"]
    assert one.expected_progress == pytest.approx(1 / 92)
    assert one.reason.endswith("carried over from 2026-Q3 at -50 %")


def test_the_last_day_counts_that_is_stored(desk: Desk) -> None:
    """A run of an earlier day of the old cycle is not taken for its end once a later one is stored."""
    done(desk, 3)
    desk.run("2026-08-15T12:00+07:00")
    assert found(desk, as_of="2026-10-01")["done"].expected_progress == pytest.approx(3 / 8 + 5 / 8 / 92)
    done(desk, 4)
    desk.run("2026-11-15T12:00+07:00", "2026-09-30")
    assert found(desk, as_of="2026-10-01")["done"].expected_progress == pytest.approx(1 / 2 + 1 / 2 / 92)


def test_goals_to_keep_begin_anew(desk: Desk) -> None:
    """A goal that is judged by the days of its cycle has none of them at the start: nothing is carried over."""
    done(desk, 3)
    desk.run("2026-09-30T12:00+07:00")
    one = found(desk, as_of="2026-10-01")["calm"]
    assert (one.progress, one.expected_progress) == (1, 1)
    assert "carried over" not in one.reason


def test_old_numbers_stay(desk: Desk) -> None:
    """The same id has its own observations in each cycle, and the old cycle can still be computed and shown."""
    done(desk, 3)
    desk.run("2026-09-30T12:00+07:00")
    done(desk, 5)
    desk.run("2026-11-15T12:00+07:00")
    with pipeline.open_store(open_workspace(desk.folder, desk.clock)) as store:
        stored = {cycle: [one.value for one in store.history(cycle, "done")] for cycle in ("2026-Q3", "2026-Q4")}
    assert stored == {"2026-Q3": [3], "2026-Q4": [5]}
    assert pipeline.status(desk.folder, day("2026-09-30"), desk.clock).objectives[0].carry_over is None


def test_status_says_it(desk: Desk) -> None:
    """People see where the objective comes from; before anything is stored, expected progress is right already."""
    done(desk, 3)
    desk.run("2026-09-30T12:00+07:00")
    desk.now = desk.now.replace(month=11, day=15)
    report = pipeline.status(desk.folder, clock=desk.clock)
    (objective,) = report.objectives
    assert objective.key_results[0].status == "no data"
    assert objective.key_results[0].expected_progress == pytest.approx(3 / 8 + 5 / 8 / 2)
    file = StringIO()
    print_status(report, Console(file=file, width=120))
    assert "  carried over from 2026-Q3" in file.getvalue().splitlines()


def test_going_on_is_another_definition(desk: Desk) -> None:
    """It changes what is expected, and with it the status: so it changes the definition."""
    november = day("2026-11-15")
    assert november is not None
    carried = open_workspace(desk.folder).on(november).definitions
    write(desk, "2026-Q4")
    anew = open_workspace(desk.folder).on(november).definitions
    assert carried["done"] != anew["done"]


def test_plan_says_what_run_stores(desk: Desk) -> None:
    """The expected progress that a plan shows is the one that a run records."""
    done(desk, 3)
    desk.run("2026-09-30T12:00+07:00")
    desk.now = desk.now.replace(month=11, day=15)
    planned = pipeline.plan(desk.folder, clock=desk.clock).outcomes
    ran = pipeline.run(desk.folder, SyncOptions(), clock=desk.clock).outcomes
    read = [[without_reading(one.observation) for one in outcomes] for outcomes in (planned, ran)]
    assert read[0] == read[1]
