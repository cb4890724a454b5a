"""The sync loop: what lands, what is committed, and what a failure leaves."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from okr_sync import sync
from okr_sync.connector import AccessError, IncompleteError, Record, Rejection, UnavailableError
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_side_by_side, sync_source
from okr_sync.warehouse import SourceLog, open_warehouse
from tests.scripted import CONTRACTS, HANOI, ISSUES, Script, Scripted, at, contract, issue


@pytest.fixture
def syncing(tmp_path: Path, warehouse_url: str) -> Syncing:
    return Syncing(open_warehouse(warehouse_url, tmp_path, HANOI), clock=lambda: at(20))


def plan(script: Script, source: str = "jira", settings_hash: str = "settings") -> SourcePlan:
    return SourcePlan(source, Scripted(script), {stream.name: settings_hash for stream in script.streams})


def issues(*pages: Sequence[Record | Rejection] | Exception) -> Script:
    return Script([ISSUES], {"issues": list(pages)})


def counts(result: StreamSync) -> tuple[int, int, str | None]:
    return result.read_count, result.new_count, result.error


def record_count(syncing: Syncing, source: str = "jira") -> int:
    return sum(landed.record_count for landed in SourceLog(syncing.warehouse, source).describe())


def test_second_sync_reads_from_the_checkpoint(syncing: Syncing) -> None:
    """What was read is not asked for again: the connector gets back the checkpoint of its last page."""
    script = issues([issue("1", "open", at(2))], [issue("2", "open", at(2))])
    assert [counts(one) for one in sync_source(plan(script), syncing)] == [(2, 2, None)]
    script.pages["issues"].append([issue("3", "open", at(3))])
    assert [counts(one) for one in sync_source(plan(script), syncing)] == [(1, 1, None)]
    assert script.checkpoints_seen == [None, {"page": 2}]


def test_changed_settings_read_everything_again(syncing: Syncing) -> None:
    """A checkpoint belongs to the settings it was made with."""
    script = issues([issue("1", "open", at(2))])
    sync_source(plan(script), syncing)
    sync_source(plan(script, settings_hash="another select"), syncing)
    assert script.checkpoints_seen == [None, None]


def test_other_settings_end_what_they_do_not_choose(syncing: Syncing) -> None:
    """Records of another project or account stop counting; the next read goes on from the new checkpoint."""
    sync_source(plan(issues([issue("1", "open", at(2)), issue("2", "open", at(2))])), syncing)
    others = issues([issue("2", "open", at(2))], [issue("3", "open", at(2))])
    (result,) = sync_source(plan(others, settings_hash="another select"), syncing)
    assert (result.new_count, result.deleted_count, result.error) == (1, 1, None)
    assert record_count(syncing) == 2
    (again,) = sync_source(plan(others, settings_hash="another select"), syncing)
    assert (again.new_count, again.deleted_count) == (0, 0)
    assert others.checkpoints_seen == [None, {"page": 2}]


def test_other_settings_and_a_read_that_breaks_off(syncing: Syncing) -> None:
    """Until the first read by new settings is whole, nothing lands and nothing ends."""
    sync_source(plan(issues([issue("1", "open", at(2))])), syncing)
    broken = issues([issue("2", "open", at(2))], UnavailableError("no answer"))
    (result,) = sync_source(plan(broken, settings_hash="another select"), syncing)
    assert (result.new_count, result.deleted_count, result.error) == (0, 0, "no answer")
    assert record_count(syncing) == 1
    whole = issues([issue("2", "open", at(2))], [issue("3", "open", at(2))])
    (result,) = sync_source(plan(whole, settings_hash="another select"), syncing)
    assert (result.new_count, result.deleted_count, result.error) == (2, 1, None)


def test_other_settings_that_choose_far_less(syncing: Syncing) -> None:
    """A drop that looks like a lost permission needs a person's word, whatever the settings."""
    many = [issue(str(number), "open", at(2)) for number in range(30)]
    sync_source(plan(issues(many)), syncing)
    few = issues(many[:3])
    (result,) = sync_source(plan(few, settings_hash="another select"), syncing)
    assert result.error is not None
    assert "settings no longer choose them, sync it once with --accept-deletions" in result.error
    accepting = replace(syncing, accept_deletions=True)
    (result,) = sync_source(plan(few, settings_hash="another select"), accepting)
    assert (result.deleted_count, result.error) == (27, None)


