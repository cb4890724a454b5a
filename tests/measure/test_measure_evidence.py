"""The records behind a value: put through the formula by hand, they give it."""

from __future__ import annotations

import pytest

from okr_sync.measure import Evidence, explain
from okr_sync.project.metric import Metric
from okr_sync.warehouse import Warehouse
from tests.measure.answers import ISSUES, Answers, at, evening, issue, metrics

RECORDS = [
    issue("1", team="A", points=3.0),
    issue("2", team="A", points=0.0),
    issue("3", team="A"),
    issue("4", team="B", points=50.0),
    issue("5", team="A", points=7.0),
    issue("5", changed=6, team="A", points=9.0),
    issue("6", changed=8, team="A", points=5.0),
]
MEAN = {"m": Metric(stream="jira.issues", where="team = 'A'", value="avg(points)")}


def evidence(warehouse: Warehouse, day: int, page: tuple[int, int] | None = None) -> Evidence:
    compiled = metrics(MEAN)
    with Answers(warehouse, RECORDS).history(compiled) as history:
        return explain(compiled["m"], ISSUES, history, evening(day), page)


@pytest.mark.parametrize(
    ("day", "points", "mean"),
    [
        (5, {"1": 3, "2": 0, "3": None, "5": 7, "6": 5}, 15 / 4),  # (3 + 0 + 7 + 5) / 4
        (7, {"1": 3, "2": 0, "3": None, "5": 9, "6": 5}, 17 / 4),  # (3 + 0 + 9 + 5) / 4
    ],
)
def test_listed_records_give_the_value(warehouse: Warehouse, day: int, points: dict[str, float], mean: float) -> None:
    """The rows are the versions that counted that evening, and their mean by hand is the metric's value."""
    found = evidence(warehouse, day)
    assert found.columns == ("id", "points", "team")
    assert found.rows == [(key, value, "A") for key, value in points.items()]
    (measured,) = (values["m"] for values in Answers(warehouse, RECORDS).by_day(MEAN, day))
    assert measured.value == mean
    assert (found.record_count, measured.record_count) == (5, 5)
    assert measured.assumed_count == 1  # 6 was first seen as it was on the 8th


def test_sql_of_the_evidence_gives_the_value(warehouse: Warehouse) -> None:
    """The SQL that is shown, run as it is, gives the number that is shown."""
    compiled = metrics(MEAN)
    with Answers(warehouse, RECORDS).history(compiled) as history:
        found = explain(compiled["m"], ISSUES, history, evening(7))
        assert history.query(found.sql).rows == [(17 / 4,)]


def test_pages_join_to_the_whole(warehouse: Warehouse) -> None:
    """A page lists its part and counts all; the pages together are the whole, each record once."""
    whole = evidence(warehouse, 7)
    pages = [evidence(warehouse, 7, (2, offset)) for offset in (0, 2, 4, 6)]
    assert [len(page.rows) for page in pages] == [2, 2, 1, 0]
    assert [row for page in pages for row in page.rows] == whole.rows
    assert {page.record_count for page in pages} == {5}
    assert evidence(warehouse, 7, (0, 0)).rows == []


def test_links_go_with_their_rows(warehouse: Warehouse) -> None:
    """Each row has the source's own page of its record."""
    assert evidence(warehouse, 7, (2, 1)).links == ("https://jira.example/browse/2", "https://jira.example/browse/3")


def test_window_of_the_evidence(warehouse: Warehouse) -> None:
    """Records outside of the window are not listed."""
    compiled = metrics(
        {"m": Metric.model_validate({"stream": "jira.issues", "time": "updated_at", "window": "trailing 2 days",
                                     "value": "count(*)"})}
    )  # fmt: skip
    with Answers(warehouse, RECORDS).history(compiled) as history:
        found = explain(compiled["m"], ISSUES, history, evening(7))
    assert (found.record_count, [row[0] for row in found.rows]) == (1, ["5"])  # changed on the 6th
    assert found.rows[0][1].astimezone(at(6).tzinfo) == at(6)
