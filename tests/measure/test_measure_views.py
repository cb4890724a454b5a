"""Metrics over views and over versions, measured in a real warehouse: by day, shared, explained, and kept back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

import pyarrow as pa
import pytest

from okr_sync.connector import Field, FieldType, Record, Stream, Value
from okr_sync.formula import CompiledMetric, compile_metrics, compile_views, with_versions
from okr_sync.measure import Evidence, Lookups, Measured, Values, explain, fields_to_open, measure
from okr_sync.measure.lookups import NO_LOOKUPS
from okr_sync.measure.rates import Rates
from okr_sync.measure.working_time import WorkingHours
from okr_sync.project.hours import week_of
from okr_sync.project.metric import Metric, View
from okr_sync.warehouse import History, SourceLog, Warehouse
from okr_sync.warehouse.history import Answer
from tests.formula.relations import HELPERS
from tests.measure.answers import HANOI, ISSUES, at, evening, issue

PEOPLE = Stream(
    "people",
    (Field("name", FieldType.TEXT), Field("quota", FieldType.NUMBER), Field("read_at", FieldType.TIMESTAMP)),
    key=("name",),
    version_at="read_at",
)
STREAMS = {"jira.issues": ISSUES, "hr.people": PEOPLE}
ISSUE_RECORDS = [
    issue("1", changed=2, team="An", status="open", points=1.0),
    issue("1", changed=4, team="An", status="done", points=1.0),
    issue("2", changed=3, team="An", status="done", points=3.0),
    issue("3", changed=3, team="Bình", status="done", points=2.0),
    issue("3", changed=6, team="Bình", status="open", points=2.0),
]


def person(name: str, quota: float, day: int) -> Record:
    fields: dict[str, Value] = {"name": name, "quota": quota, "read_at": at(day)}
    return Record(fields)


PEOPLE_RECORDS = [person("An", 4, 1), person("Bình", 2, 1), person("Bình", 1, 8), person("Chi", 1, 1)]
AT_QUOTA = {
    "done_by_person": View(
        select="select team, sum(points) as points from jira.issues where status = 'done' group by team"
    ),
    "quotas": View(
        select="select p.name, coalesce(d.points, 0) >= p.quota as is_reached from hr.people p"
        " left join done_by_person d on d.team = p.name"
    ),
}
SHARE = Metric(stream="quotas", value="share(is_reached)")


class Company:
    """A warehouse with both streams landed, and metrics over views of them."""

    def __init__(
        self,
        warehouse: Warehouse,
        views: Mapping[str, View],
        metrics: Mapping[str, Metric],
        lookups: Lookups = NO_LOOKUPS,
    ) -> None:
        self.lookups = lookups
        self.warehouse = warehouse
        if not SourceLog(self.warehouse, "jira").streams():
            SourceLog(self.warehouse, "jira").land(ISSUES, ISSUE_RECORDS, {}, "settings", at(20))
            SourceLog(self.warehouse, "hr").land(PEOPLE, PEOPLE_RECORDS, {}, "settings", at(20))
        self.views = compile_views(views, with_versions(STREAMS))
        self.relations = {**with_versions(STREAMS), **{name: view.relation for name, view in self.views.items()}}
        self.metrics: dict[str, CompiledMetric] = compile_metrics(metrics, self.relations, self.views, helpers=HELPERS)

    @contextmanager
    def history(self) -> Iterator[History]:
        fields: dict[str, set[str]] = {}
        for metric in self.metrics.values():
            for stream, names in fields_to_open(metric, STREAMS).items():
                fields.setdefault(stream, set()).update(names)
        with self.warehouse.history(STREAMS, fields) as history:
            yield history

    def by_day(self, *days: int) -> list[Values]:
        with self.history() as history:
            return measure(self.metrics, history, [evening(day) for day in days], self.lookups)

    def evidence(self, name: str, day: int) -> tuple[Evidence, float | None]:
        """The evidence, and what its own SQL gives."""
        metric = self.metrics[name]
        with self.history() as history:
            found = explain(metric, self.relations[metric.stream or ""], history, evening(day), lookups=self.lookups)
            return found, history.query(found.sql).rows[0][0]


def test_view_by_day(warehouse: Warehouse) -> None:
    """The share of people at their own quota: a view over a view holds its streams as they were that evening."""
    series = Company(warehouse, AT_QUOTA, {"m": SHARE}).by_day(3, 4, 6, 8, 4)
    assert [values["m"].value for values in series] == [
        pytest.approx(1 / 3),  # An 3 of 4, Bình 2 of 2, Chi 0 of 1
        pytest.approx(2 / 3),  # An 1 + 3 of 4
        pytest.approx(1 / 3),  # Bình's is open again: 0 of 2
        pytest.approx(1 / 3),  # 0 of 1
        pytest.approx(2 / 3),
    ]
    assert [values["m"].record_count for values in series] == [3, 3, 3, 3, 3]


def test_rows_that_rest_on_assumptions(warehouse: Warehouse) -> None:
    """A row of a view counts as assumed if a version that it rests on was not known that evening."""
    views = {"by_team": View(select="select team, count(*) as n from jira.issues group by team")}
    metrics = {"teams": Metric(stream="by_team", value="count(*)")}
    series = Company(warehouse, views, metrics).by_day(1, 2, 3)
    # Created on the 1st; first known on the 2nd (issue 1) and on the 3rd (issues 2 and 3).
    assert [values["teams"] for values in series] == [Measured(2, 2, 2), Measured(2, 2, 2), Measured(2, 2, 0)]


def test_one_view_for_many_metrics(warehouse: Warehouse) -> None:
    """A view is computed once a day, however many metrics run over it."""
    metrics = {
        **{f"m{number}": SHARE for number in range(3)},
        "n": Metric(stream="quotas", value="count(*)"),
        "an": Metric(stream="quotas", where="name = 'An'", value="count(*)"),
    }
    company = Company(warehouse, AT_QUOTA, metrics)
    with company.history() as history:
        asked = Counting(history)
        (values,) = measure(company.metrics, asked, [evening(4)])
    assert [round(values[name].value or 0, 3) for name in company.metrics] == [0.667, 0.667, 0.667, 3, 1]
    assert sorted(asked.kept) == sorted(AT_QUOTA)


class Counting(History):
    """A history that notes what was computed to be kept."""

    def __init__(self, history: History) -> None:
        super().__init__(history._fields)
        self.dialect, self._history = history.dialect, history
        self.kept: list[str] = []

    def keep(self, name: str, select: str) -> None:
        self.kept.append(name)
        self._history.keep(name, select)

    def query(self, sql: str, parameters: Mapping[int, object] | None = None) -> Answer:
        return self._history.query(sql, parameters)

    def _put(self, name: str, rows: pa.Table) -> None:
        self._history._put(name, rows)


def test_streams_that_did_not_land(warehouse: Warehouse) -> None:
    """A metric over a view, one of whose streams was not opened, has no data."""
    company = Company(warehouse, AT_QUOTA, {"m": SHARE})
    with company.warehouse.history(STREAMS, {"jira.issues": ["team", "points", "status"]}) as history:
        (values,) = measure(company.metrics, history, [evening(4)])
    assert values == {"m": Measured(None, 0)}


def test_evidence_of_a_view(warehouse: Warehouse) -> None:
    """Its rows are those of the view, and its SQL holds the views below, so that it gives the value by itself."""
    found, value = Company(warehouse, AT_QUOTA, {"m": SHARE}).evidence("m", 4)
    assert found.columns == ("name", "is_reached")
    assert sorted(found.rows) == [("An", True), ("Bình", True), ("Chi", False)]
    assert (found.record_count, found.links) == (3, ())
    assert value == pytest.approx(2 / 3)
    assert found.sql.startswith('WITH "done_by_person" AS (')


def test_links_of_a_view(warehouse: Warehouse) -> None:
    """Where a view hands on the key of a stream, its rows lead to that stream's pages, where the record is there."""
    views = {
        "v": View(select="select p.name, i.id as issue from hr.people p left join jira.issues i on i.team = p.name")
    }
    found, _ = Company(warehouse, views, {"m": Metric(stream="v", value="count(issue)")}).evidence("m", 4)
    by_row = dict(zip(found.rows, found.links, strict=True))
    assert by_row[("An", "1")] == "https://jira.example/browse/1"
    assert by_row[("Chi", None)] == ""


