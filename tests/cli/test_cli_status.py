"""What `status` prints, for machines and for people."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.example import DAY, OkrSync, edit

KEYS = (
    *("id", "name", "value", "unit", "baseline", "target", "progress", "expected_progress", "status", "reason"),
    *("as_of", "record_count", "definition", "forecast", "roll_up", "members", "check_in", "override"),
    "is_provisional",
)
NUMBERS = {
    # 1 of 4 is late: 0.25, half of the way from 0.5 to 0; the plan is at 40 of 100 days
    "late": (0.25, "percent", 0.5, 0.0, 0.5, 0.4, "on track", 4),
    # 4 of 8
    "opened": (4, None, None, 8, 0.5, 0.4, "on track", 4),
    # zero is a value
    "reopened": (0, None, None, 8, 0.0, 0.4, "at risk", 4),
    # (1 + 2 + 3) / 3 = 2 hours; a mean of at most 2 on every day since the first ticket
    "wait": (2.0, "hours", None, 2.0, 1.0, 1.0, "on track", 4),
    # no call was ever made
    "calls": (None, "hours", 3.0, 1.0, None, 0.4, "no data", 0),
}
"""Worked out by hand: value, unit, baseline, target, progress, expected progress, status, records."""


@pytest.fixture
def project_warehouse(warehouse_url: str) -> str:
    return warehouse_url


@pytest.fixture
def stored(okr_sync: OkrSync, project: Path) -> dict[str, Any]:
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    said = okr_sync("status", "--project", project, "--as-of", DAY, "--json")
    assert (said.code, said.err) == (0, "")
    content: dict[str, Any] = json.loads(said.out)
    return content


def test_status_json_has_exactly_the_keys_of_the_contract(stored: dict[str, Any]) -> None:
    """Machines read these keys, in this order, and no others."""
    (objective,) = stored["objectives"]

    assert list(stored) == ["as_of", "cycle", "objectives", "kpis", "closed"]
    assert list(objective) == [
        *("id", "name", "cycle", "carry_over", "progress", "status", "key_results"),
        *("parent", "weight", "initiatives"),
    ]
    assert {tuple(one) for one in objective["key_results"]} == {KEYS}


def test_status_json_has_numbers_in_the_unit_of_the_metric(stored: dict[str, Any]) -> None:
    """A percentage is a fraction, zero is 0, and missing is null."""
    (objective,) = stored["objectives"]

    for one in objective["key_results"]:
        value, unit, baseline, target, progress, expected, status, record_count = NUMBERS[one["id"]]
        assert one["value"] == value, one["id"]
        assert (one["unit"] or "number", one["baseline"]) == (unit or one["unit"] or "number", baseline)
        assert (one["target"], one["status"], one["record_count"]) == (target, status, record_count)
        assert one["progress"] == (None if progress is None else pytest.approx(progress))
        assert one["expected_progress"] == pytest.approx(expected)
        assert one["as_of"] == DAY
        assert isinstance(one["definition"], str) and isinstance(one["reason"], str)


def test_status_json_of_an_objective_counts_what_is_known(stored: dict[str, Any]) -> None:
    """Its progress is the mean of the four that have data, (0.5 + 0.5 + 0 + 1) / 4, its status their worst."""
    (objective,) = stored["objectives"]

    assert (stored["as_of"], stored["cycle"]) == (DAY, "spring")
    assert (objective["id"], objective["name"]) == ("help", "Khách hàng được trả lời nhanh")
    assert (objective["cycle"], objective["carry_over"]) == ("spring", None)
    assert objective["progress"] == pytest.approx(0.5)
    assert objective["status"] == "at risk"


@pytest.mark.usefixtures("stored")
def test_status_says_goals_briefly(okr_sync: OkrSync, project: Path) -> None:
    """A goal shows its unit once, and what is missing is a dash."""
    out = okr_sync("status", "--project", project, "--as-of", DAY).out

    assert re.search(r"Giảm tỷ lệ trễ +25 % +50 % → 0 % ", out)
    assert re.search(r"Count the tickets +4 +0 → 8 ", out)
    assert re.search(r"Wait little +2 hours +≤ 2 hours ", out)
    assert re.search(r"Short calls +– +3 → 1 hours .* – +no data", out)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("width", [80, 120])
def test_status_fits_the_terminal(
    okr_sync: OkrSync, project: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line is wider than the window, and every bar begins in the same column."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = okr_sync("status", "--project", project, "--as-of", DAY).out.splitlines()

    assert max(map(len, lines)) <= width
    assert len({re.search("[█░]", line).start() for line in lines if re.search("[█░]", line)}) == 1  # type: ignore[union-attr]


def test_percentages_of_bar_and_reason_agree(okr_sync: OkrSync, project: Path) -> None:
    """Both round down: 2 of 3 is 66 %, never 67 %."""
    text = (project / "okrs" / "help.yaml").read_text("utf-8")
    (project / "okrs" / "help.yaml").write_text(text.replace("metric: opened, target: 8", "metric: opened, target: 6"))
    okr_sync("run", "--project", project, "--as-of", DAY)
    out = okr_sync("status", "--project", project, "--as-of", DAY).out

    assert re.search(r"Count the tickets .* 66 % +on track\s+progress 66 % where 40 %", out)


def test_status_before_the_first_run_says_what_to_do(okr_sync: OkrSync, project: Path) -> None:
    """A project without results is no error."""
    said = okr_sync("status", "--project", project, "--as-of", DAY)

    assert (said.code, said.err) == (0, "")
    assert "compute it with okr-sync run" in said.out


def test_status_of_a_goal_that_was_another_one(okr_sync: OkrSync, project: Path) -> None:
    """Progress stands beside the goal it was computed for, and the reason says that the goal is another one now."""
    okr_sync("run", "--project", project, "--as-of", DAY)
    edit(project / "okrs" / "help.yaml", "baseline: 50%, target: 0%", "baseline: 50%, target: 20%")
    said = okr_sync("status", "--project", project, "--as-of", DAY).out
    (row, reason) = [" ".join(line.split()) for line in said.splitlines() if "trễ" in line or "changed since" in line]
    assert "50 % → 0 %" in row
    assert reason == "progress 50 % where 40 % is expected by 9 Feb; its definition has changed since"
