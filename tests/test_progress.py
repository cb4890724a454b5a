"""Progress, expected progress, status and their reasons, worked out by hand.

The cycle has 100 days (1 January to 10 April 2027: 31 + 28 + 31 + 10), so the end of its n-th day is n % of it.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from okr_sync.progress import (
    Assessment,
    Goal,
    GoalError,
    Part,
    Status,
    assess,
    assess_objective,
    expected_progress,
    goal_of,
    withheld,
)
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import Ambition, GoalKind
from okr_sync.project.key_result import KeyResult
from okr_sync.project.settings import StatusRules
from okr_sync.project.units import UnitError, amount

CYCLE = Cycle("2027-A", date(2027, 1, 1), date(2027, 4, 10))
RULES = StatusRules()
NPS = Goal(GoalKind.MOVE, baseline=30, target=45)


def nth(day_number: int) -> date:
    """The n-th day of the cycle, counted from 1."""
    return CYCLE.start + timedelta(days=day_number - 1)


def stand(goal: Goal, value: float | None, day_number: int) -> Assessment:
    return assess(goal, {nth(day_number): value}, CYCLE, nth(day_number), RULES)


def kept(goal: Goal, values: Sequence[float | None], day_number: int | None = None) -> Assessment:
    """Assess a keep goal with one value for each day from the cycle's first on."""
    by_day = {CYCLE.start + timedelta(days=n): value for n, value in enumerate(values)}
    return assess(goal, by_day, CYCLE, nth(day_number or len(values)), RULES)


@pytest.mark.parametrize(
    ("baseline", "target", "value", "progress"),
    [
        (30, 45, 30, 0.0),  # at the baseline
        (30, 45, 36, 0.4),  # 6 of 15
        (30, 45, 45, 1.0),
        (30, 45, 60, 2.0),  # beyond the target, unclamped: 30 of 15
        (30, 45, 15, -1.0),  # below the baseline: -15 of 15
        (0.25, 0.10, 0.19, 0.4),  # falling: -0.06 of -0.15
        (0.25, 0.10, 0.40, -1.0),  # falling, gone the wrong way: 0.15 of -0.15
        (0, 8, 0, 0.0),  # a zero baseline: 0 is a value
        (10, 0, 4, 0.6),  # a zero target: -6 of -10
        (-20, -5, -8, 0.8),  # negative to negative: 12 of 15
        (-20, 20, 0, 0.5),  # through zero
    ],
)
def test_move_is_the_share_of_the_way_from_baseline_to_target(
    baseline: float, target: float, value: float, progress: float
) -> None:
    """Progress is (value - baseline) / (target - baseline), in either direction and unclamped."""
    goal = Goal(GoalKind.MOVE, baseline=baseline, target=target)
    assert stand(goal, value, 50).progress == pytest.approx(progress)


@pytest.mark.parametrize(("value", "progress"), [(0, 0.0), (2, 0.25), (8, 1.0), (10, 1.25)])
def test_reach_counts_from_zero(value: float, progress: float) -> None:
    """n of m is value / target."""
    assert stand(Goal(GoalKind.REACH, target=8), value, 50).progress == progress


@pytest.mark.parametrize(
    ("day_number", "value", "expected", "status"),
    [
        (1, 0.0, 0.0, Status.ON_TRACK),
        (99, 0.0, 0.0, Status.ON_TRACK),
        (50, 1.0, 0.0, Status.ACHIEVED),
        (100, 0.0, 1.0, Status.MISSED),
        (100, 1.0, 1.0, Status.ACHIEVED),
    ],
)
def test_a_condition_is_due_on_the_last_day(day_number: int, value: float, expected: float, status: Status) -> None:
    """A yes-or-no key result is not late before the cycle's last day."""
    found = stand(Goal(GoalKind.REACH), value, day_number)
    assert (found.progress, found.expected_progress, found.status) == (value, expected, status)


