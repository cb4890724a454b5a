"""A whole project on disk whose source is a CSV file of tasks: the tests of this folder run the real pipeline on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from okr_sync import pipeline
from okr_sync.outcome import READ, Outcome
from okr_sync.pipeline import RunReport, SyncOptions
from okr_sync.planning import Plan
from okr_sync.store import Observation, RecordedObservation
from okr_sync.warehouse import Warehouse
from okr_sync.warehouse.place import quoted
from okr_sync.workspace import open_workspace
from tests.warehouses import DUCKDB

Stored = TypeVar("Stored", Observation, RecordedObservation)

HEADER = "id,created_at,changed_at,closed_at,status,points"
STREAM: Mapping[str, Any] = {
    "path": "data/tasks*.csv",
    "key": "id",
    "version_at": "changed_at",
    "created_at": "created_at",
    "fields": {
        "created_at": "timestamp",
        "changed_at": "timestamp",
        "closed_at": "timestamp",
        "status": "text",
        "points": "number",
    },
}
"""Times without a zone are the project's own."""
HANOI = "Asia/Ho_Chi_Minh"
QUARTERS = {"starts": ["jan", "apr", "jul", "oct"]}


@dataclass
class Desk:
    """A project folder and the instant at which the next command runs."""

    folder: Path
    now: datetime = field(default_factory=lambda: datetime.fromisoformat("2026-10-10T12:00+07:00"))
    zone: str = HANOI
    cycles: Mapping[str, Any] = field(default_factory=lambda: {"cycles": QUARTERS})
    warehouse: str = DUCKDB

    def __post_init__(self) -> None:
        self.configure()

    def configure(self, **streams: Mapping[str, Any]) -> None:
        """Write okr-sync.yaml with the stream of tasks, or with these streams; JSON is YAML."""
        source = {"connector": "files", "streams": streams or {"tasks": STREAM}}
        settings = {"timezone": self.zone, **self.cycles, "warehouse": self.warehouse}
        self.write_json("okr-sync.yaml", {**settings, "sources": {"desk": source}})

    def write_json(self, name: str, content: object) -> None:
        self.write(name, json.dumps(content))

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def tasks(self, *lines: str, file: str = "tasks.csv") -> None:
        """Write the file of tasks, one version a line, in the order of `HEADER`."""
        self.write(f"data/{file}", "\n".join([HEADER, *lines]) + "\n")

    def okrs(self, metrics: Mapping[str, str | Mapping[str, Any]], **goals: Mapping[str, Any]) -> None:
        """Write the metrics, each a formula over all tasks or a whole metric, and a key result for each of `goals`.

        Without goals every metric has a key result of its own name with target 100.
        """
        written = {
            name: {"stream": "desk.tasks", "value": one} if isinstance(one, str) else one
            for name, one in metrics.items()
        }
        wanted: Mapping[str, Mapping[str, Any]] = goals or {name: {"metric": name, "target": 100} for name in metrics}
        key_results = [{"id": name, "name": name, **goal} for name, goal in wanted.items()]
        self.write_json(
            "okrs/okr.yaml", {"objective": "All", "id": "all", "key_results": key_results, "metrics": written}
        )

    def clock(self) -> datetime:
        return self.now

    def run(self, now: str | None = None, as_of: str | None = None, *, sync: bool = True) -> RunReport:
        """`okr-sync run` at `now`, an instant with its offset, which then stays."""
        if now is not None:
            self.now = datetime.fromisoformat(now)
        return pipeline.run(self.folder, SyncOptions() if sync else None, day(as_of), self.clock)

    def values(self, now: str | None = None, as_of: str | None = None, *, sync: bool = True) -> dict[str, float | None]:
        """What a run says of each key result."""
        return {name: one.value for name, one in observations(self.run(now, as_of, sync=sync)).items()}

    def measured(
        self, formulas: Iterable[str], now: str | None = None, as_of: str | None = None, **metric: str
    ) -> dict[str, float | None]:
        """The value of each formula over the tasks, as a run stores it; they share the other parts of their metrics."""
        named = {f"m{number}": text for number, text in enumerate(formulas)}
        self.okrs({name: {"stream": "desk.tasks", "value": text, **metric} for name, text in named.items()})
        values = self.values(now, as_of)
        return {text: values[name] for name, text in named.items()}

    def history(self, key_result: str) -> list[RecordedObservation]:
        """Every revision of every day of the present cycle."""
        workspace = open_workspace(self.folder, self.clock)
        cycle = pipeline.day_of(workspace, None).cycle.name
        with pipeline.open_store(workspace) as store:
            return store.history(cycle, key_result)

    def log(self, source: str = "desk", stream: str = "tasks") -> list[tuple[Any, ...]]:
        return log_content(open_workspace(self.folder, self.clock).warehouse, source, stream)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def without_reading(observation: Stored) -> Stored:
    """The same without what its evidence says of when it was read, by which syncs and in which SQL."""
    evidence = {
        name: {key: value for key, value in part.items() if key != "sql"} if isinstance(part, dict) else part
        for name, part in observation.evidence.items()
        if name != READ
    }
    return replace(observation, evidence=evidence)


def observations(report: RunReport | Plan) -> dict[str, Observation]:
    return {one.key_result.id: one.observation for one in report.outcomes}


def outcome(report: RunReport, key_result: str) -> Outcome:
    return next(one for one in report.outcomes if one.key_result.id == key_result)


def log_content(warehouse: Warehouse, source: str, stream: str) -> list[tuple[Any, ...]]:
    """Every version of every record in their order, without the times of landing and the numbers of arrival."""
    with warehouse.look(source) as looking:
        assert looking is not None
        columns = [name for name in looking.columns(stream) if name not in ("_landed_at", "_sequence")]
        listed = ", ".join(map(quoted, columns))
        return looking.rows(f"SELECT {listed} FROM {looking.table(stream)} ORDER BY _key, _version_at, _sequence")
