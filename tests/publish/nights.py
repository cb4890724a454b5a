"""Nights of a small project, each at two in the morning of its day in November 2026 (UTC)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from okr_sync import pipeline, publishing
from okr_sync.publish.sending import Delivery
from okr_sync.publishing import WELL, RunEnd
from tests.loopback import Loopback

MAIN = """\
timezone: UTC
cycle: {name: autumn, start: 2026-10-01, end: 2029-06-26}
schedule: "0 2 * * *"
sources:
  desk:
    connector: files
    streams:
      tickets: {path: tickets.csv, key: id, fields: {status: text}}
  shop:
    connector: files
    streams:
      orders: {path: orders.csv, key: id, fields: {amount: integer}}
destinations:
  team: {url: "${TEAM_URL}", alerts: true, report: weekly}
"""
"""The cycle has 1,000 days: 10 November is the 41st, when 4.1 % is expected, so that no status hangs on the day."""
OBJECTIVES = {
    "service.yaml": """\
objective: Khách hàng được phục vụ *tốt* [hơn]_
id: service
key_results:
  - {id: solved, name: Giải quyết 10 ticket, metric: solved, target: 10}
metrics:
  solved: {stream: desk.tickets, value: count_if(status = 'solved')}
""",
    "sales.yaml": """\
objective: Sell more
id: sales
key_results:
  - {id: revenue, name: Sell for 80, metric: revenue, target: 80}
  - {id: orders, name: Take orders, metric: orders, target: 2}
metrics:
  revenue: {stream: shop.orders, value: sum(amount), trust: {max_move: 100%}}
  orders: {stream: shop.orders, value: count(*)}
""",
}
TICKETS = "id,status\n1,solved\n2,solved\n3,solved\n4,solved\n5,open\n"


def at(day: int) -> Callable[[], datetime]:
    return lambda: datetime(2026, 11, day, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Nights:
    """`night(11)` runs the night of 11 November and tells it; messages are those the chat was sent, in their order."""

    folder: Path
    chat: Loopback

    def night(self, day: int, end: RunEnd = WELL) -> list[Delivery]:
        self.run(day)
        return self.tell(day, end)

    def run(self, day: int) -> None:
        pipeline.run(self.folder, pipeline.SyncOptions(), clock=at(day))

    def tell(self, day: int, end: RunEnd = WELL) -> list[Delivery]:
        return publishing.alert(self.folder, end, clock=at(day))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def lose(self, name: str) -> str:
        """Take a file away; gives what was in it."""
        path = self.folder / name
        text = path.read_text("utf-8")
        path.unlink()
        return text

    @property
    def messages(self) -> list[dict[str, str]]:
        """With `title`, `message` and `type`."""
        return [json.loads(one.body) for one in self.chat.asked]

    def fates(self, deliveries: list[Delivery]) -> dict[str, str]:
        return {one.destination: one.fate.value for one in deliveries}
