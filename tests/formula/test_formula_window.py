"""Which records count: `where`, the window of time, and the condition that restricts every aggregate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb
import pytest
from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula import Moment
from tests.formula import engines
from tests.formula.engines import Engine
from tests.formula.relations import compile_metric, create_relation, instant, value_of_all

FIELDS = {
    "created_at": FieldType.TIMESTAMP,
    "due_on": FieldType.DATE,
    "status": FieldType.TEXT,
    "points": FieldType.INTEGER,
    "odd": FieldType.UNKNOWN,
}
AS_OF = exp.column("as_of")


def sql_of_condition(moment: Moment, **parts: str) -> str:
    return compile_metric(FIELDS, "count(*)", **parts).condition(moment).sql("duckdb")


def count_by(engine: Engine, field: str, values: Sequence[object], start: str | None, end: str | None) -> int:
    """How many of the records with `values` in `field` lie in the window."""
    moment = Moment(AS_OF, instant(start) if start else None, instant(end) if end else None)
    engine.create({field: FIELDS[field]}, [[value] for value in values])
    return engine.count(compile_metric(FIELDS, "count(*)", time=field).condition(moment))


def test_without_conditions() -> None:
    """A metric without `where` and `time`, or with an open window alone, counts every record."""
    assert sql_of_condition(Moment(AS_OF)) == "TRUE"
    assert sql_of_condition(Moment(AS_OF), time="created_at") == "TRUE"


def test_conditions_stand_side_by_side() -> None:
    """What must hold is one chain of AND, whose parts a caller can tell; an OR among them keeps its parentheses."""
    moment = Moment(AS_OF, exp.column("a"), exp.column("b"))
    assert (
        sql_of_condition(moment, where="status = 'x' and (points > 1 or points < 0)", time="created_at")
        == '"status" = \'x\' AND ("points" > 1 OR "points" < 0) AND "created_at" >= a AND "created_at" < b'
    )
    assert sql_of_condition(moment, where="points > 1 or points < 0") == '("points" > 1 OR "points" < 0)'


def test_where_may_look_at_the_instant() -> None:
    """`as_of()` in `where` is the instant that the value is computed for."""
    assert sql_of_condition(Moment(AS_OF), where="created_at < as_of()") == '"created_at" < as_of'


def test_time_of_unknown_type() -> None:
    """The time of a stream that was not described yet is taken for a timestamp."""
    assert sql_of_condition(Moment(AS_OF, None, exp.column("b")), time="odd") == '"odd" < b'


def test_time_may_be_an_expression() -> None:
    """`time` may be put together from fields."""
    moment = Moment(AS_OF, None, exp.column("b"))
    assert sql_of_condition(moment, time="coalesce(created_at, as_of())") == 'COALESCE("created_at", as_of) < b'


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        ("2026-09-30 23:59:59.999999+07:00", False),
        ("2026-10-01 00:00:00+07:00", True),
        ("2026-12-31 23:59:59.999999+07:00", True),
        ("2027-01-01 00:00:00+07:00", False),
        (None, False),
    ],
)
def test_instants_at_the_borders(engine: Engine, moment: str | None, counts: bool) -> None:
    """The start of a window belongs to it, its end does not; a record without a time is in no window."""
    window = ("2026-10-01 00:00+07:00", "2027-01-01 00:00+07:00")
    assert count_by(engine, "created_at", [moment], *window) == int(counts)


DAYS = ["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-04", "2026-10-05", "2026-10-06", None]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-10-01 00:00+07:00", "2026-10-06 00:00+07:00", 4),  # 1, 2, 4, 5: the sixth has not begun
        ("2026-10-01 00:00+07:00", "2026-10-05 09:00+07:00", 4),  # the fifth has begun
        ("2026-10-01 00:00+07:00", "2026-10-05 00:00+07:00", 3),  # the fifth has not
        ("2026-10-01 00:00:00.000001+07:00", "2026-10-05 00:00:00.000001+07:00", 3),  # 2, 4, 5
        ("2026-09-30 17:00+00:00", "2026-10-05 17:00+00:00", 4),  # as the first, written in UTC
        ("2026-10-05 00:00+07:00", "2026-10-05 00:00+07:00", 0),  # an empty window
        (None, "2026-10-02 12:00+07:00", 3),
        ("2026-10-05 00:00+07:00", None, 2),
    ],
)
def test_days_at_the_borders(engine: Engine, start: str | None, end: str | None, count: int) -> None:
    """A day counts in the window in which it begins, in the project's zone."""
    assert count_by(engine, "due_on", DAYS, start, end) == count


@pytest.mark.parametrize("border", ["2026-10-02 00:00+07:00", "2026-10-02 00:01+07:00", "2026-10-01 23:59+07:00"])
def test_adjoining_windows(engine: Engine, border: str) -> None:
    """Windows that adjoin share no day and leave none out, wherever in a day they meet."""
    before = count_by(engine, "due_on", DAYS, None, border)
    after = count_by(engine, "due_on", DAYS, border, None)
    assert (before, after) in [(2, 4), (3, 3)]


def test_window_with_parameters(database: duckdb.DuckDBPyConnection) -> None:
    """The bounds of a window may be parameters of the query."""
    moment = Moment(AS_OF, exp.Placeholder(this="start"), exp.Placeholder(this="end"))
    condition = compile_metric(FIELDS, "count(*)", time="due_on").condition(moment).sql("duckdb")
    create_relation(database, {"due_on": FieldType.DATE}, [[day] for day in DAYS])
    bounds = {"start": datetime(2026, 9, 30, 17, tzinfo=UTC), "end": datetime(2026, 10, 5, 2, tzinfo=UTC)}
    found = database.execute(f"SELECT count(*) FROM records WHERE {condition}", bounds).fetchone()
    assert found == (4,)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("hours('2026-10-25 00:00', '2026-10-26 00:00')", 25),  # the clock goes back in the night
        ("days('2026-10-25', '2026-10-26')", 1),
        ("hours('2026-10-25', '2026-10-26')", 24),  # whole days
        ("hours(date_trunc('day', '2026-10-25 12:00'), '2026-10-25 12:00')", 13),
    ],
)
def test_a_day_of_25_hours(postgresql_url: str, formula: str, value: float) -> None:
    """Elapsed time is real time, whole days are days of the calendar, also where the clock is changed."""
    metric = compile_metric({}, formula)
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'Europe/Berlin'")
        create_relation(database, {}, [[]])
        assert value_of_all(database, metric, Moment(AS_OF)) == value
    with engines.postgresql(postgresql_url, "Europe/Berlin") as engine:
        engine.create({}, [[]])
        assert engine.rows(metric.value(Moment(AS_OF))) == [(value,)]


def test_long_chain(database: duckdb.DuckDBPyConnection) -> None:
    """A chain of ninety terms is nothing special."""
    create_relation(database, {}, [[]])
    assert value_of_all(database, compile_metric({}, " + ".join(["count(*)"] * 90)), Moment(AS_OF)) == 90
