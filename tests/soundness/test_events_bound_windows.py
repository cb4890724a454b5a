"""A window between events holds exactly the records between them, as they were known on the day; before the first one
it holds nothing, which is no data and not 0.

The points of the records are powers of two, so that a sum tells which of them counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okr_sync import pipeline
from okr_sync.explaining import Explanation
from okr_sync.store import Observation
from okr_sync.workspace import open_workspace
from tests.soundness.desk import STREAM, Desk, observations
from tests.soundness.desk import day as day_of

CLOSED = {"stream": "desk.tasks", "time": "closed_at", "value": "sum(points)"}
COUNTED = {**CLOSED, "value": "count(*)"}
STARTED = {"stream": "desk.tasks", "where": "status = 'start'", "value": "min(closed_at)"}


def closed(points: int, closed_at: str, status: str = "done", changed_at: str = "2026-01-01") -> str:
    return f"{points},2026-01-01,{changed_at},{closed_at},{status},{points}"


def write(desk: Desk, events: Mapping[str, Any], windows: Mapping[str, str], **metric: Any) -> None:
    """A key result for each window."""
    desk.okrs({name: {**CLOSED, **metric, "window": window} for name, window in windows.items()})
    desk.write_json("okrs/events.yaml", {"events": events})


def reasons(desk: Desk, as_of: str | None = None) -> dict[str, tuple[str, str]]:
    return {name: (one.status, one.reason) for name, one in observed(desk, as_of).items()}


def observed(desk: Desk, as_of: str | None = None) -> dict[str, Observation]:
    return observations(desk.run(as_of=as_of))


def explained(desk: Desk, key_result: str, as_of: str | None = None) -> Explanation:
    return pipeline.explain(desk.folder, key_result, day_of(as_of), clock=desk.clock)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-10-04", {"since": None, "between": None, "before_noon": None, "ever": 1}),  # none has begun
        ("2026-10-05", {"since": 2, "between": 2, "before_noon": 2, "ever": 3}),
        ("2026-10-07", {"since": 62, "between": 30, "before_noon": 6, "ever": 63}),
        ("2026-10-09", {"since": 62, "between": 30, "before_noon": 6, "ever": 63}),
    ],
)
def test_days_and_instants(desk: Desk, as_of: str, expected: dict[str, float | None]) -> None:
    """A day begins at its midnight in Hanoi and, as an end, is inside as a whole; an instant as an end is not."""
    desk.tasks(
        closed(1, "2026-10-04T23:59:59.999"),
        closed(2, "2026-10-05T00:00"),
        closed(4, "2026-10-06T11:59:59.999"),
        closed(8, "2026-10-06T12:00"),
        closed(16, "2026-10-06T23:59:59.999"),
        closed(32, "2026-10-07T00:00"),
    )
    events = {"launch": "2026-10-05", "stop": "2026-10-06", "noon": "2026-10-06T05:00Z"}
    windows = {"since": "from launch", "between": "from launch to stop", "before_noon": "from launch to noon"}
    write(desk, events, {**windows, "ever": "all"})
    assert desk.values("2026-10-10T12:00+07:00", as_of) == expected


def test_count_before_the_event_is_no_data(desk: Desk) -> None:
    """Before there is a day to count from, nothing is counted: no data with the reason, where 0 would be a lie."""
    desk.tasks(closed(1, "2026-10-05T00:00"))
    write(desk, {"launch": "2026-11-05", "start": STARTED}, {"a": "from launch", "b": "from start"}, value="count(*)")
    found = reasons(desk)
    assert found["a"] == ("no data", "event launch has not happened yet: 5 Nov 2026")
    assert found["b"] == (
        "no data",
        "event start has not happened yet: min(closed_at) of desk.tasks where status = 'start' gives no time",
    )


def test_reason_of_a_metric_over_metrics(desk: Desk) -> None:
    """What rests on a window that has not begun says which event is missing, in ratios and in conditions."""
    desk.tasks(closed(1, "2026-10-05T00:00"))
    metrics = {
        "before": {**COUNTED, "window": "all"},
        "after": {**COUNTED, "window": "from launch"},
        "ratio": {"value": "after / before"},
    }
    desk.okrs(metrics, ratio={"metric": "ratio", "target": 1}, reached={"done": "after > 3"})
    desk.write_json("okrs/events.yaml", {"events": {"launch": "2026-11-05"}})
    expected = ("no data", "event launch has not happened yet: 5 Nov 2026")
    assert reasons(desk) == {"ratio": expected, "reached": expected}


def test_event_of_a_formula_is_as_of_the_day(desk: Desk) -> None:
    """On each day the event is where that day's records put it: not yet, at first, or corrected later."""
    desk.tasks(
        closed(1, "2026-10-02T09:00"),
        closed(2, "2026-10-04T09:00"),
        closed(4, "2026-10-06T09:00"),
        "64,2026-10-03,2026-10-03,,open,64",
        "64,2026-10-03,2026-10-05T10:00,2026-10-04T09:00,start,64",  # known from the 5th on
        "64,2026-10-03,2026-10-08T10:00,2026-10-02T09:00,start,64",  # corrected on the 8th
    )
    write(desk, {"start": STARTED}, {"since": "from start"}, where="points < 64")
    found = [desk.values(as_of=f"2026-10-{day:02}")["since"] for day in (4, 5, 6, 7, 8)]
    assert found == [None, 2, 6, 6, 7]


