"""Runs, syncs, objectives and definitions in the store."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from okr_sync.store import Definition, LastSyncs, SeenDefinition, Store, SyncResult
from tests.store.samples import AT, CYCLE, DEFINITION, key_result, objective

COMPLETE = SyncResult(finished_at=AT, is_complete=True, read_count=10, new_count=3, deleted_count=1, request_count=2)
FAILED = SyncResult(finished_at=AT, is_complete=False, error="401 from the server", read_count=4)


def sync(store: Store, run_id: int, stream: str, result: SyncResult | None) -> None:
    """A sync of a Jira stream; None for one that was killed."""
    sync_id = store.begin_sync(run_id, "jira", stream, AT)
    if result is not None:
        store.finish_sync(sync_id, result)


def last(store: Store, stream: str) -> LastSyncs:
    return store.last_syncs()["jira", stream]


def test_a_run_is_written_at_its_begin_and_at_its_end(store: Store, run_id: int, tmp_path: Path) -> None:
    """A run without an end was killed, or goes on."""
    connection = sqlite3.connect(tmp_path / "data" / "store.db")
    query = "SELECT kind, version, as_of, finished_at, outcome FROM run"
    assert connection.execute(query).fetchall() == [("run", "0.1.0", "2026-11-15", None, None)]
    store.finish_run(run_id, "complete", AT + timedelta(minutes=1))
    assert connection.execute(query).fetchall() == [
        ("run", "0.1.0", "2026-11-15", "2026-11-15 02:01:00.000000", "complete")
    ]
    connection.close()


def test_no_syncs_are_known_at_first(store: Store) -> None:
    """A stream never tried is absent."""
    assert store.last_syncs() == {}


def test_a_complete_sync_is_both_the_last_and_the_last_complete(store: Store, run_id: int) -> None:
    """Its counts and times come back as given."""
    sync(store, run_id, "issues", COMPLETE)
    found = last(store, "issues")
    assert found.attempt == found.complete
    assert (found.attempt.started_at, found.attempt.finished_at) == (AT, AT)
    counts = found.attempt.read_count, found.attempt.new_count, found.attempt.deleted_count, found.attempt.request_count
    assert counts == (10, 3, 1, 2)
    assert found.attempt.checkpoint is None


def test_the_last_complete_sync_is_known_behind_failed_ones(store: Store, run_id: int) -> None:
    """Streams are kept apart, and a failure keeps its reason."""
    sync(store, run_id, "issues", replace(COMPLETE, checkpoint={"updated": 5}))
    sync(store, run_id, "issues", FAILED)
    sync(store, run_id, "boards", FAILED)
    issues, boards = last(store, "issues"), last(store, "boards")
    assert issues.complete is not None
    assert (issues.complete.checkpoint, issues.attempt.is_complete) == ({"updated": 5}, False)
    assert issues.attempt.error == "401 from the server"
    assert boards.complete is None


def test_a_killed_sync_is_an_attempt_that_is_not_complete(store: Store, run_id: int) -> None:
    """It may have landed a part: the one before is the last complete one."""
    sync(store, run_id, "issues", COMPLETE)
    sync(store, run_id, "issues", None)
    found = last(store, "issues")
    assert (found.attempt.is_complete, found.attempt.finished_at) == (False, None)
    assert found.complete is not None


def test_objectives_come_back_in_their_order(store: Store) -> None:
    """The order of the project's files is kept, and saving again replaces names."""
    given = (
        objective("z", key_result("nps", name="Tăng NPS"), key_result("b")),
        objective("a", key_result("late")),
    )
    store.save_objectives(CYCLE, given, AT)
    present = [one for one in store.objectives(CYCLE.name) if one.id != "delivery"]
    assert tuple(present) == given
    assert store.objectives("2027-Q1") == ()


def test_a_key_result_that_is_gone_is_marked_and_may_return(store: Store) -> None:
    """The first time it was missed stays; when it is back the mark goes."""

    def removed_at() -> dict[str, object]:
        return {one.id: one.removed_at for one in store.objectives(CYCLE.name)[0].key_results}

    store.save_objectives(CYCLE, [objective("delivery", key_result("nps"))], AT)
    store.save_objectives(CYCLE, [objective("delivery", key_result("nps"))], AT + timedelta(days=1))
    assert removed_at() == {"nps": None, "late": AT}
    store.save_objectives(CYCLE, [objective("delivery", key_result("nps"), key_result("late"))], AT)
    assert removed_at() == {"nps": None, "late": None}


def test_one_id_in_two_cycles_is_two_key_results(store: Store) -> None:
    """Next quarter's goal does not rewrite this one's."""
    next_cycle = replace(CYCLE, name="2027-Q1")
    store.save_objectives(next_cycle, [objective("delivery", replace(key_result("nps"), target=60.0))], AT)
    targets = [store.objectives(cycle)[0].key_results[0].target for cycle in (CYCLE.name, "2027-Q1")]
    assert targets == [45.0, 60.0]


def test_every_definition_ever_seen_is_kept(store: Store) -> None:
    """A changed formula adds a definition, an old one coming back adds none."""
    later = AT + timedelta(days=1)
    changed = Definition('{"goal":{"target":50}}', "b" * 64)
    for definition in (changed, DEFINITION):
        store.save_objectives(CYCLE, [objective("delivery", key_result("nps", definition=definition))], later)
    assert store.definitions("nps") == [SeenDefinition(DEFINITION, AT), SeenDefinition(changed, later)]


def test_threads_share_a_store(store: Store, run_id: int) -> None:
    """Sources sync side by side: each thread's begin and end are there."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda n: sync(store, run_id, f"stream{n}", COMPLETE), range(12)))
    found = store.last_syncs()
    assert len(found) == 12
    assert all(one.complete is not None for one in found.values())
