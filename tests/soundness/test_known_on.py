"""What was known of a day by the end of another one is what a run at that moment stored."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okr_sync import pipeline
from okr_sync.errors import OkrSyncError
from okr_sync.explaining import Known
from okr_sync.store import Observation
from tests.soundness.desk import Desk, day, observations

TASKS = {"stream": "desk.tasks"}
METRICS: dict[str, Any] = {
    "n": {**TASKS, "value": "count(*)"},
    "points": {**TASKS, "time": "created_at", "value": "sum(points)", "trust": {"max_move": "60%"}},
    "done": {**TASKS, "where": "status = 'done'", "value": "count(*)"},
    "share": {"value": "done / n", "unit": "percent"},
}
GOALS: dict[str, Any] = {
    "n": {"metric": "n", "target": 20},
    "points": {"metric": "points", "target": 100},
    "share": {"metric": "share", "at_least": "30%"},
}
FIRST, COUNT = date(2026, 10, 1), 5
DAYS = [FIRST + timedelta(days=number) for number in range(COUNT)]


def end_of(on: date) -> str:
    return f"{on + timedelta(days=1)}T00:00+07:00"


def known(desk: Desk, name: str, as_of: date, known_on: date) -> Known:
    return pipeline.explain_known(desk.folder, name, known_on, as_of, clock=desk.clock)


def said(one: Observation) -> tuple[Any, ...]:
    return one.value, one.computed_value, one.progress, one.status, one.reason, one.record_count, one.definition


def land(chance: random.Random, files: list[str], on: date) -> None:
    """Some versions come to be known on a day: of that day or, late, of an earlier one."""
    for _ in range(chance.randint(0, 3)):
        created = FIRST + timedelta(days=chance.randint(0, (on - FIRST).days))
        changed = created + timedelta(days=chance.randint(0, (on - created).days))
        time = f"{changed}T{chance.randint(0, 23):02}:{chance.randint(0, 59):02}"
        status = chance.choice(["open", "done"])
        files.append(f"{chance.randint(1, 9)},{created},{time},,{status},{chance.randint(1, 9)}")


@pytest.mark.parametrize("seed", range(2))
def test_known_on_is_what_a_run_stored(desk: Desk, seed: int) -> None:
    """For random histories with late news: every day up to three before each evening, as a run then says it."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    desk.okrs(METRICS, **GOALS)
    lines: list[str] = []
    then: dict[tuple[date, date, str], Observation] = {}
    for on in DAYS:
        land(chance, lines, on)
        desk.tasks(*lines)
        desk.now = datetime.fromisoformat(end_of(on))
        pipeline.sync(desk.folder, pipeline.SyncOptions(), desk.clock)
        for as_of in [one for one in DAYS if on - timedelta(days=3) <= one <= on]:
            for name, found in observations(desk.run(as_of=as_of.isoformat(), sync=False)).items():
                then[as_of, on, name] = found
    desk.now += timedelta(days=2)
    for as_of, on, name in chance.sample(sorted(then), 10):
        found = known(desk, name, as_of, on).then
        assert found is not None
        assert said(found) == said(then[as_of, on, name]), (as_of, on, name)


@pytest.fixture
def late(desk: Desk) -> Desk:
    """On the evening of the 3rd one task of 1 point is known; on the 5th another one of the 2nd comes to be known."""
    desk.okrs(METRICS, **GOALS)
    desk.tasks("1,2026-10-02,2026-10-02T09:00,,open,1")
    desk.run("2026-10-04T00:00+07:00", as_of="2026-10-03")
    desk.tasks("1,2026-10-02,2026-10-02T09:00,,open,1", "2,2026-10-02,2026-10-02T10:00,,done,5")
    desk.run("2026-10-05T18:00+07:00", as_of="2026-10-03")
    return desk


def test_then_and_now_by_hand(late: Desk) -> None:
    """One task was known of the 3rd on the 3rd and on the 4th, two are from the 5th on; both revisions are told."""
    found = known(late, "n", date(2026, 10, 3), date(2026, 10, 4))
    assert found.then is not None and found.explanation is not None
    assert (found.then.value, found.now.value, [one.value for one in found.stored]) == (1, 2, [1, 2])
    assert [row[0] for row in found.explanation.evidence[0].rows] == ["1"]
    assert found.explanation.report.value == 1
    (now,) = [known(late, "n", date(2026, 10, 3), date(2026, 10, 5)).then]
    assert now is not None and now.value == 2


def test_before_the_first_sync_nothing_was_known(late: Desk) -> None:
    """The count of what had not landed is no data, never 0."""
    found = known(late, "n", date(2026, 10, 2), date(2026, 10, 2)).then
    assert found is not None
    assert (found.value, found.status) == (None, "no data")


def test_before_the_day_nothing_was_known(late: Desk) -> None:
    """And a day that has not come yet is refused, by status as well."""
    found = known(late, "n", date(2026, 10, 3), date(2026, 10, 1))
    assert (found.then, found.explanation) == (None, None)
    with pytest.raises(OkrSyncError, match="known on 2026-10-06: that day has not come yet; today is 2026-10-05"):
        known(late, "n", date(2026, 10, 3), date(2026, 10, 6))
    with pytest.raises(OkrSyncError, match="has not come yet"):
        pipeline.status(late.folder, day("2026-10-03"), late.clock, date(2026, 10, 6))


def test_status_as_stored_by_a_day(late: Desk, tmp_path: Path) -> None:
    """The last revision that was recorded by the end of that day: the run of the 4th at 0:00 belongs to the 3rd."""

    def stored(known_on: str | None) -> tuple[float | None, str]:
        report = pipeline.status(late.folder, date(2026, 10, 3), late.clock, day(known_on)).key_result("n")
        return report.value, report.status

    assert stored("2026-10-02") == (None, "no data")
    assert [stored(one)[0] for one in ("2026-10-03", "2026-10-04", "2026-10-05", None)] == [1, 1, 2, 2]
