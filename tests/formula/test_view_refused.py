"""What views refuse, by cases: `view_refused.yaml` holds the exact message and the text it underlines.

Below: what is refused of views together, and of metrics over views whose rows repeat something.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any

import pytest
import yaml

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.errors import Problem, ProjectError
from okr_sync.formula import CompiledView, compile_metrics, compile_views, view, with_versions
from okr_sync.formula.refusal import Refused
from okr_sync.formula.view.parse import parse_select
from okr_sync.formula.view.read import Around, read_query
from okr_sync.formula.view.relation import relation_of
from okr_sync.formula.view.shape import check_shape
from okr_sync.project.metric import Metric, View

CASES: list[dict[str, str]] = yaml.safe_load(Path(__file__).with_name("view_refused.yaml").read_text("utf-8"))


def fields(**types: str) -> tuple[Field, ...]:
    """A number may have a unit behind its type."""
    split = {name: type_.partition(" in ") for name, type_ in types.items()}
    return tuple(Field(name, FieldType(type_), unit=unit or None) for name, (type_, _, unit) in split.items())


STREAMS = with_versions(
    {
        "crm.deals": Stream(
            "deals",
            fields(
                id="text",
                client="text",
                pipeline="text",
                is_won="boolean",
                amount="number",
                closed_at="timestamp",
                owner="text",
            ),
            key=("id",),
        ),
        "crm.clients": Stream(
            "clients",
            fields(id="text", name="text", tier="text", value="number", signed_on="date", fee="number in VND"),
            key=("id",),
        ),
        "help.tickets": Stream(
            "tickets",
            fields(
                id="text",
                client_id="text",
                status="text",
                hours="number",
                cost="number in USD",
                created_at="timestamp",
                first_replied_at="timestamp",
            ),
            key=("id",),
        ),
    }
)


def compiled(**views: str | dict[str, Any]) -> dict[str, CompiledView]:
    """Views by name; a text is a select."""
    models = {name: View(select=one) if isinstance(one, str) else View(**one) for name, one in views.items()}
    return compile_views(models, STREAMS)


def problems_of(**views: str | dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(ProjectError) as caught:
        compiled(**views)
    return caught.value.problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["select"])
def test_refused(case: Mapping[str, str]) -> None:
    """A select that is not allowed is refused in words a person can act on, with the offence underlined."""
    (problem,) = problems_of(it=case["select"])
    assert f"{problem.message}\n{problem.excerpt}".strip() == case["refused"].strip()
    assert problem.field == "views.it.select"


def test_every_refusal_has_a_case() -> None:
    """Every line that refuses a select is reached by a case."""
    reached = {_refused_at(case["select"]) for case in CASES} | {_refused_at(nested(30))}
    refusals = [
        (path.name, node.lineno, node.end_lineno or node.lineno)
        for path in sorted(Path(view.__file__).parent.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise) and "Refused" in ast.unparse(node)
    ]
    missing = [one for one in refusals if not any((one[0], line) in reached for line in range(one[1], one[2] + 1))]
    assert not missing, f"write a case in view_refused.yaml for what is refused at {missing}"


def _refused_at(select: str) -> tuple[str, int]:
    """The file and the line that refuse a select."""
    relations = {name: relation_of(name, stream) for name, stream in STREAMS.items()}
    with pytest.raises(Refused) as caught:
        tree = parse_select(select)
        check_shape(tree)
        read_query("it", tree, Around(relations))
    frame, line = list(walk_tb(caught.tb))[-1]
    return Path(frame.f_code.co_filename).name, line


def test_loop() -> None:
    """Views that are made of each other are one problem that shows the way round."""
    (problem,) = problems_of(
        a="select x from b", b="select x from c", c="select x from a", d="select id from crm.deals"
    )
    assert problem.message == "views are made of each other: a -> b -> c -> a; one of them must read streams alone"


def test_view_of_itself() -> None:
    """A view that reads itself is a loop as well."""
    (problem,) = problems_of(a="select id from a")
    assert problem.message == "views are made of each other: a -> a; one of them must read streams alone"


def nested(depth: int) -> str:
    return "select id from (" * depth + "select id from crm.deals" + ") as x" * depth


def test_absurd_nesting() -> None:
    """Selects inside of each other beyond all reason are refused like any other, and do not break the program."""
    for depth, message in ((30, "selects stand inside of each other too deeply"), (3000, "this is nested too deeply")):
        (problem,) = problems_of(it=nested(depth))
        assert problem.message.startswith(message)


def test_every_view_is_read() -> None:
    """One run shows the problems of all views, and none that only follows from another's."""
    problems = problems_of(
        above="select total from below", below="select sum(amont) as total from crm.deals", c="select"
    )
    assert [problem.field for problem in problems] == ["views.below.select", "views.c.select"]


