"""The examples of docs/cycles.md: what the page shows, loads."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from okr_sync.workspace import open_workspace

PAGE = Path(__file__).parents[2] / "docs" / "cycles.md"
_BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.M | re.S)


def test_examples_of_the_page_on_cycles(tmp_path: Path) -> None:
    """Read from the top, the project is right after every example, and is what the page says in the end."""
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == PAGE.read_text("utf-8").count("```yaml")
    for name, text in blocks:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        workspace = open_workspace(tmp_path, lambda: datetime(2026, 11, 10, tzinfo=UTC))
    project = workspace.project
    days = {
        day: [one.name for one in project.cycles_at(date.fromisoformat(day))] for day in ("2026-11-10", "2027-02-01")
    }
    assert days == {"2026-11-10": ["2026-Q4", "2026"], "2027-02-01": ["2027-Q1", "2027", "Tết 2027"]}
    assert [one.id for one in project.objectives_on(date(2026, 11, 10))] == ["sales", "company"]
    assert {event.name for metric in workspace.metrics.values() for event in metric.events} == set(project.events)
