"""A small project of files, served by the real Dagster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from okr_sync import pipeline
from okr_sync.orchestration.build import build_definitions
from okr_sync.report import KeyResultReport
from okr_sync.workspace import open_workspace

MAIN = """
timezone: Asia/Ho_Chi_Minh
cycle: {name: long, start: 2020-01-01, end: 2099-12-31}
schedule: "30 3 * * 1-5"
sources:
  desk:
    connector: files
    streams:
      tickets: {path: tickets.csv, key: id}
      agents: {path: agents.csv, key: id}
  shop:
    connector: files
    streams:
      orders: {path: orders.csv, key: id, fields: {amount: integer}}
"""
SERVICE = """
objective: Serve well
id: service
owner: Service desk
key_results:
  - {id: solved, name: Solve 4 tickets, metric: solved, target: 4}
  - {id: contacts, name: Tickets for every order, metric: contacts, baseline: 3, target: 1}
metrics:
  solved: {stream: desk.tickets, value: count_if(status = 'solved')}
  tickets: {stream: desk.tickets, value: count(*)}
  orders: {stream: shop.orders, value: count(*)}
  contacts: {value: tickets / orders}
"""
SALES = """
objective: Sell more
id: sales
key_results:
  - {id: revenue, name: Sell for 80, metric: revenue, target: 80, ambition: aspirational, owner: sales@shop.example}
metrics:
  revenue: {stream: shop.orders, value: sum(amount), trust: {max_move: 100%}}
"""


@dataclass(frozen=True)
class DagsterProject:
    """A project's folder, and Dagster over it. Its records have no times, so its values do not hang on the day."""

    folder: Path
    instance: dg.DagsterInstance

    def write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")

    def definitions(self) -> dg.Definitions:
        return build_definitions(self.folder)

    def today(self) -> date:
        return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()

    def materialise(
        self, selection: dg.AssetSelection | None = None, day: date | None = None
    ) -> dg.ExecuteInProcessResult:
        """A run for a day, today if left out."""
        return self._run(selection or dg.AssetSelection.all(), str(day or self.today()), {})

    def backfill(self, selection: dg.AssetSelection, first: date, last: date) -> dg.ExecuteInProcessResult:
        """The run for several days that Dagster launches for a backfill."""
        tags = {ASSET_PARTITION_RANGE_START_TAG: str(first), ASSET_PARTITION_RANGE_END_TAG: str(last)}
        return self._run(selection, None, tags)

    def sync(self, selection: dg.AssetSelection) -> dg.ExecuteInProcessResult:
        """A run for no day."""
        return self._run(selection, None, {})

    def _run(
        self, selection: dg.AssetSelection, partition: str | None, tags: dict[str, str]
    ) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [one for one in self.definitions().assets or [] if isinstance(one, dg.AssetsDefinition)],
            selection=selection,
            instance=self.instance,
            raise_on_error=False,
            partition_key=partition,
            tags=tags,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )

    def reports(self) -> dict[str, KeyResultReport]:
        """What the store holds, by key result."""
        objectives = pipeline.status(self.folder).objectives
        return {one.id: one for objective in objectives for one in objective.key_results}

    def sync_count(self) -> int:
        """How many syncs of streams were ever begun."""
        workspace = open_workspace(self.folder)
        with pipeline.open_store(workspace) as store:
            return max((one.attempt.id for one in store.last_syncs().values()), default=0)
