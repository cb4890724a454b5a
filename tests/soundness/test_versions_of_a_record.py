"""What is true of a day are the versions that held at its end."""

from __future__ import annotations

from pathlib import Path

from tests.soundness.desk import STREAM, Desk, observations

OPEN_AND_DONE = {
    "open": {"stream": "desk.tasks", "where": "status = 'open'", "value": "count(*)"},
    "done": {"stream": "desk.tasks", "where": "status = 'done'", "value": "count(*)"},
    "points": "sum(points)",
}


def by_day(desk: Desk, *names: str) -> dict[int, tuple[float | None, ...]]:
    """What a run for each of the first days of October says, the sources synced once."""
    desk.run()
    found = {day: desk.values(as_of=f"2026-10-{day:02}", sync=False) for day in range(2, 9)}
    return {day: tuple(values[name] for name in names) for day, values in found.items()}


def test_reopened(desk: Desk) -> None:
    """A task that is done, reopened and done again counts on each day as it stood that evening."""
    desk.tasks(
        "1,2026-10-03T09:00,2026-10-03T09:00,,open,1",
        "1,2026-10-03T09:00,2026-10-04T09:00,,done,3",
        "1,2026-10-03T09:00,2026-10-06T09:00,,open,5",
        "1,2026-10-03T09:00,2026-10-07T09:00,,done,8",
        "1,2026-10-03T09:00,2026-10-07T10:00,,done,9",
    )
    desk.okrs(OPEN_AND_DONE)
    assert by_day(desk, "open", "done", "points") == {
        2: (0, 0, None),
        3: (1, 0, 1),
        4: (0, 1, 3),
        5: (0, 1, 3),
        6: (1, 0, 5),
        7: (0, 1, 9),
        8: (0, 1, 9),
    }


def test_changed_back_within_a_day(desk: Desk) -> None:
    """Only the evening counts: what was done and reopened on one day was never done."""
    desk.tasks(
        "1,2026-10-03,2026-10-03,,open,1",
        "1,2026-10-03,2026-10-04T09:00,,done,1",
        "1,2026-10-03,2026-10-04T18:00,,open,1",
    )
    desk.okrs(OPEN_AND_DONE)
    assert set(by_day(desk, "done").values()) == {(0,)}


def test_lines_in_any_order(desk: Desk) -> None:
    """Versions are ordered by their own time of change, wherever they stand in the file."""
    desk.tasks(
        "1,2026-10-03,2026-10-06,,done,5",
        "1,2026-10-03,2026-10-03,,open,1",
        "1,2026-10-03,2026-10-05,,open,3",
    )
    desk.okrs({"points": "sum(points)"})
    assert by_day(desk, "points") == {2: (None,), 3: (1,), 4: (1,), 5: (3,), 6: (5,), 7: (5,), 8: (5,)}


def test_first_version_is_assumed_back_to_creation(desk: Desk) -> None:
    """Before its first known change a record counts from its creation on, and the evidence says that it is assumed."""
    desk.tasks("1,2026-10-03,2026-10-06,,done,1", "2,2026-10-03,2026-10-03,,open,1")
    desk.okrs({"n": "count(*)"})
    desk.run()
    found = {day: observations(desk.run(as_of=f"2026-10-{day:02}", sync=False))["n"] for day in (2, 3, 5, 6)}
    assert {day: (one.value, one.evidence["n"]) for day, one in found.items()} == {
        2: (0, {"stream": "desk.tasks", "value": 0, "record_count": 0, "assumed_count": 0}),
        3: (2, {"stream": "desk.tasks", "value": 2, "record_count": 2, "assumed_count": 1}),
        5: (2, {"stream": "desk.tasks", "value": 2, "record_count": 2, "assumed_count": 1}),
        6: (2, {"stream": "desk.tasks", "value": 2, "record_count": 2, "assumed_count": 0}),
    }


def test_deleted_and_restored(tmp_path: Path) -> None:
    """A line that vanishes ends its record when that is seen; when it is back, the record is back from then on."""
    desk = Desk(tmp_path)
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
    assert by_day(desk, "points") == {2: (3,), 3: (3,), 4: (3,), 5: (1,), 6: (1,), 7: (3,), 8: (3,)}


def test_records_without_times(tmp_path: Path) -> None:
    """Where the source tells no times, a version holds from the sync that first saw it, and the first from ever."""
    desk = Desk(tmp_path)
    desk.configure(tasks={"path": "data/tasks*.csv", "key": "id", "fields": STREAM["fields"]})
    desk.okrs({"points": "sum(points)"})
    desk.tasks("1,2026-10-01,2026-10-01,,open,1")
    desk.run("2026-10-04T12:00+07:00")
    desk.tasks("1,2026-10-01,2026-10-01,,open,4")
    desk.run("2026-10-06T12:00+07:00")
    desk.now = desk.now.replace(day=8)
    assert by_day(desk, "points") == {2: (1,), 3: (1,), 4: (1,), 5: (1,), 6: (4,), 7: (4,), 8: (4,)}