def test_event_that_gives_a_date(desk: Desk) -> None:
    """A formula over a date gives a whole day: it begins at midnight in Hanoi, and ends a window after its evening."""
    desk.configure(tasks={**STREAM, "fields": {**STREAM["fields"], "due_on": "date"}})
    desk.write(
        "data/tasks.csv",
        "id,created_at,changed_at,closed_at,status,points,due_on\n"
        "1,2026-10-01,2026-10-01,2026-10-04T23:59:59.999,done,1,2026-10-05\n"
        "2,2026-10-01,2026-10-01,2026-10-05T00:00,done,2,2026-10-06\n"
        "4,2026-10-01,2026-10-01,2026-10-06T23:59:59.999,done,4,\n"
        "8,2026-10-01,2026-10-01,2026-10-07T00:00,done,8,\n",
    )
    events = {
        "first": {"stream": "desk.tasks", "value": "min(due_on)"},
        "last": {"stream": "desk.tasks", "value": "max(due_on)"},
    }
    write(desk, events, {"since": "from first", "between": "from first to last"})
    assert desk.values() == {"since": 14, "between": 6}


def test_dates_between_events(desk: Desk) -> None:
    """A record with a date alone counts where its day begins inside: an event at noon leaves out its own day."""
    desk.configure(tasks={**STREAM, "fields": {**STREAM["fields"], "closed_at": "date"}})
    desk.tasks(*map(closed, (1, 2, 4, 8), ("2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07")))
    events = {"launch": "2026-10-05", "noon": "2026-10-05 12:00", "stop": "2026-10-06"}
    windows = {"day": "from launch to stop", "noon": "from noon to stop", "until_noon": "from launch to noon"}
    write(desk, events, windows)
    assert desk.values() == {"day": 6, "noon": 4, "until_noon": 2}


def test_events_the_wrong_way_round(desk: Desk) -> None:
    """A window whose end comes before its start, which a formula may bring about, has no data and says so."""
    desk.tasks(closed(1, "2026-10-05T09:00", "start"), closed(2, "2026-10-06T09:00"))
    write(desk, {"stop": "2026-10-04", "start": STARTED}, {"a": "from start to stop"}, value="count(*)")
    assert reasons(desk)["a"] == (
        "no data",
        "event stop (4 Oct 2026) comes before event start (5 Oct 2026 09:00)",
    )


def test_days_of_a_goal_to_keep(desk: Desk) -> None:
    """A goal that is judged by every day leaves out those before the event, and counts the others."""
    desk.tasks(closed(1, "2026-10-08T09:00"), closed(2, "2026-10-09T09:00"))
    metric = {**COUNTED, "window": "from launch"}
    desk.okrs({"n": metric}, kept={"metric": "n", "at_most": 1})
    desk.write_json("okrs/events.yaml", {"events": {"launch": "2026-10-08"}})
    (found,) = observed(desk, "2026-10-09").values()  # 1 on the 8th, 2 on the 9th; nothing is known of 7 days before
    assert (found.value, found.progress) == (2, 0.5)
    assert "held on 1 of 2 days (7 more without data)" in found.reason


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Asia/Ho_Chi_Minh", "2026-03-29", "2026-03-28T17:00Z", "2026-03-29T17:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # 23 hours
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # 25 hours
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00Z", "2026-09-07T03:00Z"),  # it begins at 01:00
        ("Asia/Ho_Chi_Minh", "2028-02-29", "2028-02-28T17:00Z", "2028-02-29T17:00Z"),
    ],
)
def test_day_of_the_project_zone(tmp_path: Path, zone: str, day: str, start: str, end: str) -> None:
    """The day of an event has the hours that it has in the project's zone, also where clocks change."""
    desk = Desk(tmp_path, zone=zone)
    starts, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    tick = timedelta(milliseconds=1)
    instants = {1: starts - tick, 2: starts, 4: ends - tick, 8: ends}
    desk.tasks(*(closed(points, instant.isoformat()) for points, instant in instants.items()))
    write(desk, {"first": day, "last": day}, {"in_it": "from first to last", "since": "from first"})
    assert desk.values("2028-12-01T12:00+07:00") == {"in_it": 6, "since": 14}


