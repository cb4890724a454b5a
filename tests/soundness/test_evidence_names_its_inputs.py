"""An observation says what it was made from: the records by a hash, the syncs that brought them, SQL and instant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from okr_sync import pipeline
from okr_sync.measure.instant import Given
from okr_sync.outcome import READ
from okr_sync.workspace import open_workspace
from tests.soundness.desk import Desk, observations

NIGHT = "2026-10-05T02:00+07:00"
TASKS = ("1,2026-10-02,2026-10-02,,open,3", "2,2026-10-02,2026-10-02,,open,5")


def evidence(desk: Desk, now: str, *tasks: str, name: str = "points") -> Any:
    """Of a run on these tasks, in a store and a warehouse of their own."""
    desk.tasks(*tasks)
    return observations(desk.run(now))[name].evidence


def test_instant_and_syncs(desk: Desk) -> None:
    """The instant that was computed for, and the sync of each stream, which is stored with its checkpoint."""
    desk.okrs({"points": "sum(points)"})
    read = evidence(desk, NIGHT, *TASKS)[READ]
    assert read["as_of"] == "2026-10-04T19:00:00+00:00"
    with pipeline.open_store(open_workspace(desk.folder, desk.clock)) as store:
        last = store.last_syncs()["desk", "tasks"]
    assert read["syncs"] == {"desk.tasks": last.attempt.id}
    assert last.attempt.checkpoint is not None


def test_sources_that_fail_keep_the_sync_that_was_whole(desk: Desk) -> None:
    """What was read is what the last complete sync brought, not what the last attempt tried."""
    desk.okrs({"points": "sum(points)"})
    first = evidence(desk, NIGHT, *TASKS)[READ]
    (desk.folder / "data" / "tasks.csv").unlink()
    again = observations(desk.run("2026-10-06T02:00+07:00"))["points"].evidence[READ]
    assert again["syncs"] == first["syncs"]  # type: ignore[index,call-overload]


def test_the_same_number_from_other_records(tmp_path: Path) -> None:
    """3 + 5 is 8, and so is 1 + 7: the hash differs; the same records in another order have the same one."""
    hashes = []
    for number, tasks in enumerate(
        [TASKS, TASKS[::-1], ("1,2026-10-02,2026-10-02,,open,1", "3,2026-10-02,2026-10-02,,open,7")]
    ):
        desk = Desk(tmp_path / str(number))
        desk.okrs({"points": "sum(points)"})
        found = evidence(desk, NIGHT, *tasks)["points"]
        assert found["value"] == 8
        hashes.append(found["input_hash"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_only_what_counts_is_in_the_hash(desk: Desk) -> None:
    """A task that does not count changes nothing; one that counts with 0 does, and so does an edit of what counts."""
    desk.okrs({"points": {"stream": "desk.tasks", "where": "status = 'open'", "value": "sum(points)"},
               "all": "count(*)", "versions": {"stream": "desk.tasks.versions", "value": "count(*)"}})  # fmt: skip
    nights = [
        TASKS,
        (*TASKS, "3,2026-10-02,2026-10-02,,done,9"),
        (*TASKS, "3,2026-10-02,2026-10-02,,done,9", "4,2026-10-02,2026-10-02,,open,0"),
        (
            TASKS[0],
            "2,2026-10-02,2026-10-06,,open,6",
            "3,2026-10-02,2026-10-02,,done,9",
            "4,2026-10-02,2026-10-02,,open,0",
        ),
    ]
    found = []
    for number, tasks in enumerate(nights):
        desk.tasks(*tasks)
        found.append(observations(desk.run(f"2026-10-{6 + number:02}T12:00+07:00")))
    hashes = {name: [one[name].evidence[name]["input_hash"] for one in found] for name in found[0]}  # type: ignore[index,call-overload]
    assert hashes["points"][0] == hashes["points"][1]
    assert len(set(hashes["points"])) == 3
    assert len(set(hashes["all"])) == 4
    assert len(set(hashes["versions"])) == 4


def test_unchanged_inputs_are_no_new_revision(desk: Desk) -> None:
    """A second run of the day, with other syncs and another instant in its evidence, restates nothing."""
    desk.okrs({"points": "sum(points)"})
    first = evidence(desk, NIGHT, *TASKS)
    again = desk.run("2026-10-05T03:00+07:00")
    now = observations(again)["points"].evidence
    assert again.recorded_count == 0
    assert now["points"] == first["points"]
    assert now[READ] != first[READ]


def test_sql_gives_the_number(desk: Desk) -> None:
    """The SQL of the evidence, with the instants of its day, is what was asked."""
    desk.okrs(
        {"points": {"stream": "desk.tasks", "where": "status = 'open'", "time": "created_at", "value": "sum(points)"}}
    )
    desk.tasks(*TASKS)
    (found,) = desk.run(NIGHT).outcomes
    sql = found.observation.evidence["points"]["sql"]  # type: ignore[index,call-overload]
    workspace = open_workspace(desk.folder, desk.clock)
    day = pipeline.day_of(workspace, None)
    start, end = day.bounds(workspace.metrics["points"].window)
    instants = {
        Given.AS_OF: day.as_of,
        Given.HELD_UNTIL: day.held_until,
        Given.WINDOW_END: end,
        Given.WINDOW_START: start,
    }
    with workspace.history({"desk.tasks": ["points", "status", "created_at"]}) as history:
        assert history.query(sql, instants).rows == [(8.0,)]


def test_a_view_rests_on_all_versions_below_it(desk: Desk) -> None:
    """Of a view the hash is that of the streams below, as far as the day knows them."""
    desk.okrs({"n": {"stream": "open_tasks", "value": "count(*)"}})
    content = json.loads((desk.folder / "okrs" / "okr.yaml").read_text("utf-8"))
    content["views"] = {"open_tasks": {"select": "select id from desk.tasks where status = 'open'", "key": "id"}}
    desk.write_json("okrs/okr.yaml", content)
    first = evidence(desk, NIGHT, *TASKS, name="n")["n"]["input_hash"]
    same = evidence(desk, "2026-10-06T02:00+07:00", *TASKS, name="n")["n"]["input_hash"]
    other = evidence(desk, "2026-10-07T02:00+07:00", *TASKS, "3,2026-10-02,2026-10-02,,done,9", name="n")["n"][
        "input_hash"
    ]
    assert first == same != other
