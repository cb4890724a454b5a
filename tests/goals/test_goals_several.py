"""Milestones and several goals in one, through the whole pipeline.

The cycle is the last quarter of 2026: 92 days, of which 15 November is the 46th.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.errors import ProjectError
from okr_sync.orchestration.describe import key_result_spec
from okr_sync.progress import Status
from okr_sync.project.lint import lint
from okr_sync.store import Observation
from okr_sync.terminal.as_json import explanation_json
from okr_sync.terminal.explain import print_explanation
from okr_sync.terminal.status import print_status
from okr_sync.workspace import open_workspace
from tests.soundness.desk import Desk, observations

NOW = "2026-11-15T23:00+07:00"
OPEN = {"stream": "desk.tasks", "where": "status = 'open'", "value": "count(*)"}
POINTS = {"stream": "desk.tasks", "value": "avg(points)"}
LOWEST = {"stream": "desk.tasks", "value": "min(points)"}
LAUNCH: Mapping[str, Any] = {
    "milestones": [
        {"name": "Thử", "done": "opened >= 2", "by": "2026-10-31"},
        {"name": "Ra mắt", "done": "opened >= 3 and low >= 5", "weight": 2, "by": "2026-12-15"},
        {"name": "Bàn giao", "done": "opened >= 4"},
    ]
}
SERVICE: Mapping[str, Any] = {
    "all_of": [
        {"metric": "points", "name": "mean", "at_least": 4},
        {"metric": "low", "at_least": 2, "strict": True},
    ]
}
METRICS = {"opened": OPEN, "points": POINTS, "low": LOWEST}


def task(number: int, points: float | str, changed_at: str, status: str = "open") -> str:
    return f"{number},{changed_at},{changed_at},,{status},{points}"


def both(desk: Desk, as_of: str | None = None) -> dict[str, Observation]:
    desk.okrs(METRICS, launch=LAUNCH, service=SERVICE)
    return observations(desk.run(NOW, as_of))


@pytest.fixture
def started(desk: Desk) -> Desk:
    """Two tasks since 1 October, of 6 and 4 points; on 10 November one of them falls to 1."""
    desk.tasks(task(1, 6, "2026-10-01"), task(2, 4, "2026-10-01"), task(2, 1, "2026-11-10"))
    return desk


def test_milestones_count_by_weight(started: Desk) -> None:
    """One of three is done, with weight 1 of 4; by 15 November weight 1 is expected. Its value is how many are done."""
    one = both(started)["launch"]
    assert (one.value, one.target, one.progress, one.expected_progress) == (1, 3, 0.25, 0.25)
    assert (one.status, one.record_count) == (Status.ON_TRACK, 4)  # two tasks each for opened and low
    assert one.reason == "progress 25 % where 25 % is expected by 15 Nov; done: Thử; next: Ra mắt by 15 Dec"


def test_the_reason_names_what_is_late(desk: Desk) -> None:
    """Before 31 October is over nothing is late, after it the first milestone is."""
    desk.tasks(task(1, 6, "2026-10-01"))
    day_before, day_after = both(desk, "2026-10-30")["launch"], both(desk, "2026-10-31")["launch"]
    assert day_before.reason == "progress 0 %, nothing is expected by 30 Oct yet; done: none; next: Thử by 31 Oct"
    assert day_after.reason == (
        "progress 0 % where 25 % is expected by 31 Oct; done: none; late: Thử, due by 31 Oct; next: Ra mắt by 15 Dec"
    )


def test_nothing_is_late_on_its_day(desk: Desk) -> None:
    """While the day of a milestone goes on it is still next."""
    desk.tasks(task(1, 6, "2026-10-01"))
    desk.okrs(METRICS, launch=LAUNCH)
    one = observations(desk.run("2026-10-31T09:00+07:00"))["launch"]
    assert one.reason.endswith("; done: none; next: Thử by 31 Oct")


def test_a_milestone_without_data_is_no_data(desk: Desk) -> None:
    """The lowest of no points is unknown, and so is whether the second milestone is done."""
    desk.tasks(*(task(n, "", "2026-10-01") for n in range(3)))
    one = both(desk)["launch"]
    assert (one.status, one.value, one.progress) == (Status.NO_DATA, None, None)
    assert one.reason == "no data for Ra mắt on 15 Nov: a metric in its condition has no value"


def test_goals_to_keep_are_judged_together_by_day(started: Desk) -> None:
    """Both held on 1 Oct to 9 Nov, 40 of 46 days; from 10 Nov the mean is 3.5 and the lowest 1."""
    one = both(started)["service"]
    assert (one.value, one.target, one.progress) == (0, 2, pytest.approx(40 / 46))
    assert (one.expected_progress, one.status) == (1, Status.BEHIND)
    assert one.reason == (
        "together held on 40 of 46 days;"
        " on 15 Nov 0 of 2 are met: mean 3.5, allowed at least 4; low 1, allowed more than 2"
    )


def test_a_part_without_data_is_named(desk: Desk) -> None:
    """Points that nobody knows make the whole no data."""
    desk.tasks(task(1, "", "2026-10-01"))
    one = both(desk)["service"]
    assert (one.status, one.value, one.progress) == (Status.NO_DATA, None, None)
    assert one.reason == "; ".join(
        f"{name}: the formula has no result for 15 Nov: no record counts, or it divides by nothing"
        for name in ("mean", "low")
    )


def test_parts_with_measured_baselines(desk: Desk) -> None:
    """2 tasks before the cycle, 4 now, of +4 promised: half; the other part is held every day and comes first."""
    desk.tasks(task(1, 5, "2026-09-01"), task(2, 5, "2026-09-01"), task(3, 5, "2026-10-05"), task(4, 5, "2026-10-06"))
    parts = [{"metric": "opened", "baseline": "at cycle start", "target": "+4"}, {"metric": "low", "at_least": 5}]
    desk.okrs(METRICS, grow={"all_of": parts})
    one = observations(desk.run(NOW))["grow"]
    assert (one.value, one.target, one.progress, one.status) == (1, 2, 0.5, Status.ON_TRACK)
    assert one.reason == (
        "opened: progress 50 % where 50 % is expected by 15 Nov;"
        " on 15 Nov 1 of 2 are met: opened 4, on the way from 2 to 6; baseline 2 on 30 Sep (at cycle start)"
    )


def test_the_evidence_holds_every_part(started: Desk) -> None:
    """Its name, its goal and its value."""
    found = both(started)
    assert found["service"].evidence["parts of the goal"] == [
        {"name": "mean", "goal": "at least 4", "value": 3.5, "weight": 1},
        {"name": "low", "goal": "more than 2", "value": 1, "weight": 1},
    ]
    assert found["launch"].evidence["parts of the goal"] == [
        {"name": "Thử", "goal": "done", "value": 1, "weight": 1},
        {"name": "Ra mắt", "goal": "done", "value": 0, "weight": 2},
        {"name": "Bàn giao", "goal": "done", "value": 0, "weight": 1},
    ]


def test_a_part_that_jumps_is_withheld(started: Desk) -> None:
    """`max_move` looks at the part's own last value: the mean went from 3.5 to 5.5."""
    desk = started
    desk.okrs({**METRICS, "points": {**POINTS, "trust": {"max_move": 1}}}, service=SERVICE)
    assert observations(desk.run(NOW))["service"].status == Status.BEHIND
    desk.tasks(task(1, 6, "2026-10-01"), task(2, 5, "2026-11-16"))
    one = observations(desk.run("2026-11-16T12:00+07:00"))["service"]
    assert (one.status, one.value) == (Status.WITHHELD, 0)
    assert "the value moved by 2 from 3.5 to 5.5, allowed 1" in one.reason


