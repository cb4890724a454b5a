"""Zero is a value like any other; what is not known is never 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from okr_sync import pipeline
from tests.soundness.desk import Desk, observations

TASKS = (
    "1,2026-10-02T09:00,2026-10-02T09:00,,open,3",
    "2,2026-10-02T09:00,2026-10-02T09:00,,open,0",
    "3,2026-10-02T09:00,2026-10-02T09:00,,open,",
    "4,2026-10-02T09:00,2026-10-02T09:00,,open,-1",
)


OF_TASKS = {
    "count(*)": 4,
    "count(points)": 3,  # 3, 0 and -1; one is not known
    "sum(points)": 2,  # 3 + 0 - 1
    "avg(points)": 2 / 3,  # not 2 / 4: the unknown one is no 0
    "min(points)": -1,
    "count_if(points = 0)": 1,
    "count_if(points < 1)": 2,  # 0 and -1
    "count_if(points is null)": 1,
    "sum(coalesce(points, 10))": 12,  # 3 + 0 + 10 - 1
    "share(points > 0)": 1 / 3,  # the unknown one counts neither way
    "sum(points) - 2": 0,
    "count_if(status = 'done')": 0,
    "count_if(status = 'done') / count(*)": 0,
    "count(*) / count_if(status = 'done')": None,  # an empty denominator
    "sum(points) / (sum(points) - 2)": None,  # 2 / 0
    "100 * (count(*) - 4)": 0,
}
OF_NOTHING = {
    "count(*)": 0,
    "count(points)": 0,
    "count(distinct status)": 0,
    "count_if(points > 0)": 0,
    "sum(points)": None,
    "avg(points)": None,
    "median(points)": None,
    "max(points)": None,
    "share(points > 0)": None,
    "count_if(points > 0) / count(*)": None,
    "last(points, changed_at)": None,
    "coalesce(sum(points), 0)": 0,
}


@pytest.fixture
def project_warehouse(warehouse_url: str) -> str:
    return warehouse_url


def test_fields_that_are_empty(desk: Desk) -> None:
    """A field that is empty is left out, and a field that is 0 counts."""
    desk.tasks(*TASKS)
    assert desk.measured(OF_TASKS) == pytest.approx(OF_TASKS)


@pytest.mark.parametrize("where", ["status = 'nowhere'", "points > 1000"])
def test_no_record_counts(desk: Desk, where: str) -> None:
    """Of no records the count is 0, and everything else is no data, whether the group is empty or the condition."""
    desk.tasks(*TASKS)
    assert desk.measured(OF_NOTHING, where=where) == OF_NOTHING


def test_window_without_records(desk: Desk) -> None:
    """A window in which nothing happened has a count of 0 and no mean, and its key results say which is which."""
    desk.tasks("1,2026-09-02T09:00,2026-09-02T09:00,2026-09-03T09:00,done,3")
    closed = {"stream": "desk.tasks", "time": "closed_at"}
    desk.okrs({"closed": {**closed, "value": "count(*)"}, "mean": {**closed, "value": "avg(points)"}})
    found = observations(desk.run())
    assert (found["closed"].value, found["closed"].progress, found["closed"].status) == (0, 0, "at risk")
    assert (found["mean"].value, found["mean"].progress, found["mean"].status) == (None, None, "no data")
    assert found["mean"].reason.startswith("the formula has no result for 10 Oct")


def test_source_without_records(desk: Desk) -> None:
    """A file with nothing but its header was read: its count is 0."""
    desk.tasks()
    desk.okrs({"n": "count(*)", "total": "sum(points)"})
    assert desk.values() == {"n": 0, "total": None}


def test_source_that_was_never_synced(desk: Desk) -> None:
    """Before the first sync nothing is known: a count is no data, not 0."""
    desk.tasks(*TASKS)
    desk.okrs({"n": "count(*)", "twice": {"value": "n * 2"}})
    found = observations(desk.run(sync=False))
    assert [(one.value, one.status) for one in found.values()] == [(None, "no data")] * 2
    assert found["n"].reason == "desk.tasks was never synced completely"
    shown = pipeline.status(desk.folder, clock=desk.clock).objectives[0]
    assert (shown.progress, [one.value for one in shown.key_results]) == (None, [None, None])


def test_source_whose_first_sync_failed(desk: Desk) -> None:
    """A file that could not be read is not an empty one."""
    desk.tasks("1,soon,2026-10-02T09:00,,open,3")
    desk.okrs({"n": "count(*)"})
    found = observations(desk.run())["n"]
    assert (found.value, found.status) == (None, "no data")


def test_missing_input_of_a_metric_over_metrics(desk: Desk) -> None:
    """What rests on a metric without data has no data; what rests on 0 has a value."""
    desk.tasks(*TASKS)
    nobody = {"stream": "desk.tasks", "where": "status = 'nowhere'"}
    desk.okrs(
        {
            "total": "sum(points)",
            "none": {**nobody, "value": "count(*)"},
            "unknown": {**nobody, "value": "sum(points)"},
            "plus_zero": {"value": "total + none"},
            "by_zero": {"value": "total / none"},
            "plus_unknown": {"value": "total + unknown"},
            "or_zero": {"value": "total + coalesce(unknown, 0)"},
        }
    )
    found = desk.values()
    assert {name: found[name] for name in ("none", "unknown", "plus_zero", "by_zero", "plus_unknown", "or_zero")} == {
        "none": 0,
        "unknown": None,
        "plus_zero": 2,
        "by_zero": None,
        "plus_unknown": None,
        "or_zero": 2,
    }


GOALS: Mapping[str, tuple[dict[str, Any], float | None, str]] = {
    # The 10th of 92 days expects a progress of 10/92 = 0.109.
    "falls_to_zero": ({"metric": "zero", "baseline": 10, "target": 0}, 1.0, "achieved"),
    "falls_half": ({"metric": "zero", "baseline": 10, "target": -10}, 0.5, "on track"),  # (0 - 10) / (-10 - 10)
    "unknown": ({"metric": "unknown", "baseline": 10, "target": 0}, None, "no data"),
    "from_zero": ({"metric": "zero", "baseline": 0, "target": 10}, 0.0, "at risk"),
    "from_minus": ({"metric": "minus", "baseline": -10, "target": 0}, 0.9, "on track"),  # (-1 + 10) / 10
    "counted": ({"metric": "zero", "target": 4}, 0.0, "at risk"),
    "below": ({"metric": "minus", "target": 4}, -0.25, "at risk"),  # -1 / 4, never clamped
    "above": ({"metric": "six", "target": 4}, 1.5, "achieved"),  # 6 / 4
    "most_zero": ({"metric": "zero", "at_most": 0}, 1.0, "on track"),  # on each of the ten days
    "least_zero": ({"metric": "minus", "at_least": 0}, 0.0, "at risk"),
    "keeps_unknown": ({"metric": "unknown", "at_most": 0}, None, "no data"),
    "is_zero": ({"done": "zero = 0"}, 1.0, "achieved"),
    "is_more": ({"done": "zero > 0"}, 0.0, "on track"),  # due at the end of the cycle
    "is_unknown": ({"done": "unknown > 0"}, None, "no data"),
}


def test_goals_at_zero(desk: Desk) -> None:
    """Baselines, targets, bounds and values of 0 are numbers; a value that is missing is no data."""
    desk.tasks(
        "zero,2026-10-01T00:00,2026-10-01T00:00,,open,0",
        "minus,2026-10-01T00:00,2026-10-01T00:00,,open,-1",
        "six,2026-10-01T00:00,2026-10-01T00:00,,open,6",
        "unknown,2026-10-01T00:00,2026-10-01T00:00,,open,",
    )
    one_each = {
        name: {"stream": "desk.tasks", "where": f"id = '{name}'", "value": "sum(points)"}
        for name in ("zero", "minus", "six", "unknown")
    }
    desk.okrs(one_each, **{name: goal for name, (goal, _, _) in GOALS.items()})
    found = observations(desk.run())
    assert {name: (one.progress, one.status) for name, one in found.items()} == {
        name: (progress, status) for name, (_, progress, status) in GOALS.items()
    }