@pytest.mark.parametrize(
    ("day", "versions"),
    [
        (2, [("1", "open", 1, None), ("2", "done", 1, None), ("3", "done", 1, None)]),
        (4, [("1", "done", 4, None), ("1", "open", 1, 4), ("2", "done", 1, None), ("3", "done", 1, None)]),
        (6, [("1", "done", 4, None), ("1", "open", 1, 4), ("2", "done", 1, None), ("3", "done", 1, 6),
             ("3", "open", 6, None)]),
    ],
)  # fmt: skip
def test_versions(warehouse: Warehouse, day: int, versions: list[tuple[str, str, int, int | None]]) -> None:
    """Versions as they were seen that evening: later ones are not there, an end after it is not known yet."""
    metric = Metric(stream="jira.issues.versions", value="count(status) + count(valid_to)")
    found, _ = Company(warehouse, {}, {"m": metric}).evidence("m", day)
    assert found.columns == ("id", "valid_from", "status", "valid_to")
    shown = [(key, status, _day(began), _day(ended)) for key, began, status, ended in found.rows]
    assert sorted(shown, key=str) == versions


def _day(instant: datetime | None) -> int | None:
    return None if instant is None else instant.astimezone(HANOI).day


def test_start_that_nobody_knows(warehouse: Warehouse) -> None:
    """The first version of a record without a time of creation began at an unknown time, not at its first read."""
    metric = Metric(stream="hr.people.versions", value="count(*)", where="valid_from is null")
    began = Metric(stream="hr.people.versions", value="count(valid_from)")
    (values,) = Company(warehouse, {}, {"unknown": metric, "known": began}).by_day(9)
    assert (values["unknown"].value, values["known"].value) == (3, 1)


