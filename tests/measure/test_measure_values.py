"""Values over days: each day from the versions that held at its end."""

from __future__ import annotations

from okr_sync.measure import Measured, measure
from okr_sync.project.metric import Metric
from okr_sync.warehouse import Warehouse
from tests.measure.answers import Answers, evening, issue, metrics

RECORDS = [
    issue("1", changed=2, status="open", points=1.0),
    issue("1", changed=4, status="done", points=1.0),
    issue("1", changed=6, status="open", points=0.0),
    issue("2", changed=3, status="done"),
]


def test_series_over_days(warehouse: Warehouse) -> None:
    """A share by day, as a key result to keep is judged by: of two records, the second assumed back to the 1st."""
    series = Answers(warehouse, RECORDS).by_day({"share_done": "share(status = 'done')"}, *range(1, 8))
    assert [values["share_done"] for values in series] == [
        Measured(0.5, 2, assumed_count=2),  # created on the 1st; nothing of either was known before the 2nd
        Measured(0.5, 2, assumed_count=1),
        Measured(0.5, 2, assumed_count=0),
        Measured(1.0, 2),
        Measured(1.0, 2),
        Measured(0.5, 2),
        Measured(0.5, 2),
    ]


def test_days_in_any_order(warehouse: Warehouse) -> None:
    """Days are answered in the order asked for, and each on its own."""
    answers = Answers(warehouse, RECORDS)
    forth = answers.by_day({"points": "sum(points)"}, 2, 4, 6)
    assert [values["points"].value for values in forth] == [1, 1, 0]
    assert answers.by_day({"points": "sum(points)"}, 6, 4, 2) == forth[::-1]
    assert answers.by_day({"points": "sum(points)"}) == []


def test_metric_over_metrics_counts_the_records_of_its_inputs(warehouse: Warehouse) -> None:
    """It rests on all that its inputs rest on."""
    given: dict[str, Metric | str] = {
        "n": "count(*)",
        "done": Metric(stream="jira.issues", where="status = 'done'", value="count(*)"),
        "open_share": Metric(value="(n - done) / n"),
        "by_nothing": Metric(value="n / (done - done)"),
    }
    (values,) = Answers(warehouse, RECORDS).by_day(given, 7)
    assert values["open_share"] == Measured(0.5, 2 + 1)  # (2 - 1) / 2
    assert values["by_nothing"] == Measured(None, 2 + 1)


def test_stream_that_is_not_there_has_no_data(warehouse: Warehouse) -> None:
    """A metric whose fields were not opened has no data, and neither has what rests on it."""
    compiled = metrics({"n": "count(*)", "points": "sum(points)", "twice": Metric(value="points * 2")})
    with Answers(warehouse, RECORDS).history({"n": compiled["n"]}) as history:
        (values,) = measure(compiled, history, [evening(7)])
    assert values == {"n": Measured(2, 2), "points": Measured(None, 0), "twice": Measured(None, 0)}
