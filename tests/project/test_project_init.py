"""The project that `okr-sync init` writes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from connectors.files import Files
from okr_sync.errors import OkrSyncError
from okr_sync.project.goals import GoalKind
from okr_sync.project.init import write_template
from okr_sync.project.lint import lint
from okr_sync.project.load import load

FILES = ("data/tickets.csv", "okr-sync.yaml", "okrs/example.yaml")


def test_a_new_project_is_good_at_once(tmp_path: Path) -> None:
    """It has a key result of each kind, its records, and nothing to warn of; the folder is made."""
    folder = tmp_path / "new" / "project"
    assert write_template(folder) == [folder / name for name in FILES]
    project = load(folder, {"files": Files})
    assert lint(project) == []
    kinds = [one.goal_kind for objective in project.objectives for one in objective.key_results]
    assert kinds == [GoalKind.MOVE, GoalKind.KEEP, GoalKind.REACH]
    with (folder / "data/tickets.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 30


def test_the_windows_of_a_new_project_never_empty(tmp_path: Path) -> None:
    """Its records stay what they are, so every window covers all of them."""
    write_template(tmp_path)
    windows = [str(metric.window) for metric in load(tmp_path, {"files": Files}).metrics.values()]
    assert windows == ["all", "all", "all"]


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_overwritten(name: str, tmp_path: Path) -> None:
    """One file that is there already stops everything, before anything is written."""
    present = tmp_path / name
    present.parent.mkdir(parents=True, exist_ok=True)
    present.write_text("mine")
    with pytest.raises(OkrSyncError, match=r"nothing was written, since .* exists already; name another folder"):
        write_template(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [present]
    assert present.read_text() == "mine"


def test_a_folder_with_other_files_is_fine(tmp_path: Path) -> None:
    """A fresh repository has some."""
    (tmp_path / "README.md").write_text("mine")
    assert len(write_template(tmp_path)) == 3


def test_a_file_in_the_folder_s_place_is_named(tmp_path: Path) -> None:
    """The system's own reason is part of the message."""
    (tmp_path / "project").write_text("mine")
    with pytest.raises(OkrSyncError, match="cannot be written: Not a directory; name another folder"):
        write_template(tmp_path / "project")
