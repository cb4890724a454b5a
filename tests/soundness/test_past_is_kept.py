"""The past is computed, never rewritten: the same day gives the same number, and a change of it is a new revision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from okr_sync import pipeline
from okr_sync.store import Observation
from tests.soundness.desk import Desk, day, observations, without_reading

HISTORY = (
    "1,2026-10-02,2026-10-02T09:00,,open,1",
    "1,2026-10-02,2026-10-04T09:00,2026-10-04T09:00,done,1",
    "2,2026-10-03,2026-10-03T09:00,,open,2",
    "2,2026-10-03,2026-10-05T09:00,2026-10-05T09:00,done,2",
    "1,2026-10-02,2026-10-06T09:00,,open,1",
)
METRICS: dict[str, Any] = {
    "done": {"stream": "desk.tasks", "where": "status = 'done'", "value": "count(*)"},
    "points": {"stream": "desk.tasks", "time": "closed_at", "value": "sum(points)"},
    "age": {"stream": "desk.tasks", "value": "max(hours(created_at, as_of()))", "unit": "hours"},
    "share_done": {"stream": "desk.tasks", "value": "share(status = 'done')"},
}
GOALS: dict[str, Any] = {
    **{name: {"metric": name, "target": 100} for name in ("done", "points", "age")},
    "kept": {"metric": "share_done", "at_least": "50%"},
}


def said(observation: Observation) -> dict[str, Any]:
    """All that an observation says, with its records and their hash, without where it is stored."""
    return {
        name: value
        for name, value in asdict(without_reading(observation)).items()
        if name not in {"revision", "run_id", "recorded_at"}
    }


def test_same_day_computed_then_and_later(desk: Desk) -> None:
    """What a night's run said of the day before is what a run with --as-of says of it a week later."""
    desk.okrs(METRICS, **GOALS)
    then = {}
    for number in range(2, 7):
        evening = f"2026-10-{number:02}"
        desk.tasks(*(line for line in HISTORY if line.split(",")[2] < f"{evening}T24"))
        report = desk.run(f"2026-10-{number + 1:02}T00:30+07:00", as_of=evening)
        then[evening] = {name: said(one) for name, one in observations(report).items()}
    desk.now = desk.now.replace(day=13)
    later = {evening: desk.run(as_of=evening, sync=False) for evening in then}
    assert {
        evening: {name: said(one) for name, one in observations(report).items()} for evening, report in later.items()
    } == then
    assert [report.recorded_count for report in later.values()] == [0] * 5
    assert [one["done"]["value"] for one in then.values()] == [0, 0, 1, 2, 1]


def test_run_twice_is_run_once(desk: Desk) -> None:
    """A second run at the same instant lands and stores nothing new."""
    desk.tasks(*HISTORY)
    desk.okrs(METRICS, **GOALS)
    first, second = desk.run(), desk.run()
    assert (first.recorded_count, second.recorded_count) == (4, 0)
    assert [one.new_count for one in second.syncs] == [0]
    assert [one.is_changed for one in second.outcomes] == [False] * 4
    assert [len(desk.history(name)) for name in GOALS] == [1] * 4


def test_later_on_the_same_day(desk: Desk) -> None:
    """A value that is the same in the evening is not stored again; one that moved is the day's next revision."""
    desk.tasks(*HISTORY)
    desk.okrs({name: METRICS[name] for name in ("done", "age")})
    desk.run("2026-10-10T12:00+07:00")
    assert desk.run("2026-10-10T18:00+07:00").recorded_count == 1
    assert [one.value for one in desk.history("done")] == [1]
    # Since 2 October 00:00: 8 days and 12 hours, then 18.
    assert [(one.revision, one.value) for one in desk.history("age")] == [(1, 204), (2, 210)]


def test_changed_formula_is_a_new_revision_with_its_own_definition(desk: Desk) -> None:
    """Both numbers stay, each with the definition that gave it; key results that do not rest on it stay as they are."""
    desk.tasks(*HISTORY)
    desk.okrs({"n": "count(*)", "points": "sum(points)"})
    desk.run()
    desk.okrs({"n": "count(*) * 10", "points": "sum(points)"})
    assert desk.run().recorded_count == 1
    first, second = desk.history("n")
    assert [(one.revision, one.value) for one in (first, second)] == [(1, 2), (2, 20)]
    assert first.definition != second.definition
    desk.okrs({"n": "count(*)", "points": "sum(points)"})
    desk.run()
    assert [(one.value, one.definition) for one in desk.history("n")] == [
        (2, first.definition),
        (20, second.definition),
        (2, first.definition),
    ]


def test_late_news_restate_a_past_day(desk: Desk) -> None:
    """A version that becomes known late changes the day it was true for, as a new revision beside the old one."""
    desk.okrs({"points": "sum(points)"})
    desk.tasks("1,2026-10-02,2026-10-02,,open,1")
    desk.run(as_of="2026-10-05")
    desk.tasks("1,2026-10-02,2026-10-02,,open,1", "1,2026-10-02,2026-10-04,,open,5")
    assert desk.run(as_of="2026-10-05").recorded_count == 1
    assert [(one.revision, one.value) for one in desk.history("points")] == [(1, 1), (2, 5)]


def rows(desk: Desk) -> dict[str, object]:
    """The bytes of every file of the project."""
    return {str(path): path.read_bytes() for path in sorted(desk.folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("as_of", [None, "2026-10-05"])
def test_plan_writes_nothing_and_run_records_what_it_showed(desk: Desk, as_of: str | None) -> None:
    """No file of the project changes by a plan; the run after it stores exactly what the plan showed."""
    desk.tasks(*HISTORY)
    desk.okrs(METRICS, **GOALS)
    desk.run()
    desk.okrs({**METRICS, "done": {**METRICS["done"], "value": "count(*) * 3"}}, **GOALS)
    before = rows(desk)
    plan = pipeline.plan(desk.folder, day(as_of), desk.clock)
    assert rows(desk) == before
    report = desk.run(as_of=as_of, sync=False)
    assert {name: said(one) for name, one in observations(report).items()} == {
        name: said(one) for name, one in observations(plan).items()
    }
    assert report.recorded_count == sum(one.is_changed for one in plan.outcomes)
    for name, one in observations(plan).items():
        stored = [kept for kept in desk.history(name) if kept.as_of == plan.as_of][-1]
        assert said(stored) == said(one)
    assert not any(one.is_changed for one in pipeline.plan(desk.folder, day(as_of), desk.clock).outcomes)


def test_plan_before_anything_was_stored(desk: Desk) -> None:
    """A plan of a new project shows no data for everything and stores no observation, no sync and no run."""
    desk.tasks(*HISTORY)
    desk.okrs({"n": "count(*)"})
    plan = pipeline.plan(desk.folder, clock=desk.clock)
    assert [(one.observation.value, one.is_changed) for one in plan.outcomes] == [(None, True)]
    assert desk.history("n") == []
    assert not (desk.folder / ".okr-sync" / "warehouse").exists()
