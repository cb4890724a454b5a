"""The records that are listed, put through the formula by hand, give the number; every other one has its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_sync.connector import Field, FieldType, Record, Stream
from okr_sync.formula import compile_metrics
from okr_sync.measure import AsOf, Reason, ToList, explain, left_out, measure
from okr_sync.project.metric import Metric
from okr_sync.warehouse import SourceLog, Warehouse, open_warehouse
from tests.formula.naive import Term
from tests.formula.random_formulas import AS_OF, FIELDS, conditions, records, values
from tests.measure.answers import HANOI, Q3, Q4

STREAM = Stream(
    "issues",
    (
        Field("id", FieldType.TEXT),
        Field("changed_at", FieldType.TIMESTAMP),
        *(Field(name, kind) for name, kind in FIELDS.items()),
    ),
    key=("id",),
    version_at="changed_at",
)
DAY = AsOf(date(2026, 10, 5), AS_OF, Q4, Q3, HANOI)
NAME = "jira.issues"


def landed(folder: str, all_: Sequence[dict[str, Any]]) -> Warehouse:
    warehouse = open_warehouse("duckdb:///warehouse", Path(folder), HANOI)
    SourceLog(warehouse, "jira").land(STREAM, [Record(one) for one in all_], {}, "settings", AS_OF)
    return warehouse


def naive_reason(record: dict[str, Any], where: Sequence[Term]) -> Reason | None:
    """Why a record does not count, by its own fields; `t` places it in the cycle to date."""
    if any(meaning(record) is not True for _, meaning in where):
        return Reason.FILTER
    if record["t"] is None:
        return Reason.NO_TIME
    start, end = datetime(2026, 10, 1, tzinfo=HANOI), AS_OF
    return Reason.BEFORE if record["t"] < start else Reason.AFTER if record["t"] >= end else None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=records, value=values, where=st.lists(conditions, max_size=2))
def test_by_hand(rows: list[Any], value: Term, where: list[Term]) -> None:
    """The listed rows give the value by a naive reading of the formula; every other record has its naive reason."""
    all_ = [
        {"id": f"{number:02}", "changed_at": AS_OF - timedelta(days=9)} | dict(zip(FIELDS, row, strict=True))
        for number, row in enumerate(rows)
    ]
    text, meaning = value
    filter_ = " and ".join(one for one, _ in where) or None
    compiled = compile_metrics({"m": Metric(value=text, stream=NAME, where=filter_, time="t")}, {NAME: STREAM})
    with TemporaryDirectory() as folder:
        warehouse = landed(folder, all_)
        fields = {NAME: [field.name for field in STREAM.fields]}
        with warehouse.history({NAME: STREAM}, fields) as history:
            (measured,) = measure(compiled, history, [DAY])
            found = explain(compiled["m"], STREAM, history, DAY)
            out = left_out(compiled["m"], STREAM, history, DAY, to_list=ToList(tuple(Reason)))
    by_id = {one["id"]: one for one in all_}
    listed = [by_id[row[found.columns.index("id")]] for row in found.rows]
    expected = meaning(listed)
    assert measured["m"].value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))
    reasons = {one["id"]: naive_reason(one, where) for one in all_}
    assert [one["id"] for one in listed] == [id_ for id_, reason in reasons.items() if reason is None]
    assert out.listed is not None
    told = {row[0]: group.reason for row, group in zip(out.listed.rows, out.listed.groups, strict=True)
            if group.reason.is_out}  # fmt: skip
    assert told == {id_: reason for id_, reason in reasons.items() if reason is not None}
    counts: Counter[Reason] = Counter()
    for group in out.groups:
        counts[group.reason] += group.count
    assert +Counter({reason: count for reason, count in counts.items() if reason.is_out}) == Counter(told.values())
    assert found.record_count + out.out_count == len(all_)
