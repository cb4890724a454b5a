"""What is true of a day are the versions that held at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.soundness.desk import STREAM, Desk, observations

HISTORIES = (
    "reopened,2026-10-03T09:00,2026-10-03T09:00,,open,1",
    "reopened,2026-10-03T09:00,2026-10-04T09:00,,done,3",
    "reopened,2026-10-03T09:00,2026-10-06T09:00,,open,5",
    "reopened,2026-10-03T09:00,2026-10-07T09:00,,done,8",
    "reopened,2026-10-03T09:00,2026-10-07T10:00,,done,9",
    "within_a_day,2026-10-03,2026-10-03,,open,1",
    "within_a_day,2026-10-03,2026-10-04T09:00,,done,2",
    "within_a_day,2026-10-03,2026-10-04T18:00,,open,4",
    "unordered,2026-10-03,2026-10-06,,done,5",
    "unordered,2026-10-03,2026-10-03,,open,1",
    "unordered,2026-10-03,2026-10-05,,open,3",
)


@pytest.fixture
def desk(tmp_path: Path, warehouse_url: str) -> Desk:
    """On every engine of the warehouse."""
    return Desk(tmp_path, warehouse=warehouse_url)


def by_day(desk: Desk, *names: str) -> dict[int, tuple[float | None, ...]]:
    """What a run for each of the first days of October says of what has landed."""
    found = {day: desk.values(as_of=f"2026-10-{day:02}", sync=False) for day in range(2, 8)}
    return {day: tuple(values[name] for name in names) for day, values in found.items()}


def test_each_day_as_it_stood_that_evening(desk: Desk) -> None:
    """Done, reopened and done again; changed back within a day; lines in any order: each evening counts for itself."""
    desk.tasks(*HISTORIES)
    tasks = ("reopened", "within_a_day", "unordered")
    points = {name: {"stream": "desk.tasks", "where": f"id = '{name}'", "value": "sum(points)"} for name in tasks}
    desk.okrs({**points, "done": {"stream": "desk.tasks", "where": "status = 'done'", "value": "count(*)"}})
    desk.run()
    assert by_day(desk, *tasks, "done") == {
        2: (None, None, None, 0),
        3: (1, 1, 1, 0),
        4: (3, 4, 1, 1),  # what was done and reopened on one day was never done
        5: (3, 4, 3, 1),
        6: (5, 4, 5, 1),
        7: (9, 4, 5, 2),
    }


def counted(evidence: Any) -> tuple[float, int, int]:
    """The value, its records, and those of them that are assumed."""
    return evidence["value"], evidence["record_count"], evidence["assumed_count"]


def test_first_version_is_assumed_back_to_creation(desk: Desk) -> None:
    """Before its first known change a record counts from its creation on, and the evidence says that it is assumed."""
    desk.tasks("1,2026-10-03,2026-10-06,,done,1", "2,2026-10-03,2026-10-03,,open,1")
    desk.okrs({"n": "count(*)"})
    desk.run()
    found = {day: observations(desk.run(as_of=f"2026-10-{day:02}", sync=False))["n"] for day in (2, 3, 5, 6)}
    counts = {day: (one.value, counted(one.evidence["n"])) for day, one in found.items()}
    assert counts == {2: (0, (0, 0, 0)), 3: (2, (2, 2, 1)), 5: (2, (2, 2, 1)), 6: (2, (2, 2, 0))}


def test_deleted_and_restored(desk: Desk) -> None:
    """A line that vanishes ends its record when that is seen; when it is back, the record is back from then on."""
    both = ("1,2026-10-01,2026-10-02,,open,1", "2,2026-10-01,2026-10-02,,open,2")
    desk.okrs({"points": "sum(points)"})
    desk.tasks(*both)
    assert desk.values("2026-10-04T12:00+07:00") == {"points": 3}
    desk.tasks(both[0])
    assert desk.values("2026-10-05T12:00+07:00") == {"points": 1}
    assert desk.values("2026-10-06T12:00+07:00") == {"points": 1}
    desk.tasks(*both)
    assert desk.values("2026-10-07T12:00+07:00") == {"points": 3}
    desk.now = desk.now.replace(day=8)
    assert by_day(desk, "points") == {2: (3,), 3: (3,), 4: (3,), 5: (1,), 6: (1,), 7: (3,)}


def test_records_without_times(desk: Desk) -> None:
    """Where the source tells no times, a version holds from the sync that first saw it, and the first from ever."""
    desk.configure(tasks={"path": "data/tasks*.csv", "key": "id", "fields": STREAM["fields"]})
    desk.okrs({"points": "sum(points)"})
    desk.tasks("1,2026-10-01,2026-10-01,,open,1")
    desk.run("2026-10-04T12:00+07:00")
    desk.tasks("1,2026-10-01,2026-10-01,,open,4")
    desk.run("2026-10-06T12:00+07:00")
    desk.now = desk.now.replace(day=8)
    assert by_day(desk, "points") == {2: (1,), 3: (1,), 4: (1,), 5: (1,), 6: (4,), 7: (4,)}
