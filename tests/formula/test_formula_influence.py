"""How much of a difference each figure makes: by hand, and in no order."""

from __future__ import annotations

import pytest

from okr_sync.connector import FieldType
from okr_sync.formula import NotSplit, figures_of, influence
from tests.formula.relations import compile_metric

FIELDS = {"x": FieldType.NUMBER, "y": FieldType.NUMBER}


@pytest.mark.parametrize(
    ("formula", "values", "before", "after", "slopes"),
    [
        ("count(*)", [(3, 5)], 3, 5, [1]),
        ("sum(x) - 2 * sum(y)", [(3, 5), (1, 4)], 1, -3, [1, -2]),
        ("-sum(x) / 4", [(3, 5)], -0.75, -1.25, [-0.25]),
        ("sum(x) * sum(y)", [(2, 4), (10, 20)], 20, 80, [15, 3]),  # means of 10 and 20, of 2 and 4
        ("sum(x) / sum(y)", [(2, 6), (4, 8)], 0.5, 0.75, [0.1875, -0.125]),  # mean of 1/4, 1/8; of 2/-32 and 6/-32
        ("avg(x)", [(2, 6), (4, 8)], 0.5, 0.75, [0.1875, -0.125]),
        ("coalesce(sum(x), 0)", [(None, 6)], 0, 6, [1]),
        ("round(sum(x) / 2)", [(3, 7)], 2, 4, [0.5]),  # from 1.5 to 3.5 by 2
        ("abs(sum(x))", [(-3, 1)], 3, 1, [-0.5]),
        ("100 * count(*) / nullif(sum(y), 0)", [(1, 2), (4, 4)], 25, 50, [25, -9.375]),  # 150 / 4 / 4
    ],
)
def test_by_hand(
    formula: str, values: list[tuple[float | None, float | None]], before: float, after: float, slopes: list[float]
) -> None:
    """Slopes times changes are the difference, to the last digit."""
    figures = figures_of(compile_metric(FIELDS, formula))
    given = dict(zip((one.name for one in figures.each), values, strict=True))
    found = influence(figures, given)
    assert (found.before, found.after) == (before, after)
    assert [found.slopes[one.name] for one in figures.each] == slopes
    changes = [(new or 0) - (old or 0) for old, new in values]
    assert sum(slope * change for slope, change in zip(slopes, changes, strict=True)) == after - before


@pytest.mark.parametrize(
    ("formula", "values", "why"),
    [
        ("sum(x)", [(None, 3)], "sum(x) has no data"),
        ("sum(x) / sum(y)", [(1, 2), (0, 3)], "sum(y) is 0"),
        ("case when sum(x) > 1 then 1 else 0 end", [(1, 2)], "is more than sums"),
        ("greatest(sum(x), 1)", [(1, 2)], "greatest is more than sums"),
    ],
)
def test_what_is_not_split(formula: str, values: list[tuple[float | None, float | None]], why: str) -> None:
    """No data, nothing to divide by, and formulas that jump: the reason is said."""
    figures = figures_of(compile_metric(FIELDS, formula))
    with pytest.raises(NotSplit) as refused:
        influence(figures, dict(zip((one.name for one in figures.each), values, strict=True)))
    assert why in str(refused.value)
