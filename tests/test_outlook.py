"""Where key results are heading: the kind of each metric, the past it is followed by, and what is kept of it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.store import Observation
from okr_sync.terminal.explain import print_explanation
from okr_sync.terminal.status import print_status
from tests.soundness.desk import Desk, observations

OCTOBER_1 = date(2026, 10, 1)
METRICS: dict[str, Any] = {
    "closed": {"stream": "desk.tasks", "time": "closed_at", "value": "count(*)"},
    "points": {"stream": "desk.tasks", "time": "closed_at", "value": "sum(points)"},
    "big": {"stream": "desk.tasks", "time": "closed_at", "value": "share(points > 2)", "unit": "percent"},
    "mean": {"stream": "desk.tasks", "time": "closed_at", "value": "avg(points)"},
    "per_task": {"value": "points / closed"},
    "recent": {"stream": "desk.tasks", "time": "closed_at", "window": "trailing 28 days", "value": "count(*)"},
    "open": {"stream": "desk.tasks", "where": "status = 'open'", "value": "count(*)"},
    "middle": {"stream": "desk.tasks", "time": "closed_at", "value": "median(points)"},
    "waited": {
        "stream": "desk.tasks",
        "time": "created_at",
        "value": "avg(hours(created_at, coalesce(closed_at, as_of())))",
        "unit": "hours",
    },
}
GOALS: dict[str, Any] = {
    **{name: {"metric": name, "target": 500} for name in METRICS if name not in ("big", "waited", "middle")},
    "big": {"metric": "big", "target": "50%"},
    "waited": {"metric": "waited", "at_most": "48h"},
    "middle": {"metric": "middle", "at_least": 2},
    "middle_moves": {"metric": "middle", "target": 4},
    "yes": {"done": "closed >= 100"},
}


def tasks(days: int) -> list[str]:
    """Two tasks a day from 1 October, of 1 to 4 points, made open and closed two days later; every fifth one stays."""
    lines = []
    for number in range(2 * days):
        made, points = OCTOBER_1 + timedelta(days=number // 2), number % 4 + 1
        lines.append(f"{number},{made}T09:00,{made}T09:00,,open,{points}")
        closed = made + timedelta(days=2)
        if number % 5 and closed < OCTOBER_1 + timedelta(days=days):
            lines.append(f"{number},{made}T09:00,{closed}T15:00,{closed}T15:00,done,{points}")
    return lines


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observation]:
    """What a run says on 15 November, the 46th of 92 days, at its end."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.tasks(*tasks(46))
    desk.okrs(METRICS, **GOALS)
    return observations(desk.run("2026-11-16T01:00+07:00", as_of="2026-11-15"))


def basis(observation: Observation) -> dict[str, Any]:
    assert observation.forecast_basis is not None
    return dict(observation.forecast_basis)


def test_kind_follows_the_formula_and_its_window(found: dict[str, Observation]) -> None:
    """Counts and sums are totals, shares and means ratios, also over other metrics; everything else is a level."""
    kinds = {name: basis(one).get("kind") for name, one in found.items()}
    assert kinds == {
        "closed": "total",
        "points": "total",
        "big": "ratio",
        "mean": "ratio",
        "per_task": "ratio",
        "recent": "total",
        "open": "level",
        "waited": "ratio",
        "middle": "level",
        "middle_moves": None,
        "yes": None,
    }


def test_a_total_goes_on_at_its_rate(found: dict[str, Observation]) -> None:
    """70 tasks were closed on the 44 days since the 3rd, 1.6 a day: 46 days bring some 74 more, 144 in all."""
    one = found["closed"]
    assert one.value == 70
    assert one.forecast_value == pytest.approx(144, abs=4)
    assert one.forecast_low is not None
    assert one.forecast_high is not None
    assert 100 < one.forecast_low < 144 < one.forecast_high < 190


