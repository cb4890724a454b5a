"""Baselines that are measured, through the whole pipeline.

The cycle is the last quarter of 2026. Points are powers of two, so that a sum tells which tasks counted.
"""

from __future__ import annotations

from typing import Any

import pytest

from okr_sync.errors import OkrSyncError, ProjectError
from okr_sync.progress import Status
from okr_sync.store import Observation
from tests.soundness.desk import Desk, observations

CLOSED: dict[str, Any] = {"stream": "desk.tasks", "time": "closed_at", "value": "sum(points)"}
HELD: dict[str, Any] = {"stream": "desk.tasks", "value": "sum(points)"}
NOW = "2026-11-15T12:00+07:00"
AS_OF = "2026-11-15"


def task(number: int, points: float | str, changed_at: str, closed_at: str = "", created_at: str = "") -> str:
    """A version of a task: what it is from `changed_at` on."""
    return f"{number},{created_at or changed_at},{changed_at},{closed_at},done,{points}"


def found(desk: Desk, metric: dict[str, Any], **goal: Any) -> Observation:
    """The observation of one key result on the metric, at `NOW`."""
    desk.okrs({"m": metric}, kr={"metric": "m", **goal})
    return observations(desk.run(NOW))["kr"]


def test_at_cycle_start_is_the_value_right_before_the_cycle(desk: Desk) -> None:
    """What the records were at 23:59:59.999 of the last day before it counts; what came at midnight does not."""
    desk.tasks(
        task(1, 100, "2026-09-01"),
        task(1, 140, "2026-09-30T16:59:59.999Z"),  # Hanoi is UTC+7: the last moment of the old cycle
        task(1, 240, "2026-09-30T17:00:00Z"),
        task(2, 50, "2026-10-05"),
    )
    one = found(desk, HELD, baseline="at cycle start", target="+300")
    assert (one.value, one.baseline, one.target) == (290, 140, 440)
    assert one.progress == pytest.approx(0.5)  # 150 of 300


def test_previous_cycle_is_the_value_of_its_own_window_at_its_end(desk: Desk) -> None:
    """A metric that counts from the start of its cycle has the whole of the cycle before as its baseline."""
    desk.tasks(
        task(1, 1, "2026-01-01", "2026-06-30T16:59:59Z"),
        task(2, 2, "2026-01-01", "2026-06-30T17:00:00Z"),
        task(4, 4, "2026-01-01", "2026-09-30T16:59:59Z"),
        task(8, 8, "2026-01-01", "2026-09-30T17:00:00Z"),
    )
    one = found(desk, CLOSED, baseline="previous cycle", target="x2")
    assert (one.value, one.baseline, one.target) == (8, 6, 12)


@pytest.mark.parametrize(
    ("target", "value", "progress", "status"),
    [
        # 15 Nov ends the 46th of 92 days: of the 100 of the cycle before, 50 belong to it
        ("+100", 50, 0.0, Status.AT_RISK),  # as fast as before: nothing of the 100 more
        ("+100", 100, 0.5, Status.ON_TRACK),  # 50 ahead, and 50 % is expected
        ("+100", 175, 1.25, Status.ON_TRACK),  # ahead by all that was promised, and yet not there
        ("+100", 200, 1.5, Status.ACHIEVED),  # a total does not fall again
        ("+100", 0, -0.5, Status.AT_RISK),
        ("-50%", 50, 0.0, Status.AT_RISK),  # falling: as many as before
        ("-50%", 25, 0.5, Status.ON_TRACK),  # half as many
        ("-50%", 0, 1.0, Status.ON_TRACK),  # none so far, which every day can still change
    ],
)
def test_a_total_is_compared_with_the_pace_of_the_cycle_before(
    desk: Desk, target: str, value: int, progress: float, status: Status
) -> None:
    """What adds up from 0 is not behind for being below a whole cycle's total half way, nor done for being so."""
    desk.tasks(task(1, 100, "2026-01-01", "2026-07-05"), task(2, value, "2026-01-01", "2026-10-05"))
    one = found(desk, CLOSED, baseline="previous cycle", target=target)
    assert (one.baseline, one.progress, one.status) == (100, pytest.approx(progress), status)
    assert one.reason.endswith("; baseline 100 on 30 Sep (previous cycle), 50 of it by now")


