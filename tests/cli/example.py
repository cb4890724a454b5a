"""A project over one small file, whose numbers can be worked out by hand, and how a command ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("okr-sync")
DAY = "2025-02-09"
"""The 40th of the cycle's 100 days."""

SETTINGS = """\
timezone: Asia/Ho_Chi_Minh
cycle: {name: spring, start: 2025-01-01, end: 2025-04-10}
sources:
  desk:
    connector: files
    streams:
      tickets: {path: tickets.csv, key: id, fields: {id: text, opened_on: date, hours: number, state: text}}
"""
TICKETS = """\
id,opened_on,hours,state
A,2025-01-10,1,late
B,2025-01-20,2,done
C,2025-02-01,3,done
D,2025-02-05,,done
"""
OBJECTIVE = """\
objective: Khách hàng được trả lời nhanh
id: help
key_results:
  - {id: late, name: Giảm tỷ lệ trễ, metric: late_share, baseline: 50%, target: 0%}
  - {id: opened, name: Count the tickets, metric: opened, target: 8}
  - {id: reopened, name: None came back, metric: reopened, target: 8}
  - {id: wait, name: Wait little, metric: wait, at_most: 2h}
  - {id: calls, name: Short calls, metric: call_hours, baseline: 3h, target: 1h}
metrics:
  late_share: {stream: desk.tickets, time: opened_on, value: count_if(state = 'late') / count(*), unit: percent}
  opened: {stream: desk.tickets, time: opened_on, value: count(*)}
  reopened: {stream: desk.tickets, time: opened_on, value: count_if(state = 'reopened')}
  wait: {stream: desk.tickets, time: opened_on, value: avg(hours), unit: hours}
  call_hours: {stream: desk.tickets, where: state = 'call', time: opened_on, value: avg(hours), unit: hours}
"""


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


OkrSync = Callable[..., Said]


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that must be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
