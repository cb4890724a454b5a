"""A small project over the one source: each run of it is held against Python, or must say why it keeps a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync import pipeline
from okr_sync.pipeline import RunReport, SyncOptions
from okr_sync.progress import Status
from okr_sync.project.cycle import Cycle, end_of
from okr_sync.sync import StreamSync
from tests.simulation import oracle
from tests.simulation.oracle import SOURCE, require
from tests.simulation.truth import States
from tests.simulation.worlds import World

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CYCLE = Cycle("2026-Q4", date(2026, 10, 5), date(2026, 12, 31))
"""It begins on the first day of every schedule."""
_LEAST = 7
"""How many records there shall be, day after day: the keep goal."""


def day_of(evening: datetime) -> date:
    """The day that ends with this midnight."""
    return (evening - timedelta(hours=1)).astimezone(ZONE).date()


class WholeProject:
    """Written once; then run again and again."""

    def __init__(self, folder: Path, world: World, source: Mapping[str, Any], warehouse_url: str) -> None:
        self.withheld_count = 0
        self._folder = folder
        self._world = world
        self._trusted: dict[str, float | None] = {}
        """What was last published of each key result."""
        self._report: RunReport | None = None
        metrics = oracle.metrics(world)
        goals = [{"id": name, "name": name, "metric": name, "target": 1_000} for name in metrics]
        kept = {"id": "kept", "name": "kept", "metric": "n", "at_least": _LEAST}
        okr = {"objective": "All", "id": "all", "key_results": [*goals, kept], "metrics": metrics}
        cycle = {"name": CYCLE.name, "start": str(CYCLE.start), "end": str(CYCLE.end)}
        settings = {"timezone": ZONE.key, "cycle": cycle, "warehouse": warehouse_url, "sources": {SOURCE: source}}
        (folder / "okrs").mkdir()
        (folder / "okr-sync.yaml").write_text(json.dumps(settings), "utf-8")
        (folder / "okrs" / "all.yaml").write_text(json.dumps(okr), "utf-8")

    def run(self, clock: Callable[[], datetime]) -> StreamSync:
        self._report = pipeline.run(self._folder, SyncOptions(), clock=clock)
        return _ours(self._report.syncs)

    def sync(self, clock: Callable[[], datetime]) -> StreamSync:
        return _ours(pipeline.sync(self._folder, SyncOptions(), clock=clock))

    def compare_run(self, present: States, now: datetime, watched: Sequence[date] | None) -> int:
        """The last run against what has landed; `watched` are the days so far, if each was seen at its end.

        Gives how many values were compared.
        """
        assert self._report is not None
        observed = {one.key_result.id: one.observation for one in self._report.outcomes}
        day = now.astimezone(ZONE).date()
        if not _ours(self._report.syncs).is_complete:
            for name, one in observed.items():
                is_kept = one.status in (Status.WITHHELD, Status.NO_DATA) and one.reason
                require(is_kept, f"half a sync is published as {name}", one)
                if one.status == Status.WITHHELD:  # as the store keeps it, a text
                    self.withheld_count += 1
                    require(one.value == self._trusted.get(name), f"{name} is not as it was", one, self._trusted)
            return 0
        expected = oracle.values_of(present, day, now, ZONE)
        found = {name: one.value for name, one in observed.items()}
        oracle.require_values(found, {**expected, "kept": expected["n"]}, f"in the run of {now}")
        require(not self._report.withheld, "a value is withheld after a sync that is complete", self._report.withheld)
        if watched is not None:
            counts = [len(self._world.truth.at(end_of(one, ZONE))) for one in watched if one != day]
            held = [one >= _LEAST for one in (*counts, len(present))]
            require(observed["kept"].progress == sum(held) / len(held), "the keep goal", observed["kept"], held)
        self._trusted = found
        return len(expected) + 1

    def compare_evenings(self, days: Sequence[date], now: datetime) -> None:
        """What a run for each of these days would say today."""
        for day in days:
            plan = pipeline.plan(self._folder, day, clock=lambda: now)
            found = {one.key_result.id: one.observation.value for one in plan.outcomes}
            evening = end_of(day, ZONE)
            expected = oracle.values_of(self._world.truth.at(evening), day, evening, ZONE)
            oracle.require_values(found, expected, f"in the plan for {day}")


def _ours(syncs: Sequence[StreamSync]) -> StreamSync:
    (one,) = [sync for sync in syncs if sync.source == SOURCE]
    return one
