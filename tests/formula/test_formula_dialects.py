"""What differs between the dialects beside the cases: what is refused, windows, and the letters of the alphabet."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.errors import OkrSyncError
from okr_sync.formula import DIALECTS, Moment, NotInDialect, write_sql
from tests.formula.engines import Engine, PostgreSQL
from tests.formula.relations import compile_metric

FIELDS = {
    "points": FieldType.NUMBER,
    "labels": FieldType.LIST,
    "created_at": FieldType.TIMESTAMP,
    "due_on": FieldType.DATE,
}
MOMENT = Moment(exp.column("as_of"), exp.column("start"), exp.column("stop"))
_NO_QUANTILE = (
    "its quantiles as aggregates are approximate;"
    " take avg or share(condition), or keep the records in another warehouse"
)
_NO_LISTS = "it stores a missing list as an empty one; add a field that is a text or a condition to the stream"


@pytest.mark.parametrize(
    ("dialect", "formula", "message"),
    [
        ("bigquery", "median(points)", f"median is not available in bigquery: {_NO_QUANTILE}"),
        ("bigquery", "1 + quantile(points, 0.9)", f"quantile is not available in bigquery: {_NO_QUANTILE}"),
        (
            "bigquery",
            "count_if(contains(labels, 'seo'))",
            f"the list 'labels' is not available in bigquery: {_NO_LISTS}",
        ),
        ("bigquery", "count(labels)", f"the list 'labels' is not available in bigquery: {_NO_LISTS}"),
        (
            "postgres",
            "case when contains(last(labels, due_on), 'seo') then 1 end",
            "last of a list is not available in postgres: arrays of unlike length do not go into one;"
            " pick a text or a number",
        ),
        (
            "postgres",
            "case when contains(first(labels, due_on), 'seo') then 1 end",
            "first of a list is not available in postgres: arrays of unlike length do not go into one;"
            " pick a text or a number",
        ),
    ],
)
def test_refused(dialect: str, formula: str, message: str) -> None:
    """What a dialect cannot compute exactly is refused by name, and never approximated."""
    value = compile_metric(FIELDS, formula).value(MOMENT)
    with pytest.raises(NotInDialect) as caught:
        write_sql(value, dialect)
    assert str(caught.value) == message


def test_unknown_dialect() -> None:
    """A dialect for which nobody has looked at the oddities is not guessed at."""
    with pytest.raises(OkrSyncError) as caught:
        write_sql(exp.true(), "postgresql")
    assert str(caught.value) == "formulas are not written in 'postgresql'; did you mean 'postgres'?"


@pytest.mark.parametrize(
    ("dialect", "days", "instants"),
    [
        (
            "duckdb",
            "\"due_on\" > CAST(start - INTERVAL '1' MICROSECOND AS DATE)"
            " AND \"due_on\" <= CAST(stop - INTERVAL '1' MICROSECOND AS DATE)",
            '"created_at" >= start AND "created_at" < stop',
        ),
        (
            "postgres",
            "\"due_on\" > CAST(start - INTERVAL '1 MICROSECOND' AS DATE)"
            " AND \"due_on\" <= CAST(stop - INTERVAL '1 MICROSECOND' AS DATE)",
            '"created_at" >= start AND "created_at" < stop',
        ),
        (
            "spark",
            "`due_on` > CAST(start - INTERVAL '1' MICROSECOND AS DATE)"
            " AND `due_on` <= CAST(stop - INTERVAL '1' MICROSECOND AS DATE)",
            "`created_at` >= start AND `created_at` < stop",
        ),
        (
            "snowflake",
            "\"due_on\" > CAST(CAST(start - INTERVAL '1 MICROSECOND' AS TIMESTAMPLTZ) AS DATE)"
            " AND \"due_on\" <= CAST(CAST(stop - INTERVAL '1 MICROSECOND' AS TIMESTAMPLTZ) AS DATE)",
            '"created_at" >= start AND "created_at" < stop',
        ),
        (
            "bigquery",
            "`due_on` > CAST(TIMESTAMP_SUB(start, INTERVAL 1 MICROSECOND) AS DATE)"
            " AND `due_on` <= CAST(TIMESTAMP_SUB(stop, INTERVAL 1 MICROSECOND) AS DATE)",
            "`created_at` >= start AND `created_at` < stop",
        ),
    ],
)
def test_windows(dialect: str, days: str, instants: str) -> None:
    """The window of a metric is written in every dialect, for days and for instants."""
    for time, expected in (("due_on", days), ("created_at", instants)):
        condition = compile_metric(FIELDS, "count(*)", time=time).condition(MOMENT)
        assert write_sql(condition, dialect) == expected
        assert sqlglot.parse_one(expected, dialect=dialect)


def test_vietnamese_letters(database: duckdb.DuckDBPyConnection, postgresql: PostgreSQL) -> None:
    """Every Vietnamese letter has the same small and capital form on both engines, and in Python."""
    small = {
        unicodedata.normalize("NFC", letter + mark + tone)
        for letter in "aăâbcdđeêghiklmnoôơpqrstuưvxy"
        for mark in ("", "\u0306", "\u0302", "\u031b")
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    }
    letters = "".join(sorted(letter for letter in small if len(letter) == 1))
    fields = {"small": FieldType.TEXT, "big": FieldType.TEXT}
    metric = compile_metric(fields, "count_if(upper(small) = big and lower(big) = small)")
    assert "ế" in letters
    postgresql.create(fields, [[letters, letters.upper()]])
    assert postgresql.rows(metric.value(MOMENT)) == [(1,)]
    assert database.execute("SELECT upper($1), lower(upper($1))", [letters]).fetchone() == (letters.upper(), letters)


@pytest.mark.parametrize("formula", ["sum(n * 2)", "max(-n - 2)"])
def test_overflow(engine: Engine, formula: str) -> None:
    """A whole number of a record that needs more than 64 bits is an error, not another number."""
    engine.create({"n": FieldType.INTEGER}, [[2**63 - 1]])
    with pytest.raises(Exception, match=r"out of range|Overflow"):
        engine.rows(compile_metric({"n": FieldType.INTEGER}, formula).value(MOMENT))


def test_page_of_dialects() -> None:
    """The page about dialects has a row for each, in the table of what is tested and in that of the sessions."""
    page = (Path(__file__).parents[2] / "docs" / "dialects.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert rows == [*DIALECTS, *DIALECTS]
