"""What a warehouse's engine cannot compute is refused when the project is loaded."""

from __future__ import annotations

import pytest

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.errors import ProjectError
from okr_sync.formula import compile_metrics, compile_views
from okr_sync.measure.writable import check_dialect
from okr_sync.project.metric import Metric, View

STREAM = Stream(
    "t", (Field("id", FieldType.TEXT), Field("tags", FieldType.LIST), Field("n", FieldType.NUMBER)), ("id",)
)
WHY = "last of a list is not available in postgres: arrays of unlike length do not go into one; pick a text or a number"


def test_every_formula_that_the_engine_cannot_compute_is_named() -> None:
    """A list at one end of an order is refused for PostgreSQL, in a metric and in a view, and is fine for DuckDB."""
    views = compile_views(
        {"v": View(select="select id, n, last(tags, n) as tags from a.t group by id, n")}, {"a.t": STREAM}
    )
    metrics = compile_metrics(
        {
            "bad": Metric(stream="a.t", value="case when contains(last(tags, n), 'x') then 1 end"),
            "good": Metric(stream="a.t", value="last(n, n)"),
        },
        {"a.t": STREAM},
    )
    check_dialect(metrics.values(), views.values(), "duckdb")
    with pytest.raises(ProjectError) as caught:
        check_dialect(metrics.values(), views.values(), "postgres")
    assert [(one.field, one.message) for one in caught.value.problems] == [
        ("metrics.bad.value", WHY),
        ("views.v.select", WHY),
    ]
