"""The machine's clock is an hour, or a day, behind the last run: nothing is lost or taken for newer than it is."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from okr_sync import pipeline
from okr_sync.workspace import open_workspace
from tests.soundness.company import NOW, open_company
from tests.soundness.desk import Desk, log_content, observations

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = {"issues": 4, "points": 15, "tickets": 2, "tasks": 1, "both": 6}
"""Three issues of 1, 2 and 4 points and a new one of 8."""
NONE_YET = {"issues": 0, "points": None, "tickets": 0, "tasks": 1, "both": 0}
"""On the day before, none of the records had been made; the one of the file is from 2 October."""


def since(folder: Path) -> list[int]:
    """The time from which Jira is read, in milliseconds, by every checkpoint in the order of their commits."""
    with open_workspace(folder).warehouse.look("jira") as looking:
        assert looking is not None
        rows = looking.rows(f"SELECT checkpoint FROM {looking.table('_checkpoint')} ORDER BY rowid")
    return [json.loads(checkpoint)["since_ms"] for (checkpoint,) in rows]


@pytest.mark.parametrize(
    ("behind", "day", "values"), [(HOUR, date(2026, 10, 5), NEW), (DAY, date(2026, 10, 4), NONE_YET)]
)
def test_sources_are_read_by_their_own_time(
    tmp_path: Path, behind: timedelta, day: date, values: dict[str, float | None]
) -> None:
    """What changes while our clock is behind is read once, no checkpoint moves back; the day is that of the clock."""
    with open_company(tmp_path) as sandbox:
        agency = sandbox.agency
        pipeline.run(tmp_path, pipeline.SyncOptions(), clock=agency.clock.now)
        agency.clock.advance(timedelta(minutes=10))
        agency.create_issue("WEB", "Việc nữa", story_points=8)
        report = pipeline.run(tmp_path, pipeline.SyncOptions(), clock=lambda: NOW - behind)
        assert report.failed_syncs == []
        assert report.as_of == day
        assert {name: one.value for name, one in observations(report).items()} == values
        agency.clock.advance(timedelta(minutes=10))
        again = pipeline.run(tmp_path, pipeline.SyncOptions(), clock=agency.clock.now)
        assert {name: one.value for name, one in observations(again).items()} == NEW
        assert len(log_content(open_workspace(tmp_path).warehouse, "jira", "issues")) == 4
        assert since(tmp_path) == sorted(since(tmp_path))


@pytest.mark.parametrize(("behind", "day"), [(HOUR, date(2026, 10, 6)), (DAY, date(2026, 10, 5))])
def test_nothing_is_overwritten(tmp_path: Path, behind: timedelta, day: date) -> None:
    """The day of the clock gets a new revision; a sync from the future is taken for fresh, not for a negative age."""
    desk = Desk(tmp_path)
    desk.okrs({"n": {"stream": "desk.tasks", "value": "count(*)", "trust": {"max_age": "36h"}}})
    lines = [f"{number},2026-10-02,2026-10-02,,open,1" for number in range(1, 4)]
    for hour, count in (("2026-10-05T12:00+07:00", 1), ("2026-10-06T12:00+07:00", 2)):
        desk.tasks(*lines[:count])
        desk.values(hour)
    kept = desk.history("n")
    desk.tasks(*lines)
    desk.now -= behind
    for is_synced, count in ((False, 2), (True, 3)):
        report = desk.run(sync=is_synced)
        assert report.as_of == day
        assert (observations(report)["n"].value, report.withheld) == (count, [])
    now = desk.history("n")
    assert [one for one in now if one in kept] == kept
    assert max(one.revision for one in now if one.as_of == day) == (2 if day.day == 6 else 3)
    desk.now += behind + HOUR
    assert desk.values() == {"n": 3}
