"""Business hours of a million records: joins, as okr-sync writes them, against other ways to get the same mean."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
from sqlglot import exp

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import DEFAULT_CALENDAR, Helpers, Moment, compile_metrics, write_sql
from okr_sync.measure import Lookups
from okr_sync.measure.working_time import WorkingHours, spans_of, working_time
from okr_sync.project.hours import week_of
from okr_sync.project.metric import Metric
from okr_sync.warehouse.duck.history import add_relation
from tests import postgres
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show

RECORD_COUNT, ON_POSTGRESQL, SAMPLE = 1_000_000, 200_000, 20_000
OFFICE = WorkingHours("Asia/Ho_Chi_Minh", week_of({"mon-fri": ["08:30-12:00", "13:30-18:00"]}), "VN")
LOOKUPS = Lookups({DEFAULT_CALENDAR: OFFICE})
TICKETS = Stream("tickets", (Field("a", FieldType.TIMESTAMP), Field("b", FieldType.TIMESTAMP)), key=("a",))
START = datetime(2024, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def run() -> None:
    columns = "mean of business_hours(a, b)", "records", "CPU s", "records per CPU s"
    show("business hours", columns, [*in_fresh_process(_on_duckdb), *in_fresh_process(_on_postgresql)])


def formula(dialect: str, value: str = "avg(business_hours(a, b))") -> tuple[str, str]:
    """The value and its joins as okr-sync writes them, and the same with a scalar subquery for each join."""
    metric = Metric.model_validate({"stream": "desk.tickets", "value": value})
    compiled = compile_metrics({"m": metric}, {"desk.tickets": TICKETS}, helpers=Helpers((DEFAULT_CALENDAR,)))["m"]
    joined = LOOKUPS.join(compiled.value(Moment(exp.null())))
    joins = " ".join(write_sql(join, dialect) for join in joined.joins.values())
    by_joins = f"SELECT {write_sql(joined.expression, dialect)} FROM records {joins}"
    for part in list(joined.expression.find_all(exp.Paren)):
        column = next((one for one in part.this.find_all(exp.Column) if one.table in joined.joins), None)
        if column is not None and isinstance(part.this, exp.Add):
            join = joined.joins[column.table]
            inner = exp.select(part.this.copy()).from_(join.this.copy()).where(join.args["on"].copy())
            part.replace(exp.Subquery(this=inner))
    return by_joins, f"SELECT {write_sql(joined.expression, dialect)} FROM records"


def _on_duckdb() -> list[tuple[str, ...]]:
    _, making = measured(lambda: working_time(OFFICE))
    days = working_time(OFFICE).table.num_rows
    rows = [("making the calendar, once per process", f"{days:,} days", f"{making.cpu_seconds:.2f}", "")]
    by_joins, by_subqueries = formula("duckdb")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(_RECORDS, {"count": RECORD_COUNT, "start": START})
        add_relation(connection, "working time", LOOKUPS.table("working time"))
        spans = list(spans_of(OFFICE))
        connection.execute("CREATE TEMP TABLE spans (begins BIGINT, ends BIGINT)")
        connection.executemany("INSERT INTO spans VALUES (?, ?)", spans[len(spans) // 3 : len(spans) * 2 // 3])

        def query(sql: str) -> Callable[[], float]:
            return lambda: _number(connection.execute(sql).fetchone())

        expected, joins = _best(query(by_joins))
        rows.append(_row("DuckDB: joins, as okr-sync writes them", RECORD_COUNT, joins.cpu_seconds))
        rows.append(
            _row("DuckDB: correlated subqueries", RECORD_COUNT, _same(query(by_subqueries), expected).cpu_seconds)
        )
        rows.append(
            _row(
                "DuckDB: hours(a, b), no calendar",
                RECORD_COUNT,
                _best(query(formula("duckdb", _CLOCK)[0]))[1].cpu_seconds,
            )
        )
        connection.execute(f"DELETE FROM records WHERE _key >= {SAMPLE}")
        expected, _ = _best(query(by_joins))
        rows.append(_row("DuckDB: spans joined by range", SAMPLE, _same(query(_BY_RANGE), expected).cpu_seconds))
        records = connection.execute("SELECT a, b FROM records").fetchall()
        rows.append(
            _row(
                "Python: a loop over days and spans",
                SAMPLE,
                _same(lambda: _by_loop(spans, records), expected).cpu_seconds,
            )
        )
    return rows


def _on_postgresql() -> list[tuple[str, ...]]:
    if postgres.MISSING:
        return [("PostgreSQL", f"needs {', '.join(postgres.MISSING)}", "", "")]
    import psycopg  # noqa: PLC0415 - only where the server is

    by_joins, by_subqueries = formula("postgres")
    with postgres.server() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TEMP TABLE records AS SELECT n AS _key, a, a + n * 7919 % 20000 * interval '1 minute' AS b FROM"
            f" (SELECT n, timestamptz '{START}' + n * 60 * interval '1 second' AS a"
            f" FROM generate_series(0, {ON_POSTGRESQL - 1}) AS s(n)) AS made"
        )
        table = LOOKUPS.table("working time")
        columns = ", ".join(f'"{name}" BIGINT' for name in table.column_names)
        connection.execute(f'CREATE TEMP TABLE "working time" ({columns})')
        with connection.cursor().copy('COPY "working time" FROM STDIN') as copy:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                copy.write_row(row)
        connection.execute('CREATE UNIQUE INDEX ON "working time" (_utc_day)')
        connection.execute('ANALYZE "working time"')
        expected, joins = _best(lambda: _number(connection.execute(by_joins).fetchone()))
        subqueries = _same(lambda: _number(connection.execute(by_subqueries).fetchone()), expected)
        return [
            _row("PostgreSQL, real time: joins, as okr-sync writes them", ON_POSTGRESQL, joins.seconds),
            _row("PostgreSQL, real time: correlated subqueries", ON_POSTGRESQL, subqueries.seconds),
        ]


def _by_loop(spans: list[tuple[int, int]], records: list[tuple[datetime, datetime]]) -> float:
    """The plain way in a program: from span to span, until the interval ends."""
    starts, total = [start for start, _ in spans], 0
    for a, b in records:
        begins, ends = ((one - _EPOCH) // timedelta(microseconds=1) for one in (a, b))
        n = max(0, bisect_right(starts, begins) - 1)
        while n < len(spans) and spans[n][0] < ends:
            total += max(0, min(spans[n][1], ends) - max(spans[n][0], begins))
            n += 1
    return total / 3.6e9 / len(records)


def _best(way: Callable[[], float]) -> tuple[float, Cost]:
    """What it gives, and the least cost of three times: other work on the machine only adds."""
    tries = [measured(way) for _ in range(3)]
    return tries[0][0], min((cost for _, cost in tries), key=lambda cost: cost.cpu_seconds)


def _same(way: Callable[[], float], expected: float) -> Cost:
    """A comparison of speed says nothing when the answers differ."""
    found, cost = _best(way)
    if abs(found - expected) > 1e-9 * expected:
        raise RuntimeError(f"one way gives {found}, okr-sync {expected}")
    return cost


def _row(name: str, count: int, seconds: float) -> tuple[str, ...]:
    return name, f"{count:,}", f"{seconds:.3f}", f"{count / seconds:,.0f}"


def _number(row: Any) -> float:
    return float(row[0])


_CLOCK = "avg(hours(a, b))"
_RECORDS = """
    CREATE TABLE records AS
    SELECT n AS _key, a, a + to_minutes(n * 7919 % 20000) AS b
    FROM (SELECT n, $start + to_seconds(n * 60) AS a FROM range($count) AS s(n))
"""
_BY_RANGE = """
    SELECT avg(worked) / 3600e6 FROM (
        SELECT _key, sum(CASE WHEN begins IS NULL THEN 0
            ELSE least(ends, epoch_us(b)) - greatest(begins, epoch_us(a)) END) AS worked
        FROM records LEFT JOIN spans ON begins < epoch_us(b) AND ends > epoch_us(a) GROUP BY _key
    )
"""
