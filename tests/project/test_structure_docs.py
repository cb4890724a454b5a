"""The page on structure: every example of it is a project that loads."""

from __future__ import annotations

import re
from pathlib import Path

from okr_sync.project.lint import lint
from okr_sync.workspace import open_workspace

PAGE = Path(__file__).parents[2] / "docs" / "structure.md"
FIELDS = {
    "id": "text",
    "project": "text",
    "team": "text",
    "issue_type": "text",
    "epic_key": "text",
    "status_category": "text",
    "score": "number",
    "reopen_count": "integer",
    "due_at": "timestamp",
    "resolved_at": "timestamp",
}
SETTINGS = f"""\
cycles: {{starts: [jan, apr, jul, oct]}}
sources:
  jira: {{connector: files, streams: {{issues: {{path: issues.csv, key: id, fields: {FIELDS}}}}}}}
"""


def test_the_examples_load_together(tmp_path: Path) -> None:
    """They fit one another, and give the ids that the page names."""
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(SETTINGS.replace("'", ""), "utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for number, example in enumerate(examples):
        (tmp_path / "okrs" / f"{number}.yaml").write_text(example, "utf-8")
    workspace = open_workspace(tmp_path)
    key_results = {one.id for objective in workspace.project.objectives for one in objective.key_results}
    assert {"late_by_team", "late_by_team_web", "sla_doi_web", "sla_seo", "sla_japan", "reopened"} <= key_results
    assert [(one.id, one.parent) for one in workspace.project.objectives if one.parent] == [("web_team", "company")]
    assert list(workspace.ranges) == ["uptime", "open_issues"]
    assert list(workspace.completions) == [(None, "standards", "Chuẩn hoá checklist")]
    assert len(examples) == 6
    assert [one for one in lint(workspace.project) if one.code != "kr-count"] == []
