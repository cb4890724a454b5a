"""An observation says what it was made from: the records by a hash, the syncs that brought them, the SQL, the instant."""

from __future__ import annotations

from typing import Any

from okr_sync import pipeline
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