def printed(print_it: Any, *content: Any) -> str:
    console = Console(width=160, record=True, file=StringIO())
    print_it(*content, console)
    return console.export_text()


def test_status_shows_how_many_are_met(started: Desk) -> None:
    """The value and the goal in the table, and nothing in it that is no number in JSON."""
    both(started)
    report = pipeline.status(started.folder, clock=started.clock)
    (objective,) = report.objectives
    assert [(one.value, one.target, one.goal) for one in objective.key_results] == [
        (1, 3, "3 milestones"),
        (0, 2, "≥ 4 and > 2"),
    ]
    assert "3 milestones" in printed(print_status, report)
    assert json.loads(json.dumps(report.as_json()))


def test_status_shows_the_measured_baseline(desk: Desk) -> None:
    """Once it is known; before that, its name."""
    desk.tasks(task(1, 200, "2026-09-01"))
    desk.okrs({"m": LOWEST}, kr={"metric": "m", "baseline": "at cycle start", "target": "+30%"})
    desk.now = desk.now.fromisoformat(NOW)
    (before,) = pipeline.status(desk.folder, clock=desk.clock).objectives
    desk.run(NOW)
    (after,) = pipeline.status(desk.folder, clock=desk.clock).objectives
    assert [one.goal for one in (*before.key_results, *after.key_results)] == ["at cycle start → +30%", "200 → 260"]


