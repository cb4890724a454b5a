"""What the formula language refuses, by cases: `refused.yaml` holds the exact message and the text it underlines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from okr_sync.errors import ProjectError
from okr_sync.formula import compile_metrics
from okr_sync.formula.reference import EXAMPLE_STREAM
from okr_sync.project.model import Metric

CASES: list[dict[str, str]] = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text(encoding="utf-8"))


def refused(**parts: Any) -> ProjectError:
    """The error that one metric over the example stream raises; a part that is not given is fine."""
    metric = Metric.model_validate({"value": "count(*)", "stream": "jira.issues", **parts})
    with pytest.raises(ProjectError) as caught:
        compile_metrics({"it": metric}, {"jira.issues": EXAMPLE_STREAM})
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: next(iter(case.values())))
def test_refused(case: dict[str, str]) -> None:
    """A formula that is not allowed is refused in words a person can act on, with the offence underlined."""
    part, text = next(iter(case.items()))
    (problem,) = refused(**{part: text}).problems

    assert f"{problem.message}\n{problem.excerpt}".strip() == case["refused"].strip()
    assert problem.field == f"metrics.it.{part}"


def test_every_part_is_read() -> None:
    """The value, `where` and `time` of a metric are all checked, so that one run shows every problem."""
    problems = refused(value="sum(pints)", where="stats = 'Done'", time="key").problems
    assert [problem.field for problem in problems] == ["metrics.it.value", "metrics.it.where", "metrics.it.time"]


@pytest.mark.parametrize("value", ["(" * 2000 + "1" + ")" * 2000, " + ".join(["1"] * 2000)])
def test_absurd_nesting(value: str) -> None:
    """A formula nested beyond all reason is refused like any other, and does not break the program."""
    (problem,) = refused(value=value).problems
    assert problem.message == "this is nested too deeply; list values with in (...), make parts metrics of their own"


@pytest.mark.parametrize(
    ("value", "declared", "message"),
    [
        ("avg(hours(created_at, resolved_at))", "days", "the formula gives hours, unit says days; use days(a, b)"),
        ("avg(days(created_at, due_on))", "hours", "the formula gives days, unit says hours; use hours(a, b)"),
        (
            "max(hours(created_at, as_of()))",
            "percent",
            "the formula gives hours, unit says percent; write unit: hours, or leave unit out",
        ),
        (
            "1 - share(points > 1)",
            "VND",
            "the formula gives percent, unit says VND; write unit: percent, or leave unit out",
        ),
    ],
)
def test_refused_units(value: str, declared: str, message: str) -> None:
    """A unit that the formula does not give is refused where it is declared."""
    (problem,) = refused(value=value, unit=declared).problems
    assert problem.field == "metrics.it.unit"
    assert problem.message == message
    assert problem.excerpt == f"  {value}\n  {'^' * len(value)}"