@pytest.mark.parametrize(("day_number", "expected"), [(0, 0.0), (1, 0.01), (50, 0.5), (100, 1.0), (150, 1.0)])
def test_expected_progress_is_linear_over_the_days(day_number: int, expected: float) -> None:
    """A day counts as over at its end; before the cycle nothing is expected, after it everything."""
    assert expected_progress(NPS, CYCLE, nth(day_number)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("day_number", "expected"),
    [
        (0, 0.0),
        (10, 0.05),  # half of the way to the first point: 0.1 / 2
        (20, 0.1),  # at the first point
        (40, 0.3),  # half way between 0.1 and 0.5
        (60, 0.5),
        (80, 0.75),  # from the last point linear on to 1 on day 100
        (100, 1.0),
    ],
)
def test_pace_points_bend_the_line(day_number: int, expected: float) -> None:
    """Expected progress runs from 0 through the points of pace to 1 at the cycle's end."""
    goal = Goal(GoalKind.MOVE, baseline=30, target=45, pace=((nth(20), 0.1), (nth(60), 0.5)))
    assert expected_progress(goal, CYCLE, nth(day_number)) == pytest.approx(expected)


def test_a_pace_point_on_the_last_day_is_the_end_of_the_line() -> None:
    """A plan that ends at 80 % expects 80 % on the last day and after it, and 40 % half way."""
    goal = Goal(GoalKind.MOVE, baseline=30, target=45, pace=((nth(100), 0.8),))
    assert [expected_progress(goal, CYCLE, nth(day)) for day in (50, 100, 120)] == pytest.approx([0.4, 0.8, 0.8])


def test_pace_points_outside_the_cycle_do_not_count() -> None:
    """An objective that runs in two cycles keeps each cycle's points to itself."""
    goal = Goal(GoalKind.MOVE, baseline=30, target=45, pace=((nth(0), 0.9), (nth(101), 0.1)))
    assert expected_progress(goal, CYCLE, nth(50)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        # day 50 expects 50 % of the way from 0 to 100, so a value of v has the ratio v / 50
        (100, Status.ACHIEVED),
        (99.9, Status.ON_TRACK),
        (45, Status.ON_TRACK),  # 45 / 50 = 0.9, at the border
        (44.9, Status.BEHIND),
        (35, Status.BEHIND),  # 35 / 50 = 0.7, at the border
        (34.9, Status.AT_RISK),
        (0, Status.AT_RISK),
        (-5, Status.AT_RISK),
        (None, Status.NO_DATA),
    ],
)
def test_status_compares_progress_with_expected_progress(value: float | None, status: Status) -> None:
    """From 0.9 of what is expected on track, from 0.7 behind, else at risk; the target reached is achieved at once."""
    assert stand(Goal(GoalKind.MOVE, baseline=0, target=100), value, 50).status is status


@pytest.mark.parametrize(
    ("ambition", "value", "status"),
    [
        (Ambition.COMMITTED, 1.0, Status.ACHIEVED),
        (Ambition.COMMITTED, 0.99, Status.MISSED),
        (Ambition.ASPIRATIONAL, 0.7, Status.ACHIEVED),
        (Ambition.ASPIRATIONAL, 0.69, Status.MISSED),
        (Ambition.ASPIRATIONAL, None, Status.NO_DATA),
    ],
)
@pytest.mark.parametrize("day_number", [100, 101])
def test_a_cycle_that_is_over_is_achieved_or_missed(
    ambition: Ambition, value: float | None, status: Status, day_number: int
) -> None:
    """On the last day and after it only the promise counts: all of it, or 0.7 of an aspirational one."""
    goal = Goal(GoalKind.MOVE, baseline=0, target=1, ambition=ambition)
    assert stand(goal, value, day_number).status is status


def test_an_aspirational_goal_is_achieved_before_the_end() -> None:
    """0.7 of an aspirational goal counts as soon as it is there."""
    goal = Goal(GoalKind.MOVE, baseline=40, target=55, ambition=Ambition.ASPIRATIONAL)
    assert stand(goal, 50.5, 10).status is Status.ACHIEVED  # 10.5 of 15