def test_explain_shows_milestones_and_baselines(started: Desk) -> None:
    """Each condition, each metric below, and what a measured baseline rests on."""
    started.okrs(
        {**METRICS, "half": {"value": "opened / 2"}},
        launch=LAUNCH,
        kr={"metric": "half", "baseline": "at cycle start", "target": "+1"},
    )
    started.run(NOW)
    launch = pipeline.explain(started.folder, "launch", clock=started.clock)
    text = printed(print_explanation, launch)
    assert "milestone Ra mắt, by 15 Dec 2026: opened >= 3 and low >= 5" in text
    assert list(launch.metrics) == ["opened", "low"]
    grown = pipeline.explain(started.folder, "kr", clock=started.clock)
    assert "at cycle start  0 on 30 Sep 2026, from 0 records" in printed(print_explanation, grown)
    assert explanation_json(grown)["baselines"] == [
        {
            "metric": "half",
            "reference": "at cycle start",
            "as_of": "2026-09-30",
            "value": 0,
            "record_count": 0,
            "assumed_count": 0,
            "missing": "",
            "fault": None,
            "missing_count": 0,
            "input_hash": None,
        }
    ]


def test_dagster_describes_them(started: Desk) -> None:
    """The goal in words, and the streams of every part as what the asset depends on."""
    started.okrs(METRICS, launch=LAUNCH, service=SERVICE)
    workspace = open_workspace(started.folder, started.clock)
    (objective,) = workspace.project.objectives
    specs = [key_result_spec(workspace, objective, one) for one in objective.key_results]
    assert [one.metadata["goal"] for one in specs] == [
        "milestones: Thử by 31 Oct, Ra mắt by 15 Dec, Bàn giao",
        "mean at least 4, and low more than 2",
    ]
    assert [one.tags["goal"] for one in specs] == ["milestones", "all_of"]
    assert [[str(dep.asset_key.path) for dep in one.deps] for one in specs] == [["['desk', 'tasks']"]] * 2


def test_conditions_and_units_of_parts_are_checked(desk: Desk) -> None:
    """All problems of all milestones at once, each at its own place, and a part that does not fit its unit."""
    wrong = {"milestones": [{"name": "A", "done": "openned > 1"}, {"name": "B", "done": "opened + 1"}]}
    parts = [{"metric": "opened", "at_least": "2h"}, {"metric": "low", "at_least": 1}]
    desk.okrs({"opened": {**OPEN, "unit": "count"}, "low": LOWEST}, wrong=wrong, parts={"all_of": parts})
    with pytest.raises(ProjectError) as refused:
        desk.run(NOW)
    problems = {one.field: one.message for one in refused.value.problems}
    assert "there is no metric 'openned'" in problems["key_results.wrong.milestones.#1.done"]
    assert "key_results.wrong.milestones.#2.done" in problems
    assert problems["key_results.parts.all_of.#1"] == "2 hours does not fit a metric in count"


def test_metrics_of_parts_and_milestones_are_used(desk: Desk) -> None:
    """Advice does not call them unused."""
    desk.okrs(METRICS, launch=LAUNCH, service=SERVICE)
    advice = lint(open_workspace(desk.folder, desk.clock).project)
    assert [one.message for one in advice if one.code == "unused-metric"] == []


def test_milestones_go_on_from_an_earlier_cycle(desk: Desk) -> None:
    """What was reached there is expected from the new cycle's first day on, and its goal keeps its kind."""
    desk.tasks(task(1, 6, "2026-07-01"), task(2, 6, "2026-07-01"))
    steps = [{"name": "A", "done": "opened >= 2"}, {"name": "B", "done": "opened >= 3"}]
    before = {"objective": "Old", "id": "all", "cycle": "2026-Q3"}
    after = {"objective": "New", "id": "all", "cycle": "2026-Q4", "carry_over": "2026-Q3"}
    for name, objective in (("old", before), ("new", after)):
        key_results = [{"id": "launch", "name": "Launch", "milestones": steps}]
        desk.write_json(f"okrs/{name}.yaml", {**objective, "key_results": key_results})
    desk.write_json("okrs/metrics.yaml", {"metrics": {"opened": OPEN}})
    desk.run("2026-09-30T23:59+07:00")
    one = observations(desk.run("2026-10-02T12:00+07:00"))["launch"]
    assert (one.progress, one.expected_progress, one.status) == (0.5, 0.5, Status.ON_TRACK)
    assert one.reason.endswith("; carried over from 2026-Q3 at 50 %")
