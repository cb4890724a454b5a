"""What a value is made of: sums that add up, and quotients of them."""

from __future__ import annotations

import pytest

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import Parts, Term, compile_metrics, parts_of
from okr_sync.project.metric import Metric

STREAM = Stream("tasks", (Field("id", FieldType.TEXT), Field("points", FieldType.INTEGER)), key=("id",))


def parts(**values: str) -> Parts | None:
    """Of the last of these metrics; one that names others is over them."""
    names = set(values)
    given = {
        name: Metric(value=value) if names & set(value.replace("(", " ").replace(")", " ").split()) - {name}
        else Metric(value=value, stream="desk.tasks")
        for name, value in values.items()
    }  # fmt: skip
    return parts_of(list(values)[-1], compile_metrics(given, {"desk.tasks": STREAM}))


def shown(found: Parts | None) -> tuple[float, str, str] | None:
    """The factor, and the sums above and below as they would be written."""
    if found is None:
        return None
    sums = [" ".join(map(_shown_term, terms)) for terms in (found.over, found.under)]
    return found.factor, sums[0], sums[1]


def _shown_term(term: Term) -> str:
    text = term.metric.value_tree.sql().lower().replace('"', "")
    return f"{term.factor:+g} {text}"


@pytest.mark.parametrize(
    ("value", "made_of"),
    [
        ("count(*)", (1, "+1 count(*)", "")),
        ("count_if(points > 2)", (1, "+1 count_if(points > 2)", "")),
        ("sum(points) - 2 * count(*)", (1, "+1 sum(points) - 2 * count(*)", "")),
        ("coalesce(sum(points), 0)", (1, "+1 coalesce(sum(points), 0)", "")),
        ("avg(points)", (1, "+1 sum(points)", "+1 count(points)")),
        ("share(points > 2)", (1, "+1 count_if(points > 2)", "+1 count(points > 2)")),
        ("sum(points) / count(*)", (1, "+1 sum(points)", "+1 count(*)")),
        ("100 * count_if(points > 2) / count(*)", (100, "+1 count_if(points > 2)", "+1 count(*)")),
        ("100 * (count_if(points > 2) / count(*))", (100, "+1 count_if(points > 2)", "+1 count(*)")),
        ("share(points > 2) * 100", (100, "+1 count_if(points > 2)", "+1 count(points > 2)")),
        ("count(distinct points)", None),
        ("median(points)", None),
        ("max(points)", None),
        ("count(*) + 1", None),
        ("avg(points) + avg(points)", None),
        ("count(*) * count(*)", None),
        ("coalesce(sum(points), 1)", None),
        ("round(avg(points), 1)", None),
    ],
)
def test_value_over_records(value: str, made_of: tuple[float, str, str] | None) -> None:
    """Counts and sums add up, with their sums, differences and multiples; shares, means and divisions are quotients."""
    assert shown(parts(x=value)) == made_of


@pytest.mark.parametrize(
    ("value", "made_of"),
    [
        ("a", (1, "+1 count(*)", "")),
        ("a + b", (1, "+1 count(*) +1 sum(points)", "")),
        ("a - b", (1, "+1 count(*) -1 sum(points)", "")),
        ("b / a", (1, "+1 sum(points)", "+1 count(*)")),
        ("100 * b / a", (1, "+100 sum(points)", "+1 count(*)")),
        ("( b - a ) / ( 2 * a )", (1, "+1 sum(points) -1 count(*)", "+2 count(*)")),
        ("c", (1, "+1 sum(points)", "+1 count(points)")),
        ("c / a", None),
        ("a * b", None),
        ("a + 1", None),
    ],
)
def test_value_over_metrics(value: str, made_of: tuple[float, str, str] | None) -> None:
    """A formula over metrics is made of what these are made of."""
    assert shown(parts(a="count(*)", b="sum(points)", c="avg(points)", x=value)) == made_of


@pytest.mark.parametrize(
    ("value", "is_count"),
    [
        ("count(*)", True),
        ("count_if(points > 1) + count(*)", True),
        ("sum(points)", False),
        ("2 * count(*)", False),
        ("share(points > 1)", False),
    ],
)
def test_counts_are_told_from_sums(value: str, is_count: bool) -> None:
    """Whole points added up are no count of records, nor is a count of pairs."""
    found = parts(x=value)
    assert found is not None
    assert found.is_count == is_count
