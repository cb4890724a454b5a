"""The page on key results: every example of it loads by itself, over the sources of the demo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from okr_sync.sandbox import Agency
from okr_sync.sandbox.demo import write_demo_project
from okr_sync.workspace import open_workspace
from tests.sandbox.clients import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "key-results.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
VARIABLES = ("JIRA_BASE_URL", "ZENDESK_URL", "HUBSPOT_URL", "BETTERSTACK_URL")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.findall(r"id: (\w+)|(\w+): {name", text)[0][0])
def test_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str) -> None:
    """It is a whole file of a project: with an objective above it, nothing is missing or misspelt."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "https://agency.example")
    folder = tmp_path / "demo"
    write_demo_project(folder, Agency.grow(1, NOW, 0, 0, 0))
    for path in (folder / "okrs").iterdir():
        path.unlink()
    missing = "" if example.startswith("key_results") else "key_results: []\n"
    (folder / "okrs" / "page.yaml").write_text(f"objective: Đi đến nơi\nid: page\n{missing}{example}", "utf-8")
    workspace = open_workspace(folder, lambda: NOW)
    (objective,) = workspace.project.objectives
    assert all(workspace.streams_read(one) for one in objective.counted)
    assert workspace.metrics


def test_every_example_is_tested() -> None:
    """The page has no YAML beside these."""
    assert len(EXAMPLES) == PAGE.count("```yaml") == 16