@pytest.mark.parametrize(("value", "status"), [(200, Status.ACHIEVED), (199, Status.MISSED)])
def test_a_total_is_judged_as_a_whole_at_the_end(desk: Desk, value: int, status: Status) -> None:
    """Then progress is (value - baseline) / (target - baseline) as anywhere."""
    desk.tasks(task(1, 100, "2026-01-01", "2026-07-05"), task(2, value, "2026-01-01", "2026-10-05"))
    desk.okrs({"m": CLOSED}, kr={"metric": "m", "baseline": "previous cycle", "target": "+100"})
    one = observations(desk.run("2027-01-02T12:00+07:00", "2026-12-31"))["kr"]
    assert (one.progress, one.status) == (pytest.approx((value - 100) / 100), status)


@pytest.mark.parametrize(
    ("metrics", "progress"),
    [
        ({"m": CLOSED}, 0.5),
        ({"m": {**CLOSED, "value": "round(coalesce(sum(points), 0) / 10, 1)"}}, 0.5),
        (
            {
                "a": CLOSED,
                "b": {**CLOSED, "where": "status = 'none'", "value": "count(*)"},
                "m": {"value": "a - 2 * b"},
            },
            0.5,
        ),
        ({"m": {**CLOSED, "window": "all"}}, 1.0),  # from 100 to 200: what was there stays
        ({"m": {**CLOSED, "value": "avg(points)"}}, 0.0),  # a level: 100 where it was 100
        ({"a": CLOSED, "n": {**CLOSED, "value": "count(*)"}, "m": {"value": "a / n"}}, 0.0),
    ],
)
def test_levels_are_no_totals(desk: Desk, metrics: dict[str, Any], progress: float) -> None:
    """Counts, sums and what is added up of them are totals; a mean or a ratio begins where it stands."""
    desk.tasks(task(1, 100, "2026-01-01", "2026-07-05"), task(2, 100, "2026-01-01", "2026-10-05"))
    desk.okrs(metrics, kr={"metric": "m", "baseline": "previous cycle", "target": "x2"})
    one = observations(desk.run(NOW))["kr"]
    assert one.progress == pytest.approx(progress)


def test_values_planned_for_a_total_add_up_from_zero(desk: Desk) -> None:
    """40 of 200 by 31 Oct, the 31st of 92 days: (40 - 100 * 31/92) / 100 = 6.3 %; on from there to 50 % by 15 Nov."""
    desk.tasks(task(1, 100, "2026-01-01", "2026-07-05"), task(2, 40, "2026-01-01", "2026-10-05"))
    plan = {"2026-10-31": 40, "2026-11-15": 100}
    desk.okrs({"m": CLOSED}, kr={"metric": "m", "baseline": "previous cycle", "target": "+100", "by": plan})
    first = observations(desk.run(NOW, "2026-10-31"))["kr"]
    second = observations(desk.run(NOW))["kr"]
    share = (40 - 100 * 31 / 92) / 100
    assert (first.expected_progress, first.progress) == (pytest.approx(share), pytest.approx(share))
    assert second.expected_progress == pytest.approx(0.5)


def test_the_baseline_of_an_earlier_day_is_the_same(desk: Desk) -> None:
    """Every day of a cycle has one start."""
    desk.tasks(task(1, 100, "2026-09-01"), task(2, 20, "2026-10-02"), task(4, 40, "2026-11-02"))
    desk.okrs({"m": HELD}, kr={"metric": "m", "baseline": "at cycle start", "target": "+100"})
    report = desk.run(NOW, "2026-10-03")
    assert (observations(report)["kr"].baseline, observations(report)["kr"].value) == (100, 120)
    assert (observations(desk.run())["kr"].baseline, observations(desk.run())["kr"].value) == (100, 160)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("+300", 500),
        (-50, 150),  # beside a measured baseline a number below zero is a change
        ("+30%", 260),
        ("-30%", 140),
        ("x1.5", 300),
        ("x0", 0),
        (450, 450),
    ],
)
def test_changes_start_from_the_measured_baseline(desk: Desk, target: object, expected: float) -> None:
    """Of 200."""
    desk.tasks(task(1, 200, "2026-09-01"))
    one = found(desk, HELD, baseline="at cycle start", target=target)
    assert (one.baseline, one.target, one.progress) == (200, pytest.approx(expected), 0)


def test_a_duration_is_converted(desk: Desk) -> None:
    """`+2h` on a metric in minutes is 120 of them."""
    desk.tasks(task(1, 30, "2026-09-01"))
    one = found(desk, {**HELD, "unit": "minutes"}, baseline="at cycle start", target="+2h")
    assert (one.baseline, one.target) == (30, 150)