def test_time_in_a_status(warehouse: Warehouse) -> None:
    """Hours in a status up to the evening: versions that follow each other with the same status add up."""
    open_hours = "sum(hours(valid_from, coalesce(valid_to, as_of())))"
    metric = Metric(stream="jira.issues.versions", where="status = 'open'", value=open_hours)
    series = Company(warehouse, {}, {"m": metric}).by_day(3, 5, 6)
    # Issue 1 was open from the 1st to the 4th, 19:00; on the 3rd, until that evening. Issue 3: from the 6th, 19:00.
    assert [values["m"].value for values in series] == [pytest.approx(53), pytest.approx(72), pytest.approx(77)]


def test_deleted_record(warehouse: Warehouse) -> None:
    """The last version of a deleted record ends at its deletion."""
    company = Company(
        warehouse, {}, {"m": Metric(stream="jira.issues.versions", where="id = '2'", value="count(valid_to)")}
    )
    gone = Record({"id": "2", "created_at": at(1), "updated_at": at(9)}, is_deleted=True)
    SourceLog(company.warehouse, "jira").land(ISSUES, [gone], {}, "settings", at(21))
    assert [(v["m"].value, v["m"].record_count) for v in company.by_day(8, 9, 10)] == [(0, 1), (1, 1), (1, 1)]


TWO_TEAMS = View(select="select team, id from jira.issues", key="team")


