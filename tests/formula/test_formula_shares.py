"""Which values are parts of a whole."""

from __future__ import annotations

import pytest

from okr_sync.connector import FieldType
from okr_sync.formula import is_share
from tests.formula.relations import compile_metric

FIELDS = {"won": FieldType.BOOLEAN, "client": FieldType.TEXT, "n": FieldType.INTEGER}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("share(won)", True),
        ("count_if(won) / count(*)", True),
        ("(count_if(won) / count(*))", True),
        ("count(distinct case when won then client end) / count(distinct client)", True),
        ("count(case when won then n end) / count(n)", True),
        ("count(*) / count_if(won)", False),
        ("count_if(won) / count(distinct client)", False),
        ("count(distinct case when won then client end) / count(distinct n)", False),
        ("count(distinct case when won then client else 'x' end) / count(distinct client)", False),
        ("count(distinct client) / count(distinct client)", False),
        ("sum(n) / count(*)", False),
        ("1 + share(won)", False),
        ("count(*)", False),
    ],
)
def test_share(value: str, expected: bool) -> None:
    """A share is known by how it is written; whatever might leave 0 to 1 is none."""
    assert is_share(compile_metric(FIELDS, value)) is expected
