"""A small project of files, served by the real Dagster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dagster as dg

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

    def materialise(self, selection: dg.AssetSelection | None = None) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [one for one in self.definitions().assets or [] if isinstance(one, dg.AssetsDefinition)],
            selection=dg.AssetSelection.all() if selection is None else selection,
            instance=self.instance,
            raise_on_error=False,
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