def test_the_same_ratio_of_one_stream_and_of_two_metrics(found: dict[str, Observation]) -> None:
    """avg(points), and the sum of points by the number of tasks, are one number with one forecast."""
    mean, per_task = found["mean"], found["per_task"]
    assert mean.forecast_value == pytest.approx(per_task.forecast_value)
    assert mean.forecast_low == pytest.approx(per_task.forecast_low)
    assert mean.forecast_value == pytest.approx(2.5, abs=0.2)


def test_a_trailing_window_forgets_what_leaves_it(found: dict[str, Observation]) -> None:
    """With 46 days left, nothing of today's 28 days is in the last 28 of the cycle: 28 times 1.6."""
    assert found["recent"].forecast_value == pytest.approx(28 * 1.6, abs=3)


def test_a_snapshot_moves_from_where_it_stands(found: dict[str, Observation]) -> None:
    """22 tasks are open, 0.4 more each day: the drift goes on for a while, and fades out."""
    one = found["open"]
    assert one.value == 22
    assert one.forecast_value is not None
    assert 22 < one.forecast_value < 22 + 46 * 0.45


def test_the_basis_says_what_it_rests_on(found: dict[str, Observation]) -> None:
    """Days of history, days left, the closing day, and the hindcasts: from day 14 on, three a week apart."""
    rests_on = basis(found["closed"])
    assert rests_on["history_days"] == 46
    assert rests_on["days_left"] == 46
    assert rests_on["closes_on"] == "2026-12-31"
    assert rests_on["hindcast_count"] == 3
    assert rests_on["hindcast_days_ahead"] == 18


def test_no_forecast_says_why(found: dict[str, Observation]) -> None:
    """A condition has no number; a formula that cannot be followed needs days that were computed before."""
    assert basis(found["yes"]) == {"reason": "a condition has no number that could be forecast"}
    assert basis(found["middle_moves"]) == {"reason": "1 day of history so far; a forecast needs 14"}
    assert found["yes"].forecast_value is None


def test_stored_days_serve_what_cannot_be_followed(tmp_path: Path) -> None:
    """The greatest waiting time so far was computed on 13 earlier evenings: with the present one, 14 days."""
    desk = Desk(tmp_path)
    longest = {**METRICS["closed"], "value": "max(hours(created_at, as_of()))", "unit": "hours"}
    desk.okrs({"longest": longest}, longest={"metric": "longest", "target": "9h"})
    desk.tasks(*tasks(40))
    desk.run("2026-11-20T01:00+07:00", as_of="2026-10-27")
    for day in range(27, 39):
        desk.run(as_of=(OCTOBER_1 + timedelta(days=day)).isoformat(), sync=False)
    (last,) = observations(desk.run(as_of="2026-11-09", sync=False)).values()
    assert (basis(last)["kind"], basis(last)["history_days"]) == ("level", 14)


def test_the_same_day_again_has_the_same_forecast(tmp_path: Path) -> None:
    """Nothing depends on chance or on the clock of a day that is over, and nothing new is stored."""
    desk = Desk(tmp_path)
    desk.tasks(*tasks(46))
    desk.okrs(METRICS, **GOALS)
    first = observations(desk.run("2026-11-16T01:00+07:00", as_of="2026-11-15"))
    report = desk.run("2026-11-18T03:00+07:00", as_of="2026-11-15", sync=False)
    again = observations(report)
    for name in ("closed", "points", "big", "recent", "open"):
        assert again[name].forecast_value == first[name].forecast_value
        assert again[name].forecast_basis == first[name].forecast_basis
    assert report.recorded_count == 0


def test_today_counts_what_is_left_of_it(tmp_path: Path) -> None:
    """At noon of the last day half a day is left, at 1.6 a day: less than one more on top of what is in."""
    desk = Desk(tmp_path)
    desk.tasks(*tasks(92))
    desk.okrs(METRICS, closed={"metric": "closed", "target": 500})
    (one,) = observations(desk.run("2026-12-31T12:00+07:00")).values()
    assert one.value is not None
    assert one.forecast_value == pytest.approx(one.value + 0.8, abs=0.2)
    assert basis(one)["days_left"] == 1


