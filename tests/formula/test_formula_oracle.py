"""Random formulas over random records: DuckDB gives what a naive reading of the same formula in Python gives.

Numbers are halves and denominators powers of two, so that no sum depends on its order.
"""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula import Moment
from tests.formula.relations import compile_metric, create_relation, value_of_all

Record = dict[str, Any]
Term = tuple[str, Callable[[Any], Any]]
"""A part of a formula: its text, and what it means for one record, or for all."""

FIELDS = {"a": FieldType.INTEGER, "b": FieldType.NUMBER, "p": FieldType.BOOLEAN, "s": FieldType.TEXT}
MOMENT = Moment(exp.column("as_of"))
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
COMPARISONS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">=": operator.ge}

records = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3),
        st.none() | st.sampled_from([-2.0, -0.5, 0.0, 0.5, 4.0]),
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)


def field(name: str) -> Term:
    return name, lambda record: record[name]


def constant(value: float) -> Term:
    return f"({value:g})", lambda _: value


def combine(sign: str, left: Term, right: Term) -> Term:
    """Arithmetic: unknown with anything is unknown, and so is anything by 0."""

    def meaning(record: Any) -> Any:
        a, b = left[1](record), right[1](record)
        return None if a is None or b is None or (sign == "/" and b == 0) else OPERATORS[sign](a, b)

    return f"({left[0]} {sign} {right[0]})", meaning


def compare(sign: str, left: Term, right: Term) -> Term:
    def meaning(record: Any) -> Any:
        a, b = left[1](record), right[1](record)
        return None if a is None or b is None else COMPARISONS[sign](a, b)

    return f"({left[0]} {sign} {right[0]})", meaning


def connect(word: str, left: Term, right: Term) -> Term:
    """`and` is false if one side is false, `or` true if one is true, whatever the other; else unknown wins."""
    decisive = word == "or"

    def meaning(record: Any) -> Any:
        sides = (left[1](record), right[1](record))
        return decisive if decisive in sides else None if None in sides else not decisive

    return f"({left[0]} {word} {right[0]})", meaning


def negate(term: Term) -> Term:
    return f"(not {term[0]})", lambda record: None if term[1](record) is None else not term[1](record)


def is_null(term: Term) -> Term:
    return f"({term[0]} is null)", lambda record: term[1](record) is None


def choose(condition: Term, yes: Term, no: Term) -> Term:
    text = f"case when {condition[0]} then {yes[0]} else {no[0]} end"
    return text, lambda record: yes[1](record) if condition[1](record) else no[1](record)


def coalesce(first: Term, second: Term) -> Term:
    text = f"coalesce({first[0]}, {second[0]})"
    return text, lambda record: second[1](record) if first[1](record) is None else first[1](record)


def greatest(first: Term, second: Term) -> Term:
    def meaning(record: Any) -> Any:
        return max((v for v in (first[1](record), second[1](record)) if v is not None), default=None)

    return f"greatest({first[0]}, {second[0]})", meaning


def aggregate(name: str, term: Term, meaning: Callable[[list[Any]], Any]) -> Term:
    """An aggregate leaves out unknown values."""
    return f"{name}({term[0]})", lambda all_: meaning([v for v in map(term[1], all_) if v is not None])


def of_any(meaning: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    return lambda values: meaning(values) if values else None


def share(values: list[Any]) -> Any:
    return sum(values) / len(values)


divisors = st.sampled_from([field("b"), constant(0), constant(2), constant(-0.5)])


def conditions_to(depth: int) -> st.SearchStrategy[Term]:
    """Conditions nested up to `depth` deep: bounded, so that generating them never runs out of room."""
    numbers = numbers_to(depth - 1)
    flat = st.one_of(
        st.just(field("p")),
        st.builds(compare, st.sampled_from([*COMPARISONS]), numbers, numbers),
        st.builds(compare, st.sampled_from(["=", "<>"]), st.just(field("s")), st.just(("'x'", lambda _: "x"))),
        st.builds(is_null, numbers | st.just(field("s"))),
    )
    if depth <= 0:
        return flat
    inner = conditions_to(depth - 1)
    connected = st.builds(connect, st.sampled_from(["and", "or"]), inner, inner)
    return st.one_of(flat, connected, st.builds(negate, inner))


def numbers_to(depth: int) -> st.SearchStrategy[Term]:
    """Numbers nested up to `depth` deep."""
    flat = st.sampled_from([field("a"), field("b"), constant(0), constant(2), constant(-0.5)])
    if depth <= 0:
        return flat
    inner = numbers_to(depth - 1)
    return st.one_of(
        flat,
        st.builds(combine, st.sampled_from("+-*"), inner, inner),
        st.builds(combine, st.just("/"), inner, divisors),
        st.builds(choose, conditions_to(depth - 1), inner, inner),
        st.builds(coalesce, inner, inner),
        st.builds(greatest, inner, inner),
    )


conditions, numbers = conditions_to(2), numbers_to(3)
totals = st.one_of(
    st.just(("count(*)", len)),
    st.builds(aggregate, st.just("count"), numbers, st.just(len)),
    st.builds(aggregate, st.just("count_if"), conditions, st.just(sum)),
    st.builds(aggregate, st.just("sum"), numbers, st.just(of_any(sum))),
    st.builds(aggregate, st.just("min"), numbers, st.just(of_any(min))),
    st.builds(aggregate, st.just("max"), numbers, st.just(of_any(max))),
)
means = st.one_of(
    st.builds(aggregate, st.just("avg"), numbers, st.just(of_any(statistics.fmean))),
    st.builds(aggregate, st.just("median"), numbers, st.just(of_any(statistics.median))),
    st.builds(aggregate, st.just("share"), conditions, st.just(of_any(share))),
)
values = st.one_of(
    totals,
    means,
    st.builds(combine, st.sampled_from("+-*"), means, totals),
    st.builds(combine, st.just("/"), totals, totals),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=records, formulas=st.lists(values, min_size=1, max_size=4))
def test_naive_reading(database: duckdb.DuckDBPyConnection, rows: list[Any], formulas: list[Term]) -> None:
    """The value in DuckDB is that of the naive reading."""
    create_relation(database, FIELDS, rows)
    all_ = [dict(zip(FIELDS, row, strict=True)) for row in rows]
    for text, meaning in formulas:
        metric = compile_metric(FIELDS, text)
        expected = meaning(all_)
        approx = None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert value_of_all(database, metric, MOMENT) == approx, text