def test_the_noise_of_floats_does_not_cross_a_border() -> None:
    """0.9 * 0.2 as floats is a little more than 0.18: on day 20 a progress of 0.18 still counts as 90 % of 0.2."""
    assert 0.9 * 0.2 > 0.18
    assert stand(Goal(GoalKind.MOVE, baseline=0, target=1), 0.18, 20).status is Status.ON_TRACK
    nearly = Goal(GoalKind.MOVE, baseline=0.1, target=0.8)
    assert nearly.progress(0.7 + 0.1 - 1e-16) < 1
    assert stand(nearly, 0.7 + 0.1 - 1e-16, 50).status is Status.ACHIEVED


@pytest.mark.parametrize(("value", "status"), [(0.0, Status.ON_TRACK), (0.5, Status.ON_TRACK), (-0.01, Status.AT_RISK)])
def test_where_nothing_is_expected_only_a_loss_is_at_risk(value: float, status: Status) -> None:
    """With 0 expected there is no ratio: on track, unless the value moved away from the target."""
    late = Goal(GoalKind.MOVE, baseline=0, target=1, pace=((nth(50), 0.0),))
    assert stand(late, value, 30).status is status


def test_the_borders_of_status_can_be_set() -> None:
    """A project may ask for more than 0.9 and 0.7."""
    rules = StatusRules(on_track=1.0, behind=0.95)
    goal = Goal(GoalKind.MOVE, baseline=0, target=100)
    found = [assess(goal, {nth(50): value}, CYCLE, nth(50), rules).status for value in (50, 49, 47)]
    assert found == [Status.ON_TRACK, Status.BEHIND, Status.AT_RISK]  # 1.0, 0.98, 0.94


@pytest.mark.parametrize(
    ("goal", "value", "is_held"),
    [
        (Goal(GoalKind.KEEP, high=2.0), 2.0, True),
        (Goal(GoalKind.KEEP, high=2.0), 2.01, False),
        (Goal(GoalKind.KEEP, high=2.0, strict=True), 2.0, False),
        (Goal(GoalKind.KEEP, high=2.0, strict=True), 1.99, True),
        (Goal(GoalKind.KEEP, low=0.6), 0.6, True),
        (Goal(GoalKind.KEEP, low=0.6), 0.59, False),
        (Goal(GoalKind.KEEP, low=0.0), 0.0, True),
        (Goal(GoalKind.KEEP, low=0.0), -0.1, False),
        (Goal(GoalKind.KEEP, high=0.3), 0.1 + 0.2, True),  # 0.30000000000000004
        (Goal(GoalKind.KEEP, low=-1.0, high=1.0), -1.0, True),
        (Goal(GoalKind.KEEP, low=-1.0, high=1.0), 1.5, False),
        (Goal(GoalKind.KEEP, low=-1.0, high=1.0, strict=True), 1.0, False),
    ],
)
def test_keep_bounds_are_inclusive_unless_strict(goal: Goal, value: float, is_held: bool) -> None:
    """A value at a bound holds, a strict goal refuses it; the noise of floats is no difference."""
    assert goal.is_held(value) is is_held


def test_keep_is_the_share_of_days_on_which_it_held() -> None:
    """Three of four days held is 0.75, which is behind: between 0.7 and 0.9 of the 1.0 that is expected."""
    found = kept(Goal(GoalKind.KEEP, high=2, unit="hours"), [1, 2, 3, 2])
    assert (found.progress, found.expected_progress, found.status) == (0.75, 1.0, Status.BEHIND)


def test_days_without_data_leave_both_counts_of_keep() -> None:
    """Of 1, no data, 3, no data one day in two held."""
    found = kept(Goal(GoalKind.KEEP, high=2, unit="hours"), [1, None, 3, None])
    assert found.progress == 0.5
    assert found.reason == (
        "held on 1 of 2 days (2 more without data) (50 % of that, at risk below 70 %);"
        " on 4 Jan no value, allowed at most 2 hours"
    )


