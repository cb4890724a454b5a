"""KPIs, completion of initiatives and closed cycles in the store: append-only, found by day, refused once closed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from okr_sync.store import (
    ClosedCycleError,
    Closing,
    Completion,
    Definition,
    KpiObservation,
    Store,
    StoredKpi,
)
from tests.store.samples import AT, CYCLE, DEFINITION, key_result, objective, observation

UP = StoredKpi(id="up", name="Uptime", owner=None, range="at least 99.5 %", definition=DEFINITION)
CLOSING = Closing(cycle=CYCLE.name, closed_at=AT, closed_by="An", snapshot="{}", digest="d" * 64, signature=None)


def of_kpi(day: int, value: float | None, status: str = "healthy") -> KpiObservation:
    return KpiObservation(
        kpi="up",
        as_of=date(2026, 11, day),
        value=value,
        unit="percent",
        low=0.995,
        status=status,
        reason="why",
        record_count=3,
        definition=DEFINITION.hash,
        evidence={"up": {"value": value}},
    )


def of_initiative(day: int, done: int | None, records: int | None, status: str = "counted") -> Completion:
    return Completion(
        cycle=CYCLE.name,
        objective="delivery",
        initiative="Chuẩn hoá",
        as_of=date(2026, 11, day),
        done_count=done,
        record_count=records,
        status=status,
        reason="why",
        definition="d" * 64,
    )


@pytest.fixture
def filled(store: Store) -> Store:
    """The store with one KPI and one initiative."""
    store.save_kpis([UP], AT)
    store.save_objectives(
        CYCLE, [replace(objective("delivery", key_result("nps"), key_result("late")), initiatives=("Chuẩn hoá",))], AT
    )
    return store


def test_a_kpi_comes_back_as_it_was(filled: Store, run_id: int) -> None:
    """Every field survives, 0 and None stay apart, and a later day finds the latest before it."""
    assert filled.record_kpis(run_id, [of_kpi(13, 0.0), of_kpi(14, None, "no data")], AT) == 2
    assert filled.kpis_at(date(2026, 11, 12)) == {}
    found = filled.kpis_at(date(2026, 11, 13))["up"]
    for name in KpiObservation.__dataclass_fields__:
        assert getattr(found, name) == getattr(of_kpi(13, 0.0), name), name
    assert filled.kpis_at(date(2026, 11, 20))["up"].value is None
    assert filled.last_trusted_kpis(date(2026, 11, 20))["up"].value == 0.0


def test_each_kpi_has_its_own_latest_observation(filled: Store, run_id: int) -> None:
    """One that was observed later hides no other."""
    filled.save_kpis([UP, replace(UP, id="down")], AT)
    filled.record_kpis(run_id, [of_kpi(13, 1.0), replace(of_kpi(14, 2.0), kpi="down")], AT)
    assert {name: one.value for name, one in filled.kpis_at(date(2026, 11, 20)).items()} == {"up": 1.0, "down": 2.0}


def test_a_kpi_that_says_the_same_is_not_written_again(filled: Store, run_id: int) -> None:
    """A restatement is a new revision; the same content, or other evidence alone, is none."""
    given = [of_kpi(14, 0.3), of_kpi(14, 0.1 + 0.2), replace(of_kpi(14, 0.3), evidence={}), of_kpi(14, 0.4)]
    assert [filled.record_kpis(run_id, [one], AT) for one in given] == [1, 0, 0, 1]
    assert filled.kpis_at(date(2026, 11, 14))["up"].revision == 2


def test_a_kpi_keeps_its_observations_when_it_is_removed_or_redefined(filled: Store, run_id: int) -> None:
    """What was observed stays, whatever the project says later."""
    filled.record_kpis(run_id, [of_kpi(14, 1.0)], AT)
    filled.save_kpis([replace(UP, definition=Definition("{}", "b" * 64))], AT)
    filled.save_kpis([], AT)
    assert filled.kpis_at(date(2026, 11, 14))["up"].definition == DEFINITION.hash


def test_a_completion_comes_back_as_it_was(filled: Store, run_id: int) -> None:
    """Counts of 0 and of nothing stay apart; the last trusted one is the last that was counted."""
    given = [of_initiative(13, 0, 0), of_initiative(14, None, None, "no data")]
    assert filled.record_completions(run_id, given, AT) == 2
    assert filled.record_completions(run_id, given, AT) == 0
    found = filled.completions_at(CYCLE.name, date(2026, 11, 13))["delivery", "Chuẩn hoá"]
    for name in Completion.__dataclass_fields__:
        assert getattr(found, name) == getattr(given[0], name), name
    last = filled.last_trusted_completions(CYCLE.name, date(2026, 11, 20))["delivery", "Chuẩn hoá"]
    assert (last.as_of.day, last.done_count) == (13, 0)


def test_objectives_keep_their_parents_and_templates(store: Store) -> None:
    """Parent, weight, and which key result was made from which come back."""
    member = replace(key_result("late_web"), member_of="late")
    template = replace(key_result("late"), roll_up="mean")
    store.save_objectives(CYCLE, [replace(objective("web", template, member), parent="company", weight=2.5)], AT)
    (found,) = (one for one in store.objectives(CYCLE.name) if one.id == "web")
    assert (found.parent, found.weight) == ("company", 2.5)
    kinds = {one.id: (one.member_of, one.roll_up) for one in found.key_results}
    assert kinds == {"late": (None, "mean"), "late_web": ("late", None)}


def test_nothing_of_a_closed_cycle_is_written(filled: Store, run_id: int) -> None:
    """Neither objectives nor observations nor completions, and the refusal says who closed it and when."""
    filled.close_cycle(CLOSING, filled.mark())
    message = r"^cycle 2026-Q4 was closed on 15 Nov 2026 by An: nothing of it is written any more$"
    with pytest.raises(ClosedCycleError, match=message):
        filled.record(run_id, [observation("nps", 14, 1.0)], AT)
    with pytest.raises(ClosedCycleError):
        filled.record_completions(run_id, [of_initiative(14, 1, 2)], AT)
    with pytest.raises(ClosedCycleError):
        filled.save_objectives(CYCLE, [], AT)
    assert filled.observations_at(CYCLE.name, date(2026, 12, 31)) == {}
    assert [one.removed_at for one in filled.objectives(CYCLE.name)[0].key_results] == [None, None]


def test_other_cycles_and_kpis_go_on(filled: Store, run_id: int) -> None:
    """Closing one cycle stops nothing else."""
    filled.close_cycle(CLOSING, filled.mark())
    later = replace(CYCLE, name="2027-Q1", start=date(2027, 1, 1), end=date(2027, 3, 31))
    filled.save_objectives(later, [objective("delivery", key_result("nps"))], AT)
    assert filled.record(run_id, [replace(observation("nps", 14, 1.0), cycle="2027-Q1")], AT) == 1
    assert filled.record_kpis(run_id, [of_kpi(14, 1.0)], AT) == 1


def test_a_cycle_is_closed_once(filled: Store) -> None:
    """The first closing stays."""
    filled.close_cycle(CLOSING, filled.mark())
    with pytest.raises(ClosedCycleError):
        filled.close_cycle(replace(CLOSING, closed_by="Bình"), filled.mark())
    assert filled.closing(CYCLE.name) == CLOSING
    assert filled.closing("2027-Q1") is None


@pytest.mark.parametrize("what", ["observation", "completion"])
def test_what_was_written_meanwhile_is_not_left_out(filled: Store, run_id: int, what: str) -> None:
    """Where a run stores something between the reading and the closing, nothing is closed."""
    seen = filled.mark()
    if what == "observation":
        filled.record(run_id, [observation("nps", 14, 36.0)], AT)
    else:
        filled.record_completions(run_id, [of_initiative(14, 1, 2)], AT)
    assert not filled.close_cycle(CLOSING, seen)
    assert filled.closing(CYCLE.name) is None
    assert filled.close_cycle(CLOSING, filled.mark())


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE kpi_observation SET value = 1", "never changed"),
        ("DELETE FROM kpi_observation", "never changed"),
        ("UPDATE completion SET done_count = 1", "never changed"),
        ("DELETE FROM completion", "never changed"),
        ("UPDATE closed_cycle SET digest = ''", "stays as it was signed"),
        ("DELETE FROM closed_cycle", "stays as it was signed"),
        (
            "INSERT INTO observation (cycle, key_result, as_of, revision, weight, expected_progress, status, reason,"
            " record_count, definition, evidence, run_id, recorded_at) SELECT cycle, key_result, as_of, revision + 1,"
            " weight, expected_progress, status, reason, record_count, definition, evidence, run_id, recorded_at"
            " FROM observation",
            "the cycle is closed",
        ),
    ],
)
def test_the_database_itself_refuses(filled: Store, run_id: int, tmp_path: Path, statement: str, message: str) -> None:
    """Not even by hand is any of it changed, deleted, or added to a closed cycle."""
    filled.record(run_id, [observation("nps", 14, 36.0)], AT)
    filled.record_kpis(run_id, [of_kpi(14, 1.0)], AT)
    filled.record_completions(run_id, [of_initiative(14, 1, 2)], AT)
    filled.close_cycle(CLOSING, filled.mark())
    refused = pytest.raises(sqlite3.IntegrityError, match=message)
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as connection, refused:
        connection.execute(statement)


def test_only_a_whole_run_of_the_day_counts_as_one(store: Store, run_id: int) -> None:
    """One that began too early, looked at another day, only synced, or never came to its end, is none."""
    day = date(2026, 11, 15)
    assert not store.has_run(day, AT)
    store.finish_run(run_id, "done", AT + timedelta(minutes=1))
    assert store.has_run(day, AT)
    assert not store.has_run(day, AT + timedelta(seconds=1))
    assert not store.has_run(date(2026, 11, 14), AT)
