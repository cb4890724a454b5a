"""Why a key result changed since a day whose number is stored: worked out by hand on a few tasks."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.explaining import Cause, Difference, Since
from okr_sync.terminal.difference import print_since, write_csv
from tests.soundness.desk import HANOI, QUARTERS, STREAM, Desk

BEFORE = ("1,2026-10-02,2026-10-02,,open,3", "2,2026-10-02,2026-10-02,,open,5", "5,2026-10-01,2026-10-01,,open,1",
          "5,2026-10-01,2026-10-03,,done,1", "6,2026-10-01,2026-10-01,,open,10")  # fmt: skip
AFTER = (
    *BEFORE[:4],
    "1,2026-10-02,2026-10-05,,done,3",
    "2,2026-10-02,2026-10-06,,open,6",
    "3,2026-10-03,2026-10-03,,open,2",
    "4,2026-10-06,2026-10-06,,open,7",
    "5,2026-10-01,2026-10-06,,open,1",
)
OPEN = {"stream": "desk.tasks", "where": "status = 'open'", "value": "sum(points)"}


@pytest.fixture
def changed(tmp_path: Path) -> Desk:
    """Stored on 4 October: 3 + 5 + 10; on the 6th: 6 + 2 + 7 + 1."""
    desk = Desk(tmp_path)
    desk.okrs({"open": OPEN})
    desk.tasks(*BEFORE)
    assert desk.values("2026-10-04T12:00+07:00") == {"open": 18}
    desk.tasks(*AFTER)
    assert desk.values("2026-10-06T12:00+07:00") == {"open": 16}
    return desk


def since(desk: Desk, day: int = 4) -> Since:
    return pipeline.explain_since(desk.folder, "open", date(2026, 10, day), clock=desk.clock)


def amounts(one: Difference) -> dict[tuple[Cause, Any], float | None]:
    return {(each.cause, None if each.record is None else each.record["id"]): each.amount for each in one.contributions}


SPLIT = {
    (Cause.LATE, "3"): 2.0,  # of the 3rd, landed on the 6th
    (Cause.ENTERED, "4"): 7.0,
    (Cause.REOPENED, "5"): 1.0,  # was open until the 3rd
    (Cause.CHANGED, "2"): 1.0,
    (Cause.LEFT, "1"): -3.0,
    (Cause.DELETED, "6"): -10.0,
}


def test_each_cause_by_hand(changed: Desk) -> None:
    """Late, new, re-opened, edited, done and deleted tasks add up to the difference of what is stored."""
    (one,) = since(changed).differences
    assert (one.before, one.after, one.change, one.not_split) == (18, 16, -2, None)
    assert amounts(one) == SPLIT
    assert list(one.by_cause()) == sorted({cause for cause, _ in SPLIT}, key=list(Cause).index)
    details = {each.cause: each.detail for each in one.contributions}
    assert details[Cause.LEFT] == "fails status = 'open': status is done"
    assert details[Cause.CHANGED] == "points 5.0 → 6.0"
    assert details[Cause.REOPENED] == "on 4 Oct: fails status = 'open': status is done"


def test_another_formula_has_a_line_of_its_own(changed: Desk) -> None:
    """What the new formula gives for the stored day, less what is stored; the records are split by the new one."""
    changed.okrs({"open": OPEN | {"value": "2 * sum(points)"}})
    found = since(changed)
    (one,) = found.differences
    assert (one.before, one.after) == (18, 32)
    assert amounts(one) == {(Cause.DEFINITION, None): 18.0} | {key: 2 * (value or 0) for key, value in SPLIT.items()}
    assert [(part.part, part.new) for part in found.changed] == [("metrics.open.value", "2 * sum(points)")]


def test_progress_by_the_value_and_by_the_goal(changed: Desk) -> None:
    """18 of 100 on the 4th; 16 of 50 on the 6th: -2 of 50 by the value, the rest by the other target."""
    changed.okrs({"open": OPEN}, open={"metric": "open", "target": 50})
    changed.run("2026-10-06T12:00+07:00", sync=False)
    moved = since(changed).progress
    assert moved is not None
    assert (moved.before, moved.after, moved.is_redefined) == (0.18, 0.32, True)
    assert moved.by_value == pytest.approx(-0.04)
    assert moved.by_goal == pytest.approx(0.18)
    assert {cause for cause, _ in amounts(since(changed).differences[0])} == {cause for cause, _ in SPLIT}


def test_nothing_is_late_where_nothing_was_stored(changed: Desk) -> None:
    """The 3rd has no number of its own: it is compared as it is known now, with task 3 in it."""
    found = since(changed, 3)
    (one,) = found.differences
    assert (found.known_at, one.before) == (None, 20)  # 3 + 5 + 10 + 2
    assert Cause.LATE not in one.by_cause()


def test_a_median_is_not_split_and_its_records_are_named(changed: Desk) -> None:
    """What entered, left and changed, without amounts; the whole difference is there."""
    changed.okrs({"open": OPEN | {"value": "median(points)"}})
    (one,) = since(changed).differences
    assert (one.before, one.after) == (18, 4)  # 1, 2, 6, 7
    assert one.not_split == "median(points) is no sum of what each record gives"
    assert {key: value for key, value in amounts(one).items() if key[1] is not None} == dict.fromkeys(SPLIT)


def test_csv_has_every_contribution(changed: Desk) -> None:
    """All digits, one line a contribution."""
    file = io.StringIO()
    write_csv(since(changed), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert {(Cause(row["cause"]), row["record"]): float(row["amount"]) for row in rows} == SPLIT


def test_another_exchange_rate_of_the_same_day(tmp_path: Path) -> None:
    """2 USD of the 2nd, at 25,000 and then, corrected, at 26,000 VND: the task is as it was."""
    desk = Desk(tmp_path)
    fields = {"day": "date", "currency": "text", "rate": "number"}
    rates = {"path": "data/rates.csv", "key": ["day", "currency"], "fields": fields}
    source = {"connector": "files", "streams": {"tasks": STREAM, "rates": rates}}
    stream = {"stream": "desk.rates", "base": "VND"}
    desk.write_json(
        "okr-sync.yaml",
        {"timezone": HANOI, "cycles": QUARTERS, "sources": {"desk": source}, "exchange_rates": stream},
    )
    desk.okrs({"open": OPEN | {"value": "sum(convert(points, 'USD', 'VND', created_at))"}})
    desk.tasks("1,2026-10-02,2026-10-02,,open,2")
    desk.write("data/rates.csv", "day,currency,rate\n2026-10-02,USD,25000\n")
    assert desk.values("2026-10-04T12:00+07:00") == {"open": 50_000}
    desk.write("data/rates.csv", "day,currency,rate\n2026-10-02,USD,26000\n")
    assert desk.values("2026-10-06T12:00+07:00") == {"open": 52_000}
    (one,) = since(desk).differences
    assert (one.before, one.after) == (50_000, 52_000)
    assert amounts(one) == {(Cause.RATES, "1"): 2_000}


def test_what_waits_ages(tmp_path: Path) -> None:
    """A task that is open for a day and then for three: the record is as it was, the formula counts up to now."""
    desk = Desk(tmp_path)
    desk.okrs({"open": OPEN | {"value": "avg(hours(created_at, as_of()))"}})
    desk.tasks("1,2026-10-02T12:00,2026-10-02T12:00,,open,2")
    assert desk.values("2026-10-03T12:00+07:00") == {"open": 24}
    assert desk.values("2026-10-05T12:00+07:00") == {"open": 72}
    (one,) = since(desk, 3).differences
    assert (one.before, one.after) == (24, 72)  # by the instant that is stored, not by the end of its day
    assert amounts(one) == {(Cause.AGED, "1"): 48}


def test_what_comes_into_the_window_was_not_there_before(tmp_path: Path) -> None:
    """Closed on the 5th, as was planned since the 1st and edited on the 2nd: it enters, nothing is re-opened; one that
    was closed on the 2nd, opened on the 3rd and closed again is re-opened."""
    desk = Desk(tmp_path)
    closed: dict[str, Any] = {"stream": "desk.tasks", "where": "status = 'done'", "value": "count(*)"}
    desk.okrs({"open": closed | {"time": "closed_at"}})
    desk.tasks(
        "1,2026-10-01,2026-10-01,2026-10-05,done,1",
        "1,2026-10-01,2026-10-02,2026-10-05,done,2",
        "2,2026-10-01,2026-10-02T12:00,2026-10-02,done,1",
        "2,2026-10-01,2026-10-03,,open,1",
    )
    assert desk.values("2026-10-04T12:00+07:00") == {"open": 0}
    with (tmp_path / "data" / "tasks.csv").open("a", encoding="utf-8") as file:
        file.write("2,2026-10-01,2026-10-05,2026-10-05,done,1\n")
    assert desk.values("2026-10-06T12:00+07:00") == {"open": 2}
    (one,) = since(desk).differences
    assert amounts(one) == {(Cause.ENTERED, "1"): 1, (Cause.REOPENED, "2"): 1}


def test_of_a_quotient_of_metrics_each_part_is_named(changed: Desk) -> None:
    """20 points of 4 open tasks, then 16 of 4: a new one is named for what it does over the line, and under it."""
    parts = {"points": OPEN, "tasks": OPEN | {"value": "count(*)"}, "open": {"value": "points / tasks"}}
    changed.okrs(parts, open={"metric": "open", "target": 10})
    found = since(changed, 3)  # nothing is stored of it
    (one,) = found.differences
    assert (one.before, one.after) == (5, 4)
    new = {each.metric: each.amount for each in one.contributions if each.record and each.record["id"] == "4"}
    assert new == {"points": 7 * (1 / 4 + 1 / 4) / 2, "tasks": -(20 + 16) / 2 / 4 / 4}
    text = io.StringIO()
    print_since(found, Console(file=text, width=120), (20, 0))
    assert [line.split() for line in text.getvalue().splitlines() if line.startswith("    4 ")] == [
        ["4", "+1.75", "in", "points;", "new"],
        ["4", "-1.125", "in", "tasks;", "new"],
    ]