def test_zero_is_a_value_to_keep() -> None:
    """0 hours is within at most 2 hours; it is not a missing value."""
    assert kept(Goal(GoalKind.KEEP, high=2), [0.0, 0.0]).progress == 1.0


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_keep_without_any_value_has_no_data(values: Sequence[float | None]) -> None:
    """No day with a value gives no data, never 0 %."""
    found = kept(Goal(GoalKind.KEEP, high=2), values, day_number=2)
    assert (found.progress, found.status) == (None, Status.NO_DATA)


@pytest.mark.parametrize(
    ("day_number", "failed_days", "status"),
    [
        (99, 0, Status.ON_TRACK),  # the last day can still break it
        (100, 0, Status.ACHIEVED),
        (100, 1, Status.MISSED),
        (99, 1, Status.ON_TRACK),  # 98 of 99
    ],
)
def test_keep_is_achieved_only_at_the_end(day_number: int, failed_days: int, status: Status) -> None:
    """A goal to keep is not achieved while a day is left."""
    values = [3.0] * failed_days + [1.0] * (day_number - failed_days)
    assert kept(Goal(GoalKind.KEEP, high=2), values).status is status


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_no_data(value: float) -> None:
    """A formula that divides floats by zero may give inf or nan: neither is a value."""
    found = stand(NPS, value, 50)
    assert (found.progress, found.status) == (None, Status.NO_DATA)
    assert found.reason == f"the formula gave {value} for 19 Feb, which is not a number"


@pytest.mark.parametrize(
    ("goal", "value", "day_number", "reason"),
    [
        # 4.65 of 15 is 0.31; 0.31 / 0.58 = 53.4 %
        (NPS, 34.65, 58, "progress 31 % where 58 % is expected by 27 Feb (53 % of that, at risk below 70 %)"),
        # 6.9 of 15 is 0.46; 0.46 / 0.58 = 79.3 %
        (NPS, 36.9, 58, "progress 46 % where 58 % is expected by 27 Feb (79 % of that, on track from 90 %)"),
        (NPS, 38.7, 58, "progress 58 % where 58 % is expected by 27 Feb"),  # 8.7 of 15
        # -1 of 15 is -6.7 %, rounded down; -0.0667 / 0.58 = -11.5 %
        (NPS, 29.0, 58, "progress -7 % where 58 % is expected by 27 Feb (-12 % of that, at risk below 70 %)"),
        (NPS, 46.5, 58, "progress 110 %, achieved from 100 %"),
        (NPS, 44.99, 100, "progress 99 % at the end of the cycle on 10 Apr, 100 % was needed"),
        (NPS, 44.99, 120, "progress 99 % at the end of the cycle on 10 Apr, 100 % was needed"),
        (NPS, 30.0, 0, "progress 0 %, nothing is expected by 31 Dec yet"),
        (NPS, 29.7, 0, "progress -2 % where 0 % is expected by 31 Dec"),  # -0.3 of 15
        (NPS, None, 58, "the formula has no result for 27 Feb: no record counts, or it divides by nothing"),
        (Goal(GoalKind.REACH), 0.0, 58, "the condition does not hold yet; it is due by 10 Apr"),
        (Goal(GoalKind.REACH), 1.0, 58, "the condition holds on 27 Feb"),
        (Goal(GoalKind.REACH), 0.0, 100, "the condition did not hold at the end of the cycle on 10 Apr"),
    ],
)
def test_the_reason_holds_the_numbers(goal: Goal, value: float | None, day_number: int, reason: str) -> None:
    """Progress is shown rounded down, so that a missed goal never reads 100 %; less than good comes with its rule."""
    assert stand(goal, value, day_number).reason == reason


def test_the_reason_names_the_rule_of_the_project() -> None:
    """With on_track at 80 % and behind at 50 %, 0.31 of 0.58 is behind, and on track it would be from 80 %."""
    found = assess(NPS, {nth(58): 34.65}, CYCLE, nth(58), StatusRules(on_track=0.8, behind=0.5))
    assert found.status is Status.BEHIND
    assert found.reason.endswith("(53 % of that, on track from 80 %)")