def test_points_of_a_metric_in_percent(desk: Desk) -> None:
    """From 25 %, `-5pp` is 20 %, and `x0.8` is 20 % too."""
    metric = {**HELD, "value": "avg(points)", "unit": "percent"}
    desk.tasks(task(1, 0.25, "2026-09-01"), task(1, 0.22, "2026-10-02"))
    for target in ("-5pp", "x0.8"):
        one = found(desk, metric, baseline="at cycle start", target=target)
        assert (one.target, one.progress) == (pytest.approx(0.20), pytest.approx(0.6))  # 3 of 5 points


def test_a_baseline_without_data_is_no_data(desk: Desk) -> None:
    """Missing is not zero: there is no progress from a value that nobody knows."""
    desk.tasks(task(1, 200, "2026-10-05"))
    one = found(desk, HELD, baseline="at cycle start", target="+300")
    assert (one.status, one.progress, one.value, one.baseline, one.target) == (Status.NO_DATA, None, None, None, None)
    assert one.reason == (
        "the baseline of m (at cycle start) has no value for 30 Sep: no record counts, or it divides by nothing;"
        " write the baseline as a number"
    )
    assert one.expected_progress == pytest.approx(0.5)  # 46 of 92 days


def test_a_baseline_of_zero_is_a_value(desk: Desk) -> None:
    """Zero is not missing: 0 to 300."""
    desk.tasks(task(1, 150, "2026-10-05"))
    one = found(desk, {**HELD, "value": "coalesce(sum(points), 0)"}, baseline="at cycle start", target="+300")
    assert (one.baseline, one.target, one.progress) == (0, 300, 0.5)


@pytest.mark.parametrize("target", ["+30%", "x1.3"])
def test_a_share_of_nothing_is_no_goal(desk: Desk, target: str) -> None:
    """30 % of 0 is 0, which is nothing to move to: no data, with that reason."""
    desk.tasks(task(1, 150, "2026-10-05"))
    one = found(desk, {**HELD, "value": "coalesce(sum(points), 0)"}, baseline="at cycle start", target=target)
    assert (one.status, one.progress) == (Status.NO_DATA, None)
    assert one.reason == (
        "baseline 0 on 30 Sep (at cycle start) makes no goal:"
        " target 0 equals the baseline 0: there is nothing to move; write another target"
    )


def test_values_planned_by_day_count_from_the_measured_baseline(desk: Desk) -> None:
    """15 Nov lies half way between 31 Oct (+100 of 400) and 30 Nov (+200 of 400): 37.5 %."""
    desk.tasks(task(1, 200, "2026-09-01"))
    plan = {"2026-10-31": "+100", "2026-11-30": "+200"}
    one = found(desk, HELD, baseline="at cycle start", target="+400", by=plan)
    assert one.expected_progress == pytest.approx(0.375)


def test_a_plan_that_leaves_the_measured_way_is_no_data(desk: Desk) -> None:
    """From 200 to 150 nothing passes 180 after 160."""
    desk.tasks(task(1, 200, "2026-09-01"))
    one = found(desk, HELD, baseline="at cycle start", target=150, by={"2026-10-31": 160, "2026-11-30": 180})
    assert one.status == Status.NO_DATA
    assert "180 by 2026-11-30 goes back from 160 by 2026-10-31, on the way from 200 to 150" in one.reason


def test_a_baseline_on_too_few_records_is_withheld(desk: Desk) -> None:
    """The gate of the metric holds for its baseline too."""
    desk.tasks(task(1, 100, "2026-09-01"), task(2, 50, "2026-10-05"), task(4, 50, "2026-10-06"))
    metric = {**HELD, "trust": {"min_count": 2}}
    one = found(desk, metric, baseline="at cycle start", target="+300")
    assert (one.status, one.computed_value, one.baseline, one.target) == (Status.WITHHELD, 200, 100, 400)
    assert one.reason == (
        "baseline of m (at cycle start): the value rests on 1 records, at least 2 are needed; no earlier value to keep"
    )


def test_the_reason_names_the_baseline_and_what_is_assumed_of_it(desk: Desk) -> None:
    """A task that was made before the cycle and first seen in it is taken to have been so already."""
    desk.tasks(task(1, 100, "2026-09-01"), task(2, 50, "2026-10-05", created_at="2026-09-15"))
    one = found(desk, HELD, baseline="at cycle start", target="+300")
    assert one.reason == (
        "progress 0 % where 50 % is expected by 15 Nov (0 % of that, at risk below 70 %);"
        " baseline 150 on 30 Sep (at cycle start), 1 of its 2 records first seen later"
    )


