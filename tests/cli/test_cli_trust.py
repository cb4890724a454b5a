"""Gates of a whole project, and what a value that is withheld says of the one that stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.example import OkrSync, edit

GATE = "trust: {min_count: 5}\n"


def key_results(okr_sync: OkrSync, project: Path, day: str) -> dict[str, dict[str, Any]]:
    said = json.loads(okr_sync("status", "--project", project, "--as-of", day, "--json").out)
    return {one["id"]: one for one in said["objectives"][0]["key_results"]}


def gated(project: Path) -> None:
    """From now on every metric must rest on five records; there are four."""
    path = project / "okr-sync.yaml"
    path.write_text(GATE + path.read_text("utf-8"), "utf-8")


def test_gates_of_the_project_hold_for_every_metric(okr_sync: OkrSync, project: Path) -> None:
    """But for one that writes its own, or writes that it has none."""
    gated(project)
    edit(project / "okrs" / "help.yaml", "value: count(*)}", "value: count(*), trust: {min_count: 4}}")
    edit(project / "okrs" / "help.yaml", "unit: percent}", "unit: percent, trust: {min_count: null}}")
    assert okr_sync("run", "--project", project, "--as-of", "2025-02-09").code == 5
    found = {name: one["status"] for name, one in key_results(okr_sync, project, "2025-02-09").items()}
    assert (found["reopened"], found["wait"]) == ("withheld", "withheld")
    assert "withheld" not in (found["opened"], found["late"])


def test_withheld_value_says_since_when_the_last_one_stands(okr_sync: OkrSync, project: Path) -> None:
    """The day of the last trusted value, however many days it was withheld since, with that value and why."""
    assert okr_sync("run", "--project", project, "--as-of", "2025-02-07").code == 0
    gated(project)
    for day in ("2025-02-08", "2025-02-09"):
        assert okr_sync("run", "--no-sync", "--project", project, "--as-of", day).code == 5
        found = key_results(okr_sync, project, day)["opened"]
        assert (found["status"], found["value"]) == ("withheld", 4)
        assert found["reason"] == ("the value rests on 4 records, at least 5 are needed; the value of 7 Feb stays")


@pytest.mark.parametrize("move", ["5", "2h"])
def test_bound_of_a_move_fits_every_unit(okr_sync: OkrSync, project: Path, move: str) -> None:
    """A number means something in one unit alone."""
    path = project / "okr-sync.yaml"
    path.write_text(f"trust: {{max_move: {move}}}\n" + path.read_text("utf-8"), "utf-8")
    said = okr_sync("check", "--project", project)
    assert (said.code, "write a share, such as 50%" in said.err) == (3, True)