def test_the_reason_of_keep_counts_days_and_shows_the_present_value() -> None:
    """How often it held, what the value is, what is allowed, and at the end what was needed."""
    goal = Goal(GoalKind.KEEP, high=2, unit="hours")
    running = kept(goal, [1.0] * 40 + [2.5] * 5 + [2.3])
    assert running.reason == (
        "held on 40 of 46 days (86 % of that, on track from 90 %); on 15 Feb 2.3 hours, allowed at most 2 hours"
    )
    ended = kept(goal, [3.0] + [1.0] * 99)
    assert ended.reason == (
        "held on 99 of 100 days, 100 % of them were needed; on 10 Apr 1 hours, allowed at most 2 hours"
    )


def test_a_withheld_value_keeps_the_last_trusted_progress() -> None:
    """The reason names every gate that failed and the day whose value stays; without one it says so."""
    kept_one = withheld(0.5, ["the file is old", "too few records"], 0.4, nth(12))
    assert kept_one == Assessment(
        0.4, 0.5, Status.WITHHELD, "the file is old; too few records; the value of 12 Jan stays"
    )
    assert withheld(0.5, ["too few records"], None, None).reason == "too few records; no earlier value to keep"


def part(name: str, progress: float | None, status: Status, weight: float = 1.0) -> Part:
    return Part(name, weight, Assessment(progress, 0.5, status, f"why {name}"))


def test_an_objective_is_the_weighted_mean_of_clamped_progress() -> None:
    """1.4 counts as 1 and -0.2 as 0: (1 * 1 + 2 * 0.5 + 1 * 0) / 4 = 0.5."""
    found = assess_objective(
        [
            part("A", 1.4, Status.ACHIEVED),
            part("B", 0.5, Status.ON_TRACK, weight=2),
            part("C", -0.2, Status.AT_RISK),
        ]
    )
    assert found == Assessment(0.5, 0.5, Status.AT_RISK, "1 of 3 key results at risk: C: why C")


def test_key_results_without_data_are_named_and_not_counted() -> None:
    """No data is not 0: the mean of 0.5 and nothing is 0.5."""
    found = assess_objective([part("A", 0.5, Status.ON_TRACK), part("B", None, Status.NO_DATA)])
    assert (found.progress, found.status) == (0.5, Status.ON_TRACK)
    assert found.reason == "1 of 2 key results on track: A: why A; left out: B (no data)"


def test_zero_progress_is_counted() -> None:
    """0 is a value: the mean of 0 and 1 is 0.5."""
    found = assess_objective([part("A", 0.0, Status.AT_RISK), part("B", 1.0, Status.ACHIEVED)])
    assert found.progress == 0.5


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([Status.ACHIEVED, Status.ACHIEVED], Status.ACHIEVED),
        ([Status.ACHIEVED, Status.ON_TRACK], Status.ON_TRACK),
        ([Status.ON_TRACK, Status.WITHHELD], Status.WITHHELD),
        ([Status.WITHHELD, Status.BEHIND], Status.BEHIND),
        ([Status.BEHIND, Status.AT_RISK], Status.AT_RISK),
        ([Status.MISSED, Status.AT_RISK], Status.MISSED),
    ],
)
def test_the_worst_key_result_decides_the_objective(statuses: list[Status], worst: Status) -> None:
    """Known bad news is worse than a withheld value, which is worse than good news."""
    assert assess_objective([part(status, 0.5, status) for status in statuses]).status is worst


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (
            [part("A", None, Status.NO_DATA), part("B", None, Status.WITHHELD)],
            "no key result has data: A (no data), B (withheld)",
        ),
        ([], "it has no key results"),
    ],
)
def test_an_objective_without_any_data_has_none(parts: list[Part], reason: str) -> None:
    """No progress is made up for it."""
    found = assess_objective(parts)
    assert (found.progress, found.status, found.reason) == (None, Status.NO_DATA, reason)


