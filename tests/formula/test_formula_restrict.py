"""Metrics that count some records only: which fields and values may be gone over, and what becomes of the formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.errors import ProjectError
from okr_sync.formula import CompiledMetric, Moment, compile_metrics, write_sql
from okr_sync.measure.shapes import parameters
from okr_sync.project.each import Only, Scalar
from okr_sync.project.for_each import restricted_name
from okr_sync.project.metric import Metric
from okr_sync.project.model import Location

FIELDS = (
    Field("id", FieldType.TEXT),
    Field("team", FieldType.TEXT),
    Field("floor", FieldType.INTEGER),
    Field("size", FieldType.NUMBER),
    Field("is_new", FieldType.BOOLEAN),
    Field("opened_on", FieldType.DATE),
    Field("opened_at", FieldType.TIMESTAMP),
    Field("labels", FieldType.LIST),
    Field("mystery", FieldType.UNKNOWN),
)
STREAMS = {
    "desk.tickets": Stream("tickets", FIELDS, key=("id",)),
    "crm.deals": Stream("deals", (Field("id", FieldType.TEXT),), key=("id",)),
    "crm.notes": Stream("notes", (Field("id", FieldType.TEXT),), key=("id",), is_open=True),
}
LATE = Metric(stream="desk.tickets", where="floor = 1 or is_new", value="count(*)")


def restricted(
    metrics: Mapping[str, Metric], base: str, field: str, values: Sequence[Scalar]
) -> dict[str, CompiledMetric]:
    """All metrics, and `base` for the key result `kr` over the records with one of `values`."""
    only = Only(field, tuple(values), "kr", Location("okrs/a.yaml", 7), "key_results.late.for_each")
    return compile_metrics({**metrics, restricted_name(base, "kr"): metrics[base].restricted(base, only)}, STREAMS)


def condition(metric: CompiledMetric) -> str:
    return write_sql(metric.condition(parameters(metric)), "duckdb")


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("team", ["WEB"], "\"team\" = 'WEB'"),
        ("team", ["a' OR 1=1 --"], "\"team\" = 'a'' OR 1=1 --'"),
        ("team", ["WEB", "SEO"], "\"team\" IN ('WEB', 'SEO')"),
        ("floor", [0], '"floor" = 0'),
        ("floor", [-1, 2], '"floor" IN (-1, 2)'),
        ("is_new", [False], '"is_new" = FALSE'),
        ("mystery", ["x"], "\"mystery\" = 'x'"),
    ],
)
def test_a_value_is_compared_as_data(field: str, values: list[Scalar], expected: str) -> None:
    """A text stays a text whatever it holds, and a metric's own condition holds beside it."""
    made = restricted({"late": LATE}, "late", field, values)["late__kr"]
    assert condition(made) == f'("floor" = 1 OR "is_new") AND {expected}'
    assert made.fields == {"floor", "is_new", field}


def test_the_metric_as_written_stays() -> None:
    """What a template makes changes nothing of what it was made from."""
    metrics = restricted({"late": LATE}, "late", "team", ["WEB"])
    (alone,) = compile_metrics({"late": LATE}, STREAMS).values()
    assert condition(metrics["late"]) == condition(alone)
    assert metrics["late"].fields == alone.fields and metrics["late"].metric.only is None


def test_every_metric_below_is_restricted() -> None:
    """A ratio of two counts is one of two restricted counts, whose names stand in for theirs."""
    metrics = {
        "rate": Metric(value="half / 2 + all_of_them"),
        "half": Metric(value="late / all_of_them"),
        "late": LATE,
        "all_of_them": Metric(stream="desk.tickets", value="count(*)"),
    }
    made = restricted(metrics, "rate", "team", ["WEB"])
    assert made["rate__kr"].inputs == ("half__kr", "all_of_them__kr")
    assert made["half__kr"].inputs == ("late__kr", "all_of_them__kr")
    names = list(made)
    assert names.index("late__kr") < names.index("half__kr") < names.index("rate__kr")
    moment = Moment(parameters(made["late"]).as_of)
    assert '"late__kr"' in write_sql(made["half__kr"].value(moment), "duckdb")
    assert condition(made["all_of_them__kr"]) == "\"team\" = 'WEB'"
    assert made["half"].inputs == ("late", "all_of_them")


def test_a_stream_that_is_open_may_have_the_field() -> None:
    """Before the first sync nobody knows."""
    made = restricted({"notes": Metric(stream="crm.notes", value="count(*)")}, "notes", "team", ["WEB"])
    assert made["notes__kr"].fields == {"team"}


@pytest.mark.parametrize(
    ("metric", "field", "values", "message"),
    [
        (
            LATE,
            "tem",
            ["WEB"],
            "tem: stream desk.tickets, which metric late reads, has no field 'tem'; did you mean 'team'?",
        ),
        (
            LATE,
            "team",
            ["WEB", 12],
            "team: field team of desk.tickets, which metric late reads, is text, 12 is not; put it in quotes",
        ),
        (
            LATE,
            "floor",
            ["1"],
            "floor: field floor of desk.tickets, which metric late reads, is a number, '1' is not;"
            " write the values as a list, without quotes",
        ),
        (
            LATE,
            "floor",
            [True],
            "floor: field floor of desk.tickets, which metric late reads, is a number, true is not;"
            " write the values as a list, without quotes",
        ),
        (
            LATE,
            "is_new",
            [1],
            "is_new: field is_new of desk.tickets, which metric late reads, is true or false, 1 is not;"
            " write the values as a list, without quotes",
        ),
        (
            LATE,
            "opened_on",
            ["2026-10-01"],
            "opened_on: field opened_on of desk.tickets, which metric late reads, is a date;"
            " a template goes over text, numbers, true or false",
        ),
        (
            LATE,
            "labels",
            ["a"],
            "labels: field labels of desk.tickets, which metric late reads, is a list;"
            " a template goes over text, numbers, true or false",
        ),
        (Metric(value="1 / 2"), "team", ["WEB"], "team: metric late reads no records, so there is nothing to go over"),
    ],
)
def test_what_cannot_be_gone_over_is_refused(metric: Metric, field: str, values: list[Scalar], message: str) -> None:
    """The message names the stream, the metric that reads it, and what is allowed."""
    with pytest.raises(ProjectError) as caught:
        restricted({"late": metric}, "late", field, values)
    assert str(caught.value) == f"okrs/a.yaml:7: key_results.late.for_each.{message}"


def test_every_stream_below_needs_the_field() -> None:
    """One of two streams without it would count records of every team."""
    metrics = {
        "rate": Metric(value="late / deals"),
        "late": LATE,
        "deals": Metric(stream="crm.deals", value="count(*)"),
    }
    with pytest.raises(
        ProjectError, match=r"stream crm\.deals, which metric deals reads, has no field 'team'; known: id"
    ):
        restricted(metrics, "rate", "team", ["WEB"])
