"""The metrics' own tests, as projects write them under `tests:`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import compile_metrics
from okr_sync.measure import Rehearsal
from okr_sync.project.metric import Metric
from tests.scripted import HANOI

TICKETS = Stream(
    "tickets",
    (
        Field("score", FieldType.INTEGER),
        Field("opened_at", FieldType.TIMESTAMP),
        Field("closed_at", FieldType.TIMESTAMP),
        Field("team", FieldType.TEXT),
    ),
    ("score",),
)
OPEN = Stream("open", (), ("id",), is_open=True)
NPS = "100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*)"


def failures(rows: list[dict[str, Any]], expect: float | str | None, **metric: Any) -> list[str]:
    """The messages of one metric with one test, evaluated on 15 November."""
    test = {key: metric.pop(key) for key in ("as_of",) if key in metric}
    given = Metric.model_validate(
        {"stream": "desk.tickets", "value": NPS, **metric, "tests": [{"rows": rows, "expect": expect, **test}]}
    )
    streams = {"desk.tickets": TICKETS, "desk.open": OPEN}
    compiled = compile_metrics({"m": given}, streams)
    return [problem.message for problem in Rehearsal(streams, HANOI, date(2026, 11, 15)).failures(compiled)]


@pytest.mark.parametrize(
    ("rows", "expect"),
    [
        ([{"score": 10}, {"score": 9}, {"score": 7}, {"score": 3}], 25),  # 100 * (2 - 1) / 4
        ([{"score": 6}], -100),
        ([{"score": 7}], 0),
        ([], None),  # nobody answered: no data, not 0
        ([{"score": None}, {"score": 9}], 50),  # an empty answer is an answer that counts neither way
    ],
)
def test_right_expectation_passes(rows: list[dict[str, Any]], expect: float | None) -> None:
    """A test passes when the formula gives its value; no data is a value of its own."""
    assert failures(rows, expect) == []


@pytest.mark.parametrize(
    ("rows", "expect", "message"),
    [
        ([{"score": 10}], 99, "test 1: gives 100, expected 99"),
        ([], 0, "test 1: gives no data, expected 0"),
        ([{"score": 7}], None, "test 1: gives 0, expected no data"),
        ([{"score": 7}], "5%", "test 1: 5% does not fit a metric in number"),
        ([{"scor": 7}], 0, "test 1: the formula does not read 'scor'; did you mean 'score'?"),
    ],
)
def test_wrong_expectation_fails(rows: list[dict[str, Any]], expect: float | str | None, message: str) -> None:
    """A failure says what came and what was expected; 0 and no data are told apart."""
    assert failures(rows, expect) == [message]


def test_value_of_another_type_is_told() -> None:
    """A text where the stream has a number is a wrong test, not a missing value."""
    assert failures([{"score": 7}, {"score": "ten"}], 0) == ["test 1: row 2: score is 'ten', not a whole number"]


def test_where_counts_and_the_window_does_not() -> None:
    """The rows of a test are those inside the window; the condition still picks among them."""
    rows = [{"score": 9, "team": "A"}, {"score": 3, "team": "B"}]
    assert failures(rows, 100, where="team = 'A'", time="opened_at") == []


@pytest.mark.parametrize(("as_of", "hours"), [(date(2026, 10, 2), 24), (None, 24 + 44 * 24)])
def test_as_of_is_the_end_of_the_given_day(as_of: date | None, hours: float) -> None:
    """`as_of()` is the last moment of the test's day, or of today: 2 October begins 24 hours before its end."""
    rows = [{"opened_at": "2026-10-02 00:00"}]
    value = "round(avg(hours(opened_at, as_of())), 3)"
    assert failures(rows, hours, value=value, **({} if as_of is None else {"as_of": as_of})) == []


def test_metric_over_metrics_takes_one_row_of_values() -> None:
    """A metric over metrics is tested with the values of its inputs."""
    metrics = {
        "renewed": Metric(stream="desk.tickets", value="count(*)"),
        "rate": Metric.model_validate(
            {
                "value": "renewed / due",
                "tests": [
                    {"rows": [{"renewed": 3, "due": 4}], "expect": 0.75},
                    {"rows": [{"renewed": 3}], "expect": 1},
                ],
            }
        ),
        "due": Metric(stream="desk.tickets", value="count(*)"),
    }
    compiled = compile_metrics(metrics, {"desk.tickets": TICKETS})
    problems = Rehearsal({"desk.tickets": TICKETS}, HANOI, date(2026, 11, 15)).failures(compiled)
    assert [problem.message for problem in problems] == ["test 2: gives no data, expected 1"]


def test_field_of_unknown_type_takes_the_rows_as_they_are() -> None:
    """Before a stream was ever read, its tests already run."""
    assert failures([{"amount": 2}, {"amount": 3}], 5, stream="desk.open", value="sum(amount)") == []


def test_expectation_in_a_unit_of_its_own() -> None:
    """A span of time may be expected in whatever unit is easiest to read."""
    rows = [{"opened_at": "2026-10-02 00:00", "closed_at": "2026-10-03 12:00"}]
    assert failures(rows, "1.5d", value="avg(hours(opened_at, closed_at))") == []


def test_rows_that_no_formula_can_take() -> None:
    """Before a stream was ever read, a text where the formula counts is told in the engine's words."""
    (message,) = failures([{"amount": "two"}], 5, stream="desk.open", value="sum(amount)")
    assert message.startswith("test 1: these rows cannot be computed with: ")


def test_a_test_has_a_name() -> None:
    """A name says what the test shows."""
    test = {"name": "nobody answered", "rows": [], "expect": 0}
    metric = Metric.model_validate({"stream": "desk.tickets", "value": NPS, "tests": [test]})
    compiled = compile_metrics({"m": metric}, {"desk.tickets": TICKETS})
    (problem,) = Rehearsal({"desk.tickets": TICKETS}, HANOI, date(2026, 11, 15)).failures(compiled)
    assert problem.message == "test 1 (nobody answered): gives no data, expected 0"