def test_declared_key_that_the_data_do_not_keep(warehouse: Warehouse) -> None:
    """Where several rows have one key, whatever is counted over the view is kept back, with the reason."""
    views = {
        "teams": TWO_TEAMS,
        "rich": View(select="select p.name, t.id from hr.people p join teams t on t.team = p.name"),
    }
    metrics = {
        "m": Metric(stream="rich", value="count(*)"),
        "twice": Metric(value="coalesce(m, 0) * 2"),
        "other": Metric(stream="jira.issues", value="count(*)"),
    }
    (values,) = Company(warehouse, views, metrics).by_day(4)
    fault = (
        "team is not a key of view teams: 1 value of it stands in several rows, such as An in 2;"
        " group by it, or name another key"
    )
    assert values["m"] == Measured(None, 3, fault=fault)
    assert values["twice"] == Measured(None, 3, fault=fault)
    assert values["other"] == Measured(3, 3)


def test_declared_key_that_the_data_keep(warehouse: Warehouse) -> None:
    """A declared key is trusted while the data keep it."""
    views = {"teams": View(select="select team, id from jira.issues where id <> '2'", key="team")}
    (values,) = Company(warehouse, views, {"m": Metric(stream="teams", value="count(*)")}).by_day(4)
    assert values["m"] == Measured(2, 2)


OFFICE = WorkingHours("Asia/Ho_Chi_Minh", week_of({"mon-fri": ["08:30-12:00", "13:30-18:00"]}))
LOOKUPS = Lookups({"": OFFICE}, Rates.of("VND", 7, [(date(2026, 10, 1), "USD", 25_000.0)]))
DONE = {"done": View(select="select id, team, points, created_at, updated_at from jira.issues where status = 'done'")}


def test_lookups_over_a_view(warehouse: Warehouse) -> None:
    """Working time and exchange rates are looked up beside the rows of a view as beside the records of a stream.

    Created on Thursday the 1st at 19:00 in Hanoi, when the office is closed, and changed at 19:00 of their days:
    issue 1 on Sunday the 4th, issues 2 and 3 on Saturday the 3rd: one Friday of 8 h each. 3 is open again from the 6th.
    """
    over = {"time": "created_at", "stream": "done"}
    metrics = {
        "hours": Metric(value="sum(business_hours(created_at, updated_at))", **over),
        "of_an": Metric(value="sum(business_hours(created_at, updated_at))", where="team = 'An'", **over),
        "of_binh": Metric(value="sum(business_hours(created_at, updated_at))", where="team = 'Bình'", **over),
        "money": Metric(value="sum(convert(points, 'USD', 'VND', created_at))", **over),
    }
    company = Company(warehouse, DONE, metrics, LOOKUPS)
    on_the_4th, on_the_6th = company.by_day(4, 6)
    assert {name: one.value for name, one in on_the_4th.items()} == {
        "hours": 24,
        "of_an": 16,
        "of_binh": 8,
        "money": 150_000,
    }
    assert {name: one.value for name, one in on_the_6th.items()} == {
        "hours": 16,
        "of_an": 16,
        "of_binh": None,
        "money": 100_000,
    }
    evidence, value = company.evidence("hours", 6)
    assert (evidence.record_count, value) == (2, 16)


def test_a_rate_that_is_missing_for_a_row_of_a_view(warehouse: Warehouse) -> None:
    """Where a lookup finds nothing for a row of a view, there is no value, and what rests on it has none either."""
    metrics = {
        "money": Metric(stream="done", value="sum(convert(points, team, 'VND', created_at))"),
        "twice": Metric(value="coalesce(money, 0) * 2"),
    }
    (values,) = Company(warehouse, DONE, metrics, LOOKUPS).by_day(4)
    assert values == {"money": Measured(None, 3, missing_count=3), "twice": Measured(None, 3, missing_count=3)}


def test_lookups_over_versions(warehouse: Warehouse) -> None:
    """How long a status lasted can be counted in working time."""
    metrics = {
        "open": Metric(
            stream="jira.issues.versions",
            value="sum(business_hours(valid_from, coalesce(valid_to, as_of())))",
            where="status = 'done' and team = 'Bình'",
        )
    }
    (values,) = Company(warehouse, {}, metrics, LOOKUPS).by_day(10)
    # Issue 3 was done from its creation (Thursday 19:00), as far as is known, to Tuesday 19:00: three days of 8 h.
    assert values["open"].value == 24
