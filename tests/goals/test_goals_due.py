"""On which days milestones are due, and plans said in values or in shares."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from okr_sync.progress import Goal, GoalPart, expected_progress, goal_of
from okr_sync.progress.due import due_days
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.key_result import KeyResult

CYCLE = Cycle("2027-A", date(2027, 1, 1), date(2027, 4, 10))
"""100 days."""


def milestones(*days: int | None) -> Goal:
    """Due at the end of the n-th day of the cycle, or on no day of their own."""
    due = [None if day is None else CYCLE.start + timedelta(days=day - 1) for day in days]
    parts = tuple(GoalPart(str(n), Goal(GoalKind.REACH), due=day) for n, day in enumerate(due))
    return Goal(GoalKind.MILESTONES, target=float(len(parts)), parts=parts)


def numbers(*days: int | None) -> list[int]:
    return [(day - CYCLE.start).days + 1 for day in due_days(milestones(*days), CYCLE)]


def test_without_days_they_are_spread_over_the_cycle() -> None:
    """A fraction of a day is rounded up: 33.3 is day 34."""
    assert numbers(None) == [100]
    assert numbers(None, None, None) == [34, 67, 100]


def test_those_without_a_day_lie_between_their_neighbours() -> None:
    """Between the start and day 30, between day 30 and day 80, and from there to the end."""
    assert numbers(None, 30, None, 80, None, None) == [15, 30, 55, 80, 90, 100]


def test_the_last_one_is_due_on_its_own_day_where_it_has_one() -> None:
    """And those before it sooner."""
    assert numbers(None, 60) == [30, 60]


def test_days_outside_the_cycle_are_its_borders() -> None:
    """What was due before the cycle is due from its first day on; what is due later, on its last."""
    assert numbers(-20, None, 140) == [0, 50, 100]
    assert [expected_progress(milestones(-20, 140), CYCLE, CYCLE.start + timedelta(days=n)) for n in (0, 98, 99)] == [
        0.5,
        0.5,
        1.0,
    ]


@given(st.lists(st.none() | st.integers(-30, 130), min_size=1, max_size=9))
def test_due_days_never_go_back(days: list[int | None]) -> None:
    """Whatever is dated: each is due no earlier than the one above it, and none after the cycle."""
    dated = iter(sorted(day for day in days if day is not None))
    found = numbers(*(None if day is None else next(dated) for day in days))
    assert found == sorted(found)
    assert max(found) <= 100
    assert found[-1] == 100 or days[-1] is not None


@given(
    st.integers(-1000, 1000),
    st.integers(-1000, 1000).filter(bool),
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100)), min_size=1, max_size=5, unique_by=lambda one: one[0]),
    st.integers(0, 110),
)
def test_values_by_day_say_what_shares_say(baseline: int, way: int, plan: list[tuple[int, int]], day: int) -> None:
    """`by` in values and `pace` in the same shares of the way expect the same, rising or falling."""
    days = sorted(CYCLE.start + timedelta(days=number - 1) for number, _ in plan)
    shares = sorted(share for _, share in plan)
    goal = {"id": "a", "name": "A", "metric": "m", "baseline": baseline, "target": baseline + way}
    values = {at: baseline + way * share / 100 for at, share in zip(days, shares, strict=True)}
    by = KeyResult.model_validate({**goal, "by": values})
    pace = KeyResult.model_validate({**goal, "pace": {at: f"{share}%" for at, share in zip(days, shares, strict=True)}})
    at = CYCLE.start + timedelta(days=day - 1)
    found = [expected_progress(goal_of(one, None), CYCLE, at) for one in (by, pace)]
    assert abs(found[0] - found[1]) < 1e-9