def test_failure_in_mid_read_keeps_whole_batches_and_the_next_run_continues(
    syncing: Syncing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run after a failure ends in the same store as one without: nothing lost, nothing twice."""
    monkeypatch.setattr(sync, "BATCH_RECORDS", 1)
    pages = [[issue("1", "open", at(2))], [issue("2", "open", at(2))], [issue("3", "open", at(2))]]
    broken = issues(pages[0], pages[1], UnavailableError("jira: no answer"))
    assert [counts(one) for one in sync_source(plan(broken), syncing)] == [(2, 2, "jira: no answer")]
    assert record_count(syncing) == 2
    repaired = issues(*pages)
    assert [counts(one) for one in sync_source(plan(repaired), syncing)] == [(1, 1, None)]
    assert repaired.checkpoints_seen == [{"page": 2}]
    assert record_count(syncing) == 3


def test_what_came_before_a_failure_lands_however_little(syncing: Syncing) -> None:
    """A source that fails every night at the same place comes further each night."""
    pages = [[issue("1", "open", at(2))], [issue("2", "open", at(2))]]
    broken = issues(*pages, UnavailableError("jira: no answer"))
    assert [counts(one) for one in sync_source(plan(broken), syncing)] == [(2, 2, "jira: no answer")]
    assert record_count(syncing) == 2
    repaired = issues(*pages, [issue("3", "open", at(2))])
    sync_source(plan(repaired), syncing)
    assert repaired.checkpoints_seen == [{"page": 2}]


def test_failure_behind_a_bad_record_holds_the_checkpoint(syncing: Syncing) -> None:
    """What came behind the bad record lands, and the next read begins before it all the same."""
    pages: list[Sequence[Record | Rejection] | Exception] = [
        [issue("1", "open", at(2))],
        [BAD],
        [issue("3", "x", at(2))],
    ]
    sync_source(plan(issues(*pages, UnavailableError("jira: no answer"))), syncing)
    assert record_count(syncing) == 2
    corrected = issues(*pages)
    sync_source(plan(corrected), syncing)
    assert corrected.checkpoints_seen == [{"page": 1}]


BAD = Rejection("issue 2", "points cannot be read as number: it is not a number")


@pytest.mark.parametrize("batch", [1, 5_000])
def test_bad_record_is_reported_and_asked_for_again(
    syncing: Syncing, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """The other records land, the sync is not complete, and the next one begins before the bad record."""
    monkeypatch.setattr(sync, "BATCH_RECORDS", batch)
    pages: list[Sequence[Record | Rejection]] = [[issue("1", "open", at(2))], [BAD], [issue("3", "open", at(2))]]
    (result,) = sync_source(plan(issues(*pages)), syncing)
    assert (result.read_count, result.new_count, result.rejected_count) == (3, 2, 1)
    assert result.error is not None
    assert result.error.startswith(
        "1 record of 3 cannot be read; the first: issue 2: points cannot be read as number: it is not a number."
    )
    pages[1] = [issue("2", "open", at(2))]
    corrected = issues(*pages)
    assert [counts(one) for one in sync_source(plan(corrected), syncing)] == [(2, 1, None)]
    assert corrected.checkpoints_seen == [{"page": 1}]
    assert record_count(syncing) == 3


def test_bad_first_page_leaves_no_checkpoint(syncing: Syncing) -> None:
    """Where nothing good came before the bad record, the next sync begins at the beginning."""
    sync_source(plan(issues([BAD], [issue("3", "open", at(2))])), syncing)
    corrected = issues([issue("2", "open", at(2))], [issue("3", "open", at(2))])
    assert [counts(one) for one in sync_source(plan(corrected), syncing)] == [(2, 1, None)]
    assert corrected.checkpoints_seen == [None]


def test_hundreds_of_bad_records_end_the_read(syncing: Syncing) -> None:
    """A stream that is read in the wrong way is given up, rather than read to its end every night."""
    (result,) = sync_source(plan(issues([BAD] * 101, [issue("3", "open", at(2))])), syncing)
    assert (result.read_count, result.new_count) == (101, 0)
    assert result.error is not None
    assert result.error.startswith("101 records of 101 cannot be read")


def test_full_read_with_a_bad_record_lands_nothing(syncing: Syncing) -> None:
    """Of a list that is read whole, a record that cannot be read would look like a deleted one."""
    script = Script([CONTRACTS], {"contracts": [[contract("a", 1), contract("b", 2)]]})
    sync_source(plan(script), syncing)
    script.pages["contracts"] = [[contract("a", 1), BAD]]
    (result,) = sync_source(plan(script), syncing)
    assert (result.new_count, result.deleted_count, result.rejected_count) == (0, 0, 1)
    assert record_count(syncing) == 2


def test_full_read_that_fails_lands_nothing(syncing: Syncing) -> None:
    """A whole that is cut is no whole: neither its records nor deletions are taken from it."""
    script = Script([CONTRACTS], {"contracts": [[contract("a", 1), contract("b", 2)]]})
    sync_source(plan(script), syncing)
    script.pages["contracts"] = [[contract("c", 3)], IncompleteError("line 3 is cut")]
    (result,) = sync_source(plan(script), syncing)
    assert (result.new_count, result.deleted_count, result.error) == (0, 0, "line 3 is cut")
    assert record_count(syncing) == 2


def test_sign_in_failure_is_told_for_every_stream(syncing: Syncing) -> None:
    """A refused token fails each wanted stream with the same reason and writes nothing."""
    script = Script([ISSUES, CONTRACTS], {}, sign_in=AccessError("jira: 401"))
    results = sync_source(plan(script), syncing)
    assert [(one.stream, one.error) for one in results] == [("issues", "jira: 401"), ("contracts", "jira: 401")]
    assert SourceLog(syncing.warehouse, "jira").describe() == []


def test_failing_stream_does_not_stop_the_next_one(syncing: Syncing) -> None:
    """Streams of one source fail one by one."""
    script = Script([ISSUES, CONTRACTS], {"issues": [UnavailableError("504")], "contracts": [[contract("a", 1)]]})
    assert [one.error for one in sync_source(plan(script), syncing)] == ["504", None]


def test_failing_source_does_not_stop_the_others(syncing: Syncing) -> None:
    """Sources are synced side by side, and each answers for itself."""
    plans = [
        plan(Script([ISSUES], {}, sign_in=AccessError("401")), "jira"),
        plan(issues([issue("1", "open", at(2))]), "desk"),
    ]
    results = sync_side_by_side(plans, syncing)
    assert [(one.source, one.is_complete, one.new_count) for one in results] == [("jira", False, 0), ("desk", True, 1)]


def test_defect_of_a_connector_is_a_failure_with_its_name(syncing: Syncing) -> None:
    """An exception that no connector should raise is reported as a defect and stops no other source."""
    (result,) = sync_source(plan(issues(ZeroDivisionError("oops"))), syncing)
    assert result.error == "a defect in connector Scripted, please report it: ZeroDivisionError('oops')"


def test_unknown_stream_is_refused_with_the_nearest_name(syncing: Syncing) -> None:
    """A stream that the source turns out not to have is an error, not an empty stream."""
    wanted = SourcePlan("jira", Scripted(issues([])), {"isues": "settings"})
    (result,) = sync_source(wanted, syncing)
    assert result.error == "source jira: there is no stream 'isues'; did you mean 'issues'?"


def test_source_that_another_process_syncs_is_left_alone(syncing: Syncing) -> None:
    """Two syncs of one source never run at once; the later one says so."""
    with syncing.warehouse.lock("jira"):
        (result,) = sync_source(plan(issues([])), syncing)
    assert result.error is not None
    assert "being synced by another process" in result.error


def test_checkpoint_moves_without_records(syncing: Syncing) -> None:
    """A quiet night still commits the new checkpoint."""
    sync_source(plan(issues([], [])), syncing)
    assert SourceLog(syncing.warehouse, "jira").checkpoint("issues", "settings") == {"page": 2}


COUNTED = replace(ISSUES, has_census=True)


def test_census_ends_what_is_gone_and_fetches_what_came_back(syncing: Syncing) -> None:
    """A record that vanishes, or returns, without a change of its own is found by listing what exists."""
    one, two = issue("1", "open", at(2)), issue("2", "open", at(2))
    script = Script([COUNTED], {"issues": [[one, two]]}, exists=[one, two])
    assert [(r.new_count, r.deleted_count) for r in sync_source(plan(script), syncing)] == [(2, 0)]
    script.exists = [one]
    assert [(r.new_count, r.deleted_count) for r in sync_source(plan(script), syncing)] == [(0, 1)]
    assert record_count(syncing) == 1
    script.exists = [one, two]
    assert [(r.new_count, r.deleted_count) for r in sync_source(plan(script), syncing)] == [(1, 0)]
    assert record_count(syncing) == 2
    assert [(r.new_count, r.deleted_count) for r in sync_source(plan(script), syncing)] == [(0, 0)]


def test_census_that_loses_many_is_not_believed(syncing: Syncing) -> None:
    """A permission that was taken away looks like mass deletion: the sync fails and nothing ends."""
    whole = [issue(str(number), "open", at(2)) for number in range(100)]
    script = Script([COUNTED], {"issues": [whole]}, exists=whole)
    sync_source(plan(script), syncing)
    script.exists = whole[:50]
    (result,) = sync_source(plan(script), syncing)
    assert result.error is not None
    assert "50 of 100 records are gone" in result.error
    assert record_count(syncing) == 100
    (result,) = sync_source(plan(script), replace(syncing, accept_deletions=True))
    assert (result.error, result.deleted_count, record_count(syncing)) == (None, 50, 50)


def test_read_is_watched_and_stops_when_asked(syncing: Syncing) -> None:
    """Progress is told page by page; a stop ends the read as incomplete, after the page it is on."""
    stop = threading.Event()
    seen: list[tuple[str, str, int, int | None]] = []

    def watch(source: str, stream: str, read: int, expected: int | None) -> None:
        seen.append((source, stream, read, expected))
        stop.set()

    syncing = replace(syncing, watch=watch, stop=stop)
    (result,) = sync_source(plan(issues([issue("1", "open", at(2))], [issue("2", "open", at(2))])), syncing)
    assert seen == [("jira", "issues", 1, None)]
    assert result.error == "stopped before the end of the read; the next run continues"
