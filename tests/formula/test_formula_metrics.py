"""Metrics together: metrics over metrics, their order and units, loops, unknown streams, conditions of key results."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pytest
from sqlglot import exp

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.errors import Problem, ProjectError
from okr_sync.formula import CompiledMetric, Moment, compile_condition, compile_filter, compile_metrics, unknown_stream
from okr_sync.formula.reference import EXAMPLE_STREAM
from okr_sync.project.located import Location
from okr_sync.project.metric import Metric

STREAMS = {"jira.issues": EXAMPLE_STREAM, "jira.sprints": EXAMPLE_STREAM, "crm.deals": EXAMPLE_STREAM}
HERE = Location("okrs/delivery.yaml", 7)
MOMENT = Moment(exp.column("as_of"))


def over_stream(value: str, unit: str | None = None) -> Metric:
    return Metric(value=value, stream="jira.issues", unit=unit)


def compiled(**metrics: Metric | str) -> dict[str, CompiledMetric]:
    """Metrics by name; a text is a metric over metrics."""
    models = {name: Metric(value=metric) if isinstance(metric, str) else metric for name, metric in metrics.items()}
    return compile_metrics(models, STREAMS)


def problems_of(metrics: Mapping[str, Metric], streams: Mapping[str, Stream] = STREAMS) -> tuple[Problem, ...]:
    with pytest.raises(ProjectError) as caught:
        compile_metrics(metrics, streams)
    return caught.value.problems


def test_compiled_metric() -> None:
    """A compiled metric says what it reads and what it gives."""
    metric = compile_metrics(
        {
            "late": Metric(
                value="share(resolved_at > due_on)",
                stream="jira.issues",
                where="lower(status) <> 'duplicate'",
                time="created_at",
            )
        },
        STREAMS,
    )["late"]
    assert (metric.name, metric.stream, metric.inputs) == ("late", "jira.issues", ())
    assert metric.fields == {"resolved_at", "due_on", "status", "created_at"}
    assert (metric.type, metric.unit) == (FieldType.NUMBER, "percent")


def test_inputs_come_first() -> None:
    """Metrics come in an order in which they can be computed, whatever their order in the files."""
    metrics = compiled(
        rate="renewed / due", twice="rate * 2", renewed=over_stream("count(*)"), due=over_stream("count(*)")
    )
    order = list(metrics)
    assert sorted(order) == ["due", "rate", "renewed", "twice"]
    assert order.index("rate") > max(order.index("renewed"), order.index("due"))
    assert order.index("twice") > order.index("rate")
    assert metrics["rate"].inputs == ("renewed", "due")
    assert metrics["rate"].fields == frozenset()


@pytest.mark.parametrize(
    ("formula", "inputs", "value"),
    [
        ("a / b", (3, 4), 0.75),
        ("a / b", (3, 0), None),
        ("a / b", (0, 4), 0),
        ("a / b", (None, 4), None),
        ("coalesce(a, 0) + b", (None, 4), 4),
        ("case when a is null then -1 else round(a / b, 1) end", (2, 3), 0.7),
        ("100 * greatest(a, b)", (None, 2), 200),
    ],
)
def test_value_over_metrics(
    database: duckdb.DuckDBPyConnection, formula: str, inputs: tuple[float | None, float | None], value: float | None
) -> None:
    """A metric over metrics is computed from a relation with its inputs as columns; no data stays no data."""
    metric = compiled(a=over_stream("sum(points)"), b=over_stream("sum(points)"), it=formula)["it"]
    assert metric.condition(MOMENT).sql("duckdb") == "TRUE"
    sql = f"SELECT {metric.value(MOMENT).sql('duckdb')} FROM (SELECT $1::DOUBLE AS a, $2::DOUBLE AS b)"
    assert database.execute(sql, inputs).fetchone() == (value,)


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("avg(hours(created_at, resolved_at))", "hours"),
        ("median(days(created_at, due_on))", "days"),
        ("share(points > 1)", "percent"),
        ("1 - share(points > 1)", "percent"),
        ("round(coalesce(avg(hours(created_at, resolved_at)), 0), 1)", "hours"),
        ("case when count(*) > 5 then max(hours(created_at, resolved_at)) end", "hours"),
        ("last(days(created_at, resolved_at), created_at)", "days"),
        ("-avg(abs(days(created_at, resolved_at)))", "days"),
        ("avg(hours(created_at, resolved_at)) + sum(hours(created_at, resolved_at))", "hours"),
        ("24 * avg(days(created_at, resolved_at))", None),
        ("avg(hours(created_at, resolved_at)) / 24", None),
        ("avg(hours(created_at, resolved_at)) / max(hours(created_at, resolved_at))", None),
        ("100 * share(points > 1)", None),
        ("sum(points)", None),
        ("count(*)", None),
    ],
)
def test_inferred_unit(formula: str, unit: str | None) -> None:
    """A unit lasts as long as the value measures the same thing."""
    assert compiled(it=over_stream(formula))["it"].unit == unit


@pytest.mark.parametrize("unit", ["percent", "number", "count", "points", "minutes", "VND"])
def test_declared_unit(unit: str) -> None:
    """A declared unit holds where the formula gives none."""
    assert compiled(it=over_stream("sum(points) / count(*)", unit))["it"].unit == unit


def test_unit_of_inputs() -> None:
    """A metric over metrics takes the units of its inputs; a count and points are plain numbers to each other."""
    metrics = compiled(
        waited=over_stream("sum(points)", "hours"),
        worked=over_stream("avg(hours(created_at, resolved_at))"),
        tickets=over_stream("count(*)", "count"),
        points=over_stream("sum(points)", "points"),
        total="waited + worked",
        both="tickets + points",
        each="total / tickets",
    )
    assert {name: metrics[name].unit for name in ("total", "both", "each")} == {
        "total": "hours",
        "both": None,
        "each": "hours",
    }


def test_units_that_do_not_go_together() -> None:
    """Metrics of different units are not added."""
    (problem,) = problems_of(
        {
            "a": over_stream("sum(points)", "VND"),
            "b": over_stream("sum(points)", "USD"),
            "it": Metric(value="a + b"),
        }
    )
    assert problem.message == "'+' needs values of one unit; this is in USD, not in VND"


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("renewd / due", "there is no metric 'renewd'; did you mean 'renewed'?"),
        (
            "count(*)",
            "count does not go here: without a stream a formula is made of other metrics;"
            " name the stream whose records this runs over",
        ),
        ("due > 3", "a metric needs a number; this is true or false; write case when condition then 1 else 0 end"),
        ("due = 'x'", "'=' needs values of one kind; this is text, not a number; what stands in quotes is text"),
    ],
)
def test_refused_over_metrics(formula: str, message: str) -> None:
    """A formula over metrics knows metrics and functions of single values only."""
    (problem,) = problems_of(
        {"renewed": over_stream("count(*)"), "due": over_stream("count(*)"), "it": Metric(value=formula)}
    )
    assert problem.message == message


@pytest.mark.parametrize(
    ("metrics", "messages"),
    [
        ({"a": "a + 1"}, ["a -> a"]),
        ({"a": "b", "b": "a"}, ["a -> b -> a"]),
        ({"a": "b", "b": "c", "c": "a"}, ["a -> b -> c -> a"]),
        ({"x": "a", "a": "b", "b": "a"}, ["a -> b -> a"]),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, ["a -> b -> a", "c -> d -> c"]),
    ],
)
def test_loops(metrics: dict[str, str], messages: list[str]) -> None:
    """Metrics made of each other are one problem that names the loop; those beside the loop add none."""
    problems = problems_of({name: Metric(value=value) for name, value in metrics.items()})
    assert [problem.message for problem in problems] == [
        f"metrics are made of each other: {loop}; one of them needs a stream" for loop in messages
    ]


def test_a_problem_is_reported_once() -> None:
    """What is made of a metric that has a problem adds no problem of its own."""
    (problem,) = problems_of({"it": Metric(value="bad / 2"), "bad": over_stream("sum(pints)")})
    assert problem.field == "metrics.bad.value"


def test_every_problem_in_file_order() -> None:
    """All problems come at once, in the order of the files and not in that of the computation."""
    problems = problems_of(
        {
            "ratio": Metric(value="late / tottal"),
            "late": over_stream("count_if(resolvd_at > due_on)"),
            "total": over_stream("cuont(*)"),
        }
    )
    assert [problem.field for problem in problems] == [
        "metrics.ratio.value",
        "metrics.late.value",
        "metrics.total.value",
    ]


def test_place_of_a_problem() -> None:
    """A problem names file, line and field, and shows the line of the formula with the offence underlined."""
    metric = over_stream("count_if(resolvd_at > due_on)\n  / count(*)")
    metric._places["value"] = Location("okrs/delivery.yaml", 12)
    (problem,) = problems_of({"late": metric})
    assert str(problem) == (
        "okrs/delivery.yaml:12: metrics.late.value:"
        " stream jira.issues has no field 'resolvd_at'; did you mean 'resolved_at'?\n"
        "  count_if(resolvd_at > due_on)\n"
        "           ^^^^^^^^^^"
    )


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ("jra.issues", "there is no source 'jra'; did you mean 'jira'?"),
        ("jira.isues", "source 'jira' has no stream 'isues'; did you mean 'issues'?"),
        ("jira.tickets", "source 'jira' has no stream 'tickets'; known: issues, sprints"),
        ("jira", "source 'jira' has no stream ''; known: issues, sprints"),
    ],
)
def test_unknown_stream(stream: str, message: str) -> None:
    """An unknown source is told from an unknown stream of a known one."""
    (problem,) = problems_of({"it": Metric(value="count(*)", stream=stream)})
    assert (problem.field, problem.message) == ("metrics.it.stream", message)
    assert unknown_stream(stream, STREAMS) == message


def test_formulas_over_an_unknown_stream() -> None:
    """Formulas over an unknown stream are still read, as far as they do not depend on it."""
    problems = problems_of({"it": Metric(value="cuont(*)", stream="jira.isues", where="name = 1 +")})
    assert [problem.field for problem in problems] == ["metrics.it.stream", "metrics.it.value", "metrics.it.where"]


def test_open_stream() -> None:
    """A stream that was not described yet lets every name through, and still checks what it declares."""
    stream = Stream("nps", (Field("answered_on", FieldType.DATE),), key=(), is_open=True)
    streams = {"docs.nps": stream}
    metric = Metric(value="avg(score) + max(hours(sent, answered_on))", stream="docs.nps", where="is_ok", time="day")
    compiled_metric = compile_metrics({"nps": metric}, streams)["nps"]
    assert compiled_metric.fields == {"score", "sent", "answered_on", "is_ok", "day"}
    (problem,) = problems_of({"nps": Metric(value="sum(answered_on)", stream="docs.nps")}, streams)
    assert problem.message == "sum needs a number; this is a date"


def test_names_that_sql_reserves() -> None:
    """A field may be called anything: names are quoted in SQL, and only the words of the language need quotes here."""
    stream = Stream("x", tuple(Field(name, FieldType.NUMBER) for name in ("date", "end", "giờ", 'a"b')), key=())
    metric = Metric(value='sum(date) + sum("end") + sum(Giờ) + sum("a""b")', stream="x.x")
    value = compile_metrics({"it": metric}, {"x.x": stream})["it"].value(MOMENT)
    assert value.this.sql("duckdb") == 'SUM("date") + SUM("end") + SUM("giờ") + SUM("a""b")'


@pytest.mark.parametrize(
    ("text", "values", "is_done"),
    [
        ("nps >= 45 and late <= 0.1", (45, 0.1), True),
        ("nps >= 45 and late <= 0.1", (44.9, 0.1), False),
        ("nps >= 45 and late <= 0.1", (None, 0.05), None),
        ("nps >= 45 and late <= 0.1", (None, 0.5), False),  # not done, whatever the other one is
        ("nps is not null", (None, 0), False),
        ("coalesce(nps, 0) > 0 or late = 0", (None, 0), True),
    ],
)
def test_condition_over_metrics(
    database: duckdb.DuckDBPyConnection, text: str, values: tuple[float | None, float | None], is_done: bool | None
) -> None:
    """A condition over metrics is true, false, or unknown where a value that matters has no data."""
    metrics = compiled(nps=over_stream("sum(points)"), late=over_stream("share(points > 1)"))
    condition = compile_condition(text, metrics, HERE, "done")
    sql = f"SELECT {condition.expression().sql('duckdb')} FROM (SELECT $1::DOUBLE AS nps, $2::DOUBLE AS late)"
    assert database.execute(sql, values).fetchone() == (is_done,)


def test_inputs_of_a_condition() -> None:
    """A condition names the metrics it reads, each once."""
    metrics = compiled(a=over_stream("count(*)"), b=over_stream("count(*)"), c=over_stream("count(*)"))
    assert compile_condition("c > 1 and a > 2 and c < 9", metrics, HERE, "done").inputs == ("c", "a")


@pytest.mark.parametrize(
    ("text", "message", "underlined"),
    [
        ("nps", "done needs true or false; this is a number", "nps"),
        ("npss > 45", "there is no metric 'npss'; did you mean 'nps'?", "npss"),
        ("as_of() > '2026-12-01'", "as_of() does not go here: done looks at values, not at the calendar", "as_of()"),
        ("nps > waited", "'>' needs values of one unit; this is in hours, not in percent", "waited"),
    ],
)
def test_refused_conditions(text: str, message: str, underlined: str) -> None:
    """A refused condition names its place and underlines the offence."""
    metrics = compiled(nps=over_stream("share(points > 1)"), waited=over_stream("sum(points)", "hours"))
    with pytest.raises(ProjectError) as caught:
        compile_condition(text, metrics, HERE, "key_results.nps.done")
    margin = " " * text.index(underlined)
    excerpt = f"  {text}\n  {margin}{'^' * len(underlined)}"
    assert caught.value.problems == (Problem("okrs/delivery.yaml:7", "key_results.nps.done", message, excerpt),)


def test_filter() -> None:
    """A filter is a condition on single records, and knows its fields and the instant."""
    found = compile_filter("status = 'Done' and due_on < as_of()", "jira.issues", EXAMPLE_STREAM, HERE, "where")
    assert found.stream == "jira.issues"
    assert found.fields == {"status", "due_on"}
    assert found.expression(MOMENT).sql("duckdb") == '"status" = \'Done\' AND "due_on" < CAST(as_of AS DATE)'


def test_refused_filter() -> None:
    """A filter that is none is refused at its place."""
    with pytest.raises(ProjectError) as caught:
        compile_filter("points + 1", "jira.issues", EXAMPLE_STREAM, HERE, "initiatives.1.where")
    assert str(caught.value) == (
        "okrs/delivery.yaml:7: initiatives.1.where: where needs true or false; this is a number\n"
        "  points + 1\n"
        "  ^^^^^^^^^^"
    )
