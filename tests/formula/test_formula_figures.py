"""A formula with numbers in the places of what they stand for, so that people can do the arithmetic."""

from __future__ import annotations

import pytest

from okr_sync.connector import FieldType
from okr_sync.formula import compile_metrics, figures_of, written
from okr_sync.project.metric import Metric
from tests.formula.relations import compile_metric

FIELDS = {"score": FieldType.NUMBER, "status": FieldType.TEXT, "made_at": FieldType.TIMESTAMP}


@pytest.mark.parametrize(
    ("formula", "numbers", "expected"),
    [
        ("100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*)", "45 12 80", "100 * (45 - 12) / 80"),
        ("avg(score)", "150 40", "150 / 40"),
        ("2 * avg(score)", "150 40", "2 * (150 / 40)"),
        ("share(status = 'Done')", "3 24", "3 / 24"),
        ("count(*) / count(*)", "7", "7 / 7"),
        ("round(sum(score) / 3, 1)", "10", "round(10 / 3, 1)"),
        ("coalesce(sum(score), 0)", "none", "coalesce(none, 0)"),
        ("case when count(*) > 9 then 1 else 0 end", "10", "case when 10 > 9 then 1 else 0 end"),
        ("days(max(made_at), as_of())", "then", "days(then, now)"),
        ("median(score)", "5", "5"),
    ],
)
def test_formula_in_numbers(formula: str, numbers: str, expected: str) -> None:
    """Each aggregate is one number, once; a mean and a share are a sum and a count."""
    figures = figures_of(compile_metric(FIELDS, formula))
    shown = dict(zip((one.name for one in figures.each), numbers.split(), strict=True))
    assert figures.in_numbers(shown, "now") == expected


def test_metrics_over_metrics() -> None:
    """A metric over metrics is made of their values."""
    given = {"a": Metric(value="2"), "b": Metric(value="3"), "c": Metric(value="100 * a / (a + b)")}
    figures = figures_of(compile_metrics(given, {})["c"])
    assert [one.name for one in figures.each] == ["a", "b"]
    assert figures.in_numbers({"a": "2", "b": "3"}, "") == "100 * 2 / (2 + 3)"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("not (status = 'Done') and score is not null", ["not (status = 'Done')", "score is not null"]),
        ("status IN ('AND', 'x') or score is null", ["status in ('AND', 'x') or score is null"]),
        ("(score > 1 and score < 3) and status like 'A%'", ["(score > 1 and score < 3)", "status like 'A%'"]),
    ],
)
def test_conditions_as_written(where: str, expected: list[str]) -> None:
    """The conditions that must all hold, each as people write it."""
    metric = compile_metric(FIELDS, "count(*)", where=where)
    assert [written(one) for one in metric.where_parts] == expected