def test_a_cycle_that_is_over_has_no_forecast(tmp_path: Path) -> None:
    """Its numbers no longer change."""
    desk = Desk(tmp_path)
    desk.tasks(*tasks(92))
    desk.okrs(METRICS, closed={"metric": "closed", "target": 500})
    (one,) = observations(desk.run("2027-01-02T12:00+07:00", as_of="2026-12-31")).values()
    assert basis(one) == {"reason": "the cycle is over"}


def test_what_is_withheld_has_no_forecast(tmp_path: Path) -> None:
    """A value that is not trusted is no ground to go on from."""
    desk = Desk(tmp_path)
    desk.tasks(*tasks(46))
    desk.okrs(
        {"closed": {**METRICS["closed"], "trust": {"min_count": 1000}}}, closed={"metric": "closed", "target": 500}
    )
    (one,) = observations(desk.run("2026-11-16T01:00+07:00", as_of="2026-11-15")).values()
    assert one.status == "withheld"
    assert basis(one) == {"reason": "the value is not published: withheld"}


def test_days_that_are_only_assumed_are_no_history(tmp_path: Path) -> None:
    """Tasks whose first state was read on 10 November say nothing of how many were open before."""
    desk = Desk(tmp_path)
    desk.tasks(*(f"{n},2026-10-01,2026-11-10T09:00,,open,1" for n in range(40)))
    desk.okrs({"open": METRICS["open"]}, open={"metric": "open", "target": 500})
    (one,) = observations(desk.run("2026-11-16T01:00+07:00", as_of="2026-11-15")).values()
    assert basis(one) == {"reason": "6 days of history so far; a forecast needs 14"}


def test_status_and_explain_say_where_it_is_heading(tmp_path: Path) -> None:
    """A line under the reason with the goal to compare it with; explain adds the method and how it did before."""
    desk = Desk(tmp_path)
    desk.tasks(*tasks(60))
    desk.okrs(METRICS, closed={"metric": "closed", "target": 150}, yes={"done": "closed >= 100"})
    desk.run("2026-11-30T01:00+07:00", as_of="2026-11-29")
    console = Console(record=True, width=160)
    print_status(pipeline.status(desk.folder, date(2026, 11, 29), desk.clock), console)
    print_explanation(pipeline.explain(desk.folder, "closed", date(2026, 11, 29), clock=desk.clock), console)
    print_explanation(pipeline.explain(desk.folder, "yes", date(2026, 11, 29), clock=desk.clock), console)
    said = console.export_text()
    (line,) = re.findall(r"heading for \d+\.?\d* \(\d+ to \d+\) by 31 Dec, goal 150", said)
    assert line
    assert "8 of 10 outcomes are in that range" in said
    assert "total: what is in, and what the days left bring if they are like the days so far (60 days; 32 left)" in said
    assert "of 3 made in the same way on earlier days, 32 days ahead, 3 held what came; 8 of 10 should" in said
    assert "none: a condition has no number that could be forecast" in said


def test_json_has_the_forecast_as_numbers(tmp_path: Path) -> None:
    """With what it rests on; where there is none, null and the reason."""
    desk = Desk(tmp_path)
    desk.tasks(*tasks(60))
    desk.okrs(METRICS, closed={"metric": "closed", "target": 150}, yes={"done": "closed >= 100"})
    desk.run("2026-11-30T01:00+07:00", as_of="2026-11-29")
    content: Any = pipeline.status(desk.folder, date(2026, 11, 29), desk.clock).as_json()
    closed, yes = content["objectives"][0]["key_results"]
    assert closed["forecast"]["low"] < closed["forecast"]["value"] < closed["forecast"]["high"]
    assert closed["forecast"]["closes_on"] == "2026-12-31"
    assert (yes["forecast"]["value"], yes["forecast"]["reason"]) == (
        None,
        "a condition has no number that could be forecast",
    )
