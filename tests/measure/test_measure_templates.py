"""A template's key results are answered together: one scan, and each the same answer as alone."""

from __future__ import annotations

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import CompiledMetric, compile_metrics
from okr_sync.measure import measure
from okr_sync.measure.shapes import shapes
from okr_sync.project.each import Only, Scalar
from okr_sync.project.for_each import restricted_name
from okr_sync.project.metric import Metric
from okr_sync.project.model import Location
from okr_sync.warehouse import Warehouse
from tests.measure.answers import ISSUES, Answers, evening, issue

TEAMS = [f"team {number}" for number in range(50)]
POINTS = Metric(stream="jira.issues", where="status = 'x'", value="sum(points)")


def template(field: str, values: list[Scalar], metrics: dict[str, Metric], base: str) -> dict[str, CompiledMetric]:
    """`base` for each of the values, compiled with all that it rests on."""
    made = {}
    for number, value in enumerate(values):
        only = Only(field, (value,), f"kr_{number}", Location("-", 0), "")
        made[restricted_name(base, f"kr_{number}")] = metrics[base].restricted(base, only)
    return compile_metrics({**metrics, **made}, {"jira.issues": ISSUES})


def of_template(compiled: dict[str, CompiledMetric]) -> list[CompiledMetric]:
    return [one for one in compiled.values() if one.metric.only is not None and one.stream is not None]


def test_a_template_is_one_query() -> None:
    """Fifty teams are one scan of the stream, grouped by team."""
    compiled = template("team", list(TEAMS), {"points": POINTS}, "points")
    (shape,) = shapes(of_template(compiled), "duckdb")
    assert (len(shape.members), shape.fields) == (50, ("status", "team"))


def test_a_template_over_metrics_is_one_query_for_each_of_them() -> None:
    """A ratio reads its two counts, however many teams there are."""
    metrics = {
        "rate": Metric(value="done / everything"),
        "done": Metric(stream="jira.issues", where="status = 'x'", value="count(*)"),
        "everything": Metric(stream="jira.issues", value="count(*)"),
    }
    assert len(shapes(of_template(template("team", list(TEAMS), metrics, "rate")), "duckdb")) == 2


def test_numbers_and_conditions_share_a_query_too() -> None:
    """What is gone over need not be text."""
    stream = Stream(
        "t", (Field("id", FieldType.TEXT), Field("n", FieldType.INTEGER), Field("b", FieldType.BOOLEAN)), ("id",)
    )
    for field, values in (("n", (0, 1, -1)), ("b", (True, False))):
        made = {
            f"m__{number}": Metric(stream="a.t", value="count(*)").restricted(
                "m", Only(field, (value,), str(number), Location("-", 0), "")
            )
            for number, value in enumerate(values)
        }
        compiled = compile_metrics({"m": Metric(stream="a.t", value="count(*)"), **made}, {"a.t": stream})
        assert len(shapes(of_template(compiled), "duckdb")) == 1


def test_together_is_the_same_as_alone(warehouse: Warehouse) -> None:
    """A team without records has no sum and a count of 0, also beside teams that have some."""
    of_a = [issue("1", team="A", points=3.0, status="x"), issue("3", team="A", points=5.0, status="y")]
    others = [issue("2", team="B", points=0.0, status="x"), issue("4", points=7.0, status="x")]
    answers = Answers(warehouse, [*of_a, *others])
    compiled = template("team", ["A", "B", "C"], {"points": POINTS}, "points")
    with answers.history(compiled) as history:
        (values,) = measure(compiled, history, [evening(10)])
    found = [values[restricted_name("points", f"kr_{number}")] for number in range(3)]
    assert [(one.value, one.record_count) for one in found] == [(3.0, 1), (0.0, 1), (None, 0)]
    assert values["points"].value == 10.0  # the one without a team counts there, and for no team
