"""The tables of docs/goals.md, row by row: what they say is what the code does.

What a row expects was worked out by hand when the page was written; `why` says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from okr_sync.progress import (
    Assessment,
    Goal,
    GoalError,
    check_goal,
    expected_progress,
    judge,
    met_count,
    written_goal,
)
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.key_result import KeyResult
from okr_sync.project.settings import StatusRules
from okr_sync.project.units import UnitError

PAGE = Path(__file__).parents[2] / "docs" / "goals.md"
CYCLE = Cycle("2027-A", date(2027, 1, 1), date(2027, 4, 10))
HALF_WAY = 50
MISSING = "–"


@dataclass(frozen=True)
class Row:
    """A row of a table by its headers, and the last block of YAML above the table."""

    line: int
    cells: Mapping[str, str]
    yaml: str


def _tables() -> Iterator[tuple[tuple[str, ...], Row]]:
    headers: tuple[str, ...] | None = None
    block: list[str] = []
    is_block = False
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if line.startswith("```"):
            is_block = line == "```yaml"
            block = [] if is_block else block
        elif is_block:
            block.append(line)
        elif not line.startswith("|"):
            headers = None
        elif headers is None:
            headers = _cells(line)
        elif not line.startswith("|---"):
            yield headers, Row(number, dict(zip(headers, _cells(line), strict=True)), "\n".join(block))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


ROWS = list(_tables())


def rows(*headers: str) -> pytest.MarkDecorator:
    """A test for every row of the tables that have these headers, with `why` or without."""
    found = [row for names, row in ROWS if names in (headers, (*headers, "why"))]
    assert found, f"no table has the headers {headers}"
    READ.update(row.line for row in found)
    return pytest.mark.parametrize("row", found, ids=lambda row: f"line {row.line}")


READ: set[int] = set()
"""The lines of the page that some test checks."""


def nth(day_number: int) -> date:
    return CYCLE.start + timedelta(days=day_number - 1)


def key_result(text: str) -> KeyResult:
    """Of the goal in a cell or a block of YAML."""
    text = text.strip("`")
    fields = yaml.safe_load(text if "\n" in text else f"{{{text}}}")
    metric = {} if {"done", "milestones", "all_of"} & fields.keys() else {"metric": "m"}
    return KeyResult.model_validate({"id": "a", "name": "A", **metric, **_with_plus(fields, text)})


def _with_plus(fields: dict[str, Any], text: str) -> dict[str, Any]:
    """`+60` stays text in project files; the YAML of the standard library makes it a number."""
    signed = re.search(r"target: (\+\d+)(?=[,}]|$)", text)
    if signed is not None:
        fields["target"] = signed[1]
    planned = re.search(r"by: \{\S+: (\+\d+)\}", text)
    if planned is not None:
        fields["by"] = dict.fromkeys(fields["by"], planned[1])
    return fields


def goal_of(text: str, unit: str | None = None, baseline: float | None = None) -> Goal:
    one = key_result(text)
    unit = "percent" if unit is None and "%" in text.partition("pace")[0] else unit
    for fields in one.goals:
        check_goal(fields, unit)
    return written_goal(one, [unit] * len(one.goals)).with_baselines([baseline] * len(one.goals))


def number(cell: str) -> float | None:
    return None if cell == MISSING else float(cell)


def share(cell: str) -> float | None:
    """`40 %` is 0.4, `no data` none; to the two decimals that the page shows."""
    return None if cell == "no data" else pytest.approx(float(cell.removesuffix(" %")) / 100, abs=5e-5)


def by_day(cell: str) -> dict[date, float | None]:
    """`3, 1 ×98`: a value for each day from the first one on."""
    values: list[float | None] = []
    for part in cell.split(", "):
        value, _, times = part.partition(" ×")
        values += [number(value)] * int(times or 1)
    return {nth(day): value for day, value in enumerate(values, 1)}


def stand(goal: Goal, values: list[dict[date, float | None]], day: date) -> Assessment:
    return judge(goal, values, CYCLE, day, StatusRules())


def now(goal: Goal, cell: str, day_number: int = HALF_WAY) -> Assessment:
    """With one value, which for a goal to keep is that of every day so far."""
    days = range(1, day_number + 1) if goal.kind is GoalKind.KEEP else [day_number]
    return stand(goal, [{nth(day): number(cell) for day in days}], nth(day_number))


@rows("goal", "unit", "value", "progress")
def test_progress(row: Row) -> None:
    """How far along a value is."""
    goal = goal_of(row.cells["goal"], row.cells["unit"])
    assert now(goal, row.cells["value"]).progress == share(row.cells["progress"])


@rows("change", "unit", "leads to")
def test_changes(row: Row) -> None:
    """Where a change leads from 200, or from 20 % where the metric is in percent; or it is refused."""
    unit, expected = row.cells["unit"], row.cells["leads to"]
    baseline = 0.2 if unit == "percent" else 200.0
    goal = f"baseline: {baseline}, target: '{row.cells['change'].strip('`')}'"
    if expected == "refused":
        with pytest.raises(ValueError, match=r"."):
            goal_of(goal, unit)
    else:
        assert goal_of(goal, unit).target == pytest.approx(float(expected))


@rows("goal", "unit", "from", "to")
def test_targets_of_measured_baselines(row: Row) -> None:
    """From which value to which a goal goes, given what was measured for its baseline."""
    unit, expected = row.cells["unit"], row.cells["to"]
    text = row.cells["goal"]
    measured = number(row.cells["from"])
    if expected == "refused":
        with pytest.raises(UnitError):
            goal_of(text, unit, measured)
    elif expected == "no goal" and measured is not None:
        with pytest.raises(GoalError):
            goal_of(text, unit, measured)
    elif expected != "no goal":  # a baseline without a value is the pipeline's: test_goals_baselines.py
        goal = goal_of(text, unit, measured)
        assert (goal.baseline, goal.target) == (measured, pytest.approx(float(expected)))


@rows("goal", "total", "day", "progress", "status")
def test_totals(row: Row) -> None:
    """Where a total stands on a day, against 200 in the cycle before."""
    day, value = nth(int(row.cells["day"])), number(row.cells["total"])
    goal = written_goal(key_result(row.cells["goal"]), [None], [True]).with_baselines([200.0])
    found = stand(goal, [{day: value}], day)
    assert (found.progress, found.status) == (share(row.cells["progress"]), row.cells["status"])


@rows("goal", "day", "expected")
def test_expected_progress(row: Row) -> None:
    """Where the plan is at the end of a day."""
    found = expected_progress(goal_of(row.cells["goal"]), CYCLE, nth(int(row.cells["day"])))
    assert found == share(row.cells["expected"])


@rows("goal", "unit", "said")
def test_goals_that_are_refused(row: Row) -> None:
    """What a goal that makes no sense is answered with."""
    with pytest.raises(ValueError, match=row.cells["said"]):
        goal_of(row.cells["goal"], row.cells["unit"])


@rows("goal", "value", "day", "status")
def test_status(row: Row) -> None:
    """The status that a value has on a day."""
    found = now(goal_of(row.cells["goal"], "number"), row.cells["value"], int(row.cells["day"]))
    assert found.status == row.cells["status"]


@rows("goal", "value", "holds")
def test_bounds(row: Row) -> None:
    """Whether a value lies within the bounds."""
    value = number(row.cells["value"])
    assert value is not None
    assert goal_of(row.cells["goal"]).is_held(value) is {"yes": True, "no": False}[row.cells["holds"]]


@rows("goal", "value by day", "progress", "status")
def test_keep(row: Row) -> None:
    """The share of days on which a goal held, as the last of them ends."""
    values = by_day(row.cells["value by day"])
    found = stand(goal_of(row.cells["goal"]), [values], max(values))
    assert (found.progress, found.status) == (share(row.cells["progress"]), row.cells["status"])


@rows("done", "day", "progress", "expected", "status")
def test_milestones(row: Row) -> None:
    """What is done on a day, and what is expected."""
    goal, day = goal_of(row.yaml), nth(int(row.cells["day"]))
    done = row.cells["done"].split(", ")
    held = [None if f"{part.label}: no data" in done else float(part.label in done) for part in goal.parts]
    found = stand(goal, [{day: one} for one in held], day)
    assert (found.progress, found.expected_progress, found.status) == (
        share(row.cells["progress"]),
        share(row.cells["expected"]),
        row.cells["status"],
    )
    if None not in held:
        assert met_count(goal, held) == (0 if row.cells["done"] == MISSING else len(done))


@rows("first by day", "second by day", "progress", "expected", "value", "status")
def test_all_of(row: Row) -> None:
    """Two goals in one, as the last of the days ends."""
    goal = goal_of(row.yaml)
    values = [by_day(row.cells["first by day"]), by_day(row.cells["second by day"])]
    day = max(values[0])
    found = stand(goal, values, day)
    assert (found.progress, found.expected_progress, found.status) == (
        share(row.cells["progress"]),
        share(row.cells["expected"]),
        row.cells["status"],
    )
    assert met_count(goal, [days[day] for days in values]) == number(row.cells["value"])


def test_every_table_is_checked() -> None:
    """A table that no test reads could go stale; what people write is the only one without expectations."""
    unread = {headers for headers, row in ROWS if row.line not in READ}
    assert unread == {("you want", "write")}


def _blocks() -> list[str]:
    return re.findall(r"```yaml\n(key_results:.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", _blocks())
def test_examples_are_good(block: str) -> None:
    """What the page tells people to write can be read."""
    text = re.sub(r": (\+[\d%]+)", r": '\1'", block)
    assert [KeyResult.model_validate(one).id for one in yaml.safe_load(text)["key_results"]] == [
        "listings",
        "revenue",
        "late",
        "launch",
        "service",
    ]