def test_event_reads_a_stream_of_its_own(desk: Desk) -> None:
    """The event's stream is one that the key result reads: it is synced, and while it never was there is no data."""
    other = {**STREAM, "path": "data/other*.csv"}
    desk.configure(tasks=STREAM, other=other)
    desk.tasks(closed(1, "2026-10-04T09:00"), closed(2, "2026-10-06T09:00"))
    write(desk, {"start": {**STARTED, "stream": "desk.other"}}, {"since": "from start"})
    workspace = open_workspace(desk.folder, desk.clock)
    (key_result,) = workspace.project.objectives[0].key_results
    assert workspace.streams_read(key_result) == ["desk.other", "desk.tasks"]
    assert list(workspace.plans()[0].settings_hashes) == ["tasks", "other"]
    assert reasons(desk)["since"][0] == "no data"  # no file of the other stream is there
    desk.tasks(closed(64, "2026-10-05T09:00", "start"), file="other.csv")
    assert desk.values() == {"since": 2}


def test_gate_of_the_event_stream(desk: Desk) -> None:
    """A value is withheld when the latest sync of the stream that its event comes from is not complete."""
    other = {**STREAM, "path": "data/other*.csv"}
    desk.configure(tasks=STREAM, other=other)
    desk.tasks(closed(1, "2026-10-06T09:00"))
    desk.tasks(closed(64, "2026-10-05T09:00", "start"), file="other.csv")
    write(desk, {"start": {**STARTED, "stream": "desk.other"}}, {"since": "from start"})
    assert desk.values() == {"since": 1}
    desk.write("data/other.csv", "id,created_at\n1,yesterday\n")
    status, reason = reasons(desk)["since"]
    assert (status, "the sync of desk.other" in reason) == ("withheld", True)


def test_field_of_an_event_that_has_not_landed(desk: Desk) -> None:
    """An event over a field that was added since the last sync is not taken for one that has not happened."""
    desk.tasks(closed(1, "2026-10-06T09:00"))
    write(desk, {"start": {**STARTED, "where": "points = 1"}}, {"since": "from start"}, where="points < 64")
    assert desk.values() == {"since": 1}
    desk.configure(tasks={**STREAM, "fields": {**STREAM["fields"], "begun_at": "timestamp"}})
    write(desk, {"start": {**STARTED, "value": "min(begun_at)"}}, {"since": "from start"})
    (found,) = observations(desk.run(sync=False)).values()
    assert (found.status, found.reason) == (
        "no data",
        "desk.tasks landed without begun_at; sync it, then compute again",
    )


def test_another_event_is_another_definition(desk: Desk) -> None:
    """Moving an event changes the definition of the key results whose windows it bounds, and of no others."""
    windows = {"since": "from launch", "ever": "all"}
    write(desk, {"launch": "2026-10-05"}, windows)
    before = open_workspace(desk.folder).definitions
    write(desk, {"launch": "2026-10-06"}, windows)
    after = open_workspace(desk.folder).definitions
    assert {name for name in before if before[name] != after[name]} == {"since"}


def test_explain_says_where_the_bounds_come_from(desk: Desk) -> None:
    """The explanation holds the instants of the window and the time of each event, and lists the records inside."""
    desk.tasks(closed(1, "2026-10-04T09:00"), closed(64, "2026-10-05T09:00", "start"), closed(2, "2026-10-06T09:00"))
    write(desk, {"start": STARTED, "stop": "2026-10-20"}, {"since": "from start to stop"}, where="points < 64")
    desk.run()
    found = explained(desk, "since")
    (metric,) = found.metrics.values()
    start, end = found.as_of.bounds(metric.window)
    assert start is not None
    assert [one.isoformat() for one in (start, end)] == ["2026-10-05T02:00:00+00:00", "2026-10-10T12:00:00+07:00"]
    assert {name: one.in_words for name, one in found.as_of.events.items()} == {
        "start": "5 Oct 2026 09:00",
        "stop": "20 Oct 2026",
    }
    assert [row[0] for row in found.evidence[0].rows] == ["2"]