def key_result(**fields: object) -> KeyResult:
    return KeyResult.model_validate({"id": "kr", "name": "A key result", "metric": "m", **fields})


@pytest.mark.parametrize(
    ("fields", "unit", "goal", "words"),
    [
        (
            {"baseline": "25%", "target": "10%"},
            "percent",
            Goal(GoalKind.MOVE, baseline=0.25, target=0.10, unit="percent"),
            "from 25 % to 10 %",
        ),
        ({"target": 8}, None, Goal(GoalKind.REACH, target=8.0), "from 0 to 8"),
        ({"at_most": "2h"}, "minutes", Goal(GoalKind.KEEP, high=120.0, unit="minutes"), "at most 120 minutes"),
        ({"at_least": 0, "strict": True}, None, Goal(GoalKind.KEEP, low=0.0, strict=True), "more than 0"),
        (
            {"between": [-1, "2"]},
            "points",
            Goal(GoalKind.KEEP, low=-1.0, high=2.0, unit="points"),
            "between -1 points and 2 points",
        ),
        ({"done": "a > 1", "metric": None}, None, Goal(GoalKind.REACH), "done"),
        (
            {"baseline": 0, "target": 1_200_000, "pace": {"2027-02-01": "50%", "2027-01-15": 0.1}},
            "VND",
            Goal(
                GoalKind.MOVE,
                baseline=0.0,
                target=1_200_000.0,
                pace=((date(2027, 1, 15), 0.1), (date(2027, 2, 1), 0.5)),
                unit="VND",
            ),
            "from 0 VND to 1,200,000 VND",
        ),
    ],
)
def test_a_goal_is_in_the_unit_of_its_metric(
    fields: dict[str, object], unit: str | None, goal: Goal, words: str
) -> None:
    """Percent become fractions, durations the metric's unit, pace points fractions in the order of days."""
    found = goal_of(key_result(**fields), unit)
    assert (found, found.in_words) == (goal, words)


@pytest.mark.parametrize(
    ("fields", "unit", "message"),
    [
        ({"baseline": "60min", "target": "1h"}, "hours", "target 1 hours equals the baseline 1 hours"),
        ({"target": 0}, None, "target 0 equals the baseline 0"),
        ({"between": ["2h", "60min"]}, "hours", "no value is between 2 hours and 1 hours"),
        ({"between": [1, 1], "strict": True}, None, "no value is between 1 and 1, both excluded"),
    ],
)
def test_a_goal_without_a_way_is_refused(fields: dict[str, object], unit: str | None, message: str) -> None:
    """What only shows once units are known is refused before any value is computed."""
    with pytest.raises(GoalError, match=message):
        goal_of(key_result(**fields), unit)


def test_a_goal_in_another_unit_is_refused() -> None:
    """Hours do not fit a metric in percent."""
    with pytest.raises(UnitError, match="2 hours"):
        goal_of(key_result(at_most="2h"), "percent")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, None, "0"),
        (-0.0, "percent", "0 %"),
        (0.25, "percent", "25 %"),
        (1 / 3, "percent", "33.33 %"),
        (2.3, "hours", "2.3 hours"),
        (2.003, "hours", "2.003 hours"),
        (1200.0, "count", "1,200"),
        (12_345_678.9, "VND", "12,345,679 VND"),
        (-0.0042, None, "-0.0042"),
        (100.0, "points", "100 points"),
    ],
)
def test_amounts_are_written_for_people(value: float, unit: str | None, text: str) -> None:
    """Four digits, or all of the whole part, and the unit."""
    assert amount(value, unit) == text


def test_nothing_is_missed_while_the_last_day_goes_on() -> None:
    """At two in the morning of a cycle's last day there is still a day to go."""
    goal = Goal(GoalKind.MOVE, baseline=0.0, target=10.0)
    values = {CYCLE.end: 5.0}
    assert assess(goal, values, CYCLE, CYCLE.end, StatusRules(), is_day_over=False).status is Status.AT_RISK
    assert assess(goal, values, CYCLE, CYCLE.end, StatusRules()).status is Status.MISSED
