"""Which cycle a day belongs to, and the one before it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from okr_sync.project.cycle import Cycle, Fixed, Recurring, clash, is_cycle_name, named, recurring, recurring_names
from okr_sync.project.model import Project
from okr_sync.project.settings import Settings

QUARTERS = (1, 4, 7, 10)
FISCAL = (2, 5, 8, 11)
AMERICAN = (10, 1, 4, 7)
MONTHS = tuple(range(1, 13))


def _project(**settings: object) -> Project:
    return Project(Path(), Settings.model_validate(settings), {}, {}, ())


@pytest.mark.parametrize(
    ("starts", "day", "name", "start", "end"),
    [
        (QUARTERS, date(2026, 10, 1), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (QUARTERS, date(2026, 12, 31), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (QUARTERS, date(2027, 1, 1), "2027-Q1", date(2027, 1, 1), date(2027, 3, 31)),
        (QUARTERS, date(2024, 2, 29), "2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        # February 2026 to January 2027 is the year 2027.
        (FISCAL, date(2026, 2, 1), "2027-Q1", date(2026, 2, 1), date(2026, 4, 30)),
        (FISCAL, date(2026, 1, 31), "2026-Q4", date(2025, 11, 1), date(2026, 1, 31)),
        (FISCAL, date(2026, 12, 31), "2027-Q4", date(2026, 11, 1), date(2027, 1, 31)),
        # October 2026 to September 2027 is the year 2027.
        (AMERICAN, date(2026, 10, 1), "2027-Q1", date(2026, 10, 1), date(2026, 12, 31)),
        (AMERICAN, date(2027, 1, 1), "2027-Q2", date(2027, 1, 1), date(2027, 3, 31)),
        (AMERICAN, date(2026, 9, 30), "2026-Q4", date(2026, 7, 1), date(2026, 9, 30)),
        ((1, 7), date(2026, 7, 1), "2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ((1, 7), date(2026, 6, 30), "2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ((4, 10), date(2027, 3, 31), "2027-H2", date(2026, 10, 1), date(2027, 3, 31)),  # April 2026 to March 2027
        ((1,), date(2026, 7, 1), "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ((1,), date(2024, 2, 29), "2024", date(2024, 1, 1), date(2024, 12, 31)),
        ((4,), date(2026, 3, 31), "2026", date(2025, 4, 1), date(2026, 3, 31)),
        ((4,), date(2026, 4, 1), "2027", date(2026, 4, 1), date(2027, 3, 31)),
        # Months, by their place in the year that they belong to.
        (MONTHS, date(2026, 10, 31), "2026-M10", date(2026, 10, 1), date(2026, 10, 31)),
        (MONTHS, date(2024, 2, 29), "2024-M2", date(2024, 2, 1), date(2024, 2, 29)),
        ((4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3), date(2027, 1, 31), "2027-M10", date(2027, 1, 1), date(2027, 1, 31)),
        # Thirds of a year, and uneven ones, are named by the year in which the first listed one begins.
        ((1, 5, 9), date(2026, 9, 1), "2026-C3", date(2026, 9, 1), date(2026, 12, 31)),
        ((9, 1, 5), date(2027, 1, 1), "2026-C2", date(2027, 1, 1), date(2027, 4, 30)),
        ((9, 1, 5), date(2027, 8, 31), "2026-C3", date(2027, 5, 1), date(2027, 8, 31)),
        ((1, 2), date(2026, 12, 31), "2026-C2", date(2026, 2, 1), date(2026, 12, 31)),
        ((1, 4, 7, 11), date(2026, 10, 31), "2026-C3", date(2026, 7, 1), date(2026, 10, 31)),
    ],
)
def test_a_day_belongs_to_a_named_cycle(starts: tuple[int, ...], day: date, name: str, start: date, end: date) -> None:
    """Even cycles are named by the year in which their year ends, others by the one in which it begins."""
    assert recurring(starts, day) == Cycle(name, start, end)


@pytest.mark.parametrize(
    "starts", [QUARTERS, FISCAL, AMERICAN, (1,), (6,), (3, 9), (9, 1, 5), (1, 2), tuple(range(1, 13))]
)
def test_cycles_follow_each_other_without_gap(starts: tuple[int, ...]) -> None:
    """Over four years every day is in one cycle, each ends the day before the next, and no two share a name."""
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1)]
    cycles = list(dict.fromkeys(recurring(starts, day) for day in days))
    assert all(cycle.start <= day <= cycle.end for day in days for cycle in [recurring(starts, day)])
    assert all(after.start - before.end == timedelta(days=1) for before, after in pairwise(cycles))
    assert len({cycle.name for cycle in cycles}) == len(cycles)
    assert all(is_cycle_name(cycle.name) and named(starts, cycle.name) == cycle for cycle in cycles)


def test_names_of_a_year() -> None:
    """The cycles that begin in a calendar year, whatever year they are named by."""
    assert recurring_names(FISCAL, 2026) == ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]
    assert recurring_names((9, 1, 5), 2026) == ["2025-C2", "2025-C3", "2026-C1"]


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (Recurring(QUARTERS), Recurring(FISCAL), "2026-Q1"),
        (Recurring(QUARTERS), Recurring((1,)), None),
        (Recurring((1,)), Recurring((7,)), "2026"),
        (Recurring(MONTHS), Recurring(QUARTERS), None),
        (Fixed(Cycle("2030-Q4", date(2026, 1, 1), date(2026, 1, 2))), Recurring(QUARTERS), "2030-Q4"),
        (Recurring(QUARTERS), Fixed(Cycle("2030-Q4", date(2026, 1, 1), date(2026, 1, 2))), "2030-Q4"),
        (Recurring(QUARTERS), Fixed(Cycle("2030-Q5", date(2026, 1, 1), date(2026, 1, 2))), None),
    ],
)
def test_kinds_that_share_a_name(one: Recurring | Fixed, other: Recurring | Fixed, name: str | None) -> None:
    """Side by side no two cycles may have one name, in whatever year."""
    assert clash(one, other) == name


@pytest.mark.parametrize("name", ["2026-Q5", "2026-Q0", "2026-H1", "2026", "Q4", "delivery", "", "2026-q4"])
def test_other_names_are_no_cycle_of_quarters(name: str) -> None:
    """Only names that a cycle gets are names of cycles."""
    assert named(QUARTERS, name) is None


@pytest.mark.parametrize("name", ["Q4", "delivery", "", "2026-Q", "2026-Q4-draft", "20261"])
def test_other_folders_name_no_cycle(name: str) -> None:
    """A folder may be called anything."""
    assert not is_cycle_name(name)


def test_a_project_of_recurring_cycles() -> None:
    """The cycle before is the one that ended the day before; cycles differ in length."""
    project = _project(cycles={"starts": ["jan", "apr", "jul", "oct"]})
    cycle = project.cycle_at(date(2026, 1, 15))
    assert cycle == Cycle("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
    assert project.previous_cycle(cycle) == Cycle("2025-Q4", date(2025, 10, 1), date(2025, 12, 31))


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2026, 11, 15), date(2030, 1, 1)])
def test_a_project_of_a_fixed_cycle(day: date) -> None:
    """Every day belongs to the fixed cycle; before it lies a span of as many days.

    October to December has 92 days, so that the span before ends on 30 September and begins on 1 July.
    """
    project = _project(cycle={"name": "autumn", "start": "2026-10-01", "end": "2026-12-31"})
    cycle = project.cycle_at(day)
    assert cycle == Cycle("autumn", date(2026, 10, 1), date(2026, 12, 31))
    assert project.previous_cycle(cycle) == Cycle("before autumn", date(2026, 7, 1), date(2026, 9, 30))


def test_a_cycle_of_one_day() -> None:
    """It is over at its end, and the span before it is the day before."""
    cycle = Cycle("day", date(2026, 3, 1), date(2026, 3, 1))
    assert (cycle.day_count, cycle.elapsed(cycle.start), cycle.days_until(cycle.end)) == (1, 1.0, [cycle.start])
    assert cycle.before() == Cycle("before day", date(2026, 2, 28), date(2026, 2, 28))
    assert cycle.elapsed(date(2026, 2, 28)) == 0.0
