"""Why records did not count: worked out by hand for a few of each kind."""

from __future__ import annotations

import pytest

from okr_sync.connector import Record
from okr_sync.measure import Group, LeftOut, Lookups, Reason, ToList, left_out
from okr_sync.measure.rates import Rates
from okr_sync.project.metric import Metric
from okr_sync.project.window import Window
from okr_sync.warehouse import Warehouse
from tests.measure.answers import ISSUES, Answers, at, evening, issue, metrics

RECORDS = [
    issue("1", team="A", points=3.0),
    issue("2", team="B", points=3.0),
    issue("3", points=3.0),
    issue("4", team="A"),
    issue("5", changed=6, team="A", points=9.0),
    issue("6", changed=8, team="A", points=5.0),
    issue("7", team="A", points=1.0),
    Record({"id": "7", "created_at": at(1), "updated_at": at(5)}, is_deleted=True),
    issue("8", team="B", points=1.0),
    Record({"id": "8", "created_at": at(1), "updated_at": at(5)}, is_deleted=True),
]


def found(
    warehouse: Warehouse, metric: Metric, day: int, to_list: ToList | None = None, lookups: Lookups = Lookups()
) -> LeftOut:
    compiled = metrics({"m": metric})
    with Answers(warehouse, RECORDS).history(compiled) as history:
        return left_out(compiled["m"], ISSUES, history, evening(day), lookups, to_list)


def counts(groups: tuple[Group, ...]) -> dict[tuple[str, str], int]:
    return {(group.reason.value, group.detail): group.count for group in groups}


def test_each_reason_with_its_count(warehouse: Warehouse) -> None:
    """A false condition and an unknown one leave out; what counts may give nothing, be deleted, or be assumed."""
    metric = Metric(stream="jira.issues", where="team = 'A'", value="avg(points)")
    out = found(warehouse, metric, 7)
    assert counts(out.groups) == {
        ("filter", "team = 'A'"): 2,  # 2 is of another team, of 3 none is known
        ("nothing", "sum(points)"): 1,  # 4
        ("nothing", "count(points)"): 1,
        ("assumed", ""): 1,  # 6 was first seen on the 8th
        ("deleted", ""): 1,  # 7; 8 would not have counted
    }
    assert out.out_count == 2


def test_both_sides_of_a_window(warehouse: Warehouse) -> None:
    """Before the window, and after its end."""
    window = Window(kind="trailing", days=2)
    metric = Metric(stream="jira.issues", where="points > 1", time="updated_at", window=window, value="count(*)")
    out = found(warehouse, metric, 7, ToList((Reason.BEFORE, Reason.AFTER, Reason.FILTER)))
    assert counts(out.groups) == {
        ("filter", "points > 1"): 1,  # 4 has none
        ("before", "updated_at"): 3,  # 1, 2, 3 on the 2nd
        ("after", "updated_at"): 1,  # 6 on the 8th
    }
    assert out.listed is not None
    assert [(row[0], group.reason) for row, group in zip(out.listed.rows, out.listed.groups, strict=True)] == [
        ("1", Reason.BEFORE),
        ("2", Reason.BEFORE),
        ("3", Reason.BEFORE),
        ("4", Reason.FILTER),
        ("6", Reason.AFTER),
    ]
    assert out.listed.links[0] == "https://jira.example/browse/1"


def test_pages_of_what_was_left_out(warehouse: Warehouse) -> None:
    """A page lists its part, in the order of the keys; the summary counts all."""
    metric = Metric(stream="jira.issues", where="team = 'A'", value="count(*)")
    reasons = (Reason.FILTER, Reason.DELETED)
    whole, page = (found(warehouse, metric, 7, ToList(reasons, part)).listed for part in (None, (1, 1)))
    assert whole is not None
    assert page is not None
    assert [row[0] for row in whole.rows] == ["2", "3", "7"]
    assert page.rows == whole.rows[1:2]


def test_lookups_that_find_nothing(warehouse: Warehouse) -> None:
    """A record without its exchange rate counts, and is named."""
    metric = Metric(stream="jira.issues", where="team = 'A'", value="sum(convert(points, 'USD', 'VND', updated_at))")
    rates = Lookups(rates=Rates.of("VND", 0, [(at(2).date(), "USD", 25_000.0)]))
    out = found(warehouse, metric, 7, ToList((Reason.LOOKUP,)), rates)
    assert counts(out.groups)["lookup", ""] == 2
    assert out.listed is not None
    assert [row[0] for row in out.listed.rows] == ["5", "6"]  # of the 6th and the 8th there is no rate


@pytest.mark.parametrize(
    "value", ["avg(points)", "median(points)", "count(distinct points)", "last(points, updated_at)"]
)
def test_missing_values_give_nothing(warehouse: Warehouse, value: str) -> None:
    """Whatever the aggregate, a record without a value gives it nothing."""
    out = found(warehouse, Metric(stream="jira.issues", where="team = 'A'", value=value), 7)
    assert [group.count for group in out.groups if group.reason is Reason.NOTHING][:1] == [1]
