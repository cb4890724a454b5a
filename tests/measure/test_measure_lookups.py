"""Formulas that look something up: shared queries, evidence and the metrics' own tests work with them as with any."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import compile_metrics
from okr_sync.measure import Lookups, Measured, Rehearsal, explain
from okr_sync.measure.rates import Rates
from okr_sync.measure.shapes import shapes
from okr_sync.measure.working_time import WorkingHours
from okr_sync.project.hours import week_of
from okr_sync.project.metric import Metric
from okr_sync.warehouse import Warehouse
from tests.formula.relations import HELPERS
from tests.measure.answers import HANOI, ISSUES, Answers, evening, issue, metrics

OFFICE = WorkingHours("Asia/Ho_Chi_Minh", week_of({"mon-fri": ["08:30-12:00", "13:30-18:00"]}))
ALWAYS = WorkingHours("UTC", week_of({"mon-sun": ["00:00-24:00"]}))
LOOKUPS = Lookups({"": OFFICE, "support": ALWAYS}, Rates.of("VND", 7, [(date(2026, 10, 1), "USD", 25_000.0)]))
# Created on Thursday, 1 October 2026, at 19:00 in Hanoi, when the office is closed; changed at 19:00 on their day.
RECORDS = [
    issue("1", changed=2, team="A", points=1.0),  # Friday evening: one day of 8 h, 24 h on the clock
    issue("2", changed=5, team="A", points=2.0),  # Monday evening: two days
    issue("3", changed=6, team="B", points=4.0),  # Tuesday evening: three
]


def over(value: str, where: str | None = None) -> Metric:
    return Metric.model_validate({"stream": "jira.issues", "value": value, "where": where})


MEAN = "avg(business_hours(created_at, updated_at))"


def test_sharing_changes_no_answer(warehouse: Warehouse) -> None:
    """Metrics that differ in the constants of equalities share a query, whatever each of them looks up."""
    given: dict[str, Metric | str] = {
        "a": over(MEAN, "team = 'A'"),
        "b": over(MEAN, "team = 'B'"),
        "c": over(MEAN, "team = 'C'"),
        "clock": over("max(business_hours(created_at, updated_at, 'support'))", "team = 'B'"),
        "money": over("sum(convert(points, 'USD', 'VND', created_at))", "team = 'A'"),
        "n": over("count(*)", "team = 'A'"),
    }
    assert len(shapes(metrics(given).values(), "duckdb", LOOKUPS)) == 1
    together = Answers(warehouse, RECORDS, LOOKUPS).values(given)
    assert together == {"a": 12, "b": 24, "c": None, "clock": 5 * 24, "money": 75_000, "n": 2}
    for name, metric in given.items():
        assert Answers(warehouse, RECORDS, LOOKUPS).values({name: metric}) == {name: together[name]}


def test_what_is_missing_takes_away_only_what_needs_it(warehouse: Warehouse) -> None:
    """In a shared query, a value without lookups stays a value, and so does another group."""
    given: dict[str, Metric | str] = {
        "a": over("sum(convert(points, team, 'VND', created_at))", "status = 'x'"),
        "b": over("sum(convert(points, team, 'VND', created_at))", "status = 'y'"),
        "n": over("count(*)", "status = 'x'"),
    }
    records = [issue("1", team="JPY", status="x", points=1.0), issue("2", team="USD", status="y", points=2.0)]
    (values,) = Answers(warehouse, records, LOOKUPS).by_day(given, 10)
    assert values == {"a": Measured(None, 1, missing_count=1), "b": Measured(50_000, 1), "n": Measured(1, 1)}


def test_evidence(warehouse: Warehouse) -> None:
    """The SQL that is shown, run as it is, gives the value; the records that counted are listed."""
    given = {"m": over(MEAN, "business_hours(created_at, updated_at) > 8")}
    compiled = metrics(given)
    with Answers(warehouse, RECORDS, LOOKUPS).history(compiled) as history:
        evidence = explain(compiled["m"], ISSUES, history, evening(10), lookups=LOOKUPS)
        assert history.query(evidence.sql).rows == [(20.0,)]  # 16 h and 24 h
    assert [row[0] for row in evidence.rows] == ["2", "3"]
    assert evidence.record_count == 2


def test_calendar_as_of(warehouse: Warehouse) -> None:
    """What is open is counted until the instant that is evaluated."""
    given = {"m": "max(business_hours(created_at, as_of()))"}
    answers = Answers(warehouse, [issue("1")], LOOKUPS).by_day(given, 2, 3, 4, 5)
    assert [values["m"].value for values in answers] == [8, 8, 8, 16]


TICKETS = Stream("tickets", (Field("opened_at", FieldType.TIMESTAMP), Field("worth", FieldType.NUMBER)), ("opened_at",))


def failures(value: str, rows: list[dict[str, Any]], expect: float | None, lookups: Lookups = LOOKUPS) -> list[str]:
    test = {"rows": rows, "expect": expect, "as_of": "2026-10-06"}
    metric = Metric.model_validate({"stream": "desk.tickets", "value": value, "tests": [test]})
    streams = {"desk.tickets": TICKETS}
    compiled = compile_metrics({"m": metric}, streams, helpers=HELPERS)
    rehearsal = Rehearsal(streams, HANOI, date(2026, 11, 15), lookups)
    return [problem.message for problem in rehearsal.failures(compiled)]


def test_rehearsal() -> None:
    """A metric's own tests run with calendars and rates, and without any source."""
    opened = {"opened_at": "2026-10-05 11:00"}
    assert failures("avg(business_hours(opened_at, as_of()))", [opened], 5.5 + 8) == []
    assert failures("avg(business_hours(opened_at, as_of()))", [opened], 13) == ["test 1: gives 13.5, expected 13"]
    assert failures("sum(convert(worth, 'USD', 'VND', opened_at))", [opened | {"worth": 3}], 75_000) == []


@pytest.mark.parametrize(
    ("lookups", "why"),
    [
        (
            LOOKUPS,
            "no currency or no rate into VND on their day or the 7 days before;"
            " there are rates of USD until 2026-10-01",
        ),
        (Lookups(rates="bank.rates has not landed yet"), "bank.rates has not landed yet"),
    ],
)
def test_rehearsal_says_what_is_missing(lookups: Lookups, why: str) -> None:
    """A test whose rows need what is not there says so; that there is then no value can be expected."""
    late = {"opened_at": "2026-10-09 11:00", "worth": 3}
    value = "sum(convert(worth, 'USD', 'VND', opened_at))"
    assert failures(value, [late], 75_000, lookups) == [f"test 1: gives no value: {why}"]
    assert failures(value, [late], None, lookups) == []