def test_key_that_is_not_given() -> None:
    """A declared key is made of fields of the select."""
    (problem,) = problems_of(it={"select": "select client from crm.deals", "key": "clint"})
    assert (problem.field, problem.message) == (
        "views.it.key",
        "the select gives no field 'clint'; did you mean 'client'?",
    )


@pytest.mark.parametrize(
    ("select", "key", "unproven"),
    [
        ("select client, count(*) as n from crm.deals group by client", "client", ()),
        ("select client, count(*) as n from crm.deals group by client", ["client", "n"], ()),
        ("select client, owner from crm.deals", "client", ("client",)),
        ("select client, owner, count(*) as n from crm.deals group by client, owner", "client", ("client",)),
        ("select client, amount from crm.deals where id = 'd1'", "client", ()),
        ("select id, client from crm.deals where id = 'd1'", "client", ()),
        ("select t.id, c.id as client from help.tickets t join crm.clients c on c.id = t.client_id", "id", ()),
        ("select t.id, c.id as client from help.tickets t join crm.clients c on c.id = t.client_id", "client",
         ("client",)),
    ],
)  # fmt: skip
def test_declared_key(select: str, key: str | list[str], unproven: tuple[str, ...]) -> None:
    """A declared key is proven by the select where it can be; else the data must show it."""
    assert compiled(it={"select": select, "key": key})["it"].unproven_key == unproven


JOINED = (
    "select t.id, t.hours, c.id as client, c.tier, c.value from help.tickets t join crm.clients c on c.id = t.client_id"
)
REMEDY = (
    "add up before the join, in a view of its own, and join that; min, max and count(distinct x) count nothing twice"
)
ROW_OF_C = "a row of c stands there once for each row of t that it meets"
TWICE = (
    "select c.id, c.value, t.id as ticket, t.hours from crm.clients c left join help.tickets t on t.client_id = c.id"
)
IN_GROUPS = "groups are made by it, and one value of it may stand in several of them"


