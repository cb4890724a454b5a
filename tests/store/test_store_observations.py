"""Observations: append-only, numbered by revision, found by day."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from okr_sync.progress import Status
from okr_sync.store import Store
from okr_sync.store.observations import KEPT_BACK
from tests.store.samples import AT, CYCLE, URL, observation

Record = Callable[..., int]


def test_an_observation_comes_back_as_it_was(store: Store, run_id: int) -> None:
    """Every field survives the file: numbers, None, text beyond ASCII, JSON, and the time in UTC."""
    given = replace(
        observation("nps", 14, 36.0, reason="tiến độ 40 %"),
        computed_value=0.0,
        low=-1.5,
        evidence={"records": ["A-1", None, 0], "count": 2.5},
    )
    at = datetime(2026, 11, 15, 9, 0, tzinfo=timezone(timedelta(hours=7)))  # 02:00 UTC
    assert store.record(run_id, [given], at) == 1
    (found,) = store.history(CYCLE.name, "nps")
    for name in type(given).__dataclass_fields__:
        assert getattr(found, name) == getattr(given, name), name
    assert (found.revision, found.run_id, found.recorded_at) == (1, run_id, datetime(2026, 11, 15, 2, tzinfo=UTC))
    assert found.recorded_at.tzinfo is UTC
    assert found.high is None


def test_zero_and_no_data_stay_apart(store: Store, record: Record) -> None:
    """0 comes back as 0 and None as None."""
    record(observation("nps", 14, 0.0), observation("late", 14, None, status="no data"))
    found = store.observations_at(CYCLE.name, date(2026, 11, 14))
    assert (found["nps"].value, found["late"].value) == (0.0, None)


def test_a_restatement_is_a_new_revision(store: Store, record: Record) -> None:
    """The old number stays readable; the latest revision is the day's."""
    assert [record(observation("nps", 14, value)) for value in (36.0, 37.0, 36.0)] == [1, 1, 1]
    history = store.history(CYCLE.name, "nps")
    assert [(one.revision, one.value) for one in history] == [(1, 36.0), (2, 37.0), (3, 36.0)]
    assert store.observations_at(CYCLE.name, date(2026, 11, 14))["nps"].revision == 3


def test_the_same_content_is_not_written_again(store: Store, record: Record) -> None:
    """Nothing new is nothing written, also where only the evidence or the last digit of a float differs."""
    sum_of_tenths = 0.1 + 0.2  # 0.30000000000000004
    assert record(observation("nps", 14, 0.3)) == 1
    assert record(observation("nps", 14, 0.3)) == 0
    assert record(observation("nps", 14, sum_of_tenths)) == 0
    assert record(replace(observation("nps", 14, 0.3), evidence={"sql": "SELECT 2"})) == 0
    assert len(store.history(CYCLE.name, "nps")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"value": None},
        {"value": 0.0},
        {"status": "behind"},
        {"reason": "another"},
        {"record_count": 8},
        {"target": 50.0},
        {"weight": 2.0},
        {"computed_value": 1.0},
    ],
)
def test_every_change_of_content_is_a_revision(store: Store, record: Record, change: dict[str, Any]) -> None:
    """A number, a word or a goal that differs is a restatement."""
    record(observation("nps", 14, 0.3))
    assert record(replace(observation("nps", 14, 0.3), **change)) == 1


def test_observations_at_a_day_are_the_latest_until_then(store: Store, record: Record) -> None:
    """Each key result shows its own latest day up to the one asked for; one without any is absent."""
    record(observation("nps", 12, 1.0), observation("nps", 14, 2.0), observation("late", 13, 3.0))
    by_day = {
        day: {id_: one.value for id_, one in store.observations_at(CYCLE.name, date(2026, 11, day)).items()}
        for day in (11, 12, 13, 14, 30)
    }
    assert by_day == {
        11: {},
        12: {"nps": 1.0},
        13: {"nps": 1.0, "late": 3.0},
        14: {"nps": 2.0, "late": 3.0},
        30: {"nps": 2.0, "late": 3.0},
    }
    assert store.observations_at("2027-Q1", date(2026, 11, 30)) == {}


