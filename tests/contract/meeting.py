"""A connector, its stand-in and a warehouse, met for one test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from okr_sync.connector import Connector, Context
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import Warehouse, open_warehouse
from tests.contract.case import Case

NOW = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SOURCE = "mine"
LATER = timedelta(hours=2)
"""Long enough for every vendor's index to know what happened before it."""


@dataclass
class Meeting:
    """`sync` is one night: it serves the agency as it now is, disturbed by `faults`, and lands what changed."""

    case: Case
    folder: Path
    agency: Agency = field(init=False)
    variables: dict[str, str] = field(init=False)
    requests: list[str] = field(init=False)
    """Those of the last night: method, path and status."""
    skew: timedelta = timedelta()
    """How far our clock is ahead of the source's."""
    _ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agency = self.case.grow(NOW)
        self.agency.clock.advance(max(timedelta(), NOW - self.agency.clock.now()))

    def sync(self, *faults: Fault, connector: Connector | None = None) -> StreamSync:
        case = self.case
        options = Options(self._ports, {case.system: case.options})
        with self._sandbox(faults, options) as sandbox:
            self.variables, self._ports = sandbox.variables(), sandbox.ports
            plan = SourcePlan(SOURCE, connector or self.connector(), {case.stream: "settings"})
            try:
                (result,) = sync_source(plan, Syncing(self.warehouse, self.our_time))
            finally:
                self.requests = [f"{one.method} {one.path} {one.status}" for one in sandbox.requests]
        return result

    def _sandbox(self, faults: Sequence[Fault], options: Options) -> Sandbox:
        """At the address of the night before, which somebody's connection may have for a moment."""
        for _ in range(100):
            try:
                return Sandbox(self.agency, faults, options, systems=[self.case.system])
            except OSError:
                time.sleep(0.1)
        return Sandbox(self.agency, faults, options, systems=[self.case.system])

    def connector(self) -> Connector:
        written = {"connector": "mine", **self.case.settings(self.variables)}
        settings = self.case.connector.Settings.model_validate(written)
        return self.case.connector(settings, Context(SOURCE, self.folder, ZONE, self.our_time))

    def our_time(self) -> datetime:
        return self.agency.clock.now() + self.skew

    def next_night(self) -> None:
        self.agency.clock.advance(LATER)

    @property
    def warehouse(self) -> Warehouse:
        return open_warehouse("duckdb:///warehouse", self.folder, ZONE)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query over the landed versions, `log`, gives."""
        with duckdb.connect(self.warehouse.file(SOURCE), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(f'WITH log AS (SELECT * FROM "{self.case.stream}") {sql}').fetchall()

    def present(self) -> set[str]:
        """The keys of the records that exist, by the last version of each."""
        last = (
            "SELECT * FROM log"
            " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _version_at DESC, _sequence DESC) = 1"
        )
        return {str(key) for (key,) in self.rows(f"SELECT _key FROM ({last}) WHERE NOT _deleted")}

    def versions(self) -> Sequence[tuple[Any, ...]]:
        """Every version, without the time of its landing."""
        return self.rows("SELECT * EXCLUDE (_landed_at, _sequence) FROM log ORDER BY _key, _version_at, _hash")