def test_the_evidence_holds_what_the_baseline_rests_on(desk: Desk) -> None:
    """For every metric below: the day, the value and the records."""
    desk.tasks(task(1, 100, "2026-09-01"), task(2, 50, "2026-10-05"))
    metrics = {"part": HELD, "m": {"value": "part * 2"}}
    desk.okrs(metrics, kr={"metric": "m", "baseline": "at cycle start", "target": "+1"})
    one = observations(desk.run(NOW))["kr"]
    start = {"as_of": "2026-09-30", "record_count": 1, "assumed_count": 0}
    assert one.evidence["part"]["baseline"] == {"at cycle start": {**start, "value": 100}}  # type: ignore[index,call-overload]
    assert one.evidence["m"]["baseline"] == {"at cycle start": {**start, "value": 200}}  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (
            {"m": CLOSED},
            "m counts from the start of the cycle on: right before that it is empty; write 'previous cycle' for its"
            " value at the end of the cycle before, or give m another window, such as all or trailing 28 days",
        ),
        (
            {"part": CLOSED, "m": {"value": "part * 2"}},
            "part counts from the start of the cycle on, and m is made of it: right before that it is empty; write"
            " 'previous cycle' for its value at the end of the cycle before, or give part another window, such as all"
            " or trailing 28 days",
        ),
    ],
)
def test_a_window_that_begins_with_the_cycle_has_no_start(desk: Desk, metrics: dict[str, Any], message: str) -> None:
    """It would be empty right before the cycle, so that the baseline is refused when the project loads."""
    desk.okrs(metrics, kr={"metric": "m", "baseline": "at cycle start", "target": "+300"})
    with pytest.raises(ProjectError) as refused:
        desk.run(NOW)
    assert [(one.field, one.message) for one in refused.value.problems] == [("key_results.kr.baseline", message)]


@pytest.mark.parametrize("window", ["all", "trailing 28 days", "previous_cycle"])
def test_other_windows_have_a_start(desk: Desk, window: str) -> None:
    """They hold days before the cycle: of 1 on 30 Jun and 2 on 29 Sep, as seen on 30 Sep."""
    days = {1: "2026-06-30", 2: "2026-09-29", 4: "2026-10-20"}
    desk.tasks(*(task(points, points, "2026-01-01", day) for points, day in days.items()))
    one = found(desk, {**CLOSED, "window": window}, baseline="at cycle start", target="+8")
    assert one.baseline == {"all": 3, "trailing 28 days": 2, "previous_cycle": 1}[window]


@pytest.mark.parametrize(
    ("unit", "goal", "message"),
    [
        (
            "percent",
            {"baseline": "previous cycle", "target": "+30%"},
            "+30% of a metric in percent can be read in two ways; write +30pp for 30 percentage points, or x1.3 for"
            " 30 % more than the baseline",
        ),
        (
            "percent",
            {"baseline": "at cycle start", "target": "-30%"},
            "-30% of a metric in percent can be read in two ways; write -30pp for 30 percentage points, or x0.7 for"
            " 30 % less than the baseline",
        ),
        (
            None,
            {"baseline": 20, "target": "+5pp"},
            "+5pp are percentage points and do not fit a metric in number; write +5",
        ),
        ("hours", {"baseline": "at cycle start", "target": "+500 VND"}, "500 VND does not fit a metric in hours"),
        (
            None,
            {"baseline": 20, "target": 10, "by": {"2026-10-31": 25}},
            "25 by 2026-10-31 is not on the way from 20 to 10; write values between the two",
        ),
        (
            "percent",
            {"baseline": "25%", "target": "10%", "by": {"2026-10-31": "14%", "2026-11-30": "18%"}},
            "18 % by 2026-11-30 goes back from 14 % by 2026-10-31, on the way from 25 % to 10 %; write values that"
            " lead to the target",
        ),
        (
            None,
            {"baseline": 0, "target": "+30%"},
            "target 0 equals the baseline 0: there is nothing to move; write another target",
        ),
    ],
)
def test_changes_that_do_not_fit_are_refused(desk: Desk, unit: str | None, goal: dict[str, Any], message: str) -> None:
    """What the unit or the numbers rule out is said when the project loads."""
    desk.okrs({"m": HELD if unit is None else {**HELD, "unit": unit}}, kr={"metric": "m", **goal})
    with pytest.raises(OkrSyncError) as refused:
        desk.run(NOW)
    assert message in str(refused.value)