@pytest.mark.parametrize(
    ("select", "value", "message"),
    [
        (JOINED, "sum(value)", f"sum would count 'value' more than once: {ROW_OF_C}; {REMEDY}"),
        (JOINED, "avg(value)", f"avg would count 'value' more than once: {ROW_OF_C}; {REMEDY}"),
        (JOINED, "median(value + 1)", f"median would count 'value' more than once: {ROW_OF_C}; {REMEDY}"),
        (JOINED, "count(client)", f"count would count 'client' more than once: {ROW_OF_C}; {REMEDY}"),
        (JOINED, "100 * sum(value) / count(*)", f"sum would count 'value' more than once: {ROW_OF_C}; {REMEDY}"),
        (TWICE, "count(*)", f"count(*) would count more than once: {ROW_OF_C}; write count(distinct id), or declare"
         " what a row is: key: in the view"),
        (TWICE, "count_if(ticket is null)", "a left join keeps rows in which ticket is unknown, and count_if would"
         " count them too; write ticket is not null and ..."),
        (TWICE, "avg(coalesce(hours, 0))", "a left join keeps rows in which ticket is unknown, and avg would count"
         " them too; write case when ticket is not null then ... end"),
        ("select client, owner, sum(amount) as total from crm.deals group by client, owner", "count(client)",
         f"count would count 'client' more than once: {IN_GROUPS}; {REMEDY}"),
        ("select id, sum(amount) over (partition by client) as total from crm.deals", "sum(total)",
         f"sum would count 'total' more than once: sum(...) over (...) gives one number to many rows; {REMEDY}"),
        ("select a.id, b.amount from crm.deals a join crm.deals b on a.client = b.client", "sum(amount)",
         f"sum would count 'amount' more than once: a row of b stands there once for each row of a that it meets;"
         f" {REMEDY}"),
        (f"select id, value from ({JOINED}) as x", "sum(value)",
         f"sum would count 'value' more than once: {ROW_OF_C}; {REMEDY}"),
    ],
)  # fmt: skip
def test_metric_that_would_count_twice(select: str, value: str, message: str) -> None:
    """A value that a view repeats is not added up by a metric over it either."""
    views = compiled(it=select)
    with pytest.raises(ProjectError) as caught:
        compile_metrics({"m": Metric(stream="it", value=value)}, {"it": views["it"].relation}, views)
    (problem,) = caught.value.problems
    assert (problem.field, problem.message) == ("metrics.m.value", message)


@pytest.mark.parametrize(
    ("select", "values"),
    [
        (JOINED, ["count(*)", "sum(hours)", "avg(hours * value)", "max(value)", "count(distinct client)",
                  "share(tier = 'gold')", "count_if(tier = 'gold')", "sum(case when tier = 'gold' then hours end)",
                  "last(value, id)", "sum(hours) / max(value)"]),
        (TWICE, ["count(ticket)", "sum(hours)", "sum(coalesce(hours, 0))", "count_if(hours > 2)", "max(value)",
                 "count_if(ticket is not null and hours is null)", "count(distinct id)"]),
        ("select client, sum(amount) as total, share(is_won) as won from crm.deals group by client",
         ["avg(won)", "sum(total)", "count(*)", "count(client)", "share(won > 0.5)"]),
        ("select id, amount / sum(amount) over (partition by client) as part from crm.deals", ["sum(part)"]),
    ],
)  # fmt: skip
def test_metrics_that_count_once(select: str, values: list[str]) -> None:
    """What each row has of its own may be added up; what repeats may be taken where repeating changes nothing."""
    views = compiled(it=select)
    metrics = {f"m{number}": Metric(stream="it", value=value) for number, value in enumerate(values)}
    assert len(compile_metrics(metrics, {"it": views["it"].relation}, views)) == len(values)


def test_declared_key_says_what_a_row_is() -> None:
    """Who declares the key of a view says what its rows are, and may count them."""
    views = compiled(it={"select": TWICE, "key": "ticket"})
    compile_metrics({"m": Metric(stream="it", value="count(*)")}, {"it": views["it"].relation}, views)


def test_streams_below() -> None:
    """A metric over a view knows the streams below it, with the fields that are read, versions included."""
    views = compiled(
        work="select id, status, hours(valid_from, coalesce(valid_to, as_of())) as hours from help.tickets.versions",
        rich="select w.hours, c.value from work w"
        " join help.tickets t on t.id = w.id join crm.clients c on c.id = t.client_id",
    )
    relations = {**STREAMS, **{name: view.relation for name, view in views.items()}}
    metric = compile_metrics({"m": Metric(stream="rich", value="sum(hours)")}, relations, views)["m"]
    assert [view.name for view in metric.views] == ["work", "rich"]
    assert metric.reads == {"help.tickets": {"id", "status", "client_id"}, "crm.clients": {"id", "value"}}
    over_versions = Metric(stream="help.tickets.versions", where="status = 'open'", value="count(valid_to)")
    assert compile_metrics({"m": over_versions}, relations)["m"].reads == {"help.tickets": {"status"}}