def test_the_last_trusted_observation_published_its_value(store: Store, record: Record) -> None:
    """Withheld and no data are passed over, also as later revisions of the same day."""
    record(observation("nps", 12, 1.0), observation("late", 12, None, status="no data"))
    record(observation("nps", 13, 2.0))
    record(observation("nps", 13, 1.0, status="withheld"))
    record(observation("nps", 14, None, status="no data"))
    trusted = store.last_trusted(CYCLE.name, date(2026, 11, 14))
    assert {id_: (one.as_of.day, one.revision, one.value) for id_, one in trusted.items()} == {"nps": (13, 1, 2.0)}
    assert store.last_trusted(CYCLE.name, date(2026, 11, 12))["nps"].value == 1.0


def test_the_words_of_statuses_are_those_of_progress() -> None:
    """The store passes over exactly the statuses that publish no value."""
    assert set(KEPT_BACK) == {Status.WITHHELD, Status.NO_DATA}


@pytest.mark.parametrize("statement", ["UPDATE observation SET value = 1", "DELETE FROM observation"])
def test_the_database_refuses_to_change_observations(
    store: Store, record: Record, tmp_path: Path, statement: str
) -> None:
    """Not even by hand is an observation changed or deleted."""
    record(observation("nps", 14, 36.0))
    connection = sqlite3.connect(tmp_path / "data" / "store.db")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute(statement)
    connection.close()


def test_all_observations_are_recorded_or_none(store: Store, record: Record) -> None:
    """One that refers to an unknown key result takes the others of its call with it."""
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        record(observation("nps", 14, 1.0), observation("nobody", 14, 1.0))
    assert store.history(CYCLE.name, "nps") == []


def test_no_observations_are_no_work(store: Store, record: Record) -> None:
    """A run without key results records nothing and does not fail."""
    assert record() == 0


def test_the_status_view_shows_the_latest_revision_of_each_day(store: Store, record: Record, tmp_path: Path) -> None:
    """A dashboard reads names and numbers from one view, one line for each key result and day."""
    record(observation("nps", 13, 1.0), observation("nps", 14, 2.0))
    record(observation("nps", 14, 3.0))
    connection = sqlite3.connect(tmp_path / "data" / "store.db")
    query = "SELECT objective_name, key_result_name, as_of, revision, value FROM okr_status ORDER BY as_of"
    assert connection.execute(query).fetchall() == [
        ("An objective", "A key result", "2026-11-13", 1, 1.0),
        ("An objective", "A key result", "2026-11-14", 2, 3.0),
    ]
    connection.close()


def test_reopening_finds_everything(store: Store, record: Record, tmp_path: Path) -> None:
    """What was recorded is there for the next process."""
    record(observation("nps", 14, 36.0))
    store.close()
    with Store.open(URL, tmp_path) as again:
        assert again.observations_at(CYCLE.name, date(2026, 11, 14))["nps"].value == 36.0


def test_a_time_without_a_zone_is_refused(store: Store, run_id: int) -> None:
    """A naive time could mean any instant."""
    with pytest.raises(StatementError, match="has no zone"):
        store.record(run_id, [observation("nps", 14, 1.0)], AT.replace(tzinfo=None))


def test_the_values_of_many_are_those_of_their_histories(store: Store, record: Record) -> None:
    """Every revision of every day in their order, of the key results asked for alone; nothing is an empty list."""
    record(observation("late", 14, None, status="no data"))
    record(observation("nps", 14, 0.0))
    record(observation("nps", 13, 35.0))
    record(observation("nps", 14, 36.0))
    found = store.values(CYCLE.name, ["nps", "renewals"])
    assert [(one.as_of, one.value) for one in found.pop("nps")] == [
        (date(2026, 11, 13), 35.0),
        (date(2026, 11, 14), 0.0),
        (date(2026, 11, 14), 36.0),
    ]
    assert found == {"renewals": []}
    (late,) = store.values(CYCLE.name, ["late"])["late"]
    (whole,) = store.history(CYCLE.name, "late")
    assert (late.value, late.status, late.record_count) == (None, "no data", whole.record_count)
    assert late.definition == whole.definition
    assert store.values("2026-Q3", ["nps"]) == {"nps": []}
